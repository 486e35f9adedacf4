"""The beat of a stream's lots: how far apart they come and how much each brings.

In: moments and counts of lots.  Out: a `Cadence`.  A timer is punctual and brings whatever is there; an engine's
step brings the same number of tokens, whenever it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ..timing import percentile

LEAST = 3
"""Gaps from which on a beat can be told."""
INNER = 2.563
"""Standard deviations between the tenth percentile of a normal distribution and its ninetieth."""
SAME = 0.85
"""Share of lots with the commonest count that makes the count constant."""


@dataclass(frozen=True, slots=True)
class Cadence:
    lots: int
    period: float
    """Median gap, seconds."""
    shortest: float
    """Tenth percentile of the gaps, seconds."""
    jitter: float
    """Variation of the gaps."""
    count: float
    """Median number of events a lot."""
    constant: bool
    """Nearly every lot brings the same number of events."""


def cadence(times: Sequence[float], counts: Sequence[int], least: int = LEAST) -> Cadence | None:
    """The last lot is a rest, and the first comes as it can: they tell nothing.  None for fewer than `least` gaps."""
    start = 1 if len(times) > LEAST + 2 else 0
    times, counts = times[start:-1], counts[start:-1]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if len(gaps) < least:
        return None
    period = median(gaps)
    commonest = Counter(counts).most_common(1)[0][1]
    constant = commonest >= SAME * len(counts)
    return Cadence(len(times), period, percentile(sorted(gaps), 10), jitter(gaps), median(counts), constant)


def jitter(values: Sequence[float]) -> float:
    """Variation that a few odd ones do not move: the width of the inner 80 %, scaled to be the coefficient of variation
    of a normal distribution; one that is several (a gap in which a beat found nothing to bring, two lots read as one)
    counts as one each."""
    usual = median(values)
    # what is less than one and a half is one, as most are: without asking how many it is half of the work
    long = 1.5 * usual
    each = sorted([value / round(value / usual) if value >= long > 0 else value for value in values])
    return (percentile(each, 90) - percentile(each, 10)) / INNER / usual if usual else 0.0
