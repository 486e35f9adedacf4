"""The way from one server to the proxy: paused for a moment when more comes than the worker can read.

In: a flow.  Out: its server's connection is not read from until there is room again, as if its network were slow; the
others go on.  Such a pause is the proxy's doing and is reported: what comes after it was dated late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mitmproxy import ctx, http

CHECK_INTERVAL, MAX_PAUSE = 0.002, 0.2
"""Seconds between two checks for room, and after which the pause ends in any case."""


class ServerThrottle:
    """`on_paused(end, length)` is called after each pause; times are those of `clock`, `length` is in seconds."""

    def __init__(
        self,
        flow: http.HTTPFlow,
        clock: Callable[[], float],
        crowded: Callable[[], bool],
        on_paused: Callable[[float, float], None],
    ) -> None:
        self._flow, self._clock, self._crowded, self._on_paused = flow, clock, crowded, on_paused
        self._paused = False

    def pause(self) -> None:
        """Pause reading from the server, from the next turn of the event loop on: mitmproxy must first handle what it
        has read, which may be so much that nothing is read meanwhile anyway."""
        if not self._paused:
            self._paused = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        transport = transport_of(self._flow)
        if transport is None or not transport.is_reading():  # whoever has paused it must be the one who resumes it
            self._paused = False
            return
        transport.pause_reading()
        self._look(transport, self._clock())

    def _look(self, transport: asyncio.ReadTransport, since: float) -> None:
        now = self._clock()
        if now - since < MAX_PAUSE and self._crowded():
            asyncio.get_running_loop().call_later(CHECK_INTERVAL, self._look, transport, since)
            return
        self._paused = False
        transport.resume_reading()
        self._on_paused(now, now - since)


def transport_of(flow: http.HTTPFlow) -> asyncio.ReadTransport | None:
    """The transport of the server's connection, if it is one of asyncio's."""
    try:
        proxyserver: Any = ctx.master.addons.get("proxyserver")
        transport = proxyserver.connections[flow.client_conn.id].transports[flow.server_conn].writer.transport
        return transport if isinstance(transport, asyncio.ReadTransport) else None
    except (AttributeError, KeyError):
        return None
