"""How punctual the proxy's own event loop is: the error bar of every time we take.

While anything is in flight a timer asks to be woken every `PERIOD`; how late it is woken is the loop's lag, and a
byte that came meanwhile was dated that much too late at most.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import takewhile

from ..model import ClockLag, Clocks

PERIOD = 0.02
"""Seconds.  50 wake-ups a second cost about 0.2 % of a core; a shorter stall than this does not change a verdict."""
NOTABLE = 0.005
"""Seconds of lag from which on the single stall is kept with its time."""
_KEPT = 90_000
"""Samples kept: half an hour; a longer exchange is judged by its last half hour's."""


class Heartbeat:
    """Beats while `enter` has been called more often than `leave`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._watchers = 0
        self._timer: asyncio.TimerHandle | None = None

    def enter(self) -> None:
        self._watchers += 1
        if self._timer is None:
            self._schedule()

    def leave(self) -> None:
        self._watchers -= 1
        if self._watchers <= 0:
            self.stop()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._samples.clear()

    def _schedule(self) -> None:
        due = self._clock() + PERIOD
        self._timer = asyncio.get_running_loop().call_later(PERIOD, self._beat, due)

    def _beat(self, due: float) -> None:
        now = self._clock()
        self._samples.append((now, max(0.0, now - due)))
        self._schedule()

    def since(self, start: float) -> Clocks:
        """The lag since `start` (of `clock`); times in the result are seconds from `start`."""
        recent = [(at - start, lag) for at, lag in self._tail(start)]
        if not recent:
            return Clocks()
        lags = sorted(lag for _, lag in recent)
        p99 = lags[min(len(lags) - 1, int(0.99 * len(lags)))]
        notable = tuple((round(at, 6), round(lag, 6)) for at, lag in recent if lag >= NOTABLE)
        return Clocks(ClockLag(round(p99, 6), round(lags[-1], 6)), notable)

    def _tail(self, start: float) -> list[tuple[float, float]]:
        """Samples after `start`, oldest first, found from the newest so that a short exchange costs little."""
        recent = [*takewhile(lambda sample: sample[0] >= start, reversed(self._samples))]
        recent.reverse()
        return recent
