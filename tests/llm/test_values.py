"""Values of unexpected types count as absent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.llm import values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_value_is_taken_as_what_it_is_asked_for(value: object) -> None:
    assert isinstance(values.obj(value), dict)
    assert all(isinstance(item, dict) for item in values.objects(value))
    assert isinstance(values.text(value), str)
    assert isinstance(values.index(value), int)
    assert values.non_empty(value) is None or value
    figure = values.number(value)
    assert figure is None or abs(figure) < 1e18
    assert isinstance(values.dump(value), str)


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), 10**400, "3", None, [1]])
def test_what_is_no_sane_figure_is_none(value: object) -> None:
    assert values.number(value) is None
    assert values.count(value) is None


def test_counts_are_not_negative() -> None:
    assert values.count(-1) is None
    assert values.count(28.0) == 28
    assert values.count(3.7) == 4


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((), {"a": [{"b": 1}]}),
        (("a", 0, "b"), 1),
        (("a", 1), None),
        (("a", "b"), None),
        (("x", "y"), None),
        ((0,), None),
    ],
)
def test_dig_follows_keys_and_places(path: values.Path, found: object) -> None:
    assert values.dig({"a": [{"b": 1}]}, path) == found


def test_dump_is_compact_and_gives_up_on_what_cannot_be_said() -> None:
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]
    assert values.dump(deep) == ""
    assert values.dump({"a": [1, "é"]}) == '{"a":[1,"é"]}'
    assert (values.dump("text"), values.dump(None)) == ("text", "")
    assert values.dump(json.loads("1e999")) == "Infinity"
