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

VACANT = 5.0
"""Seconds until the next try."""


class Post:
    """Holds the worker for new exchanges, one at a time."""

    def __init__(self) -> None:
        self.holder: Worker | None = None
        """The latest worker, which may be gone."""
        self._next_try = -inf

    def filled(self) -> Worker | None:
        """Return the worker, a new one if that is gone; None while none can be started."""
        if self.holder and self.holder.alive:
            return self.holder
        now = asyncio.get_running_loop().time()
        if now < self._next_try:
            return None
        useless = self.holder is not None and not self.holder.answered
        try:
            self.holder = Worker(in_thread=useless)
        except (OSError, RuntimeError) as error:
            self._next_try = now + VACANT
            logger.error(
                "streamwatch can't start a worker (%s); the traffic goes on, what begins in the next %g s unwatched",
                error,
                VACANT,
            )
            return None
        return self.holder
