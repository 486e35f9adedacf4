"""What has come and is still to be read: read a little at a time, when mitmproxy has passed it on.

In: taps to which something has come, and other work that must come after it.  Out: each tap told that its blocks have
been handed on; its arrivals read, in their order.  Read together, what comes within a tenth of a second costs half of
what it costs piece by piece; but no stream waits longer than `SLICE` for the reading of another.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

logger = logging.getLogger(__name__)

PERIOD = 0.1
"""Seconds that what has come may wait to be read."""
SLICE = 0.002
"""Seconds for which reading may keep the event loop at a time."""
HURRY = 64 << 10
"""Bytes waiting, of all bodies together, from which on they are read at once."""
MOST = 8 << 20
"""Bytes waiting from which on nothing else is done, so that servers are read from no faster than we can read."""

type Job = Iterator[object]
"""Work in small steps."""


class Waiting(Protocol):
    """Something to which arrivals come."""

    def handed(self, now: float) -> Job | None:
        """The blocks of this turn of the loop have been handed on; the job of reading them, unless that is queued."""
        ...


class Backlog:
    """`kept(seconds)` is told how long each reading kept the event loop."""

    def __init__(self, clock: Callable[[], float], kept: Callable[[float], None] = lambda _: None) -> None:
        self._clock, self._kept = clock, kept
        self._fresh: list[Waiting] = []
        self._jobs: deque[Job] = deque()
        self._handle: asyncio.Handle | None = None
        self._urgent = False
        self.turn = 0
        """Number of this turn of the event loop: what comes within one is one arrival."""
        self.bytes = 0
        """Bytes that wait; who adds to them takes them off."""

    def came(self, to: Waiting) -> int:
        """Something has come, the first of it in this turn of the event loop; the turn's number."""
        if not self._fresh:
            asyncio.get_running_loop().call_soon(self._next_turn)
        self._fresh.append(to)
        return self.turn

    def add(self, job: Job) -> None:
        """Do this soon, behind what waits now."""
        self._jobs.append(job)
        self._schedule(urgent=True)

    def finish(self) -> None:
        """Read all there is, now."""
        self._next_turn()
        while self._jobs:
            self._step()

    def _next_turn(self) -> None:
        self.turn += 1
        now = self._clock()
        fresh, self._fresh = self._fresh, []
        for waiting in fresh:
            if job := waiting.handed(now):
                self._jobs.append(job)
        self._schedule(urgent=self.bytes >= HURRY)

    def _schedule(self, *, urgent: bool) -> None:
        if not self._jobs or (self._handle and (self._urgent or not urgent)):
            return
        if self._handle:
            self._handle.cancel()
        loop = asyncio.get_running_loop()
        self._handle = loop.call_soon(self.read) if urgent else loop.call_later(PERIOD, self.read)
        self._urgent = urgent

    def read(self) -> None:
        """Read for a slice of time, now."""
        if self._handle:
            self._handle.cancel()
            self._handle = None
        start = self._clock()
        now = start
        while self._jobs and (now < start + SLICE or self.bytes > MOST):
            self._step()
            now = self._clock()
        self._kept(now - start)
        if self._jobs:
            self._jobs.rotate(-1)  # each in its turn
            self._schedule(urgent=True)

    def _step(self) -> None:
        try:
            next(self._jobs[0])
        except StopIteration:
            self._jobs.popleft()
        except Exception:
            self._jobs.popleft()
            logger.exception("streamwatch could not read on (the traffic goes on)")
