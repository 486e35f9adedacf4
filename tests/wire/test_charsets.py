"""Charsets, honest and not; no lone surrogate ever."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.charsets import decode, decode_replacing


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"plain", None, "plain"),
        ("每日".encode("gbk"), "gbk", "每日"),
        ("每日".encode("gbk"), None, None),
        ("每日".encode(), "gb2312", "每日"),
        ("é".encode("latin-1"), "ISO-8859-1", "é"),
        ("hi".encode("utf-16"), "utf-16", "hi"),
        (b"hi", "no-such-charset", "hi"),
        (b"hi", "rot13", "hi"),
        (b"hi", "base64", "hi"),
        (b"hi\0", None, None),
        (b"tab\tline\r\nescape\x1b[0m", None, "tab\tline\r\nescape\x1b[0m"),
        (b"+2AA-", "utf-7", "\ufffd"),
        (b"", None, ""),
    ],
)
def test_text_is_read_in_the_charset_that_fits(data: bytes, charset: str | None, text: str | None) -> None:
    assert decode(data, charset, cut=False) == text


def test_a_character_cut_at_the_end_is_left_out_where_the_end_is_a_cut() -> None:
    data = "每日".encode()[:-1]
    assert decode(data, None, cut=True) == "每"
    assert decode(data, None, cut=False) is None


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"a\xffb", None, "a\ufffdb"),
        (b"a\xffb", "ascii", "a\ufffdb"),
        (b"a\xffb", "nonsense", "a\ufffdb"),
        (b"+2AA-", "utf-7", "\ufffd"),
    ],
)
def test_what_does_not_fit_is_replaced(data: bytes, charset: str | None, text: str) -> None:
    assert decode_replacing(data, charset) == text


@settings(deadline=None)
@given(
    st.binary(),
    st.sampled_from([None, "utf-8", "utf-7", "utf-16", "unicode_escape", "idna", "punycode", "\0", "x" * 99]),
)
def test_no_bytes_and_no_charset_raise_or_give_lone_surrogates(data: bytes, charset: str | None) -> None:
    (decode(data, charset, cut=True) or "").encode()
    (decode(data, charset, cut=False) or "").encode()
    decode_replacing(data, charset).encode()
