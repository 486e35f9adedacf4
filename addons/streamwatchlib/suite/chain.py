"""Our two places among mitmproxy's addons: in front of all others, and behind all others.

With ``-w`` an exchange's last hook waits until the record is on the flow, so that both are written together.
mitmproxy's own addon writes a flow in that hook, before any script's hook is called, and writes the flows in flight
when the proxy stops; so `FirstAddon` stands in front.  Only the end of that exchange waits, as long as the worker
takes: its last bytes have been passed on, or, where mitmproxy has buffered the response, the wait is short.

Any addon may decide how a body is passed on, including scripts loaded after ours; so `LastAddon` is called when all
have decided.  It is called even if a script raises, which makes mitmproxy skip the scripts loaded after that one; only
`AddonHalt` prevents it.  Even then the end of an exchange must be noticed: mitmproxy's task for the hook ends when all
addons have been called and the flow is no longer intercepted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakSet

from mitmproxy import ctx, exceptions, http
from mitmproxy.utils import asyncio_utils

type FlowCallback = Callable[[http.HTTPFlow], None]


class FirstAddon:
    """`wait_for_record(flow)` returns when the record of an exchange that is over is on its flow, `stop()` when all
    are.

    `on_over(flow)` is called when an exchange's last hook has ended, even if some addons were not called.
    """

    def __init__(
        self,
        wait_for_record: Callable[[http.HTTPFlow], Awaitable[None]],
        on_over: FlowCallback,
        stop: Callable[[], None],
    ) -> None:
        self._wait_for_record, self._on_over, self._stop = wait_for_record, on_over, stop
        self._failed: WeakSet[http.HTTPFlow] = WeakSet()

    async def response(self, flow: http.HTTPFlow) -> None:
        if flow.error and flow in self._failed:
            # It is over.  mitmproxy closes the connection to the server when the client has gone.  Where a body lasts
            # until then it takes this for the body's end, if `error` still waits: addons would see two ends.
            raise exceptions.AddonHalt
        if flow.websocket is None:
            await self._ends(flow)

    async def error(self, flow: http.HTTPFlow) -> None:
        self._failed.add(flow)
        await self._ends(flow)

    async def websocket_end(self, flow: http.HTTPFlow) -> None:
        await self._ends(flow)

    async def _ends(self, flow: http.HTTPFlow) -> None:
        if flow.live and (task := asyncio.current_task()):  # each hook of a live flow has a task of its own
            task.add_done_callback(lambda _: self._on_over(flow))
        await self._wait_for_record(flow)

    def done(self) -> None:
        self._stop()


class LastAddon:
    """`on_request_decided(flow)` and `on_response_decided(flow)` are called when it is settled how the body of the
    request or the response is passed on, and `on_resumed(flow, came)` when mitmproxy goes on with a request, or the
    head of a response, that it had received at `came` (its own timestamp)."""

    def __init__(
        self,
        on_request_decided: FlowCallback,
        on_response_decided: FlowCallback,
        on_resumed: Callable[[http.HTTPFlow, float | None], None],
    ) -> None:
        self._on_request_decided, self._on_response_decided = on_request_decided, on_response_decided
        self._on_resumed = on_resumed

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self._on_request_decided(flow)

    def request(self, flow: http.HTTPFlow) -> None:
        _when_resumed(flow, lambda flow: self._on_resumed(flow, flow.request.timestamp_end))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        self._on_response_decided(flow)
        _when_resumed(
            flow, lambda flow: self._on_resumed(flow, flow.response.timestamp_start if flow.response else None)
        )


def _when_resumed(flow: http.HTTPFlow, callback: FlowCallback) -> None:
    """Call `callback(flow)`; if the flow is intercepted, once it is resumed or killed."""
    if not flow.intercepted:
        callback(flow)
        return

    async def wait() -> None:
        await flow.wait_for_resume()
        callback(flow)

    asyncio_utils.create_task(wait(), name="streamwatch", keep_ref=True)


def enter(first: FirstAddon, last: LastAddon) -> None:
    """Take both places.  The chain is replaced, not changed: hooks under way go on with the old one."""
    ctx.master.addons.chain = [first, *ctx.master.addons.chain, last]


def leave(first: FirstAddon, last: LastAddon) -> None:
    ctx.master.addons.chain = [addon for addon in ctx.master.addons.chain if addon not in (first, last)]
