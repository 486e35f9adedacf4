"""JSON text sequences, RFC 7464."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.jsonseq import CUT_OFF, NO_SEPARATOR, JsonSeqFramer

from ..helpers import feedings
from .framing import deviations, ends, frames, pending


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b'\x1e{"a":1}\n\x1e{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'\x1e{\n "a": "x\\n}",\r\n "b": [\n1]\n}\n', [{"a": "x\n}", "b": [1]}]),
        (b'\x1e1\n\x1e"x"\x1e[2]\x1etrue \x1enull\n', [1, "x", [2], True, None]),
        (b"\x1e\x1e\n\x1e \x1e1\n", [1]),
        (b"", []),
    ],
)
def test_each_text_is_a_value_however_the_bytes_are_cut(body: bytes, values: list[object]) -> None:
    for pieces in feedings(body):
        found = frames("json-seq", pieces)
        assert [frame.value for frame in found] == values
        assert not any(frame.malformed for frame in found)
    assert deviations("json-seq", body) == ()


def test_a_text_that_fails_to_parse_is_malformed_and_the_next_separator_begins_anew() -> None:
    for pieces in feedings(b'\x1e{"a": oops}\n\x1e{"b":\x1e{"c":3}\n'):
        broken, cut, after = frames("json-seq", pieces)
        assert broken == Frame(data='{"a": oops}', malformed="Not JSON: Expecting value (line 1, column 7).")
        assert cut.data == '{"b":'
        assert cut.malformed
        assert after.value == {"c": 3}


@pytest.mark.parametrize("text", ["12", "-1.5", "true", "false", "null"])
def test_a_number_or_literal_without_white_space_behind_it_is_cut_off(text: str) -> None:
    for body in (f"\x1e{text}", f"\x1e{text}\x1e{{}}\n"):
        assert frames("json-seq", [body.encode()])[0] == Frame(data=text, malformed=CUT_OFF)


def test_what_stands_before_the_first_separator_is_noted() -> None:
    assert [frame.value for frame in frames("json-seq", [b'{"a":1}\n\x1e{"b":2}\n'])] == [{"a": 1}, {"b": 2}]
    assert deviations("json-seq", b'{"a":1}\n\x1e{"b":2}\n') == (NO_SEPARATOR,)


def test_a_text_is_there_at_the_line_feed_or_separator_that_ends_it() -> None:
    assert ends("json-seq", b'\x1e{"a":\n1}\n\x1e"x"\x1e[3]') == [10, 15, -1]


@pytest.mark.parametrize(
    ("body", "expected"), [(b"\x1e", False), (b"\x1e{", True), (b"\x1e{}", True), (b"\x1e{}\n", False)]
)
def test_pending_is_exact(body: bytes, expected: bool) -> None:
    assert pending("json-seq", body) is expected


def test_split_tells_of_texts_that_spanned_several_reads() -> None:
    framer = JsonSeqFramer(Limits())
    found = [frame for piece in (b"\x1e{}\n\x1e", b"{}\n\x1e{", b"", b"}\n") for frame in framer.feed(piece)]
    assert [frame.split for frame in found] == [False, False, True]
