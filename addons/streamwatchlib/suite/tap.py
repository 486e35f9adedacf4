"""The stream callable: what mitmproxy calls with every block of a body that passes.

Rules of this room, for an exception here would silently drop the client's bytes:

1. Whatever happens, the data that came in is what goes out.
2. Nothing is parsed here.  A block is stamped and put aside, to be read from the backlog when it has been handed on.
3. The blocks of one event-loop iteration are one arrival.  mitmproxy calls once per HTTP/1 chunk or HTTP/2 DATA
   frame, but all calls made from one read of the socket happen in one iteration; they share the first one's time,
   the later ones being later only by mitmproxy's own work.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from .backlog import HURRY, Backlog, Job
from .turns import Turns

TIMED = 16
"""To come back for an arrival that has gone costs the event loop a turn."""
FEW = 16 << 10
"""Bytes that pass between two looks at what becomes of them: a client that is full has got more."""

logger = logging.getLogger(__name__)

type Blocks = bytes | Iterable[bytes]


class Tap:
    """Dates the blocks of one body and gives them to be read in arrivals.

    `read(data, at, blocks)` reads one arrival, or gives the steps to do so, which is done from the backlog; `ended()`
    is called at the clean end, from the event loop: neither from within the stream callback.  `inner` is a stream
    callable that another addon had set: it still decides what goes out.
    `gone(at, now)` is told when an arrival has been handed on: of one in `TIMED`, and of one every `FEW` bytes; if it
    says so, of the next one as well.
    """

    __slots__ = (
        "_arrivals",
        "_backlog",
        "_clock",
        "_ended",
        "_gone",
        "_inner",
        "_job",
        "_read",
        "_room",
        "_turn",
        "_turns",
        "broken",
        "touched",
    )

    def __init__(
        self,
        backlog: Backlog,
        turns: Turns,
        clock: Callable[[], float],
        read: Callable[[bytes, float, int], Iterable[object]],
        ended: Callable[[], None],
        inner: Callable[[bytes], Blocks] | None = None,
        gone: Callable[[float, float], bool] = lambda at, now: False,
    ) -> None:
        self._backlog, self._turns, self._clock = backlog, turns, clock
        self._read, self._ended, self._inner, self._gone = read, ended, inner, gone
        self._arrivals: deque[tuple[float, list[bytes]]] = deque()
        self._turn = -1
        self._room = FEW
        """Bytes that may still pass until it is to be told when they are gone; it has been asked for below 1."""
        self._job: Job | None = None
        self.touched = False
        self.broken = False

    def __call__(self, data: bytes) -> Blocks:
        try:
            self._take(data)
        except Exception as error:  # noqa: BLE001 - rule 1
            self._fail(error)
        return data if self._inner is None else self._inner(data)

    def _take(self, data: bytes) -> None:
        self.touched = True
        if not data:
            asyncio.get_running_loop().call_soon(self._end)
            return
        if self.broken:
            return
        turn, size, backlog = self._turns.now(), len(data), self._backlog
        backlog.bytes += size
        if turn == self._turn and self._arrivals:
            self._arrivals[-1][1].append(data)
        else:
            self._turn = turn
            self._arrivals.append((self._clock(), [data]))
            if turn % TIMED == 0 and self._room > 0:
                self._room = 1
            if self._job is None:
                backlog.came(self.reading())
            if backlog.bytes >= HURRY:
                backlog.hurry()
        room, self._room = self._room, self._room - size
        if self._room <= 0 < room:
            asyncio.get_running_loop().call_soon(self._handed_on, self._arrivals[-1][0])

    def _handed_on(self, at: float) -> None:
        try:
            self._room = 1 if self._gone(at, self._clock()) else FEW
        except Exception as error:  # noqa: BLE001 - as all that is ours
            self._fail(error)

    @property
    def unread(self) -> bytes:
        """What waits to be read."""
        return b"".join(block for _, blocks in self._arrivals for block in blocks)

    def reading(self) -> Job:
        """The job of reading what waits.  There is but one: whoever goes on with it, it is read in its order."""
        if self._job is None:
            self._job = self._read_all()
        return self._job

    def _read_all(self) -> Iterator[None]:
        while self._arrivals:
            at, blocks = self._arrivals.popleft()
            data = blocks[0] if len(blocks) == 1 else b"".join(blocks)
            self._backlog.bytes -= len(data)
            if self.broken:
                continue
            try:
                for _ in self._read(data, at, len(blocks)):
                    yield
                yield
            except Exception as error:  # noqa: BLE001 - our fault must stay ours
                self._fail(error)
        self._job = None

    def _end(self) -> None:
        try:
            self._ended()
        except Exception as error:  # noqa: BLE001 - as all that is ours
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Stop watching this body; its bytes go on."""
        if not self.broken:
            self.broken = True
            logger.error("streamwatch lost sight of a stream (the traffic goes on): %r", error, exc_info=error)
