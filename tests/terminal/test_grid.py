"""Cells fall into columns."""

from __future__ import annotations

import pytest
from rich.text import Text
from streamwatchlib.terminal.grid import Column, heading, line

COLUMNS = (
    Column[str]("when", 4, lambda row, room: Text("now"), min_width=20),
    Column[str]("what", 0, lambda row, room: Text(f"{row} in {room}")),
    Column[str]("size", 6, lambda row, room: Text("1 kB"), align_right=True),
    Column[str]("old", 3, lambda row, room: Text("x"), below_width=20),
)


@pytest.mark.parametrize(
    ("width", "titles", "row"),
    [
        (18, "what      size old", "a in 7    1 kB x"),
        (30, "when what                 size", "now  a in 18              1 kB"),
    ],
)
def test_a_screen_shows_the_columns_it_has_room_for(width: int, titles: str, row: str) -> None:
    assert heading(COLUMNS, width).plain == titles
    assert line(COLUMNS, "a", width).plain == row


def test_what_is_too_long_is_cut_with_a_mark() -> None:
    assert line(COLUMNS, "abcdefghijklmnop", 18).plain == "abcdef…   1 kB x"


def test_wide_characters_keep_the_columns_aligned() -> None:
    assert line(COLUMNS, "通义千问", 18).plain == "通义千…   1 kB x"


def test_uncut_a_long_cell_pushes_the_rest_on() -> None:
    assert line(COLUMNS, "abcdefghijklmnop", 18, cut=False).plain == "abcdefghijklmnop in 10000   1 kB x"


def test_a_line_is_not_spread_over_more_than_an_eye_can_follow() -> None:
    assert heading(COLUMNS, 500).cell_len == 140
