"""The stream callable: what mitmproxy calls with every block of a body that passes.

An exception here would silently drop the client's bytes, hence these rules:

1. Whatever happens, the data that came in is what goes out.
2. Nothing is parsed here.  A block is dated and put aside, to be handed to the worker when it has been passed on.
3. The blocks of one event-loop iteration are one arrival.  mitmproxy calls once per HTTP/1 chunk or HTTP/2 DATA
   frame, but all calls made from one read of the socket happen in one iteration; they share the first one's time,
   since the others are later only by mitmproxy's own work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from math import inf
from typing import Protocol

from mitmproxy import http

from .iterations import LoopIterations
from .segments import SILENT
from .worker.outbox import FLUSH_BYTES, MAX_WAITING_BYTES

TIMED = 16
"""One turn of the event loop in so many has its arrival timed: a callback after that has gone costs another turn."""
HEAVY = 8 << 10
"""Bytes of an arrival, or of the one before it, from which on its body has a share in there being too much to read."""
FEW = 16 << 10
"""Bytes that pass between two calls of `on_passed_on`, which checks the client's buffer: one that is full holds
more."""

logger = logging.getLogger(__name__)

type Blocks = bytes | Iterable[bytes]
type Arrival = tuple[bytes, float, int]
"""Its bytes, its time, and the number of blocks in which they were handed over."""


class Collecting(Protocol):
    """The part of the worker's outbox that a tap uses."""

    bytes: int

    @property
    def waiting(self) -> int: ...
    def add_source(self, source: Callable[[], None]) -> None: ...
    def flush_soon(self) -> None: ...
    def is_crowded(self) -> bool: ...


