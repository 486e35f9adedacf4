"""How late the proxy's event loop was, beat by beat: the error bar of an exchange's times.

In: beats (`suite.heartbeat`), in order.  Out: `ProxyConditions`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from ..model import ClockLag, ProxyConditions

NOTABLE = 0.005
"""Seconds of lag from which on a single stall is reported with its time."""
KEPT = 90_000
"""Beats kept: half an hour of them; a longer exchange is judged by those of its last half hour."""


class Beats:
    """Two columns: the time of each beat, and the seconds by which it was late."""

    def __init__(self) -> None:
        self._at, self._late = array("d"), array("d")

    def add(self, beats: Iterable[tuple[float, float]]) -> None:
        for at, late in beats:
            self._at.append(at)
            self._late.append(late)
        if len(self._at) > 2 * KEPT:
            del self._at[:-KEPT], self._late[:-KEPT]

    def between(self, start: float, end: float) -> ProxyConditions:
        """The lag from `start` to `end` on the beats' clock: that of the beats in between and of the next, which shows
        what held up the loop at the end.  Times in the result are seconds from `start`."""
        last = bisect_right(self._at, end) + 1
        first = max(bisect_left(self._at, start), min(last, len(self._at)) - KEPT)
        late = self._late[first:last]
        if not late:
            return ProxyConditions()
        ordered = sorted(late)
        p99, most = ordered[int(0.99 * len(ordered))], ordered[-1]
        dated = zip(self._at[first:last], late, strict=True) if most >= NOTABLE else ()
        notable = tuple((round(at - start, 6), round(lag, 6)) for at, lag in dated if lag >= NOTABLE)
        return ProxyConditions(ClockLag(round(p99, 6), round(most, 6)), notable)
