"""Newline-delimited JSON, also where lines are broken or their ends were forgotten."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.ndjson import NO_LINE_FEED, NdjsonFramer
from streamwatchlib.wire.payload import REPLACED

from ..helpers import feedings
from .framing import data, deviations, ends, frames, pending


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b'{"a":1}\n{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'{"a":1}\r\n{"b":2}\r\n', [{"a": 1}, {"b": 2}]),
        (b'\n \n{"a":1}\n\r\n\n{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'{"a":1}\n{"b":2}', [{"a": 1}, {"b": 2}]),
        (b'\xef\xbb\xbf{"a":1}\n', [{"a": 1}]),
        (b'1\n"x"\n[2]\ntrue\n', [1, "x", [2], True]),
        ('{"a":"每"}\n'.encode(), [{"a": "每"}]),
        (b"", []),
    ],
)
def test_each_line_is_a_value_however_the_bytes_are_cut(body: bytes, values: list[object]) -> None:
    for pieces in feedings(body):
        assert [frame.value for frame in frames("ndjson", pieces)] == values
    assert deviations("ndjson", body) == ()


def test_a_broken_line_keeps_its_text_and_the_reason_and_the_rest_is_intact() -> None:
    before, broken, after = frames("ndjson", [b'{"a":1}\n {"b": oops} \n{"c":3}\n'])
    assert (before.value, after.value) == ({"a": 1}, {"c": 3})
    assert broken == Frame(data='{"b": oops}', malformed="Not JSON: Expecting value (line 1, column 7).")


@pytest.mark.parametrize("line", [b'{"a":1}}', b'{"a":1} x', b'{"a":1}, {"b":2}', b"[1]2", b'"a"{"b":1}', b"x{}{}"])
def test_a_line_with_something_behind_its_document_is_one_broken_line(line: bytes) -> None:
    for pieces in feedings(line + b'\n{"c":3}\n'):
        broken, after = frames("ndjson", pieces)
        assert broken.data.encode() == line
        assert broken.malformed
        assert after.value == {"c": 3}


@pytest.mark.parametrize(
    ("body", "payloads"),
    [
        (b'{"a":1}{"b":2}\n', ['{"a":1}', '{"b":2}']),
        (b'{"a":"}{"} {"b":2}  [3]', ['{"a":"}{"}', '{"b":2}', "[3]"]),
        (b'{"a":1}{"b":2}\n{"c":3}{"d":4}\n', ['{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}']),
        (b'{"a":1}{"b":2} oops\n{"c":3}\n', ['{"a":1}', '{"b":2}', "oops", '{"c":3}']),
        (b'{"a":1}{"b":', ['{"a":1}', '{"b":']),
    ],
)
def test_documents_without_line_feeds_are_events_too(body: bytes, payloads: list[str]) -> None:
    for pieces in feedings(body):
        assert [frame.data for frame in frames("ndjson", pieces)] == payloads
    assert NO_LINE_FEED in deviations("ndjson", body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":1}\n{"b":2}\n', [8, 16]),
        (b'{"a":1}\r\n{"b":2}', [9, -1]),
        (b'{"a":1}{"b":2}{"c":3}', [8, 14, 21]),
        (b'{"a":1} \n', [9]),
    ],
)
def test_an_event_is_there_at_the_earliest_byte_that_proves_it(body: bytes, expected: list[int]) -> None:
    assert ends("ndjson", body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", False), (b"{", True), (b'{"a":1}', True), (b'{"a":1}\n', False), (b'{"a":1}{"b":2}', False), (b"{}{", True)],
)
def test_pending_is_exact(body: bytes, expected: bool) -> None:
    assert pending("ndjson", body) is expected


@pytest.mark.parametrize(
    ("pieces", "splits"),
    [
        ([b"{}\n{}\n"], [False, False]),
        ([b"{", b"}\n{}\n"], [True, False]),
        ([b"{}\n", b"{}\n"], [False, False]),
        ([b"{", b"}{}\n"], [True, False]),
        ([b"{}{}", b"{}"], [False, False, False]),
        ([b"{}{", b"}"], [False, True]),
        ([b"{}", b""], [False]),
    ],
)
def test_split_tells_of_events_that_spanned_several_reads(pieces: list[bytes], splits: list[bool]) -> None:
    framer = NdjsonFramer(Limits())
    found = [frame for piece in pieces for frame in framer.feed(piece)] + framer.close()
    assert [frame.split for frame in found] == splits


def test_documents_on_a_line_over_the_limit_are_read_while_they_fit_however_the_bytes_are_cut() -> None:
    body = b'{"a":1}{"b":2}{"c":"' + b"x" * 60 + b'"}\n' + b'{"d":4}' * 8 + b"\n"
    for pieces in feedings(body):
        first, second, long, *last = frames("ndjson", pieces, Limits(event=40))
        assert (first.value, second.value, [frame.value for frame in last]) == (
            {"a": 1},
            {"b": 2},
            [{"d": 4}] * 8,
        )
        assert long.malformed == "Longer than 40 bytes: only its beginning is kept."


def test_bytes_that_are_no_utf8_are_replaced_and_noted() -> None:
    assert data("ndjson", b'{"a":"\xff"}\n') == ['{"a":"\ufffd"}']
    assert deviations("ndjson", b'{"a":"\xff"}\n') == (REPLACED,)


@settings(deadline=None)
@given(st.lists(st.text('{}["\\, \n1x').map(str.encode)))
def test_any_cutting_gives_the_same_events(pieces: list[bytes]) -> None:
    assert frames("ndjson", pieces) == frames("ndjson", [b"".join(pieces)])
