"""When the proxy's own event loop did not run -> how much of a silence it may have made itself.

In: the moments at which the loop was late, and by how much.  Out: a function of two moments.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from ..model import ClockLag

type Deafness = Callable[[float, float], float]
"""Seconds between two moments, the earlier first, in which a byte that came would have been dated late."""


def deafness(lags: Sequence[tuple[float, float]], lag: ClockLag | None) -> Deafness | None:
    """`lags`: (t, seconds late): the loop stood still from ``t - late`` to ``t``.

    Where the single moments were not kept every silence may hide the 99th percentile.  None: nothing to subtract.
    """
    if lags:
        return _standstills(sorted(lags))
    if lag is not None and lag.p99 > 0:
        p99 = lag.p99
        return lambda earlier, later: min(p99, later - earlier)
    return None


def _standstills(lags: Sequence[tuple[float, float]]) -> Deafness:
    ends = [t for t, _ in lags]
    before = [0.0, *accumulate(late for _, late in lags)]

    def until(moment: float) -> float:
        """Standing still from the beginning to `moment`."""
        past = bisect_right(ends, moment)
        current = 0.0
        if past < len(lags):
            t, late = lags[past]
            current = max(0.0, moment - (t - late))
        return before[past] + current

    return lambda earlier, later: until(later) - until(earlier)
