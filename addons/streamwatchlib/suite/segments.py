"""What the kernel knows of the way from one server to the proxy: which silences were due to a lost segment.

TCP delivers bytes in order: what follows a lost segment waits in the kernel until that one has been retransmitted, and
then all of it is read at once.  It looks like a lump that a hop has held back; only the kernel can tell that it was
none, since it counts segments that arrive out of order (tcpi_rcv_ooopack of TCP_INFO, since Linux 5.4:
https://github.com/torvalds/linux/blob/master/include/uapi/linux/tcp.h).  On other systems nothing is known.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from typing import NamedTuple

from mitmproxy import http

from ..model import Network
from .throttle import transport_of

SILENT = 0.05
"""Seconds without an arrival after which the counts are read; a retransmission takes a round trip and mostly more."""
SETTLED = 0.05
"""Seconds after the arrival that ended a silence, from when on segments out of order belong to the next silence."""
_MAX_STALLS = 10_000
"""Stalls kept."""
_FIELDS = struct.Struct("=20xI104xQ12xII68xI")
"""Fields of ``struct tcp_info``: ``tcpi_rcv_mss``, ``tcpi_bytes_received``, ``tcpi_min_rtt`` in microseconds,
``tcpi_data_segs_in``, ``tcpi_rcv_ooopack``."""
_UNMEASURED = 0xFFFFFFFF


class Counted(NamedTuple):
    """The kernel's counts since the connection was made."""

    rtt: float | None
    mss: int
    received: int
    segments: int
    out_of_order: int


class Segments:
    """Watches the segments of one flow's connection to its server, from the response's head on.

    `offset` converts a moment to the exchange's axis.
    """

    def __init__(self, flow: http.HTTPFlow, offset: Callable[[float], float]) -> None:
        self._socket, self._offset = _socket(flow), offset
        self._first = self._last = self._count()
        self._settling: asyncio.TimerHandle | None = None
        self._stalls: list[tuple[float, int]] = []

    def silence(self, at: float) -> None:
        """The arrival at `at` has ended a silence."""
        before, now = self._last, self._take()
        if before and now and now.out_of_order > before.out_of_order and len(self._stalls) < _MAX_STALLS:
            self._stalls.append((self._offset(at), now.out_of_order - before.out_of_order))
        if now and self._settling is None:
            self._settling = asyncio.get_running_loop().call_later(SETTLED, self._settle)

    def _settle(self) -> None:
        self._settling = None
        self._take()

    def _take(self) -> Counted | None:
        self._last = self._count()
        return self._last

    def _count(self) -> Counted | None:
        return counted(self._socket) if self._socket else None

    def network(self) -> Network | None:
        """Return what the kernel has counted during the response; None if it does not tell."""
        if self._settling:
            self._settling.cancel()
        if self._first is None:
            return None
        first, last, stalls = self._first, self._take(), tuple(self._stalls)
        if last is None:
            return Network(first.rtt, stalls=stalls)
        return Network(
            rtt=last.rtt,
            mss=last.mss,
            received=last.received - first.received,
            segments=last.segments - first.segments,
            out_of_order=last.out_of_order - first.out_of_order,
            stalls=stalls,
        )


def counted(connection: socket.socket) -> Counted | None:
    """Read the kernel's counts; None if it does not tell, or the connection is gone."""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _FIELDS.size)
        mss, received, rtt, segments, out_of_order = _FIELDS.unpack(info)
    except (OSError, AttributeError, struct.error):
        return None
    return Counted(None if rtt == _UNMEASURED else rtt / 1e6, mss, received, segments, out_of_order)


def _socket(flow: http.HTTPFlow) -> socket.socket | None:
    transport = transport_of(flow) if sys.platform == "linux" else None
    found: socket.socket | None = transport.get_extra_info("socket") if transport else None
    return found
