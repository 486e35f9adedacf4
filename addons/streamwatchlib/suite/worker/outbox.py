"""Calls to the worker, collected for a moment and sent by a thread: the event loop waits for none.

In: calls (`worker.desk`), and callbacks that add theirs just before all is sent.  Out: bytes in a pipe.  What waits is
bounded: of what comes faster than it can be read, some waits at its server (`inlet`), and the rest passes unread
(`tap`, `hand`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO

from ...worker.desk import Call
from ...worker.serve import pieces, send_calls

logger = logging.getLogger(__name__)

PERIOD = 1.0
"""Seconds that what has come may wait to be sent: together it costs a fraction of what it costs piece by piece."""
FULL = 512 << 10
"""Bytes that are not waited with any longer."""
MUCH, MOST = 8 << 20, 16 << 20
"""Bytes waiting, of all bodies together: from the one on servers that send more are read from less, from the other on
what comes passes unread."""
_BEGINNING = 64 << 10
"""Bytes of a body that passes unread which are read nevertheless: they tell what it is."""
_LIGHTER = 16
"""Times less that a body counts which mitmproxy holds as a whole: it is in memory anyhow until its exchange is over."""


class Outbox:
    """What goes out to one worker.  All methods but `send` are for the event loop's thread.

    `crowded()` is called each time that more is found to come than can be read.
    """

    def __init__(self, crowded: Callable[[], None]) -> None:
        self._crowded = crowded
        self._loop = asyncio.get_running_loop()
        self._calls: list[Call] = []
        self._sources: list[Callable[[], None]] = []
        """Called for what they have to send, just before all is sent."""
        self._handle: asyncio.Handle | None = None
        self._due = 0.0
        self.bytes = self._besides = 0
        """Of bodies, bytes that wait to be collected or sent (who adds to them calls `full` when there are `FULL`), and
        what else the calls weigh: to send these at once would keep the first events of all that begin together."""
        self._queue: SimpleQueue[tuple[int, list[Call]] | None] = SimpleQueue()
        self._put = self._taken = self.steps = 0
        """Bytes that were handed to the sending thread, that it has got rid of, and in how many steps."""
        self.open = True

    def tell(self, what: str, key: int, *arguments: object, within: float = PERIOD, weight: int = 0) -> None:
        """A call that nothing is answered to; `weight`: bytes that it takes, its bodies aside."""
        self._calls.append((what, key, *arguments))
        self._besides += weight
        self._schedule(within)

    def hand(self, what: str, key: int, body: bytes) -> None:
        """A call with a body that came whole: ``request`` or ``whole``."""
        read = body[:_BEGINNING] if self.waiting > MOST else body
        self.bytes += len(read) // _LIGHTER
        self.tell(what, key, read)
        if unread := len(body) - len(read):
            self.tell("unread", key, unread, what == "request")
        if self.bytes >= FULL:
            self.full()

    def later(self, source: Callable[[], None]) -> None:
        """`source` has something to tell: it is called just before all is sent."""
        self._sources.append(source)
        self._schedule(PERIOD)

    def full(self) -> None:
        """There is enough to be sent."""
        self._schedule(0.0)

    @property
    def waiting(self) -> int:
        """Bytes that have come and are not read yet."""
        return self.bytes + self._put - self._taken

    def is_crowded(self) -> bool:
        """More comes than can be read."""
        crowded = self.open and self.waiting > MUCH
        if crowded:
            self._crowded()
        return crowded

    def _schedule(self, delay: float) -> None:
        due = self._loop.time() + delay
        if self._handle and self._due <= due:
            return
        self._unschedule()
        self._due = due
        self._handle = self._loop.call_later(delay, self.flush) if delay else self._loop.call_soon(self.flush)

    def _unschedule(self) -> None:
        if self._handle:
            self._handle.cancel()
        self._handle = None

    def flush(self) -> None:
        """Send what there is."""
        sources, self._sources = self._sources, []
        for source in sources:
            try:
                source()
            except Exception:
                logger.exception("streamwatch lost sight of a stream (the traffic goes on)")
        self._unschedule()  # what they told is sent now
        calls, self._calls = self._calls, []
        size, self.bytes, self._besides = self.bytes + self._besides, 0, 0
        if calls and self.open:
            self._put += size
            self._queue.put((size, calls))

    def send(self, pipe: IO[bytes]) -> None:
        """The sending thread."""
        try:
            with pipe:
                while batch := self._queue.get():
                    size, calls = batch
                    for some in pieces(calls):
                        send_calls(pipe, some)
                        self.steps += 1
                    self._taken += size
        except OSError:
            pass  # it has died: the other thread sees it, too
        except Exception:
            logger.exception("streamwatch can't reach its worker")

    def close(self) -> None:
        """Nothing more goes out; the pipe is closed when what was handed to the thread is sent."""
        self.open = False
        self._queue.put(None)
