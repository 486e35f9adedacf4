"""Messages of a WebSocket: one frame each, whatever they hold."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Body, Frame, Limits
from streamwatchlib.wire.payload import REPLACED
from streamwatchlib.wire.websocket import MessageReader


@pytest.mark.parametrize(
    ("data", "is_text", "expected"),
    [
        (b'{"type": "hello", "n": 1}', True, Frame("hello", '{"type": "hello", "n": 1}', {"type": "hello", "n": 1})),
        (b'{"type": "hello"}', False, Frame("hello", '{"type": "hello"}', {"type": "hello"})),
        (b'{"type": 3}', True, Frame("message", '{"type": 3}', {"type": 3})),
        (b'{"type": ""}', True, Frame("message", '{"type": ""}', {"type": ""})),
        (b'{"type": "\\ud800"}', True, Frame("\ufffd", '{"type": "\\ud800"}', {"type": "\ud800"})),
        (b"[1]", False, Frame("message", "[1]", [1])),
        (b"words", True, Frame("message", "words")),
        (b"{words", False, Frame("binary", "")),
        (b"\x00\x01", False, Frame("binary", "")),
        (b"", True, Frame("message", "")),
    ],
)
def test_a_message_is_a_frame(data: bytes, is_text: bool, expected: Frame) -> None:
    assert MessageReader(Limits()).feed(data, is_text=is_text) == expected


@pytest.mark.parametrize(("is_text", "kind"), [(True, "message"), (False, "binary")])
def test_a_message_over_the_limit_is_malformed_and_keeps_its_head(is_text: bool, kind: str) -> None:
    long = MessageReader(Limits(event=3)).feed(b"words", is_text=is_text)
    assert (long.type, long.data, bool(long.malformed)) == (kind, "wor", True)


def test_what_is_no_utf8_is_replaced_and_noted() -> None:
    reader = MessageReader(Limits())
    assert reader.feed(b"\xff", is_text=True) == Frame("message", "\ufffd")
    assert reader.deviations == (REPLACED,)


def test_the_body_is_all_messages_and_nothing_is_left_over() -> None:
    reader = MessageReader(Limits())
    assert [reader.feed(data, is_text=True) for data in (b"one", b"{}")] == [
        Frame("message", "one"),
        Frame("message", "{}", {}),
    ]
    assert reader.close() == []
    assert reader.body() == Body("streaming", "websocket", size=5, decoded_size=5)
