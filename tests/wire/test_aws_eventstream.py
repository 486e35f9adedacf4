"""The AWS event stream: checksums, headers, exceptions, and recovery after damage."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.aws_eventstream import RESYNC, AwsEventStreamFramer

from ..helpers import feedings
from .framing import aws, aws_bytes, aws_event, deviations, ends, frames

START = aws_event("messageStart", {"role": "assistant"})
DELTA = aws_event("contentBlockDelta", {"delta": {"text": "每日"}})
WRONG_CHECKSUM = "The checksum of the message is wrong."
NO_MESSAGE = "Not a message: its prelude is out of bounds or its checksum is wrong."


def test_events_come_whole_however_the_bytes_are_cut() -> None:
    for pieces in feedings(START + DELTA):
        assert frames("aws-eventstream", pieces) == [
            Frame("messageStart", '{"role": "assistant"}', {"role": "assistant"}),
            Frame("contentBlockDelta", '{"delta": {"text": "\\u6bcf\\u65e5"}}', {"delta": {"text": "每日"}}),
        ]
    assert deviations("aws-eventstream", START + DELTA) == ()


def test_a_message_is_there_at_its_last_byte() -> None:
    assert ends("aws-eventstream", START + DELTA) == [len(START), len(START + DELTA)]


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        (
            aws({":message-type": "exception", ":exception-type": "throttlingException"}, {"message": "Slow down"}),
            Frame("throttlingException", '{"message": "Slow down"}', {"message": "Slow down"}),
        ),
        (
            aws({":message-type": "error", ":error-code": "500", ":error-message": "Internal"}),
            Frame("500", "Internal"),
        ),
        (aws({":event-type": "ping"}), Frame("ping", "")),
        (aws({}, "text"), Frame("message", "text")),
        (aws_event("x", [1]), Frame("x", "[1]")),
        (aws_event("x", '{"a": }'), Frame("x", '{"a": }', malformed="Not JSON: Expecting value (line 1, column 7).")),
        (
            aws({":event-type": "x"}, head=b"\x01a\x00\x01b\x01\x01c\x02z\x01d\x03zz\x01e\x04zzzz\x01f\x05zzzzzzzz"
                b"\x01g\x06\x00\x02zz\x01h\x08zzzzzzzz\x01i\x09" + b"z" * 16),
            Frame("x", ""),
        ),
        (aws({}, head=b"\x01\xff\x07\x00\x01z\x0b:event-type\x07\x00\x02x\xff"), Frame("x\ufffd", "")),
    ],
    ids=["exception", "error", "no payload", "no headers", "other JSON", "broken JSON", "headers of all types",
         "headers that are no text"],
)  # fmt: skip
def test_a_message_gives_its_type_and_payload(message: bytes, frame: Frame) -> None:
    for pieces in feedings(message):
        assert frames("aws-eventstream", pieces) == [frame]


@pytest.mark.parametrize(
    "head",
    [b"\x05ab", b"\x01a", b"\x01a\x07", b"\x01a\x07\x00", b"\x01a\x07\x00\x09x", b"\x01a\x0a\x00\x00", b"\x01a\x04zz"],
)
def test_broken_headers_make_a_malformed_event(head: bytes) -> None:
    broken, after = frames("aws-eventstream", [aws({}, "payload", head=head) + DELTA])
    assert broken.data == "payload"
    assert (broken.malformed or "").startswith("The headers of the message are broken")
    assert after.type == "contentBlockDelta"


def test_a_message_with_a_wrong_checksum_is_malformed_and_the_next_is_whole() -> None:
    damaged = START.replace(b"assistant", b"assistent")
    for pieces in feedings(damaged + DELTA):
        broken, after = frames("aws-eventstream", pieces)
        assert broken == Frame(data='{"role": "assistent"}', malformed=WRONG_CHECKSUM)
        assert after.type == "contentBlockDelta"
    assert deviations("aws-eventstream", damaged + DELTA) == ()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" + START[1:8] + b"XXXX" + START[12:],
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
        bytes(40),
        b"\x00\x00\x00\x10\x00\x00\x00\x00" * 3,
        START[1:],
    ],
    ids=["a damaged prelude", "text", "zeros", "preludes without checksums", "a lost byte"],
)
def test_behind_what_is_no_message_the_next_sound_prelude_is_found(garbage: bytes) -> None:
    for pieces in feedings(garbage + DELTA + DELTA):
        broken, *after = frames("aws-eventstream", pieces)
        assert broken == Frame(malformed=NO_MESSAGE)
        assert [frame.type for frame in after] == ["contentBlockDelta"] * 2
    assert deviations("aws-eventstream", garbage + DELTA) == (RESYNC,)


@pytest.mark.parametrize(("total", "headers"), [(15, 0), (16, 1), (1 << 31, 0), (200 << 10, 129 << 10)])
def test_lengths_that_the_format_forbids_are_no_message_though_the_checksum_is_right(total: int, headers: int) -> None:
    prelude = struct.pack(">II", total, headers)
    prelude += struct.pack(">I", zlib.crc32(prelude))
    assert [frame.malformed for frame in frames("aws-eventstream", [prelude + DELTA])] == [NO_MESSAGE, None]


@pytest.mark.parametrize("kept", [1, 11, 12, 40])
def test_a_message_that_is_cut_off_is_malformed(kept: int) -> None:
    whole, cut = frames("aws-eventstream", [START + DELTA[:kept]])
    assert whole.type == "messageStart"
    assert cut.malformed == "Cut off inside a message."


def test_pending_is_an_unfinished_message() -> None:
    framer = AwsEventStreamFramer(Limits())
    states = []
    for byte in START:
        framer.feed(bytes([byte]))
        states.append(framer.pending)
    assert states == [True] * (len(START) - 1) + [False]


def test_split_tells_of_messages_that_spanned_several_reads() -> None:
    framer = AwsEventStreamFramer(Limits())
    found = [frame for piece in (START + DELTA[:9], DELTA[9:] + START, START) for frame in framer.feed(piece)]
    assert [frame.split for frame in found] == [False, True, False, False]


def test_a_payload_over_the_limit_is_malformed_keeps_its_head_and_the_next_is_whole() -> None:
    long, after = frames("aws-eventstream", [aws_event("x", "y" * 100) + aws_event("z", "")], Limits(event=20))
    assert long == Frame("x", "y" * 20, malformed="Longer than 20 bytes: only its beginning is kept.")
    assert after.type == "z"


@settings(deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([START, DELTA, START[:20], DELTA[7:]]))))
def test_any_cutting_gives_the_same_messages(pieces: list[bytes]) -> None:
    assert frames("aws-eventstream", pieces) == frames("aws-eventstream", [b"".join(pieces)])


@pytest.mark.parametrize(
    ("stream", "values"),
    [
        (b'data: {"a": 1}\n\ndata: {"b": "\xe6\xaf\x8f"}\n\ndata: [DONE]\n\n', [{"a": 1}, {"b": "每"}, None]),
        (b'{"a": 1}\n{"b": 2}', [{"a": 1}, {"b": 2}]),
    ],
)
def test_a_stream_inside_is_read_wherever_the_messages_cut_it(stream: bytes, values: list[object]) -> None:
    for at in range(len(stream)):
        body = aws_bytes(stream[:at]) + aws_bytes(stream[at:])
        found = frames("aws-eventstream", [body])
        assert [frame.value for frame in found] == values
        assert not any(frame.malformed for frame in found)


def test_an_event_of_a_stream_inside_is_there_at_the_message_that_completes_it() -> None:
    first, second = aws_bytes(b'data: {"a"'), aws_bytes(b": 1}\n\ndata: x\n\n")
    framer = AwsEventStreamFramer(Limits())
    assert framer.feed(first) == []
    assert framer.pending
    assert [(frame.data, frame.split) for frame in framer.feed(second)] == [('{"a": 1}', True), ("x", False)]
    assert not framer.pending
    assert [frame.split for frame in AwsEventStreamFramer(Limits()).feed(first + second)] == [False, False]


def test_what_fails_amid_a_stream_inside_is_an_event_of_its_own() -> None:
    failed = aws({":message-type": "exception", ":exception-type": "ModelStreamError"}, {"Message": "no"})
    found = frames("aws-eventstream", [aws_bytes(b"data: a\n\ndata: b") + failed])
    assert [(frame.type, frame.data) for frame in found] == [
        ("message", "a"), ("ModelStreamError", '{"Message": "no"}'), ("message", "b")
    ]  # fmt: skip


def test_bytes_of_no_framing_are_text() -> None:
    assert [frame.data for frame in frames("aws-eventstream", [aws_bytes(b"plain ") + aws_bytes(b"words")])] == [
        "plain ", "words"
    ]  # fmt: skip
