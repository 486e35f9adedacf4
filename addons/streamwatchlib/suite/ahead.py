"""With ``-w``: an exchange's last hook waits until its record is on the flow, so that it is written with it.

mitmproxy's own addon writes a flow in that hook, before any script's is called, and what is in flight when the proxy
stops; so this one stands in front of all.  Only the end of the one exchange waits, as long as the worker takes for it:
its last bytes have been passed on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mitmproxy import ctx, http


class Ahead:
    """`recorded(flow)` returns when the record of an exchange that is over is on its flow, `stop()` when all are."""

    def __init__(self, recorded: Callable[[http.HTTPFlow], Awaitable[None]], stop: Callable[[], None]) -> None:
        self._recorded, self._stop = recorded, stop

    def enter(self) -> None:
        """Stand in front of all other addons.  The list is made anew: hooks under way go on with the old one."""
        ctx.master.addons.chain = [self, *ctx.master.addons.chain]

    def leave(self) -> None:
        ctx.master.addons.chain = [addon for addon in ctx.master.addons.chain if addon is not self]

    async def response(self, flow: http.HTTPFlow) -> None:
        if flow.websocket is None:
            await self._recorded(flow)

    async def error(self, flow: http.HTTPFlow) -> None:
        await self._recorded(flow)

    async def websocket_end(self, flow: http.HTTPFlow) -> None:
        await self._recorded(flow)

    def done(self) -> None:
        self._stop()
