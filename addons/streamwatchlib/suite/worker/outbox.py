"""Calls to the worker, collected for a moment and sent by a thread: the event loop waits for none.

In: calls (`worker.handler`), and callbacks that add theirs just before all is sent.  Out: bytes in a pipe.  What waits
is bounded: if bodies come faster than they can be read, their servers are read from less (`throttle`), and beyond that
they pass unread (`tap`, `call_with_body`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO

from ...worker.handler import BodyMethod, Call, Method
from ...worker.serve import pieces, send_calls

logger = logging.getLogger(__name__)

PERIOD = 1.0
"""Seconds that calls may wait to be sent: together they cost a fraction of what they cost one by one."""
FLUSH_BYTES = 512 << 10
"""Bytes waiting from which on calls are sent at once."""
CROWDED_BYTES, MAX_WAITING_BYTES = 8 << 20, 16 << 20
"""Bytes waiting, of all bodies together: from the first on, servers that send more are read from less; from the second
on, what comes passes unread."""
_BEGINNING = 64 << 10
"""Bytes that are read even of a body that passes unread: they tell what it is."""
_LIGHTER = 16
"""Divides the weight of a body that mitmproxy has buffered: it is in memory anyhow until its exchange is over."""


class Outbox:
    """Sends calls to one worker.  All methods but `send` are for the event loop's thread.

    `crowded()` is called each time that more is found to come than can be read.
    """

    def __init__(self, crowded: Callable[[], None]) -> None:
        self._crowded = crowded
        self._loop = asyncio.get_running_loop()
        self._calls: list[Call] = []
        self._sources: list[Callable[[], None]] = []
        """Callbacks that add their calls just before all is sent."""
        self._handle: asyncio.Handle | None = None
        self._due = 0.0
        self.bytes = self._besides = 0
        """Bytes of bodies that wait to be collected or sent (whoever adds to them calls `flush_soon` at `FLUSH_BYTES`),
        and the weight of all else, never sent at once: that would delay the first events of exchanges that begin
        together."""
        self._queue: SimpleQueue[tuple[int, list[Call]] | None] = SimpleQueue()
        self._put = self._taken = self.steps = 0
        """Bytes that were handed to the sending thread, bytes that it has sent, and the number of its writes."""
        self.open = True

    def call(self, method: Method, key: int, *arguments: object, within: float = PERIOD, weight: int = 0) -> None:
        """Send a call `within` so many seconds; `weight`: bytes that it takes, bodies aside."""
        self._calls.append((method, key, *arguments))
        self._besides += weight
        self._schedule(within)

    def call_with_body(self, method: BodyMethod, key: int, body: bytes) -> None:
        """Send a call with a whole body."""
        read = body[:_BEGINNING] if self.waiting > MAX_WAITING_BYTES else body
        self.bytes += len(read) // _LIGHTER
        self.call(method, key, read)
        if unread := len(body) - len(read):
            self.call("unread", key, unread, method == "request_body")
        if self.bytes >= FLUSH_BYTES:
            self.flush_soon()

    def add_source(self, source: Callable[[], None]) -> None:
        """Have `source` called just before all is sent, to add its calls."""
        self._sources.append(source)
        self._schedule(PERIOD)

    def flush_soon(self) -> None:
        """Send at once: enough is waiting."""
        self._schedule(0.0)

    @property
    def waiting(self) -> int:
        """Bytes that wait to be read by the worker."""
        return self.bytes + self._put - self._taken

    def is_crowded(self) -> bool:
        """Return whether more comes than can be read."""
        crowded = self.open and self.waiting > CROWDED_BYTES
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
        """Hand all calls to the sending thread."""
        sources, self._sources = self._sources, []
        for source in sources:
            try:
                source()
            except Exception:
                logger.exception("streamwatch lost sight of a stream (the traffic goes on)")
        self._unschedule()  # the calls that the sources added are sent now
        calls, self._calls = self._calls, []
        size, self.bytes, self._besides = self.bytes + self._besides, 0, 0
        if calls and self.open:
            self._put += size
            self._queue.put((size, calls))

    def send(self, pipe: IO[bytes]) -> None:
        """Write calls to `pipe` until `close`; runs in the sending thread."""
        try:
            with pipe:
                while batch := self._queue.get():
                    size, calls = batch
                    for some in pieces(calls):
                        send_calls(pipe, some)
                        self.steps += 1
                    self._taken += size
        except OSError:
            pass  # the worker has died: the reading thread sees it, too
        except Exception:
            logger.exception("streamwatch can't reach its worker")

    def close(self) -> None:
        """Send no more; the pipe is closed when what was handed to the thread is sent."""
        self.open = False
        self._queue.put(None)
