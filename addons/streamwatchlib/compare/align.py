"""The times at which each piece of one response passed upstream and downstream of a hop.

In: two fingerprints.  Out: pairs of times.  Pieces are events if both sides saw the same ones, else bytes if both sides
saw as many, else pieces of content if both sides saw as many, since a hop that translates one API into another adds
events of its own.  A hop that changes all three leaves nothing to compare piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import Arrival
from .fingerprint import Fingerprint


def paired_times(up: Fingerprint, down: Fingerprint) -> list[tuple[float, float]]:
    """(upstream, downstream) for each piece, each on its own clock, seconds since the epoch."""
    found = _by_events(up, down) or _by_bytes(up, down) or _by_pieces(up, down)
    return [(up.epoch + earlier, down.epoch + later) for earlier, later in found]


def _by_events(up: Fingerprint, down: Fingerprint) -> list[tuple[float, float]]:
    above, below = up.digests, down.digests
    n = min(len(above.checksums), len(below.checksums))
    # one side may have been cut off
    if len(above.checksums) != len(below.checksums) and above.checksums[:n] != below.checksums[:n]:
        return []
    return list(_dated(above.times, below.times))


def _by_pieces(up: Fingerprint, down: Fingerprint) -> list[tuple[float, float]]:
    above, below = up.digests.content_times, down.digests.content_times
    return list(_dated(above, below)) if len(above) == len(below) else []


def _dated(above: Sequence[float | None], below: Sequence[float | None]) -> Iterator[tuple[float, float]]:
    pairs = zip(above, below, strict=False)
    return ((earlier, later) for earlier, later in pairs if earlier is not None and later is not None)


def _by_bytes(up: Fingerprint, down: Fingerprint) -> list[tuple[float, float]]:
    above, below = _arrivals(up), _arrivals(down)
    if sum(arrival.size for arrival in above) != sum(arrival.size for arrival in below):
        return []
    return list(_passing(above, below))


def _arrivals(side: Fingerprint) -> Sequence[Arrival]:
    stream = side.record.stream
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
