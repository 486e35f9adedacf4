"""Keeps a worker at hand: starts one, and another when that one is gone.

If none can be started, since the proxy has no files or threads left, traffic goes unwatched for a while: trying at each
exchange would take the last of both from the traffic.
"""

from __future__ import annotations

import asyncio
import logging
from math import inf

from . import Worker

logger = logging.getLogger(__name__)

RETRY_DELAY = 5.0
"""Seconds until the next try."""


class WorkerSupervisor:
    """Holds the worker for new exchanges, one at a time."""

    def __init__(self) -> None:
        self.latest: Worker | None = None
        """The latest worker, which may be gone."""
        self._next_try = -inf

    def running_worker(self) -> Worker | None:
        """Return the worker, a new one if that is gone; None while none can be started."""
        if self.latest and self.latest.alive:
            return self.latest
        now = asyncio.get_running_loop().time()
        if now < self._next_try:
            return None
        useless = self.latest is not None and not self.latest.answered
        try:
            self.latest = Worker(in_thread=useless)
        except (OSError, RuntimeError) as error:
            self._next_try = now + RETRY_DELAY
            logger.error(
                "streamwatch can't start a worker (%s); the traffic goes on, what begins in the next %g s unwatched",
                error,
                RETRY_DELAY,
            )
            return None
        return self.latest
