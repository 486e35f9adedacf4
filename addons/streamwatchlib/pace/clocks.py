"""The server's own times -> how long pieces were held after they had been generated.

In: the dates inside the stream and the durations reported at its end.  Out: a `ServerTimes`.  Only differences are
used, so the two clocks need not agree.  Times that cannot belong to this exchange (a stored answer carries the dates of
its first delivery) are recognised and not believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from ..model import Signals

MIN_DATED = 8
"""Fewest dated events whose mean says something."""
WHOLE_SECONDS = 1.0
"""Resolution of a clock whose every date is a whole number: its dates lie up to that much before the event."""
MEASURABLE = 0.3
"""Seconds of generation below which its ratio to what was observed is noise."""
SLACK = 0.25
"""Seconds by which the server's times may exceed the exchange and still be believed."""


@dataclass(frozen=True, slots=True)
class ServerTimes:
    hold: float | None = None
    """Seconds by which the average dated event was held after the model, less the clock's resolution."""
    longest: float | None = None
    """Seconds by which the dated event that was held longest was held."""
    made: float | None = None
    """Seconds between the server's first date and its last; None if its clock is too coarse."""
    seen: float | None = None
    """Seconds between the arrivals of the first and the last dated event."""
    deficit: float | None = None
    """Share of the server's own generation time that is missing between first and last arrival: 0 is none, 1 is all."""
    replayed: bool = False
    """The server's times cannot be those of this exchange: an older answer was replayed."""


def server_times_of(signals: Signals, first: float, last: float) -> ServerTimes:
    """What the server's times show of the content that arrived from `first` to `last` (seconds)."""
    start = signals.request_end or 0.0
    generation = (signals.server_timing or {}).get("generation")
    dated = _dated(signals.clocks)
    resolution = WHOLE_SECONDS if all(date == int(date) for _, date in dated) else 0.0
    span = dated[-1][1] - dated[0][1] - resolution if dated else 0.0
    if max(span, generation or 0.0) > (signals.end or last) - start + SLACK:
        return ServerTimes(replayed=True)
    deficit = 1 - (last - first) / generation if generation and generation >= MEASURABLE else None
    if not dated:
        return ServerTimes(deficit=deficit)
    behind = [t - date for t, date in dated]
    hold, longest = (max(0.0, late - min(behind) - resolution) for late in (fmean(behind), max(behind)))
    return ServerTimes(hold, longest, None if resolution else span, dated[-1][0] - dated[0][0], deficit)


def _dated(clocks: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """The dates, if they are those of a clock: enough of them, never going back, not all the same; else none."""
    if len(clocks) < MIN_DATED:
        return ()
    dates = [date for _, date in clocks]
    running = all(earlier <= later for earlier, later in pairwise(dates))
    return clocks if running and dates[-1] > dates[0] else ()
