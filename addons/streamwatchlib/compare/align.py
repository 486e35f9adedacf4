"""The times at which each piece of one response passed upstream and downstream of a hop.

In: two traces.  Out: pairs of times.  Pieces are events if both sides saw the same ones, else bytes if both sides saw
as many, else pieces of content if both sides saw as many, since a hop that translates one API into another adds events
of its own.  A hop that changes all three leaves nothing to compare piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import Arrival
from .trace import Trace


def together(up: Trace, down: Trace) -> list[tuple[float, float]]:
    """(upstream, downstream) for each piece, each on its own clock, seconds since the epoch."""
    found = _by_events(up, down) or _by_bytes(up, down) or _by_pieces(up, down)
    return [(up.at + earlier, down.at + later) for earlier, later in found]


def _by_events(up: Trace, down: Trace) -> list[tuple[float, float]]:
    above, below = up.said, down.said
    n = min(len(above.marks), len(below.marks))
    if len(above.marks) != len(below.marks) and above.marks[:n] != below.marks[:n]:  # one side may have been cut off
        return []
    return list(_dated(above.moments, below.moments))


def _by_pieces(up: Trace, down: Trace) -> list[tuple[float, float]]:
    above, below = up.said.pieces, down.said.pieces
    return list(_dated(above, below)) if len(above) == len(below) else []


def _dated(above: Sequence[float | None], below: Sequence[float | None]) -> Iterator[tuple[float, float]]:
    pairs = zip(above, below, strict=False)
    return ((earlier, later) for earlier, later in pairs if earlier is not None and later is not None)


def _by_bytes(up: Trace, down: Trace) -> list[tuple[float, float]]:
    above, below = _arrivals(up), _arrivals(down)
    if sum(arrival.size for arrival in above) != sum(arrival.size for arrival in below):
        return []
    return list(_passing(above, below))


def _arrivals(trace: Trace) -> Sequence[Arrival]:
    stream = trace.record.stream
    return stream.arrivals or () if stream and not stream.arrivals_omitted else ()


def _passing(above: Sequence[Arrival], below: Sequence[Arrival]) -> Iterator[tuple[float, float]]:
    """For each arrival upstream: its time, and when its last byte had arrived downstream."""
    later = iter(below)
    needed = come = 0
    arrival = Arrival(0.0, 0, 0)
    for earlier in above:
        needed += earlier.size
        while come < needed:
            arrival = next(later)
            come += arrival.size
        yield earlier.t, arrival.t
