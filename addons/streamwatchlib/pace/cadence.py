"""The beat of a stream's lots: how far apart they come and how many events each brings.

In: times and counts of lots.  Out: a `Cadence`.  A timer is punctual and brings whatever is there; an engine's step
brings the same number of tokens, whenever it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import sub
from statistics import median

from ..timing import percentile

MIN_GAPS = 3
"""Fewest gaps that show a beat."""
INNER = 2.563
"""Standard deviations between the tenth and the ninetieth percentile of a normal distribution."""
SAME = 0.85
"""Share of the lots that must have the commonest count for the count to be constant."""


@dataclass(frozen=True, slots=True)
class Cadence:
    lots: int
    period: float
    """Median gap, seconds."""
    shortest: float
    """Tenth percentile of the gaps, seconds."""
    jitter: float
    """Variation of the gaps; see `jitter`."""
    count: float
    """Median number of events in a lot."""
    constant: bool
    """Nearly every lot brings the same number of events."""


def cadence(times: Sequence[float], counts: Sequence[int], least: int = MIN_GAPS) -> Cadence | None:
    """The beat without the last lot, which is a rest, and, if there are enough, without the first, which comes at any
    time.  None for fewer than `least` gaps."""
    start = 1 if len(times) > MIN_GAPS + 2 else 0
    times, counts = times[start:-1], counts[start:-1]
    gaps = sorted(map(sub, times[1:], times))
    if len(gaps) < least:
        return None
    period = median(gaps)
    commonest = max(Counter(counts).values())
    constant = commonest >= SAME * len(counts)
    return Cadence(len(times), period, percentile(gaps, 10), jitter(gaps), median(counts), constant)


def jitter(values: Sequence[float]) -> float:
    """Variation that a few outliers do not move: the width of the inner 80 %, scaled to be the coefficient of variation
    of a normal distribution.  A value that is several of the usual ones (a gap in which a timer had nothing to send,
    two lots read as one) is divided by their number."""
    usual = median(values)
    # most values are below one and a half of the usual one: not dividing these saves half of the work
    long = 1.5 * usual
    each = sorted([value / round(value / usual) if value >= long > 0 else value for value in values])
    return (percentile(each, 90) - percentile(each, 10)) / INNER / usual if usual else 0.0
