"""The ends of exchanges that no real server and client will make on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

import pytest
from mitmproxy import ctx
from mitmproxy.addons.save import Save
from mitmproxy.connection import ConnectionState
from mitmproxy.http import HTTPFlow
from mitmproxy.test import taddons, tflow, tutils
from streamwatchlib.model import Record, Snapshot
from streamwatchlib.suite.watch import Watch


class Listener:
    """Any script beside ours."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def streamwatch_record(self, record: Record) -> None:
        self.records.append(record)


def published(watch: Watch, hooks: Callable[[], None]) -> list[Record]:
    """What is published when these hooks have run and the loop has come round."""
    listener = Listener()

    async def play() -> None:
        with taddons.context(Save(), watch, listener) as context:
            hooks()
            context.master.should_exit.set()  # a reload would wait for the worker's records for a second only
            watch.done()
            assert not watch._exchanges

    asyncio.run(play())
    return listener.records


def records(scene: Callable[[Watch, HTTPFlow], None], kind: type[Watch] = Watch) -> list[Record]:
    """What is published of a flow whose answer has begun, and to which this has happened then."""
    watch = kind()

    def hooks() -> None:
        flow = tflow.tflow(resp=tutils.tresp(headers=[(b"content-type", b"text/event-stream")]))
        flow.live, flow.response.timestamp_end = True, None
        watch.requestheaders(flow)
        watch.request(flow)
        watch.responseheaders(flow)
        assert callable(flow.response.stream)
        flow.response.stream(b"data: 1\n\n")
        scene(watch, flow)

    return published(watch, hooks)


def respond(watch: Watch, flow: HTTPFlow) -> None:
    """The hook ``response``, and what follows when all have been told."""
    watch.response(flow)
    watch._over(flow)


def test_an_exchange_whose_end_mitmproxy_lost_ends_with_its_clients_connection() -> None:
    def scene(watch: Watch, flow: HTTPFlow) -> None:
        watch.client_disconnected(tflow.tclient_conn())
        assert watch._exchanges, "another client's"
        watch.client_disconnected(flow.client_conn)

    (record,) = records(scene)
    assert (record.outcome, record.error) == ("client-disconnected", "Client disconnected.")
    assert record.stream
    assert record.stream.events == 1


def test_what_mitmproxy_asks_again_goes_on_when_the_client_that_once_asked_leaves() -> None:
    def scene(watch: Watch, flow: HTTPFlow) -> None:
        flow.is_replay = "request"
        watch.client_disconnected(flow.client_conn)
        respond(watch, flow)

    (record,) = records(scene)
    assert record.outcome == "complete"


def test_what_was_killed_amid_its_answer_ends_with_it_though_no_client_leaves() -> None:
    """mitmproxy closes the client's connection; a replay has none."""

    def scene(watch: Watch, flow: HTTPFlow) -> None:
        flow.is_replay = "request"
        flow.kill()
        watch.response(flow)
        assert not watch._exchanges

    (record,) = records(scene)
    assert (record.outcome, record.error) == ("error", "Connection killed.")


def test_a_client_that_leaves_while_a_script_thinks_about_an_answer_that_has_passed_has_got_it() -> None:
    def scene(watch: Watch, flow: HTTPFlow) -> None:
        flow.response.timestamp_end = 1.0
        watch.response(flow)
        watch.client_disconnected(flow.client_conn)

    (record,) = records(scene)
    assert record.outcome == "complete"


def test_an_exchange_that_ends_in_every_way_at_once_is_recorded_once_by_the_first() -> None:
    def scene(watch: Watch, flow: HTTPFlow) -> None:
        respond(watch, flow)
        flow.error = tflow.terr("Client disconnected.")
        watch.error(flow)
        watch.client_disconnected(flow.client_conn)

    (record,) = records(scene)
    assert record.outcome == "complete"


def test_what_the_log_calls_an_exchange_acts_in_no_terminal() -> None:
    names: list[str] = []

    def scene(watch: Watch, flow: HTTPFlow) -> None:
        flow.request.path = "/\x1b]0;owned\x07\u202e?key=secret"
        names.extend(exchange.name for exchange in watch._exchanges.values())
        respond(watch, flow)

    records(scene)
    assert names == ["GET http://address:22/␛]0;owned␇⟨U+202E⟩?key=***"]


def test_an_exchange_that_may_keep_no_more_before_its_answer_came_keeps_none_of_it() -> None:
    class Crowded(Watch):
        def request(self, flow: HTTPFlow) -> None:
            super().request(flow)
            for exchange in self._exchanges.values():
                exchange.keep_no_more()

    flows: list[HTTPFlow] = []

    def scene(watch: Watch, flow: HTTPFlow) -> None:
        flow.response.content = None
        respond(watch, flow)
        flows.append(flow)

    (record,) = records(scene, Crowded)
    assert record.stream
    assert record.stream.events == 1
    assert record.response
    assert (record.response.body.size, record.response.body.truncated) == (9, True)
    assert flows[0].response.content == b""


