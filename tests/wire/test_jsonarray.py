"""A JSON array, element by element."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.jsonarray import BEHIND, JsonArrayFramer

from ..helpers import feedings
from .framing import deviations, ends, frames, pending


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b'[{"a":1},{"b":[2,{"c":3}]}]', [{"a": 1}, {"b": [2, {"c": 3}]}]),
        (b'[{\n  "a": "],[{"\n}\n,\r\n{"b": "\\"}"}]\n', [{"a": "],[{"}, {"b": '"}'}]),
        (b'[1, "x,y", true ,-2.5e3,[[]]]', [1, "x,y", True, -2500.0, [[]]]),
        (b"\xef\xbb\xbf \n[1]", [1]),
        (b"[]", []),
        (b"[ ]", []),
        (b"", []),
        (b"no array", []),
    ],
)
def test_each_element_is_an_event_however_the_bytes_are_cut(body: bytes, values: list[object]) -> None:
    for pieces in feedings(body):
        assert [frame.value for frame in frames("json-array", pieces)] == values
    assert deviations("json-array", body) == ()


def test_a_broken_element_keeps_its_text_and_the_reason() -> None:
    broken, after = frames("json-array", [b'[{"a": oops},{"b":2}]'])
    assert broken == Frame(data='{"a": oops}', malformed="Not JSON: Expecting value (line 1, column 7).")
    assert after.value == {"b": 2}


def test_an_element_that_is_cut_off_is_malformed() -> None:
    whole, cut = frames("json-array", [b'[{"a":1},{"b":'])
    assert whole.value == {"a": 1}
    assert cut.data == '{"b":'
    assert cut.malformed


def test_what_stands_behind_the_array_is_noted_and_left_alone() -> None:
    for body in (b"[1] {}", b'[1]\n"x"', b"[1]]"):
        for pieces in feedings(body):
            assert [frame.value for frame in frames("json-array", pieces)] == [1]
        assert deviations("json-array", body) == (BEHIND,)


def test_an_element_is_there_at_the_earliest_byte_that_proves_it() -> None:
    assert ends("json-array", b'[{"a":1} ,"x",12,[3] ]') == [8, 13, 17, 20]
    assert ends("json-array", b"[12]") == [4]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[", False),
        (b"[{", True),
        (b"[{}", False),
        (b"[{},\n", False),
        (b"[1", True),
        (b"[1,", False),
        (b"[1]x", False),
    ],
)
def test_pending_is_exact(body: bytes, expected: bool) -> None:
    assert pending("json-array", body) is expected


def test_split_tells_of_elements_that_spanned_several_reads() -> None:
    framer = JsonArrayFramer(Limits())
    found = [frame for piece in (b"[{}", b",", b"{", b"}, 1", b"", b"2]") for frame in framer.feed(piece)]
    assert [frame.split for frame in found] == [False, True, True]


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)


@settings(deadline=None)
@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 1]))
def test_any_array_gives_its_elements(array: list[object], indent: int | None) -> None:
    body = json.dumps(array, indent=indent).encode()
    assert [frame.value for frame in frames("json-array", [body])] == array
