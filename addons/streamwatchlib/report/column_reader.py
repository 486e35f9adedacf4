"""Rows of numbers, read column by column in a fifth of the time that row by row takes: arrivals come by the thousand.

In: what `json.loads` made of an array of arrays.  Out: the rows, or None if any is not as it should be: then `codec`
reads them one by one and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any


def read(
    value: list[Any], types: Sequence[type], make_row: Callable[[Any], object], max_value: int
) -> tuple[object, ...] | None:
    """Read rows that have one number of each of `types`, float or int; an int is not below zero, and none is beyond
    `max_value`.  `make_row` makes a row of its values.  None if a row is otherwise."""
    if set(map(type, value)) != {list} or set(map(len, value)) != {len(types)}:
        return None
    columns: list[Iterable[object]] = []
    for type_, column in zip(types, zip(*value, strict=True), strict=True):
        if not set(map(type, column)) <= {int, type_} or not _bounded(column, max_value):
            return None
        if type_ is int and min(column) < 0:
            return None
        columns.append(map(float, column) if type_ is float else column)
    return tuple(map(make_row, zip(*columns, strict=True)))


def _bounded(column: Sequence[float], max_value: int) -> bool:
    """Return whether no number is NaN, infinite or too large, and their sum is not either."""
    try:
        return sum(map(abs, column)) <= max_value
    except OverflowError:
        return False
