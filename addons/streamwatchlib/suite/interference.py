"""The addon that watches what streamwatch itself, mitmproxy's options and other addons do to the times.

In: how long each arrival took through the proxy, what waits for a client, the options, a tap that another addon has
replaced.  Out: a warning in the log the first time something makes the times differ from the server's, and sentences
for the summary.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from statistics import median

from mitmproxy import ctx

from ..model import Record
from ..timing import percentile
from ..units import seconds, size

logger = logging.getLogger(__name__)

_KEPT = 10_000
"""Arrivals whose durations are kept: medians are those of the latest."""
_WARNINGS = 20
"""Slow clients that are logged one by one; the summary counts all."""

_OPTIONS = {
    "anticomp": "removes Accept-Encoding from requests: a hop that holds back what it compresses will not show",
    "body_size_limit": "ends responses with a larger declared length with an error",
    "intercept": "stops messages until they are resumed: their times are then the user's",
    "stream_large_bodies": "passes long request bodies of undeclared length on unseen",
}
"""mitmproxy's options that change what is measured here, and how."""


class Durations:
    """The latest of many durations in seconds, with the count and the longest of all."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=_KEPT)
        self.count, self.most = 0, 0.0

    def add(self, duration: float) -> None:
        self._latest.append(duration)
        self.count += 1
        self.most = max(self.most, duration)

    def __str__(self) -> str:
        ordered = sorted(self._latest)
        return f"{seconds(median(ordered))} (median; p99 {seconds(percentile(ordered, 99))}, most {seconds(self.most)})"


class Interference:
    """Measures the delay that streamwatch adds, and warns of what others do."""

    name = "streamwatch.interference"

    def __init__(self) -> None:
        self._handed = Durations()
        self._lag = 0.0
        self._slow = self._waited = self._taken = 0

    # --- what is measured ---

    def passed(self, duration: float) -> None:
        """An arrival left for the client `duration` seconds after it had come."""
        self._handed.add(duration)

    def slow_client(self, name: str, most: int) -> None:
        """The client of an exchange read so slowly that up to `most` bytes waited for it."""
        self._slow += 1
        self._waited = max(self._waited, most)
        if self._slow <= _WARNINGS:
            logger.warning(
                "The client read %s slower than its server sent it (up to %s waited): delays there are its own.",
                name,
                size(most),
            )

    def streamwatch_record(self, record: Record) -> None:
        if lag := record.timing.clock_lag:
            self._lag = max(self._lag, lag.max)

    # --- what others do ---

    def taken(self, name: str, *, held: bool) -> None:
        """Another addon has replaced our tap; `held`: mitmproxy then kept the body to its end."""
        self._taken += 1
        if self._taken == 1:
            effect = "mitmproxy held it back to its end" if held else "its arrivals were not seen"
            logger.warning("Another addon took %s out of streamwatch's hands (response.stream): %s.", name, effect)

    def configure(self, updated: set[str]) -> None:
        for option in _OPTIONS.keys() & updated:
            if getattr(ctx.options, option, None):
                logger.warning("The option %s is set; it %s.", option, _OPTIONS[option])

    # --- the summary ---

    def remarks(self) -> Iterator[str]:
        """Yield sentences for the summary."""
        if self._handed.count:
            yield (
                f"streamwatch itself: arrivals went on to the client {self._handed} after they came, mitmproxy's own "
                f"work included ({self._handed.count} were timed); the event loop "
                f"was late by {seconds(self._lag)} at most."
            )
        if self._slow:
            most = size(self._waited)
            yield f"Answers that a client read slower than its server sent: {self._slow} (up to {most} waited)."
        if self._taken:
            yield f"Responses that another addon took out of streamwatch's hands: {self._taken}."
