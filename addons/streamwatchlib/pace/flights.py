"""What TCP makes of a write over a long or a slow way.

In: the arrivals and whether each ended with an event.  Out: when the rest of a write waited; whether the link was full.
A sender may have ten segments under way on a connection that is new or was idle, as one is while a model is waited for,
and about twice as many with each round trip that acknowledges them (RFC 5681, RFC 6928): what was written at once comes
over a long way in flights that double.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..model import Arrival
from .deliveries import CUT, EXTRAORDINARY, SUDDEN

ROUND_TRIP = (0.010, 0.300)
"""Seconds from flight to flight: the ways that are long enough to part them, to the other end of the world."""
STEADY = 1.5
"""Times the first interval of a write's flights that another may be longer or shorter: each is a round trip."""
WINDOW = (12_400, 14_600)
"""Bytes of ten segments (1368 to 1460 bytes each), the response's head and the framing taken off; three pages of 4096
are fewer."""
GROWTH = (1.5, 2.4)
"""Times the flight before it that a flight is: less than twice where acknowledgements are put together."""

SEGMENT = (1250, 1460)
"""Bytes of a segment: what a way with tunnels leaves of it, less the body's framing; up to all of it."""
MANY = 8
"""Reads from which on a full link is told."""
NEARLY_ALL = 0.8


class _Lot(NamedTuple):
    t: float
    end: float
    size: int
    events: int
    whole: bool

    @property
    def poured(self) -> bool:
        """Bytes that no model makes so fast."""
        return self.events >= EXTRAORDINARY * (self.end - self.t)


def closed(arrivals: Sequence[Arrival], boundary: Sequence[bool], start: float) -> list[tuple[float, float]]:
    """(t, seconds) of each time until t that a write waited for the window to open; `start`: the end of the request."""
    if all(boundary[:-1]):  # whole events: no window was full
        return []
    lots, found = list(_lots(arrivals, boundary)), []
    heard, first = start, 0
    while first < len(lots):
        last = _write(lots, first)
        if SUDDEN * (lots[last].end - lots[first].t) > lots[first].t - heard:
            last = first
        found += [(later.t, later.t - earlier.end) for earlier, later in pairwise(lots[first : last + 1])]
        heard, first = lots[last].end, last + 1
    return found


def _lots(arrivals: Sequence[Arrival], boundary: Sequence[bool]) -> Iterator[_Lot]:
    begun = 0
    for i in range(1, len(arrivals) + 1):
        if i == len(arrivals) or arrivals[i].t - arrivals[i - 1].t > ROUND_TRIP[0]:
            lot = arrivals[begun:i]
            yield _Lot(lot[0].t, lot[-1].t, sum(a.size for a in lot), sum(a.events for a in lot), boundary[i - 1])
            begun = i


def _write(lots: Sequence[_Lot], first: int) -> int:
    """The last lot of the write that begins with the first: all but its last one were full."""
    last, grown = first, False
    if lots[first].size < WINDOW[0]:
        return first
    trip = lots[first + 1].t - lots[first].t if first + 1 < len(lots) else 0.0
    while last + 1 < len(lots) and _goes_on(lots[last], lots[last + 1], trip):
        full = lots[last + 1].size >= GROWTH[0] * lots[last].size
        last, grown = last + 1, grown or full
        if not full:
            break
    return last if grown or lots[first].size <= WINDOW[1] else first


def _goes_on(earlier: _Lot, later: _Lot, trip: float) -> bool:
    gap = later.t - earlier.t
    one_trip = gap <= ROUND_TRIP[1] and trip / STEADY <= gap <= trip * STEADY
    return one_trip and not earlier.whole and earlier.poured and later.poured and later.size <= GROWTH[1] * earlier.size


def full(arrivals: Sequence[Arrival], boundary: Sequence[bool]) -> bool:
    """Segments, cut anywhere, and hardly anything else: the way carried no more."""
    inner, ends = arrivals[1:-1], boundary[1:-1]
    if len(inner) < MANY or sum(ends) > CUT * len(ends):
        return False
    return sum(_segments(arrival.size) for arrival in inner) >= NEARLY_ALL * len(inner)


def _segments(size: int) -> bool:
    """One, or two that were read together; of three, a page is not told."""
    return any(SEGMENT[0] * n <= size <= SEGMENT[1] * n for n in (1, 2))
