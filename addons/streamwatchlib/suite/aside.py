"""What takes long, done beside the event loop: in one thread, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Aside:
    """A thread for what takes long."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "streamwatch")

    def do[T](self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have it done, behind what was asked for before."""
        return asyncio.wrap_future(self._thread.submit(work))

    def finish(self) -> None:
        """Wait until all is done."""
        self._thread.submit(bool).result()
