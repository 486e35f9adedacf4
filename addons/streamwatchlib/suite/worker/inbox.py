"""The worker's answers, from its pipe to the event loop, which keeps most of its time for the traffic.

In: a pipe.  Out: answers on the event loop, one after the other, and None after the last.  A thread reads the bytes.
They are deserialized on the loop, unless there are many: while a thread computes, the loop gets the GIL back half a
millisecond late each time that it has sent or received anything.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO

from ...worker.answers import Answer, Part, loads
from ...worker.serve import receive

logger = logging.getLogger(__name__)

_LARGE = 1 << 20
"""Bytes of an answer from which on deserializing takes milliseconds."""
_PAUSE = 0.002
"""Seconds that the thread rests after each part of a large answer, for the loop to handle what has come meanwhile."""
_SHARE = 0.2
"""Share of the loop's time that handling answers may take while few wait."""
_LITTLE = 100
"""Answers waiting up to which they are few."""


def _pause() -> None:
    time.sleep(_PAUSE)


class Inbox:
    """`take` is called on the event loop with each answer, and with None when there are no more."""

    def __init__(self, take: Callable[[Answer | None], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._take = take
        self._queue: SimpleQueue[Answer | list[Part] | None] = SimpleQueue()
        self._next: asyncio.Handle | None = None

    def read(self, pipe: IO[bytes]) -> None:
        """Read answers from `pipe` until it is closed; runs in the thread."""
        try:
            with pipe:
                while parts := receive(pipe):
                    self._put(loads(parts, _pause) if sum(map(len, parts)) > _LARGE else parts)
        except Exception:
            logger.exception("streamwatch did not understand its worker")
        self._put(None)

    def _put(self, answer: Answer | list[Part] | None) -> None:
        self._queue.put(answer)
        with suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._next is None:
            self._next = self._loop.call_soon(self._take_one)

    def _take_one(self) -> None:
        """Take one answer, and the next after a pause: dozens may wait, and publishing a record takes a millisecond."""
        began, self._next = self._loop.time(), None
        with suppress(Empty):
            self.take(0.0)
            took = self._loop.time() - began
            pause = took / _SHARE - took if self._queue.qsize() < _LITTLE else 0.0
            self._next = self._loop.call_later(pause, self._take_one)

    def take(self, timeout: float) -> None:
        """Handle the next answer.  Raises Empty if none comes within `timeout` seconds."""
        answer = self._queue.get(timeout=timeout)
        try:
            self._take(loads(answer) if isinstance(answer, list) else answer)
        except Exception:
            logger.exception("streamwatch did not understand its worker")
            self._take(None)
