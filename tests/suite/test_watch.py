"""The ends of exchanges that no real server and client will make on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mitmproxy.addons.save import Save
from mitmproxy.http import HTTPFlow
from mitmproxy.test import taddons, tflow, tutils
from streamwatchlib.model import Record
from streamwatchlib.suite.aside import Aside
from streamwatchlib.suite.watch import Watch


class Listener:
    """Any script beside ours."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def streamwatch_record(self, record: Record) -> None:
        self.records.append(record)


def records(scene: Callable[[Watch, HTTPFlow], None]) -> list[Record]:
    """What is published when these hooks have run, on a flow whose answer has begun, and the loop has come round."""
    watch, listener = Watch(Aside()), Listener()

    async def play() -> None:
        with taddons.context(Save(), watch, listener):
            flow = tflow.tflow(resp=tutils.tresp(headers=[(b"content-type", b"text/event-stream")]))
            flow.live = True
            watch.requestheaders(flow)
            watch.request(flow)
            watch.responseheaders(flow)
            assert callable(flow.response.stream)
            flow.response.stream(b"data: 1\n\n")
            scene(watch, flow)
            await asyncio.sleep(0.01)
            assert watch.snapshots(9) == ([], 0)

    asyncio.run(play())
    return listener.records


def test_an_exchange_whose_end_mitmproxy_lost_ends_with_its_clients_connection() -> None:
    def scene(watch: Watch, flow: HTTPFlow) -> None:
        watch.client_disconnected(tflow.tclient_conn())
        assert watch.snapshots(9)[0], "another client's"
        watch.client_disconnected(flow.client_conn)

    (record,) = records(scene)
    assert record.outcome == "client-disconnected"
    assert record.stream
    assert record.stream.events == 1


def test_an_exchange_that_ends_in_every_way_at_once_is_recorded_once_by_the_first() -> None:
    def scene(watch: Watch, flow: HTTPFlow) -> None:
        watch.response(flow)
        flow.error = tflow.terr("Client disconnected.")
        watch.error(flow)
        watch.client_disconnected(flow.client_conn)

    (record,) = records(scene)
    assert record.outcome == "complete"


def test_the_oldest_in_flight_are_looked_at_and_the_others_counted() -> None:
    async def play() -> None:
        watch = Watch(Aside())
        with taddons.context(Save(), watch):
            for n in range(5):
                flow = tflow.tflow()
                flow.live, flow.id = True, str(n)
                watch.requestheaders(flow)
            oldest, more = watch.snapshots(3)
            assert ([each.id for each in oldest], more) == (["0", "1", "2"], 2)
            assert watch.snapshots(5)[1] == watch.snapshots(9)[1] == 0

    asyncio.run(play())
