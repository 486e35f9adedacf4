"""What has come and is still to be read: read a little at a time, when mitmproxy has passed it on.

In: jobs.  Out: each done, in small steps, the next one's turn after each slice of time.  Read together, what comes
within a tenth of a second costs half of what it costs piece by piece; but as long as little waits, no stream waits
longer than `SLICE`, or a single step, for the reading of another.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

PERIOD = 0.1
"""Seconds that what has come may wait to be read."""
SLICE = 0.0005
"""Seconds for which reading may keep the event loop at a time."""
PAUSE = 0.001
"""Seconds that belong to others, then: to take up one connection takes the loop a dozen turns."""
HURRY = 1 << 20
"""Bytes waiting, of all bodies together, from which on they are read at once."""
MUCH, MANY, LONGER = 8 << 20, 100, 0.004
"""Bytes waiting, or jobs to be done soon, from which on a slice may take longer, and seconds that it then may:
exchanges must not end faster than their records are made."""
MOST = 16 << 20
"""Bytes waiting from which on nothing else is done, so that servers are read from no faster than we can read."""

type Job = Iterator[object]
"""Work in small steps."""


class Backlog:
    """`kept(seconds)` is told how long each reading kept the event loop."""

    def __init__(self, clock: Callable[[], float], kept: Callable[[float], None] = lambda _: None) -> None:
        self._clock, self._kept = clock, kept
        self._jobs: deque[Job] = deque()
        self._handle: asyncio.Handle | None = None
        self._delay = 0.0
        self._added = 0
        self.bytes = 0
        """Bytes that wait; who adds to them takes them off."""

    def add(self, job: Job) -> None:
        """Do this soon, behind what waits now."""
        self._added += 1
        self._jobs.append(self._counted(job))
        self._schedule(0.0)

    def _counted(self, job: Job) -> Job:
        try:
            yield from job
        finally:
            self._added -= 1

    def came(self, job: Job) -> None:
        """Do this within `PERIOD`."""
        self._jobs.append(job)
        self._schedule(PERIOD)

    def hurry(self) -> None:
        """Do what waits soon."""
        self._schedule(0.0)

    def finish(self) -> None:
        """Do all there is, now."""
        while self._jobs:
            self._step()

    def _schedule(self, delay: float) -> None:
        if self._handle and self._delay <= delay:
            return
        if self._handle:
            self._handle.cancel()
        loop = asyncio.get_running_loop()
        self._handle = loop.call_later(delay, self.read) if delay else loop.call_soon(self.read)
        self._delay = delay

    @property
    def _slice(self) -> float:
        return SLICE if self.bytes <= MUCH and self._added < MANY else LONGER

    def read(self) -> None:
        """Read for a slice of time, now."""
        if self._handle:
            self._handle.cancel()
            self._handle = None
        start = self._clock()
        now = start
        while self._jobs and (now < start + self._slice or self.bytes > MOST):
            self._step()
            now = self._clock()
        self._kept(now - start)
        if self._jobs:
            self._jobs.rotate(-1)  # each in its turn
            self._schedule(PAUSE if self.bytes < HURRY and self._added < MANY else 0.0)

    def _step(self) -> None:
        try:
            next(self._jobs[0])
        except StopIteration:
            self._jobs.popleft()
        except Exception:
            self._jobs.popleft()
            logger.exception("streamwatch could not read on (the traffic goes on)")
