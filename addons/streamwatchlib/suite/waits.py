"""The times when nothing was read from one server for a reason on our side: what came after them was dated late.

The client's buffer was full (`backlog`), the worker's was (`throttle`), or a script or mitmproxy's user had stopped the
exchange.
"""

from __future__ import annotations

from collections.abc import Callable

STOPPED = 0.02
"""Seconds; a shorter stop changes no verdict."""
MAX_WAITS = 10_000
"""Waits kept."""


class Waits:
    """Collects waits.  Moments are those of `clock`; `offset` converts them to the exchange's axis."""

    def __init__(self, clock: Callable[[], float], offset: Callable[[float], float]) -> None:
        self._clock, self._offset = clock, offset
        self.periods: list[tuple[float, float]] = []
        """(end on the exchange's axis, seconds) of each wait."""

    def add(self, end: float, length: float) -> None:
        """A wait of `length` seconds is over at the moment `end`."""
        if len(self.periods) < MAX_WAITS:
            self.periods.append((self._offset(end), round(length, 6)))

    def stopped(self, length: float) -> None:
        """Until now the exchange was stopped for `length` seconds."""
        if length >= STOPPED:
            self.add(self._clock(), length)
