"""The way from the proxy to one client: what waits there, and when the server was not read from because of it.

mitmproxy does not read from a server while its write buffer to the client is full.  What arrives next is dated when the
client made room, not when it came: such a silence is neither the server's nor a hop's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mitmproxy import ctx, http

HIGH_WATER = 64 << 10
"""Bytes waiting at which reading from the server stops: asyncio's high-water mark."""


class ClientBacklog:
    """`on_stalled(end, length)` is called for each time that the server was not read from, with `length` in seconds."""

    def __init__(self, flow: http.HTTPFlow, on_stalled: Callable[[float, float], None]) -> None:
        self._flow, self._on_stalled = flow, on_stalled
        self._waiting: Callable[[], int] | None = None
        self._full_since: float | None = None
        self.slow = False
        """The server was not read from because of this client."""
        self.max_waiting = 0
        """The most bytes that waited; less than `HIGH_WATER` does not count."""

    def arrival(self, t: float) -> bool:
        """An arrival has come at `t` and gone out.  Return True if bytes wait, so that the next arrival may have to."""
        if self._full_since is not None:
            self.slow = True
            self._on_stalled(t, t - self._full_since)
        self._full_since = None
        if self._waiting is None:
            self._waiting = backlog(self._flow)
        if (waiting := self._waiting()) >= HIGH_WATER:
            self._full_since, self.max_waiting = t, max(self.max_waiting, waiting)
        return waiting > 0


def backlog(flow: http.HTTPFlow) -> Callable[[], int]:
    """Return a function that gives the bytes that mitmproxy has written and the operating system has not taken yet."""
    try:
        proxyserver: Any = ctx.master.addons.get("proxyserver")
        handler = proxyserver.connections[flow.client_conn.id]
        size: Callable[[], int] = handler.transports[handler.client].writer.transport.get_write_buffer_size
        return size
    except (AttributeError, KeyError):
        return int  # not all of mitmproxy's modes have an asyncio transport: unknown, so 0
