"""What takes long, done beside the event loop: in one thread, one after the other.

Python lets a thread that computes go on for 5 ms before another gets its turn, and the event loop would lose its turn
with every read and write: streams would crawl.  While this thread works it is asked to give way ten times as often.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_GIVE_WAY = 0.0005
"""Seconds after which the thread gives way to the event loop."""


class Aside:
    """A thread for what takes long."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "streamwatch")

    def do[T](self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have it done, behind what was asked for before."""
        return asyncio.wrap_future(self._thread.submit(_giving_way, work))

    def finish(self) -> None:
        """Wait until all is done."""
        self._thread.submit(bool).result()


def _giving_way[T](work: Callable[[], T]) -> T:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_GIVE_WAY)
    try:
        return work()
    finally:
        sys.setswitchinterval(before)
