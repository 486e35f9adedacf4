"""What the server itself says of its times -> how long a piece was held after it had been made.

In: the dates inside the stream and the durations reported at its end.  Out: a `Statement`.  Only differences are
used, so the two clocks need not agree; what cannot belong to this exchange (an answer told again from a store
carries the dates of its first telling) is recognised and not believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from ..model import Signals

LEAST = 8
"""Dated events from which on their mean says something."""
WHOLE_SECONDS = 1.0
"""Resolution of a clock whose every date is a whole number: its dates lie up to that much before the event."""
MEASURABLE = 0.3
"""Seconds of generation below which its ratio to what was seen is noise."""
SLACK = 0.25
"""Seconds by which a server's account may exceed the exchange without being called another exchange's."""


@dataclass(frozen=True, slots=True)
class Statement:
    hold: float | None = None
    """Seconds by which the average dated event was held after the model, less the clock's resolution."""
    longest: float | None = None
    """Seconds by which the one held longest was."""
    made: float | None = None
    """Seconds between the server's first date and its last, where the clock is fine enough to tell."""
    seen: float | None = None
    """Seconds between the arrivals of the same two."""
    deficit: float | None = None
    """Share of the server's own generation time by which the answer was compressed here: 0 is none, 1 is all."""
    replayed: bool = False
    """The server's times cannot be those of this exchange: an older answer told again."""


def statement(signals: Signals, first: float, last: float) -> Statement:
    """What the server says of the content that came from `first` to `last` (seconds)."""
    start = signals.request_end or 0.0
    generation = (signals.server_timing or {}).get("generation")
    dated = _dated(signals.clocks)
    resolution = WHOLE_SECONDS if all(date == int(date) for _, date in dated) else 0.0
    span = dated[-1][1] - dated[0][1] - resolution if dated else 0.0
    if max(span, generation or 0.0) > (signals.end or last) - start + SLACK:
        return Statement(replayed=True)
    deficit = 1 - (last - first) / generation if generation and generation >= MEASURABLE else None
    if not dated:
        return Statement(deficit=deficit)
    behind = [t - date for t, date in dated]
    hold, longest = (max(0.0, late - min(behind) - resolution) for late in (fmean(behind), max(behind)))
    return Statement(hold, longest, None if resolution else span, dated[-1][0] - dated[0][0], deficit)


def _dated(clocks: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """The dates, if they are a clock: enough of them, running, never back, and not one stamp on all."""
    if len(clocks) < LEAST:
        return ()
    dates = [date for _, date in clocks]
    running = all(earlier <= later for earlier, later in pairwise(dates))
    return clocks if running and dates[-1] > dates[0] else ()
