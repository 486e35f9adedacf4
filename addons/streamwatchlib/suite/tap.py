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

from .segments import SILENT
from .turns import Turns
from .worker.outbox import FULL, MOST

TIMED = 16
"""One turn of the event loop in so many has its arrival timed: a callback after that has gone costs another turn."""
HEAVY = 8 << 10
"""Bytes of an arrival, or of the one before it, from which on its body has a share in there being too much to read."""
FEW = 16 << 10
"""Bytes that pass between two calls of `gone`, which checks the client's buffer: one that is full holds more."""

logger = logging.getLogger(__name__)

type Blocks = bytes | Iterable[bytes]
type Arrival = tuple[bytes, float, int]
"""Its bytes, its time, and the number of blocks in which they were handed over."""


class Collecting(Protocol):
    """The part of the worker's outbox that a tap uses."""

    bytes: int

    @property
    def waiting(self) -> int: ...
    def later(self, source: Callable[[], None]) -> None: ...
    def full(self) -> None: ...
    def is_crowded(self) -> bool: ...


class Tap:
    """Dates the blocks of one body and hands them over in arrivals.

    `came(arrivals)` gets them when they have been passed on, or before if nothing that follows is read.  `ended()` is
    called at the clean end, from the event loop.  `inner` is a stream callable that another addon had set: it still
    decides what goes out.  `gone(at, now)` is called when an arrival has been passed on: for one in `TIMED`, and for
    one every `FEW` bytes; if it returns True, for the next one as well.  `rest()` is called when more comes than can be
    read and this body has a share in it; beyond `readable` bytes the body then passes unread (`take_unread`).  The
    first `most` bytes are `kept`.  `silence(at)` is called when an arrival has been passed on that is the first, or
    came `SILENT` seconds after the one before it.
    """

    __slots__ = (
        "_arrivals",
        "_before",
        "_came",
        "_clock",
        "_ended",
        "_gone",
        "_inner",
        "_kept",
        "_latest",
        "_more",
        "_most",
        "_outbox",
        "_readable",
        "_rest",
        "_room",
        "_silence",
        "_turn",
        "_turns",
        "_unread",
        "_unseeing",
        "broken",
        "seen",
        "size",
        "touched",
    )

    def __init__(
        self,
        outbox: Collecting,
        turns: Turns,
        clock: Callable[[], float],
        came: Callable[[Sequence[Arrival]], None],
        ended: Callable[[], None],
        *,
        inner: Callable[[bytes], Blocks] | None = None,
        gone: Callable[[float, float], bool] = lambda at, now: False,
        rest: Callable[[], None] = lambda: None,
        most: int = 0,
        readable: float = inf,
        silence: Callable[[float], None] | None = None,
    ) -> None:
        self._outbox, self._turns, self._clock = outbox, turns, clock
        self._came, self._ended, self._inner, self._gone, self._rest = came, ended, inner, gone, rest
        self._silence, self._latest = silence, -inf
        self._arrivals: list[Arrival] = []
        self._more: list[bytes] = []
        """The blocks of the last arrival after its first."""
        self._turn = -1
        self._room = FEW
        """Bytes that may still pass until `gone` is to be called; below 1 that call has been scheduled."""
        self._most = most
        self._kept = BytesIO()
        self._before = 0
        """Bytes that had come before the last arrival."""
        self.seen = self.size = 0
        """Arrivals that were handed over, and bytes that have come, but for those that passed unread."""
        self.touched = False
        self._readable, self._unread = readable, 0
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
        self.touched = True
        if not data:
            asyncio.get_running_loop().call_soon(self._guarded, self._ended)
            return
        size = len(data)
        if self._unseeing:
            self._pass(data)
            return
        turn, outbox = self._turns.now(), self._outbox
        outbox.bytes += size
        before = self.size
        self.size += size
        arrivals = self._arrivals
        if turn == self._turn and arrivals:
            self._more.append(data)
        else:
            self._turn = turn
            at_once, self._before = max(before - self._before, size), before
            if not arrivals:
                outbox.later(self.hand_over)
            elif self._more:
                self._join()
            at = self._clock()
            arrivals.append((data, at, 1))
            if self._silence and at - self._latest > SILENT:
                asyncio.get_running_loop().call_soon(self._guarded, self._silence, at)
            self._latest = at
            if turn % TIMED == 0 and self._room > 0:
                self._room = 1
            if outbox.bytes >= FULL:
                outbox.full()
                if outbox.is_crowded():
                    self._too_much(heavy=at_once >= HEAVY)
        room, self._room = self._room, self._room - size
        if self._room <= 0 < room:
            asyncio.get_running_loop().call_soon(self._guarded, self._passed_on, arrivals[-1][1])

    def _too_much(self, *, heavy: bool) -> None:
        """More comes than can be read: pause this body's server or stop reading the body, if it is heavy; if far too
        much waits, stop reading any body."""
        if self._outbox.waiting > (MOST if heavy else 2 * MOST) or (heavy and self.size > self._readable):
            self.hand_over()
            self._unseeing = True
        elif heavy:
            self._rest()

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
        self._room = 1 if self._gone(at, self._clock()) else FEW

    def _join(self) -> None:
        """Join the blocks of the last arrival."""
        first, at, _ = self._arrivals[-1]
        self._arrivals[-1] = b"".join((first, *self._more)), at, 1 + len(self._more)
        self._more.clear()

    def hand_over(self) -> None:
        """Hand over the arrivals that were put aside."""
        try:
            if self._more:
                self._join()
            arrivals, self._arrivals = self._arrivals, []
            if not arrivals or self.broken:
                return
            self.seen += len(arrivals)
            if self._kept.tell() < self._most:
                self._keep(b"".join([data for data, _, _ in arrivals]))
            self._came(arrivals)
        except Exception as error:  # noqa: BLE001 - rule 1
            self._fail(error)

    def _keep(self, data: bytes) -> None:
        if (room := self._most - self._kept.tell()) > 0:
            self._kept.write(data[:room])

    def retire(self) -> None:
        """Only pass on what comes: another tap sees the body now."""
        self._unseeing = self.broken = True

    def keep_no_more(self) -> None:
        """Only hand over what comes from now on, without keeping it."""
        self.hand_over()
        self._most = self._kept.tell()

    def kept(self) -> bytes:
        """The bytes kept, without a copy, which would take milliseconds for megabytes."""
        return self._kept.getvalue()

    def _guarded[*A](self, told: Callable[[*A], None], *arguments: *A) -> None:
        try:
            told(*arguments)
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
