"""The way from the proxy to one client: what waits there, and when the server was not read from because of it.

mitmproxy reads no more from a server while what it has written to the client fills its buffer.  What arrives next is
dated when the client made room, not when it came: such a silence is neither the server's nor a hop's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mitmproxy import ctx, http

FULL = 64 << 10
"""Bytes that wait from which on nothing more is read: asyncio's high-water mark."""


class Outlet:
    """`waited(end, length)` is told each time that the server was not read from."""

    def __init__(self, flow: http.HTTPFlow, waited: Callable[[float, float], None]) -> None:
        self._flow, self._waited = flow, waited
        self._waiting: Callable[[], int] | None = None
        self._full_since: float | None = None
        self.slow = False
        """The server was not read from because of it."""
        self.most = 0
        """The most that waited, bytes; less than `FULL` is not looked at."""

    def arrival(self, t: float) -> bool:
        """An arrival has come, and gone out; True if something waits, so that the next one may have to."""
        if self._full_since is not None:
            self.slow = True
            self._waited(t, t - self._full_since)
        self._full_since = None
        if self._waiting is None:
            self._waiting = backlog(self._flow)
        if (waiting := self._waiting()) >= FULL:
            self._full_since, self.most = t, max(self.most, waiting)
        return waiting > 0


def backlog(flow: http.HTTPFlow) -> Callable[[], int]:
    """Tells the bytes that mitmproxy has written to the client and the operating system has not taken yet."""
    try:
        proxyserver: Any = ctx.master.addons.get("proxyserver")
        handler = proxyserver.connections[flow.client_conn.id]
        size: Callable[[], int] = handler.transports[handler.client].writer.transport.get_write_buffer_size
        return size
    except (AttributeError, KeyError):
        return int  # not all of mitmproxy's modes have a transport of asyncio's: 0, not known
