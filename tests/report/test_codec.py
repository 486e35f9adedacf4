"""Classes to JSON and back is tested through the archive (test_jsonl); here: optional keys, and rows of numbers."""

from __future__ import annotations

import math
from typing import Any, get_type_hints

import pytest
from streamwatchlib.model import Arrival, Measures
from streamwatchlib.report.codec import ABSENT_WHEN_EMPTY, WrongShape, keys_of, reader


@pytest.mark.parametrize(("cls", "names"), ABSENT_WHEN_EMPTY.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_every_optional_key_is_a_field_of_its_class(cls: type, names: frozenset[str]) -> None:
    assert names <= get_type_hints(cls).keys()


def test_a_class_without_optional_keys_writes_all_of_them() -> None:
    assert not any(key.optional for key in keys_of(Measures))


def test_rows_of_numbers_are_read_as_what_they_are() -> None:
    pairs = reader(tuple[tuple[float, int], ...])([[1, 2], [0.5, 3]])
    assert pairs == ((1.0, 2), (0.5, 3))
    assert {*map(type, pairs)} == {tuple}
    assert [type(t) for t, _ in pairs] == [float, float]
    arrivals = reader(tuple[Arrival, ...])([[0.25, 7, 1], [1, 8, 0]])
    assert arrivals == (Arrival(0.25, 7, 1), Arrival(1.0, 8, 0))
    assert {*map(type, arrivals)} == {Arrival}
    assert reader(tuple[Arrival, ...])([]) == ()


WRONG = [
    ([0.5], "[1]: expected an array of 2"),
    ([0.5, 1, 2], "[1]: expected an array of 2"),
    ("ab", "[1]: expected an array of 2"),
    (None, "[1]: expected an array of 2"),
    ([True, 1], "[1]: expected a number"),
    (["0", 1], "[1]: expected a number"),
    ([math.nan, 1], "[1]: expected a number"),
    ([math.inf, 1], "[1]: expected a number"),
    ([10**400, 1], "[1]: expected a number"),
    ([0.5, True], "[1]: expected a whole number"),
    ([0.5, 1.0], "[1]: expected a whole number"),
    ([0.5, -1], "[1]: expected a whole number"),
    ([0.5, 1 << 64], "[1]: expected a whole number"),
]


@pytest.mark.parametrize(("row", "why"), WRONG)
def test_a_row_that_is_wrong_is_named(row: Any, why: str) -> None:
    with pytest.raises(WrongShape) as caught:
        reader(tuple[tuple[float, int], ...])([[0.5, 1], row])
    assert str(caught.value).startswith(why)
