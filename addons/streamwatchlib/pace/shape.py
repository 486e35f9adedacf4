"""The lots in which one channel's content was delivered -> what they cost its reader.

In: pieces, and what surrounds them.  Out: a `Shape`.  Pure statistics: who is to blame is none of this module's
business.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..timing import percentile
from .deliveries import BURST_EVENTS, CUT, NOTICED, Delivery, Path, Piece, deliveries

FLOWING = 8
"""Events from which on pieces that came one by one tell a pace ..."""
MINOR = 0.3
"""... unless they are a smaller share: of what came nearly all at once the rest is a rest."""


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
    """Share of the events that a very fast engine made after such a silence, or somebody copied then."""
    burst_gap: float | None
    """Median silence before a burst, the first delivery left out; None where no burst followed anything."""
    hold: float
    """Seconds by which the average event was held back at most, if the model made what came in a burst evenly
    since the delivery before."""
    biggest: Delivery
    reads: int
    """Arrivals that brought them."""

    @property
    def bursts(self) -> tuple[Delivery, ...]:
        return tuple(delivery for delivery in self.deliveries if delivery.burst)


def shape(reads: Sequence[Piece], quiet: float, path: Path, least: int = BURST_EVENTS) -> Shape:
    """What the pieces (at least one) amount to, where silences of up to `quiet` seconds do not part a lump."""
    delivered = deliveries(reads, quiet, path, least)
    events = sum(delivery.n for delivery in delivered)
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
        effective=events**2 / sum(delivery.n**2 for delivery in delivered),
        burst_share=sum(delivery.n for delivery in bursts) / events,
        noticed_share=sum(noticed) / events,
        sudden_share=sum(d.n for d in delivered if d.silence and not d.burst) / events,
        burst_gap=gap,
        hold=sum(_held(delivery, first if delivery is delivered[0] else math.inf) for delivery in bursts) / events,
        biggest=max(delivered, key=lambda delivery: delivery.n),
        reads=len(reads),
    )


def _waited(reads: Sequence[Piece], first: Delivery, events: int) -> float:
    """How much of the wait for the first delivery was a hold at most, where all else flowed: what it took at the pace
    of the whole events that followed; all of it, where they tell no pace."""
    if 2 * first.n <= events:
        return 0.0
    rest = [piece for piece in reads if piece.t > first.end]
    flowed = sum(piece.n for piece in rest)
    if flowed < FLOWING or flowed < MINOR * events or sum(piece.whole for piece in rest) <= CUT * len(rest):
        return math.inf
    return first.n * (rest[-1].t - first.end) / flowed


def _held(burst: Delivery, most: float) -> float:
    """Event-seconds: the last event of a burst is fresh, the first as old as the silence.

    The wait for the first delivery is mostly the model's own: `most` of it that counts is the usual silence, and
    nothing where most of the stream has flowed.
    """
    return 0.5 * min(burst.silence, most) * (burst.n - 1)