class Tap:
    """Dates the blocks of one body and hands them over in arrivals.

    `on_arrivals(arrivals)` gets them when they have been passed on, or before if nothing that follows is read.
    `on_end()` is called at the clean end, from the event loop.  `inner` is a stream callable that another addon had
    set: it still decides what goes out.  `on_passed_on(at, now)` is called when an arrival has been passed on: for one
    in `TIMED`, and for one every `FEW` bytes; if it returns True, for the next one as well.  `pause_server()` is called
    when more comes than can be read and this body has a share in it; beyond `max_read` bytes the body then passes
    unread (`take_unread`).  The first `max_kept` bytes are `kept`.  `on_silence(at)` is called when an arrival has been
    passed on that is the first, or came `SILENT` seconds after the one before it.
    """

    __slots__ = (
        "_arrivals",
        "_before",
        "_clock",
        "_inner",
        "_iteration",
        "_iterations",
        "_kept",
        "_latest",
        "_max_kept",
        "_max_read",
        "_more",
        "_on_arrivals",
        "_on_end",
        "_on_passed_on",
        "_on_silence",
        "_outbox",
        "_pause_server",
        "_room",
        "_unread",
        "_unseeing",
        "arrivals_seen",
        "broken",
        "size",
        "was_called",
    )

    def __init__(
        self,
        outbox: Collecting,
        iterations: LoopIterations,
        clock: Callable[[], float],
        on_arrivals: Callable[[Sequence[Arrival]], None],
        on_end: Callable[[], None],
        *,
        inner: Callable[[bytes], Blocks] | None = None,
        on_passed_on: Callable[[float, float], bool] = lambda at, now: False,
        pause_server: Callable[[], None] = lambda: None,
        max_kept: int = 0,
        max_read: float = inf,
        on_silence: Callable[[float], None] | None = None,
    ) -> None:
        self._outbox, self._iterations, self._clock = outbox, iterations, clock
        self._on_arrivals, self._on_end, self._on_passed_on = on_arrivals, on_end, on_passed_on
        self._inner, self._pause_server = inner, pause_server
        self._on_silence, self._latest = on_silence, -inf
        self._arrivals: list[Arrival] = []
        self._more: list[bytes] = []
        """The blocks of the last arrival after its first."""
        self._iteration = -1
        self._room = FEW
        """Bytes that may still pass until `on_passed_on` is to be called; below 1 that call has been scheduled."""
        self._max_kept = max_kept
        self._kept = BytesIO()
        self._before = 0
        """Bytes that had come before the last arrival."""
        self.arrivals_seen = self.size = 0
        """Arrivals that were handed over, and bytes that have come, but for those that passed unread."""
        self.was_called = False
        self._max_read, self._unread = max_read, 0
        self._unseeing = self.broken = False
        """Bytes are only passed on: there was too much to read (`_unseeing` alone), or something went wrong or another
        tap sees the body (`broken`)."""

    def __call__(self, data: bytes) -> Blocks:
        try:
            self._take(data)
        except Exception as error:  # noqa: BLE001 - rule 1
            self._fail(error)
        return data if self._inner is None else self._inner(data)

    def _take(self, data: bytes) -> None:
        self.was_called = True
        if not data:
            asyncio.get_running_loop().call_soon(self._guarded, self._on_end)
            return
        size = len(data)
        if self._unseeing:
            self._pass(data)
            return
        iteration, outbox = self._iterations.now(), self._outbox
        outbox.bytes += size
        before = self.size
        self.size += size
        arrivals = self._arrivals
        if iteration == self._iteration and arrivals:
            self._more.append(data)
        else:
            self._iteration = iteration
            at_once, self._before = max(before - self._before, size), before
            if not arrivals:
                outbox.add_source(self.flush)
            elif self._more:
                self._join()
            at = self._clock()
            arrivals.append((data, at, 1))
            if self._on_silence and at - self._latest > SILENT:
                asyncio.get_running_loop().call_soon(self._guarded, self._on_silence, at)
            self._latest = at
            if iteration % TIMED == 0 and self._room > 0:
                self._room = 1
            if outbox.bytes >= FLUSH_BYTES:
                outbox.flush_soon()
                if outbox.is_crowded():
                    self._too_much(heavy=at_once >= HEAVY)
        room, self._room = self._room, self._room - size
        if self._room <= 0 < room:
            asyncio.get_running_loop().call_soon(self._guarded, self._passed_on, arrivals[-1][1])

    def _too_much(self, *, heavy: bool) -> None:
        """More comes than can be read: pause this body's server or stop reading the body, if it is heavy; if far too
        much waits, stop reading any body."""
        if self._outbox.waiting > (MAX_WAITING_BYTES if heavy else 2 * MAX_WAITING_BYTES) or (
            heavy and self.size > self._max_read
        ):
            self.flush()
            self._unseeing = True
        elif heavy:
            self._pause_server()

    def _pass(self, data: bytes) -> None:
        """Count and keep bytes that pass unread; but not after an error, which may have left a gap before them."""
        if not self.broken:
            self._unread += len(data)
            self._keep(data)

    def take_unread(self) -> int:
        """Bytes that have passed unread since the last call."""
        unread, self._unread = self._unread, 0
        return unread

    def _passed_on(self, at: float) -> None:
        self._room = 1 if self._on_passed_on(at, self._clock()) else FEW

    def _join(self) -> None:
        """Join the blocks of the last arrival."""
        first, at, _ = self._arrivals[-1]
        self._arrivals[-1] = b"".join((first, *self._more)), at, 1 + len(self._more)
        self._more.clear()

    def flush(self) -> None:
        """Hand over the arrivals that were put aside."""
        try:
            if self._more:
                self._join()
            arrivals, self._arrivals = self._arrivals, []
            if not arrivals or self.broken:
                return
            self.arrivals_seen += len(arrivals)
            if self._kept.tell() < self._max_kept:
                self._keep(b"".join([data for data, _, _ in arrivals]))
            self._on_arrivals(arrivals)
        except Exception as error:  # noqa: BLE001 - rule 1
            self._fail(error)

    def _keep(self, data: bytes) -> None:
        if (room := self._max_kept - self._kept.tell()) > 0:
            self._kept.write(data[:room])

    def retire(self) -> None:
        """Only pass on what comes: another tap sees the body now."""
        self._unseeing = self.broken = True

    def keep_no_more(self) -> None:
        """Only hand over what comes from now on, without keeping it."""
        self.flush()
        self._max_kept = self._kept.tell()

    def kept(self) -> bytes:
        """The bytes kept, without a copy, which would take milliseconds for megabytes."""
        return self._kept.getvalue()

    def _guarded[*A](self, callback: Callable[[*A], None], *arguments: *A) -> None:
        try:
            callback(*arguments)
        except Exception as error:  # noqa: BLE001 - rule 1
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Stop watching this body; its bytes go on."""
        if not self.broken:
            self._unseeing = self.broken = True
            logger.error("streamwatch lost sight of a stream (the traffic goes on): %r", error, exc_info=error)


def retap(message: http.Request | http.Response, tap: Tap | None, new: Callable[[], Tap]) -> None:
    """If a body is passed through by something else than our tap, put a new tap around that."""
    if message.stream and message.stream is not tap:
        if tap:
            tap.retire()
        message.stream = new()


def callable_of(stream: Callable[[bytes], Blocks] | bool | None) -> Callable[[bytes], Blocks] | None:
    """The stream callable that another addon has set, if one has."""
    return stream if callable(stream) else None
