"""What TCP makes of a write over a long or a slow way.

In: the arrivals and whether each ended with an event.  Out: when the rest of a write waited; whether the link was full.
A sender may have ten segments under way on a connection that is new or was idle, as one is while a model is waited for,
and about twice as many with each round trip that acknowledges them (RFC 5681, RFC 6928): what was written at once comes
over a long way in flights that double.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from ..model import Arrival
from .deliveries import CUT, EXTRAORDINARY, FLOOD, SUDDEN

ROUND_TRIP = (0.010, 0.300)
"""Seconds from flight to flight: the ways that are long enough to part them, to the other end of the world."""
STEADY = 1.5
"""Times the first interval of a write's flights that another may be: each is a round trip at most."""
WINDOW = (12_400, 14_600)
"""Bytes of ten segments (1368 to 1460 bytes each), the response's head and the framing taken off; three pages of 4096
are fewer."""
GROWTH = (1.5, 2.4)
"""Times the first flight that the second is: less than twice where acknowledgements are put together."""

SPARE = 1.5
"""Round trips that a write may take beyond those in which windows that double carry it: pacing, the last rest."""
SEGMENT = (1250, 1460)
"""Bytes of a segment: what a way with tunnels leaves of it, less the body's framing; up to all of it."""
MANY = 3
"""Reads amid the others from which on a full link is told: by chance each ends with an event once in 250 bytes."""
ANYWHERE = 0.1
"""Share of them that may end with an event: of events of several segments, sound or pictures, more do."""
NEARLY_ALL = 0.8


class _Lot(NamedTuple):
    t: float
    end: float
    size: int
    events: int
    reads: int
    whole: int
    """Reads that ended with an event."""

    @property
    def full(self) -> bool:
        """Cut anywhere, the last read too: there was more to send."""
        return self.whole <= CUT * self.reads

    @property
    def poured(self) -> bool:
        """Events, or bytes, that no model makes so fast."""
        taken = self.end - self.t
        return self.full and (self.events >= EXTRAORDINARY * taken or self.size > FLOOD * taken)


def closed(arrivals: Sequence[Arrival], boundary: Sequence[bool], start: float) -> list[tuple[float, float]]:
    """(t, seconds) of each time until t in which one write was under way in flights; `start`: the request's end."""
    if all(boundary[:-1]):  # whole events: no window was full
        return []
    lots, found = list(_lots(arrivals, boundary)), []
    heard, first = start, 0
    while first < len(lots):
        last = _write(lots, first)
        taken = lots[last].end - lots[first].t
        if SUDDEN * taken > lots[first].t - heard:
            last = first
        if last > first:
            found.append((lots[last].end, taken))
        heard, first = lots[last].end, last + 1
    return found


def _lots(arrivals: Sequence[Arrival], boundary: Sequence[bool]) -> Iterator[_Lot]:
    begun = 0
    for i in range(1, len(arrivals) + 1):
        if i == len(arrivals) or arrivals[i].t - arrivals[i - 1].t > ROUND_TRIP[0]:
            lot = arrivals[begun:i]
            events, whole = sum(arrival.events for arrival in lot), sum(boundary[begun:i])
            yield _Lot(lot[0].t, lot[-1].t, sum(arrival.size for arrival in lot), events, len(lot), whole)
            begun = i


def _write(lots: Sequence[_Lot], first: int) -> int:
    """The last lot of the write that begins with the first."""
    if first + 1 == len(lots) or lots[first].size < WINDOW[0] or not lots[first].poured:
        return first
    last, trip = first, lots[first + 1].t - lots[first].t
    while last + 1 < len(lots) and lots[last].full and _soon(lots[last], lots[last + 1], trip):
        last += 1
    return last if last > first and _in_flights(lots[first : last + 1], trip) else first


def _soon(earlier: _Lot, later: _Lot, trip: float) -> bool:
    """Within a round trip: a sender that has more waits no longer."""
    return later.t - earlier.end <= min(ROUND_TRIP[1], STEADY * trip)


def _in_flights(lots: Sequence[_Lot], trip: float) -> bool:
    """The first filled the window of a connection at its beginning, or each window was about twice the one before; and
    all of it came in as many round trips as that takes."""
    first, second, *_ = lots
    if first.size > WINDOW[1] and not GROWTH[0] <= second.size / first.size <= GROWTH[1]:
        return False
    trips = log2(sum(lot.size for lot in lots) / first.size) + SPARE
    return lots[-1].end - first.t <= trips * trip


def full(arrivals: Sequence[Arrival], boundary: Sequence[bool]) -> bool:
    """Segments, cut anywhere, and hardly anything else: the way carried no more."""
    inner, ends = arrivals[1:-1], boundary[1:-1]
    if len(inner) < MANY or sum(ends) > ANYWHERE * len(ends):
        return False
    return sum(_segments(arrival.size) for arrival in inner) >= NEARLY_ALL * len(inner)


def _segments(size: int) -> bool:
    """One, or two that were read together; of three, a page is not told."""
    return any(SEGMENT[0] * n <= size <= SEGMENT[1] * n for n in (1, 2))
