"""TCP's windows: how a single write arrives over a long or slow path.

In: the arrivals, and whether each ended with an event.  Out: when the rest of a write had to wait; whether the link was
full.  On a connection that is new or was idle, as while a model is waited for, a sender may have ten segments in
flight, and about twice as many with each round trip that acknowledges them (RFC 5681, RFC 6928): what was written at
once arrives over a long path in flights that double.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from ..model import Arrival
from .deliveries import CUT, EXTRAORDINARY, FLOOD, SUDDEN

ROUND_TRIP = (0.010, 0.300)
"""Least and most seconds from flight to flight: paths long enough to part them, up to the other end of the world."""
STEADY = 1.5
"""Times the first interval between a write's flights that another may last: each is a round trip at most."""
WINDOW = (12_400, 14_600)
"""Bytes of ten segments (1368 to 1460 bytes each), less the response's head and the framing; three pages of 4096 are
fewer."""
GROWTH = (1.5, 2.4)
"""Times the first flight that the second is: less than 2 where acknowledgements are delayed."""

SPARE = 1.5
"""Round trips that a write may take beyond those that doubling windows need: pacing, the last rest."""
SEGMENT = (1250, 1460)
"""Bytes of a segment: from what tunnels and the body's framing leave, to all of it."""
MANY = 3
"""Fewest reads between the first and the last that show a full link: by chance about one in 250 ends with an event."""
ANYWHERE = 0.1
"""Most reads of a full link, but for its first and last, that end with an event, as a share; where events take several
segments (audio, pictures), more do."""
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
        """The reads are cut anywhere, the last one too: there was more to send."""
        return self.whole <= CUT * self.reads

    @property
    def poured(self) -> bool:
        """More events, or bytes, than any model makes in that time."""
        taken = self.end - self.t
        return self.full and (self.events >= EXTRAORDINARY * taken or self.size > FLOOD * taken)


def writes_in_flight(arrivals: Sequence[Arrival], boundary: Sequence[bool], start: float) -> list[tuple[float, float]]:
    """(t, seconds) of each period up to t in which one write was in flight; `start`: the request's end."""
    if all(boundary[:-1]):  # whole events: no window was full
        return []
    lots, found = list(_lots(arrivals, boundary)), []
    heard, first = start, 0
    while first < len(lots):
        last = _last_of_write(lots, first)
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


def _last_of_write(lots: Sequence[_Lot], first: int) -> int:
    """Index of the last lot of the write that begins with lot `first`."""
    if first + 1 == len(lots) or lots[first].size < WINDOW[0] or not lots[first].poured:
        return first
    last, trip = first, lots[first + 1].t - lots[first].t
    while last + 1 < len(lots) and lots[last].full and _soon(lots[last], lots[last + 1], trip):
        last += 1
    return last if last > first and _in_flights(lots[first : last + 1], trip) else first


def _soon(earlier: _Lot, later: _Lot, trip: float) -> bool:
    """Within a round trip: a sender that has more to send waits no longer."""
    return later.t - earlier.end <= min(ROUND_TRIP[1], STEADY * trip)


def _in_flights(lots: Sequence[_Lot], trip: float) -> bool:
    """The first lot filled the initial window, or the second was about twice the first; and all of it came in as many
    round trips as doubling windows need."""
    first, second, *_ = lots
    if first.size > WINDOW[1] and not GROWTH[0] <= second.size / first.size <= GROWTH[1]:
        return False
    trips = log2(sum(lot.size for lot in lots) / first.size) + SPARE
    return lots[-1].end - first.t <= trips * trip


def full(arrivals: Sequence[Arrival], boundary: Sequence[bool]) -> bool:
    """The reads are segments, cut anywhere, with hardly an exception: the path carried no more."""
    inner, ends = arrivals[1:-1], boundary[1:-1]
    if len(inner) < MANY or sum(ends) > ANYWHERE * len(ends):
        return False
    return sum(_segments(arrival.size) for arrival in inner) >= NEARLY_ALL * len(inner)


def _segments(size: int) -> bool:
    """The size of one segment, or of two read together; three could be mistaken for a page."""
    return any(SEGMENT[0] * n <= size <= SEGMENT[1] * n for n in (1, 2))
