"""Arguments that come value by value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.llm.partial_arguments import PartialArguments


def filled(*pieces: dict[str, object]) -> dict[str, object]:
    arguments = PartialArguments(10_000)
    for piece in pieces:
        arguments.put(piece)
    return arguments.value()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a", {"a": "x"}),
        ("$.a.b", {"a": {"b": "x"}}),
        ("$['a b'].c", {"a b": {"c": "x"}}),
        ("$.a[0]", {"a": ["x"]}),
        ("$.a[2][1]", {"a": [None, None, [None, "x"]]}),
        ("$", {}),
        ("", {}),
        ("$[0]", {}),
        ("$.a[12345678]", {"a": {"12345678": "x"}}),
        ("$" + ".a" * 60, {}),
    ],
)
def test_paths(path: str, expected: object) -> None:
    assert filled({"jsonPath": path, "stringValue": "x"}) == expected


def test_strings_grow_and_everything_else_is_set() -> None:
    strings = [{"jsonPath": "$.a", "stringValue": piece} for piece in "xyz"]
    numbers = [{"jsonPath": "$.b", "numberValue": number} for number in (1, 2)]
    assert filled(*strings, *numbers, {"jsonPath": "$.c", "boolValue": False}) == {"a": "xyz", "b": 2, "c": False}


@pytest.mark.parametrize("piece", [{}, {"jsonPath": 3, "stringValue": "x"}, {"jsonPath": "$.a"}])
def test_what_has_no_place_or_no_value_is_dropped(piece: dict[str, object]) -> None:
    assert filled(piece) == {}


def test_what_contradicts_itself_is_the_last_said() -> None:
    at_a = {"jsonPath": "$.a", "stringValue": "x"}
    inside = {"jsonPath": "$.a.b", "numberValue": 1}
    assert filled(at_a, inside) == {"a": {"b": 1}}
    assert filled(inside, at_a) == {"a": "x"}
    assert filled({"jsonPath": "$.a", "numberValue": [[]]}) == {"a": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [("$.a", {"stringValue": "x" * 99}), ("$.a", {"stringValue": ""}), ("$.a%d[999]", {"numberValue": 1})],
)
def test_what_is_kept_is_bounded(path: str, value: dict[str, object]) -> None:
    arguments, number = PartialArguments(10_000), 0
    while not arguments.full:
        assert number < 10_000
        arguments.put({"jsonPath": path.replace("%d", str(number)), **value})
        number += 1
    kept = arguments.value()

    arguments.put({"jsonPath": "$.more", "stringValue": "x"})

    assert arguments.value() == kept


PATHS = st.lists(st.sampled_from([".a", ".b", "[0]", "[3]", "['c']", "[", "$"]), max_size=6).map("".join)


@given(st.lists(st.tuples(PATHS, st.text() | st.integers() | st.none() | st.lists(st.integers())), max_size=8))
def test_nothing_raises(pieces: list[tuple[str, object]]) -> None:
    for key in ("stringValue", "numberValue"):
        filled(*({"jsonPath": f"${path}", key: value} for path, value in pieces))
