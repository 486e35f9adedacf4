"""Response headers that tell when a hop had the answer: which hop kept it, and which did not.

In: `Signals`.  Out: a `ProcessingTime` of a header that tells how long after the request its writer had the response's
head.  If that is long before the head came here, the writer or a hop after it kept it; if it is about as late, none of
these did.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..headers import header
from ..model import Signals
from .flags import cached

SERVER_HEADERS = ("openai-processing-ms", "req-cost-time")
"""Headers of the model's own server (OpenAI, DashScope): milliseconds from the request until it began to answer."""
NOTABLE = 0.5
"""Seconds between the writer and here that a connection hardly takes: its set-up takes several round trips."""
UNEXPLAINED = 0.3
"""Least share of a wait that the header does not explain if the answer was kept after its writer."""
EXPLAINED = 0.8
"""Least share of a wait that the header explains if next to nothing was."""
_MILLISECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class ProcessingTime(NamedTuple):
    """Seconds from the request's end until the head was there: `reported` at the header's writer, `observed` here."""

    header: str
    """The header, as evidence."""
    reported: float
    observed: float

    @property
    def held_after(self) -> bool:
        """The writer, or a hop between it and here, kept the answer."""
        return unexplained(self.reported, self.observed)

    @property
    def waited_too(self) -> bool:
        """The writer had to wait for the head as well."""
        return EXPLAINED * self.observed <= self.reported <= self.observed + NOTABLE


def processing_time(signals: Signals, name: str) -> ProcessingTime | None:
    """The time in the header of this name; None if there is none, or if it is that of a stored exchange."""
    value, start, end = (header(signals.headers, name) or "").strip(), signals.response_start, signals.request_end
    if start is None or end is None or cached(signals) or not _MILLISECONDS.fullmatch(value):
        return None
    return ProcessingTime(f"{name}: {value}", float(value) / 1000, max(0.0, start - end))


def begun_before(signals: Signals) -> bool:
    """The server had begun to answer so long before the answer came here that some hop kept it."""
    times = [processing_time(signals, name) for name in SERVER_HEADERS]
    return any(each.held_after for each in times if each)


def unexplained(reported: float, observed: float) -> bool:
    """So much of the wait is not accounted for that some hop kept the answer."""
    return observed - reported >= max(NOTABLE, UNEXPLAINED * observed)
