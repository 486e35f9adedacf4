"""How punctual the proxy's own event loop is: the error bar of every timestamp.

While anything is in flight a timer asks to be woken every `PERIOD`; how late it is woken is the loop's lag, and a
byte that came meanwhile was dated that much too late at most.  The worker works out the lag of each exchange
(`worker.beats`), since one that took an hour has many beats.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

PERIOD = 0.02
"""Seconds.  50 wake-ups a second cost about 0.2 % of a core; a shorter stall than this does not change a verdict."""
TOGETHER = 3000
"""Beats that are sent together unless an exchange ends before: a minute's, since each sending looks like progress of
the worker (`Outbox.steps`)."""


class Heartbeat:
    """Beats while `enter` has been called more often than `leave`; `tell` gets the beats: (moment, seconds late)."""

    def __init__(self, clock: Callable[[], float], tell: Callable[[Sequence[tuple[float, float]]], None]) -> None:
        self._clock, self._tell = clock, tell
        self._beats: list[tuple[float, float]] = []
        self._watchers = 0
        self._timer: asyncio.TimerHandle | None = None

    def enter(self) -> None:
        self._watchers += 1
        if self._timer is None:
            self._schedule()

    def leave(self) -> None:
        """Stop watching; all beats so far have been told when this returns."""
        self._watchers -= 1
        self.flush()
        if self._watchers <= 0:
            self.stop()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _schedule(self) -> None:
        due = self._clock() + PERIOD
        self._timer = asyncio.get_running_loop().call_later(PERIOD, self._beat, due)

    def _beat(self, due: float) -> None:
        now = self._clock()
        self._beats.append((now, max(0.0, now - due)))
        if len(self._beats) >= TOGETHER:
            self.flush()
        self._schedule()

    def flush(self) -> None:
        """Give `tell` the beats that it has not got yet."""
        beats, self._beats = self._beats, []
        if beats:
            self._tell(beats)
