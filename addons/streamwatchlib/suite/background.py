"""Slow work, done beside the event loop: in one thread, one piece after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class BackgroundThread:
    """A thread for slow work."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "streamwatch")

    def submit[T](self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have `work` done after all that was submitted before; the future holds its result."""
        return asyncio.wrap_future(self._thread.submit(work))

    def wait(self) -> None:
        """Wait until all submitted work is done."""
        self._thread.submit(bool).result()
