"""When the proxy was not reading -> how much of a silence it may have caused itself.

In: the times at which it was late, and by how much.  Out: a function of two times.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from ..model import ClockLag

type TimeNotReading = Callable[[float, float], float]
"""Seconds between two times, the earlier first, in which a byte that arrived would have been dated late."""


def never(earlier: float, later: float) -> float:
    """The proxy was never late."""
    return 0.0


def time_not_reading(lags: Sequence[tuple[float, float]], lag: ClockLag | None) -> TimeNotReading | None:
    """How long the proxy was not reading.  `lags`: (t, seconds late): it stood still from ``t - late`` to ``t``.

    If the single times were not kept, every silence may hide the 99th percentile.  None: nothing to subtract.
    """
    if lags:
        return standstills(lags)
    if lag is not None and lag.p99 > 0:
        p99 = lag.p99
        return lambda earlier, later: min(p99, later - earlier)
    return None


def standstills(lags: Iterable[tuple[float, float]]) -> TimeNotReading:
    """How long the proxy was not reading, if these are all of its standstills."""
    spans = _union((t - late, t) for t, late in lags)
    starts = [start for start, _ in spans]
    before = [0.0, *accumulate(end - start for start, end in spans)]

    def until(moment: float) -> float:
        """Seconds of standstill up to `moment`."""
        begun = bisect_right(starts, moment)
        return before[begun] - max(0.0, spans[begun - 1][1] - moment) if begun else 0.0

    return lambda earlier, later: until(later) - until(earlier)


def _union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The periods merged into ones that do not overlap, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
