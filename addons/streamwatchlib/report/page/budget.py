"""How much of each exchange a page can show and still open in an instant.

A page of one exchange shows all of it; one of five hundred shows less of each, and says so wherever it does.
"""

from __future__ import annotations

from typing import NamedTuple


class Budget(NamedTuple):
    events: int
    """Events shown of one exchange."""
    event_chars: int
    """Characters shown of one event's text."""
    text_chars: int
    """Characters shown of one body or answer."""
    columns: int
    """Columns of a timeline."""


def budget(exchanges: int) -> Budget:
    """The budget of each exchange on a page of so many."""
    n = max(exchanges, 1)
    return Budget(
        events=_between(15, 9_000 // n, 2_000),
        event_chars=_between(160, 40_000 // n, 4_000),
        text_chars=_between(1_500, 1_500_000 // n, 200_000),
        columns=_between(200, 60_000 // n, 900),
    )


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))
