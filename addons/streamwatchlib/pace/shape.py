"""The deliveries of one channel's content -> what they cost its reader.

In: pieces, and the exchange around them.  Out: a `Shape`.  Never here: whom to blame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from ..timing import percentile
from .deliveries import BURST_EVENTS, CUT, NOTICED, Delivery, Path, Piece, deliveries

FLOWING = 8
"""Fewest events that came one by one and show a pace."""
MINOR = 0.3
"""Share of all events that flowing ones must be to show a pace: where nearly all came at once, they are just a rest."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One channel's deliveries and the figures that follow from them."""

    events: int
    first: float
    last: float
    deliveries: tuple[Delivery, ...]
    effective: float
    """Hill number of order 2 of the deliveries' sizes: 1 is one lump, `events` is perfectly smooth."""
    burst_share: float
    """Share of the events that came in bursts."""
    noticed_share: float
    """Share of the events that came in bursts after a silence that a reader notices."""
    sudden_share: float
    """Share of the events that came, after a silence that a reader notices, as fast as a very fast engine makes them or
    a hop copies them."""
    burst_gap: float | None
    """Median silence before a burst, except the first delivery; None if no burst followed anything."""
    hold: float
    """Seconds by which the average event was held back at most: if the model made the events of a burst evenly since
    the delivery before."""
    biggest: Delivery
    reads: int
    """Arrivals that brought the events."""

    @property
    def bursts(self) -> tuple[Delivery, ...]:
        return tuple(delivery for delivery in self.deliveries if delivery.burst)


def shape(reads: Sequence[Piece], quiet: float, path: Path, least: int = BURST_EVENTS) -> Shape:
    """Measure the pieces (at least one); silences of up to `quiet` seconds do not part a lump."""
    delivered = deliveries(reads, quiet, path, least)
    sizes = [delivery.n for delivery in delivered]
    events = sum(sizes)
    bursts = [delivery for delivery in delivered if delivery.burst]
    gaps = sorted(delivery.silence for delivery in bursts if delivery is not delivered[0])
    gap = percentile(gaps, 50) if gaps else None
    first = gap if gap is not None else _waited(reads, delivered[0], events)
    noticed = [d.n for d in bursts if (d.silence if d is not delivered[0] else gap or min(first, d.silence)) >= NOTICED]
    return Shape(
        events=events,
        first=reads[0].t,
        last=reads[-1].t,
        deliveries=delivered,
        effective=events**2 / sum(map(mul, sizes, sizes)),
        burst_share=sum(delivery.n for delivery in bursts) / events,
        noticed_share=sum(noticed) / events,
        sudden_share=sum(d.n for d in delivered if d.silence and not d.burst) / events,
        burst_gap=gap,
        hold=sum(_held(delivery, first if delivery is delivered[0] else math.inf) for delivery in bursts) / events,
        biggest=delivered[sizes.index(max(sizes))],
        reads=len(reads),
    )


def _waited(reads: Sequence[Piece], first: Delivery, events: int) -> float:
    """How much of the wait for the first delivery was a hold at most. 0 where half of the stream or more followed; else
    what its events took at the pace of those that followed whole, or all of it if these show no pace."""
    if 2 * first.n <= events:
        return 0.0
    rest = [piece for piece in reads if piece.t > first.end]
    flowed = sum(piece.n for piece in rest)
    if flowed < FLOWING or flowed < MINOR * events or sum(piece.whole for piece in rest) <= CUT * len(rest):
        return math.inf
    return first.n * (rest[-1].t - first.end) / flowed


def _held(burst: Delivery, most: float) -> float:
    """Event-seconds by which a burst was held: its last event is fresh, the first as old as the silence.

    Of the silence at most `most` counts: the wait for the first delivery is mostly the model's own.
    """
    return 0.5 * min(burst.silence, most) * (burst.n - 1)
