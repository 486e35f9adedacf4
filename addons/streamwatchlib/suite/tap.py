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
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..observer import STEP
from .backlog import HURRY, Backlog, Job
from .turns import Turns

TIMED = 16
"""To come back for an arrival that has gone costs the event loop a turn."""
FEW = 16 << 10
"""Bytes that pass between two looks at what becomes of them: a client that is full has got more."""

logger = logging.getLogger(__name__)

_MANY = 64
"""Arrivals that are read together at most."""

type Blocks = bytes | Iterable[bytes]
type Arrival = tuple[bytes, float, int]
"""Its bytes, its moment, and in how many blocks they were handed over."""


class Tap:
    """Dates the blocks of one body and gives them to be read in arrivals.

    From the backlog, never from within the stream callback, the arrivals are read: `read(arrivals)` reads some small
    ones if it can, `steps(arrival)` any one, in steps.  `ended()` is called at the clean end, from the event loop.
    `inner` is a stream callable that another addon had set: it still decides what goes out.
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
        "_many",
        "_read",
        "_room",
        "_steps",
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
        read: Callable[[Sequence[Arrival]], bool],
        steps: Callable[[Arrival], Iterable[object]],
        ended: Callable[[], None],
        inner: Callable[[bytes], Blocks] | None = None,
        gone: Callable[[float, float], bool] = lambda at, now: False,
    ) -> None:
        self._backlog, self._turns, self._clock = backlog, turns, clock
        self._read, self._steps, self._ended, self._inner, self._gone = read, steps, ended, inner, gone
        self._arrivals: deque[tuple[float, list[bytes]]] = deque()
        self._turn = -1
        self._room = FEW
        """Bytes that may still pass until it is to be told when they are gone; it has been asked for below 1."""
        self._job: Job | None = None
        self._many = 1
        """Arrivals that are read together at most."""
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
            some = self._some()
            if self.broken:
                continue
            try:
                if not self._read(some):
                    self._put_back(some[1:])
                    for _ in self._steps(some[0]):
                        yield
                yield
            except Exception as error:  # noqa: BLE001 - our fault must stay ours
                self._fail(error)
        self._job = None

    def _some(self) -> list[Arrival]:
        """The first arrival that waits, and as many behind it as make a step."""
        some: list[Arrival] = []
        size = 0
        while self._arrivals and len(some) < self._many:
            at, blocks = self._arrivals[0]
            data = blocks[0] if len(blocks) == 1 else b"".join(blocks)
            size += len(data)
            if some and size > STEP:
                break
            some.append((data, at, len(blocks)))
            self._arrivals.popleft()
            self._backlog.bytes -= len(data)
        self._many = min(2 * self._many, _MANY)
        return some

    def _put_back(self, some: Sequence[Arrival]) -> None:
        """They have to be read one by one, and perhaps others too."""
        self._many = 1
        self._arrivals.extendleft((at, [data]) for data, at, _ in reversed(some))
        self._backlog.bytes += sum(len(data) for data, _, _ in some)

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