@pytest.mark.parametrize("passed", [True, False])
def test_what_is_written_waits_for_its_record_but_not_for_long_where_its_client_waits(
    passed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def wait_for(_: Coroutine[object, object, object], timeout: float) -> None:
        _.close()
        waited.append(timeout)

    async def play() -> None:
        watch = Watch()
        with taddons.context(Save(), watch) as context:
            context.configure(context.master.addons.get("save"), save_stream_file=str(tmp_path / "flows"))
            flow = tflow.tflow(resp=tutils.tresp(content=None))
            flow.live = True
            watch.requestheaders(flow)
            watch.request(flow)
            watch.responseheaders(flow)
            if passed:
                flow.response.stream = watch._exchanges[flow.id].response_tap()
                flow.response.stream(b"x")
            else:
                flow.response.raw_content = b"x"
            flow.response.timestamp_end = 1.0
            ahead, _ = watch._places
            monkeypatch.setattr(asyncio, "wait_for", wait_for)
            await ahead.response(flow)
            monkeypatch.undo()
            watch.done()

    asyncio.run(play())
    (most,) = waited
    assert (most > 5) is passed
    assert most >= 1


@pytest.mark.parametrize("wanted", ["~t event-stream", "~c 200", "~s", "~bq question"])
def test_what_the_filter_asks_for_may_come_with_the_answer(wanted: str) -> None:
    (record,) = told(wanted, lambda watch, flow: None)
    assert record.stream
    assert (record.outcome, record.stream.events) == ("complete", 1)
    assert record.timing.first_event is not None
    assert "question" in (record.request.body.content or "")


def test_a_stream_that_was_begun_to_be_watched_is_passed_on_though_the_filter_has_been_changed() -> None:
    def narrow(watch: Watch, flow: HTTPFlow) -> None:
        only(watch, "~d nowhere")

    (record,) = told("~d address", narrow)
    assert record.stream
    assert record.stream.arrivals


def test_an_exchange_that_has_ended_with_its_client_does_not_begin_again_with_the_answer() -> None:
    def leave(watch: Watch, flow: HTTPFlow) -> None:
        flow.client_conn.state = ConnectionState.CLOSED
        watch.client_disconnected(flow.client_conn)

    (record,) = told("", leave)
    assert record.outcome == "client-disconnected"


def test_requests_that_a_script_before_us_kills_are_recorded_whatever_begins_meanwhile() -> None:
    watch = Watch()

    def hooks() -> None:
        killed, another, going_on = (tflow.tflow() for _ in range(3))
        for flow in (killed, another, going_on):
            flow.live = True
        killed.kill()
        another.kill()
        for flow in (killed, another, going_on):
            watch.requestheaders(flow)
        for flow in (killed, another):
            watch.error(flow)
        going_on.response = tutils.tresp()
        respond(watch, going_on)

    told = published(watch, hooks)
    assert sorted(record.outcome for record in told) == ["complete", "error", "error"]


def only(watch: Watch, wanted: str) -> None:
    ctx.options.update(streamwatch_filter=wanted)
    watch.configure({"streamwatch_filter"})


def told(wanted: str, before: Callable[[Watch, HTTPFlow], None]) -> list[Record]:
    """What is published with this filter of a stream of one event, when this has happened before it was answered."""
    watch = Watch()

    def hooks() -> None:
        only(watch, wanted)
        _, behind = watch._places
        flow = tflow.tflow()
        flow.live, flow.request.content = True, b'{"stream": true, "question": 1}'
        flow.client_conn.state = ConnectionState.OPEN
        for place in (watch, behind):
            place.requestheaders(flow)
        watch.request(flow)
        before(watch, flow)
        flow.response = tutils.tresp(headers=[(b"content-type", b"text/event-stream")], content=None)
        flow.response.timestamp_end = None
        for place in (watch, behind):
            place.responseheaders(flow)
        if callable(flow.response.stream):
            flow.response.stream(b"data: 1\n\n")
        respond(watch, flow)

    return published(watch, hooks)


def test_the_oldest_in_flight_are_looked_at_and_the_others_counted() -> None:
    async def play() -> None:
        watch = Watch()
        with taddons.context(Save(), watch):
            for n in range(5):
                flow = tflow.tflow()
                flow.live, flow.id = True, str(n)
                watch.requestheaders(flow)
            shown: list[tuple[list[str], int]] = []
            for most in (3, 5, 9):
                answered = asyncio.Event()

                def show(snapshots: Sequence[Snapshot], more: int, answered: asyncio.Event = answered) -> None:
                    shown.append(([each.id for each in snapshots], more))
                    answered.set()

                watch.request_snapshots(most, show)
                await asyncio.wait_for(answered.wait(), 10)
            everyone = ["0", "1", "2", "3", "4"]
            assert shown == [(["0", "1", "2"], 2), (everyone, 0), (everyone, 0)]
            watch.done()

    asyncio.run(play())
