"""What the kernel knows of the way from one server to the proxy: which silences a lost segment made.

TCP hands bytes on in their order: what comes behind a segment that was lost waits in the kernel until that one has been
sent again, and then all of it is read at once.  It looks like a lump that a hop has held back, and only the kernel has
seen that it was none: it counts what comes out of order (tcpi_rcv_ooopack of TCP_INFO, since Linux 5.4:
https://github.com/torvalds/linux/blob/master/include/uapi/linux/tcp.h).  Elsewhere nothing is known of it.
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
from .inlet import transport_of

SILENT = 0.05
"""Seconds without an arrival after which it is asked for; to send again takes a round trip and mostly more."""
SETTLED = 0.05
"""Seconds after such an arrival from when on what comes out of order belongs to the next silence."""
_MOST = 10_000
"""Stalls kept."""
_FIELDS = struct.Struct("=20xI104xQ12xII68xI")
"""Of ``struct tcp_info``: ``tcpi_rcv_mss``, ``tcpi_bytes_received``, ``tcpi_min_rtt`` in microseconds,
``tcpi_data_segs_in``, ``tcpi_rcv_ooopack``."""
_UNMEASURED = 0xFFFFFFFF


class Counted(NamedTuple):
    """By the kernel, since the connection was made."""

    rtt: float | None
    mss: int
    received: int
    segments: int
    out_of_order: int


class Segments:
    """Of one flow's connection to its server, from the response's head on.

    `offset` puts a moment on the exchange's axis.
    """

    def __init__(self, flow: http.HTTPFlow, offset: Callable[[float], float]) -> None:
        self._socket, self._offset = _socket(flow), offset
        self._first = self._last = self._count()
        self._settling: asyncio.TimerHandle | None = None
        self._stalls: list[tuple[float, int]] = []

    def silence(self, at: float) -> None:
        """The arrival at this moment has ended a silence."""
        before, now = self._last, self._take()
        if before and now and now.out_of_order > before.out_of_order and len(self._stalls) < _MOST:
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
        """What is known when the response has ended."""
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
    """What the kernel has counted; None where it does not tell, or the connection is gone."""
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
