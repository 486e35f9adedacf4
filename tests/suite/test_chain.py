"""In front of all addons the end of an exchange waits for its record; behind all of them their changes are seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from mitmproxy import exceptions, http
from mitmproxy.test import taddons, tflow
from streamwatchlib.suite import chain
from streamwatchlib.suite.chain import FirstAddon, LastAddon


def asked_of(hook: Callable[[FirstAddon], Callable[[http.HTTPFlow], Awaitable[None]]], flow: http.HTTPFlow) -> bool:
    """The hook waited for the flow's record."""
    asked: list[http.HTTPFlow] = []

    async def recorded(flow: http.HTTPFlow) -> None:
        asked.append(flow)

    async def scene() -> None:
        await hook(FirstAddon(recorded, lambda _: None, lambda: None))(flow)

    asyncio.run(scene())
    return asked == [flow]


@pytest.mark.parametrize(
    ("hook", "flow", "waits"),
    [
        (lambda ahead: ahead.response, tflow.tflow(resp=True), True),
        (lambda ahead: ahead.response, tflow.twebsocketflow(), False),
        (lambda ahead: ahead.websocket_end, tflow.twebsocketflow(), True),
        (lambda ahead: ahead.error, tflow.tflow(err=True), True),
    ],
    ids=["response", "switched to a WebSocket", "its end", "error"],
)
def test_the_last_hook_of_an_exchange_waits_and_no_other(
    hook: Callable[[FirstAddon], Callable[[http.HTTPFlow], Awaitable[None]]], flow: http.HTTPFlow, waits: bool
) -> None:
    assert asked_of(hook, flow) is waits


def test_what_has_failed_does_not_end_again_unless_it_is_asked_again() -> None:
    waited: list[http.HTTPFlow] = []

    async def recorded(flow: http.HTTPFlow) -> None:
        waited.append(flow)

    async def scene() -> None:
        ahead, flow = FirstAddon(recorded, lambda _: None, lambda: None), tflow.tflow(resp=True, err=True)
        await ahead.error(flow)
        with pytest.raises(exceptions.AddonHalt):
            await ahead.response(flow)
        flow.error = None  # as mitmproxy does to replay it
        await ahead.response(flow)
        assert waited == [flow, flow]

    asyncio.run(scene())


def test_both_places_are_held_until_they_are_left() -> None:
    async def never(flow: http.HTTPFlow) -> None:
        raise AssertionError

    def nothing(*_: object) -> None: ...

    def places() -> tuple[FirstAddon, LastAddon]:
        return FirstAddon(never, nothing, lambda: None), LastAddon(nothing, nothing, nothing)

    async def scene() -> None:
        with taddons.context() as context:
            before = under_way = context.master.addons.chain
            content = [*before]
            first, next_ones = places(), places()
            chain.enter(*first)
            chain.enter(*next_ones)  # a script loaded anew
            chain.leave(*first)
            assert context.master.addons.chain == [next_ones[0], *content, next_ones[1]]
            chain.leave(*next_ones)
            assert context.master.addons.chain == content == under_way, "a hook under way is not disturbed"

    asyncio.run(scene())
