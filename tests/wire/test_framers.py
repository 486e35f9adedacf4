"""What every framer promises, whatever it is fed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire import FRAMERS, STREAM_TYPES
from streamwatchlib.wire.payload import CONSTANTS

from ..helpers import feedings, pieces
from .framing import aws_bytes, aws_event, frames, seconds

EVENTS = {
    "sse": b'id: 1\r\nevent: x\r\ndata: {"a": "\xe6\xaf\x8f"}\r\n\r\n: ping\n\ndata: b\ndata: c\n\ndata:[DONE]\r{\n}\n',
    "ndjson": b'{"a": "\xe6\xaf\x8f"}\r\n\n{"b"\n[1]\n{"c":1}{"d":2}',
    "json-seq": b'\x1e{"a":\n"\xe6\xaf\x8f"}\n\x1e1\n\x1e{"b"\x1e"c"\n',
    "tagged-json": b'0:"\xe6\xaf\x8f"\r\n\nf:{"a":1}\n9:{"b"\nd:1',
    "json-array": b'[{"a": "\xe6\xaf\x8f"},\r\n 1, "x,]\\"", {"b"},[2]]',
    "aws-eventstream": aws_event("x", {"a": 1}) + b"damage" + aws_event("y", "text")
    + aws_bytes(b'data: {"b"') + aws_bytes(b': 1}\n\ndata: "\xe6') + aws_bytes(b'\xaf\x8f"\n\ndata: 1'),
}  # fmt: skip
"""A body of each framing, with what is usual and what is broken in it."""

ONE: Mapping[str, Callable[[bytes], bytes]] = {
    "sse": b'data: {"a":"%s"}\n\n'.__mod__,
    "ndjson": b'{"a":"%s"}\n'.__mod__,
    "json-seq": b'\x1e{"a":"%s"}\n'.__mod__,
    "tagged-json": b'0:{"a":"%s"}\n'.__mod__,
    "json-array": b'{"a":"%s"},'.__mod__,
    "aws-eventstream": lambda text: aws_event("x", text.decode()),
}
"""An event of each framing that holds a text."""

INFINITE = {
    "sse": b'data: {"a":-Infinity}\n\n',
    "ndjson": b'{"a":-Infinity}\n',
    "json-seq": b'\x1e{"a":-Infinity}\n',
    "tagged-json": b'0:{"a":-Infinity}\n',
    "json-array": b'[{"a":-Infinity}]',
    "aws-eventstream": aws_event("x", '{"a":-Infinity}'),
}
"""An event of each framing with a number that JSON does not know."""

SHAPES: Mapping[str, Callable[[Callable[[bytes], bytes], int], bytes]] = {
    "many events": lambda one, size: one(b"text,text") * (size // 20),
    "one long event": lambda one, size: one(b"text," * (size // 5)),
    "one event that never ends": lambda one, size: one(b"text," * (size // 5))[:-10],
}
"""Bodies of about a size."""

SIGNS = {
    "sse": (b"data", b": ", b":", b"\r", b"\n", b"{", b"}", b"[", b'"a":1', b"event", b"\xef\xbb\xbf", b"id"),
    "ndjson": (b"{", b"}", b"[", b"]", b'"', b"\\", b"\n", b"\r", b" ", b"1", b"\xef\xbb\xbf"),
    "json-seq": (b"\x1e", b"{", b"}", b"[", b"]", b'"', b"\\", b"\n", b" ", b"1"),
    "tagged-json": (b"0", b"f", b":", b"{", b"}", b'"', b"\\", b"\n", b"\r", b" ", b"1", b"\xef\xbb\xbf"),
    "json-array": (b"[", b"]", b"{", b"}", b'"', b"\\", b",", b" ", b"1", b"\n"),
    "aws-eventstream": (aws_event("x", {"a": 1}), aws_bytes(b'{"a":1}\n{"b"'), b"\0", b"\0\0\0\x10", b"\xff"),
}
"""What bodies are made of, for bodies that are nearly right."""

FORMATS = pytest.mark.parametrize("format", FRAMERS)


def bodies(format: str) -> st.SearchStrategy[list[bytes]]:
    """Bodies in pieces: arbitrary bytes, and the signs of the framing in any order."""
    signs = st.lists(st.sampled_from(SIGNS[format]), max_size=12).map(b"".join)
    return st.lists(signs | st.binary(max_size=20))


@FORMATS
def test_a_framer_knows_its_name(format: str) -> None:
    assert FRAMERS[format](Limits()).format == format


def test_every_declared_stream_has_a_framer() -> None:
    assert set(STREAM_TYPES.values()) <= set(FRAMERS)
    assert all(name == name.lower() for name in STREAM_TYPES)


@FORMATS
def test_numbers_that_only_python_writes_are_read_and_noted(format: str) -> None:
    made = FRAMERS[format](Limits())
    (frame,) = made.feed(INFINITE[format]) + made.close()
    assert (frame.value, frame.malformed) == ({"a": float("-inf")}, None)
    assert made.deviations == (CONSTANTS,)


@FORMATS
def test_the_same_events_come_out_however_the_bytes_are_cut(format: str) -> None:
    whole = frames(format, [EVENTS[format]])
    assert len(whole) >= 3
    for cut in feedings(EVENTS[format]):
        assert frames(format, cut) == whole


@FORMATS
@settings(deadline=None)
@given(st.data())
def test_any_bytes_give_the_same_events_however_they_are_cut(format: str, draw: st.DataObject) -> None:
    body = draw.draw(bodies(format))
    framer = FRAMERS[format](Limits())
    whole = framer.feed(b"".join(body)) + framer.close()
    other = FRAMERS[format](Limits())
    cut = [frame for piece in body for frame in other.feed(piece)] + other.close()
    assert [frame._replace(split=False) for frame in cut] == [frame._replace(split=False) for frame in whole]
    assert set(other.deviations) == set(framer.deviations)


@FORMATS
@settings(deadline=None)
@given(st.data())
def test_texts_are_valid_and_bounded_and_the_end_leaves_nothing(format: str, draw: st.DataObject) -> None:
    limits = Limits(event=16)
    framer = FRAMERS[format](limits)
    found: list[Frame] = []
    for piece in draw.draw(bodies(format)):
        found += framer.feed(piece)
    found += framer.close()
    assert not framer.pending
    for frame in found:
        frame.data.encode()
        assert len(frame.data) <= limits.event or frame.comment or frame.malformed


@FORMATS
def test_closing_is_safe_behind_any_prefix_and_yields_at_most_one_event_more(format: str) -> None:
    body = EVENTS[format]
    for end in range(len(body) + 1):
        framer = FRAMERS[format](Limits())
        found = framer.feed(body[:end])
        assert len(framer.close()) <= 1
        assert found == FRAMERS[format](Limits()).feed(body[:end])


@FORMATS
def test_pending_tells_whether_closing_would_yield_something(format: str) -> None:
    """What is not pending yields nothing at the end: the last byte had ended an event."""
    body = EVENTS[format]
    for end in range(len(body) + 1):
        framer = FRAMERS[format](Limits())
        framer.feed(body[:end])
        pending = framer.pending
        assert not framer.close() or pending


@FORMATS
@pytest.mark.parametrize("shape", SHAPES)
def test_work_is_linear_in_the_bytes_however_they_are_cut(format: str, shape: str) -> None:
    """Eight times the bytes are about eight times the work: 32 is allowed, quadratic would be 64."""
    start = b"[" if format == "json-array" else b""

    def work(size: int) -> None:
        body = start + SHAPES[shape](ONE[format], size)
        frames(format, [body[at : at + 7] for at in range(0, len(body), 7)])

    most = 4 * 8 * max(seconds(lambda: work(20_000)), 0.002)
    assert seconds(lambda: work(160_000), most) < most


@FORMATS
def test_random_pieces_of_a_long_body_give_what_the_whole_gives(format: str) -> None:
    body = EVENTS[format] * 50 if format != "json-array" else b"[" + b",".join([b'{"a":[1,"]"]}'] * 500) + b"]"
    whole = frames(format, [body])
    rng = random.Random(7)
    for most in (2, 16, 500):
        assert frames(format, pieces(body, rng, most)) == whole


@pytest.mark.parametrize(
    ("format", "body"),
    [
        ("ndjson", b'%s\n{"b":2}\n'),
        ("json-array", b'[%s,{"b":2}]'),
        ("json-seq", b'\x1e%s\n\x1e{"b":2}\n'),
    ],
)
def test_what_is_over_the_limit_is_malformed_keeps_its_head_and_the_next_is_whole(format: str, body: bytes) -> None:
    for cut in feedings(body % (b'{"a":"' + b"x" * 100 + b'"}')):
        long, after = frames(format, cut, Limits(event=20))
        assert long == Frame(data='{"a":"xxxxxxxxxxxxxx', malformed="Longer than 20 bytes: only its beginning is kept.")
        assert after.value == {"b": 2}
