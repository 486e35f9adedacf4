"""Forms are read by the rules of the URL standard, and distinguished from other text."""

from __future__ import annotations

import pytest
from streamwatchlib.wire.urlencoded import MAX_FIELDS, TOO_MANY, fields, listed, looks_like_form


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", ()),
        (b"a=1&b=2&a=3", (("a", "1"), ("b", "2"), ("a", "3"))),
        (b"a=abc&a=def&a=bec", (("a", "abc"), ("a", "def"), ("a", "bec"))),
        (b"a&&b=&=c", (("a", ""), ("b", ""), ("", "c"))),
        (b"a+b=c%2Bd%20e", (("a b", "c+d e"),)),
        (b"a=b=c", (("a", "b=c"),)),
        (b"%E6%AF%8F=%FF%zz", (("每", "\ufffd%zz"),)),
        (b"a;b=1", (("a;b", "1"),)),
    ],
)
def test_fields_keep_their_order_and_repeats(body: bytes, pairs: tuple[tuple[str, str], ...]) -> None:
    assert fields(body) == pairs


def test_only_so_many_fields_are_listed() -> None:
    assert listed(b"&&".join([b"a"] * MAX_FIELDS)) == ((("a", ""),) * MAX_FIELDS, ())
    assert listed(b"a&" * (MAX_FIELDS + 1)) == ((("a", ""),) * MAX_FIELDS, (TOO_MANY,))


@pytest.mark.parametrize("body", [b"a=1", b"a=1&b=", b"q=a+b&r=%20", b"filter[x]=1&y.z=2", b"token=abc=="])
def test_a_form_looks_like_one(body: bytes) -> None:
    assert looks_like_form(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"a = 1", b"YWJjZA==", b'{"a":"b=c"}', b"<a href=1>", b"x=1\ny=2", b"a=1&b", b"1+1=", b"say a=1"],
)
def test_other_text_does_not(body: bytes) -> None:
    assert not looks_like_form(body)
