"""Lines are complete at the earliest byte, however the bytes are cut, and bounded."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.lines import Lines

from ..helpers import feedings


def split(pieces: list[bytes], *, bare_cr: bool = True, limit: int = 1000) -> list[bytes]:
    lines = Lines(limit, bare_cr=bare_cr)
    found = [line for piece in pieces for line in lines.feed(piece)]
    return [*found, lines.close()]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"a\nb\r\nc\rd", [b"a", b"b", b"c", b"d"]),
        (b"\r\r\n\n\r", [b"", b"", b"", b"", b""]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", [b"a", b"\xef\xbb\xbfb", b""]),
        (b"\xef\xbb\xbf", [b""]),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", [b"\xef\xbb\xbfa"]),
        ("a\u2028b\u0085c\v\f\n".encode(), ["a\u2028b\u0085c\v\f".encode(), b""]),
    ],
)
def test_lines_end_at_lf_crlf_and_cr_however_fed(body: bytes, lines: list[bytes]) -> None:
    for pieces in feedings(body):
        assert split(pieces) == lines


def test_without_bare_cr_only_lf_ends_a_line() -> None:
    for pieces in feedings(b"a\rb\r\nc"):
        assert split(pieces, bare_cr=False) == [b"a\rb\r", b"c"]


def test_a_cr_at_the_end_of_a_read_ends_its_line_now_and_the_lf_behind_it_none() -> None:
    lines = Lines(100, bare_cr=True)
    assert lines.feed(b"a\r") == [b"a"]
    assert not lines.pending
    assert lines.feed(b"") == []
    assert lines.feed(b"\n") == []
    assert lines.feed(b"\n") == [b""]


def test_pending_is_an_unfinished_line() -> None:
    lines = Lines(100, bare_cr=True)
    assert not lines.pending
    lines.feed(b"a\nb")
    assert lines.pending
    lines.feed(b"\n")
    assert not lines.pending


def test_of_a_long_line_the_head_is_kept_and_one_byte_more() -> None:
    for bom in (b"", b"\xef\xbb\xbf"):
        for pieces in feedings(bom + b"abcdefgh\nxy\nABCDEFGH"):
            assert split(pieces, limit=3) == [b"abcd", b"xy", b"ABCD"]


def test_no_more_than_the_limit_is_held() -> None:
    lines = Lines(10, bare_cr=True)
    for _ in range(1000):
        lines.feed(b"x" * 1000)
    assert lines.overlong
    assert len(lines.take(1000)) <= 14


def test_the_front_of_an_unfinished_line_can_be_taken() -> None:
    lines = Lines(100, bare_cr=False)
    lines.feed(b"abc")
    assert lines.take(2) == b"ab"
    assert lines.feed(b"d\n") == [b"cd"]


@settings(deadline=None)
@given(st.lists(st.text("ab\r\n").map(str.encode)))
def test_any_cutting_gives_the_same_lines(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    assert split(pieces) == split([whole]) == re.split(rb"\r\n|\r|\n", whole)
