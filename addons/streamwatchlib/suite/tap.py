"""The stream callable: what mitmproxy calls with every block of a body that passes.

Rules of this room, for an exception here would silently drop the client's bytes:

1. Whatever happens, the data that came in is what goes out.
2. Nothing is parsed here.  A block is stamped and put aside; it is read when the event loop comes round, after all
   blocks of the same read have been handed on.
3. The blocks of one event-loop iteration are one arrival.  mitmproxy calls once per HTTP/1 chunk or HTTP/2 DATA
   frame, but all calls made from one read of the socket happen in one iteration; they share the first one's time,
   the later ones being later only by mitmproxy's own work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

logger = logging.getLogger(__name__)

type Blocks = bytes | Iterable[bytes]


class Tap:
    """Dates the blocks of one body and hands them on in arrivals.

    `arrived(data, at, blocks)` gets each arrival, `ended()` the clean end; both are called from the event loop,
    never from within the stream callback.  `inner` is a stream callable that another addon had set: it still
    decides what goes out.  `meter(handed, read)` gets the seconds from each arrival to its hand-over, and those that
    `arrived` took then.
    """

    __slots__ = ("_arrived", "_at", "_blocks", "_clock", "_ended", "_inner", "_loop", "_meter", "broken", "touched")

    def __init__(
        self,
        clock: Callable[[], float],
        arrived: Callable[[bytes, float, int], None],
        ended: Callable[[], None],
        inner: Callable[[bytes], Blocks] | None = None,
        meter: Callable[[float, float], None] = lambda handed, read: None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock, self._arrived, self._ended, self._inner, self._meter = clock, arrived, ended, inner, meter
        self._blocks: list[bytes] = []
        self._at = 0.0
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
            self._loop.call_soon(self._end)
            return
        if not self._blocks:
            self._at = self._clock()
            self._loop.call_soon(self.flush)
        self._blocks.append(data)

    def flush(self) -> None:
        """Hand on what has come since the last time, as one arrival."""
        blocks, self._blocks = self._blocks, []
        if not blocks or self.broken:
            return
        try:
            handed = self._clock()  # mitmproxy wrote the blocks to the client as it got them back
            self._arrived(blocks[0] if len(blocks) == 1 else b"".join(blocks), self._at, len(blocks))
            self._meter(handed - self._at, self._clock() - handed)
        except Exception as error:  # noqa: BLE001 - our fault must stay ours
            self._fail(error)

    def _end(self) -> None:
        try:
            self._ended()
        except Exception as error:  # noqa: BLE001
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Stop watching this body; its bytes go on."""
        if not self.broken:
            self.broken = True
            logger.error("streamwatch lost sight of a stream (the traffic goes on): %r", error, exc_info=error)
