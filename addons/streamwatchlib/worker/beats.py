"""How late the proxy's event loop was, beat by beat, and the error bar that this makes of an exchange's times.

In: beats (`suite.heartbeat`), in their order.  Out: `Clocks`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from ..model import ClockLag, Clocks

NOTABLE = 0.005
"""Seconds of lag from which on the single stall is kept with its time."""
KEPT = 90_000
"""Beats kept: half an hour; a longer exchange is judged by its last half hour's."""


class Beats:
    """Two columns: the moment of each, and by how many seconds it was late."""

    def __init__(self) -> None:
        self._at, self._late = array("d"), array("d")

    def add(self, beats: Iterable[tuple[float, float]]) -> None:
        for at, late in beats:
            self._at.append(at)
            self._late.append(late)
        if len(self._at) > 2 * KEPT:
            del self._at[:-KEPT], self._late[:-KEPT]

    def since(self, start: float) -> Clocks:
        """The lag since `start`, a moment of the beats' clock; times in the result are seconds from it."""
        first = max(bisect_left(self._at, start), len(self._at) - KEPT)
        late = self._late[first:]
        if not late:
            return Clocks()
        ordered = sorted(late)
        p99, most = ordered[int(0.99 * len(ordered))], ordered[-1]
        dated = zip(self._at[first:], late, strict=True) if most >= NOTABLE else ()
        notable = tuple((round(at - start, 6), round(lag, 6)) for at, lag in dated if lag >= NOTABLE)
        return Clocks(ClockLag(round(p99, 6), round(most, 6)), notable)
