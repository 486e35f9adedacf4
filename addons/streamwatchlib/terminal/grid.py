"""Columns of a screen: how one row of cells is laid out in a width.

In: a table of columns and the object that a row describes.  Out: rich `Text`, one line.  Never here: what a column
means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

_UNCUT = 10_000
"""Room of a cell that is not to be cut: more than any screen has."""
_WIDEST = 140
"""Cells that a line is spread over at most: further apart, the eye loses the line."""


class Column[T](NamedTuple):
    """One column.  `cell` gets the object that the row describes and the room there is, which it may exceed."""

    title: str
    width: int
    """Cells; 0, in one column only: what the others leave."""
    cell: Callable[[T, int], Text]
    min_width: int = 0
    """Width of the narrowest screen that has this column."""
    below_width: int = _UNCUT
    """Width of the narrowest screen that has it no more."""
    align_right: bool = False
    """Aligned to the right."""


def heading[T](columns: Sequence[Column[T]], width: int, style: str = "dim") -> Text:
    """The titles of `columns`, as `line` lays them out."""
    titles = _joined(_fitted(Text(column.title), room, column.align_right) for column, room in _rooms(columns, width))
    titles.stylize(style)
    return titles


def line[T](columns: Sequence[Column[T]], row: T, width: int, *, cut: bool = True) -> Text:
    """One row in `width` cells; what is too long for its column is cut, or with `cut` False pushes the rest on.

    An uncut line is not for a screen and has no colours, which take most of the time.
    """
    rooms = _rooms(columns, width)
    if cut:
        return _joined(_fitted(column.cell(row, room), room, column.align_right) for column, room in rooms)
    cells = (_padded(column.cell(row, _UNCUT).plain, room, column.align_right) for column, room in rooms)
    return Text(" ".join(cells).rstrip())


def _rooms[T](columns: Sequence[Column[T]], width: int) -> Iterable[tuple[Column[T], int]]:
    shown = [column for column in columns if column.min_width <= width < column.below_width]
    left = min(width, _WIDEST) - sum(column.width for column in shown) - (len(shown) - 1)
    return [(column, column.width or max(left, 1)) for column in shown]


def _fitted(cell: Text, room: int, align_right: bool) -> Text:
    cell.truncate(room, overflow="ellipsis", pad=not align_right)
    if align_right:
        cell.pad_left(room - cell.cell_len)
    return cell


def _padded(cell: str, room: int, align_right: bool) -> str:
    rest = " " * (room - cell_len(cell))
    return rest + cell if align_right else cell + rest


def _joined(cells: Iterable[Text]) -> Text:
    row = Text(" ").join(cells)
    row.rstrip()
    return row
