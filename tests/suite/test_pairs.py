"""The two sides of a hop are paired, whichever ends first; no record is ever lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.events import DataReceived
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.test import tflow
from mitmproxy.test.taddons import context as test_context
from streamwatchlib.compare.digests import digests
from streamwatchlib.model import Record
from streamwatchlib.report import without_content
from streamwatchlib.suite import pairs
from streamwatchlib.suite.pairs import Pairs, location

from ..compare.taps import START, Tap, later, paced, sides, whole

MADE = paced(30)
HEADERS = (("content-type", "application/json"),)
HOP_URL = "http://hop:8080/v1/chat/completions"
UP, DOWN = sides(MADE, whole(MADE), headers=HEADERS)
HOP = (("content-type", "application/json"), ("via", "1.1 hop"))


def by_a_hop(record: Record) -> Record:
    return replace(record, request=replace(record.request, headers=HOP))


def flow(port: int, at: float = START, size: int = DOWN.request.body.size) -> HTTPFlow:
    """One that came in at a listener."""
    made = tflow.tflow()
    made.client_conn.sockname = ("127.0.0.1", port)
    made.request.method = "POST"
    made.request.timestamp_start = at
    made.request.raw_content = b"x" * size
    return made


class Stage:
    def __init__(self) -> None:
        self.told: list[Record] = []
        self.unfinished: list[HTTPFlow] = []
        self.pairs = Pairs(lambda _, record: self.told.append(record), lambda: self.unfinished)

    def join(self, of: HTTPFlow, record: Record) -> None:
        """As it is read from a file."""
        self.told.append(self.pairs.join(record, location(of)))

    @property
    def hops(self) -> dict[str, str | None]:
        return {record.id: record.hop.paired_with if record.hop else None for record in self.told}


def run(scene: Callable[[Stage], object]) -> Stage:
    async def inside() -> Stage:
        stage = Stage()
        if asyncio.iscoroutine(result := scene(stage)):
            await result
        return stage

    return asyncio.run(inside())


def upstream_first(stage: Stage) -> None:
    stage.unfinished = [outer := flow(1)]
    stage.pairs.offer(flow(2, START + 0.003), by_a_hop(UP))
    stage.unfinished = []
    stage.pairs.offer(outer, DOWN)


def test_upstream_ends_first() -> None:
    assert run(upstream_first).hops == {"up-1": None, "down-1": "up-1"}


@pytest.mark.parametrize("ports", [(1,), (1, 2)])
def test_where_all_are_watched_at_one_place_those_in_flight_are_not_looked_through(ports: tuple[int, ...]) -> None:
    looks: list[int] = []

    def scene(stage: Stage) -> None:
        def unfinished() -> list[HTTPFlow]:
            looks.append(1)
            return [flow(ports[-1], START + 0.003)]

        stage.pairs = Pairs(lambda _, record: stage.told.append(record), unfinished)
        for port in ports:
            stage.pairs.requestheaders(flow(port))
        looks.clear()
        stage.pairs.offer(flow(1), DOWN)
        assert bool(looks) is (ports != (1,)), "from another place its counterpart may come"
        assert bool(stage.told) is (ports == (1,))

    run(scene)


def test_what_is_in_flight_when_the_script_is_loaded_anew_may_be_the_other_side() -> None:
    def scene(stage: Stage) -> None:
        stage.unfinished = [inner := flow(2, START + 0.003)]
        stage.pairs.requestheaders(flow(1))
        stage.pairs.offer(flow(1), DOWN)
        assert stage.told == []
        stage.unfinished = []
        stage.pairs.offer(inner, by_a_hop(UP))

    assert run(scene).hops == {"up-1": None, "down-1": "up-1"}


def test_downstream_ends_first_and_waits() -> None:
    def scene(stage: Stage) -> None:
        stage.unfinished = [inner := flow(2, START + 0.003)]
        stage.pairs.offer(flow(1), DOWN)
        assert stage.told == [], "its counterpart may still come"
        stage.unfinished = []
        stage.pairs.offer(inner, by_a_hop(UP))

    assert run(scene).hops == {"up-1": None, "down-1": "up-1"}


def test_a_hop_that_takes_no_time_is_not_upstream_of_its_own_upstream() -> None:
    up, down = (Tap(name, START, MADE, headers=HEADERS, url=HOP_URL).record() for name in ("up", "down"))

    def scene(stage: Stage) -> None:
        stage.unfinished = [inner := flow(2)]
        stage.pairs.offer(flow(1), down)
        stage.unfinished = []
        stage.pairs.offer(inner, by_a_hop(up))

    assert run(scene).hops == {"up": None, "down": "up"}


def test_a_likely_one_is_not_taken_while_its_own_may_come() -> None:
    ask = {"model": "m", "stream": True, "messages": ["hello"]}
    other, own = (ask | {"user": name} for name in ("other", "mine"))
    _, down = sides(MADE, whole(MADE), headers=HEADERS, asked=own)
    likely, mine = (Tap(a["user"], START + 0.003, MADE, headers=HOP, asked=a).record() for a in (other, own))

    def scene(stage: Stage) -> None:
        stage.join(flow(2, START + 0.003), likely)
        stage.unfinished = [inner := flow(2, START + 0.003, down.request.body.size)]
        stage.pairs.offer(flow(1), down)
        stage.unfinished = []
        stage.pairs.offer(inner, mine)

    assert run(scene).hops == {"other": None, "mine": None, "down-1": "mine"}


def test_of_two_that_wait_the_one_that_the_answer_reached_soonest_gets_it() -> None:
    sooner = Tap("sooner", START + 0.001, later(whole(MADE), 0.003), headers=HEADERS, url=HOP_URL).record()

    def scene(stage: Stage) -> None:
        stage.unfinished = [inner := flow(2, START + 0.003)]
        for record in (DOWN, replace(DOWN, id="down-2", started_at=DOWN.started_at), sooner):
            stage.pairs.offer(flow(1), record)
        stage.unfinished = []
        stage.pairs.offer(inner, by_a_hop(UP))
        stage.pairs.done()

    hops = run(scene).hops
    assert hops.pop("sooner") == "up-1"
    assert set(hops.values()) == {None}


def test_what_began_after_it_had_ended_is_not_waited_for() -> None:
    def scene(stage: Stage) -> None:
        assert DOWN.timing.end
        stage.unfinished = [flow(2, START + DOWN.timing.end + 0.001)]
        stage.pairs.offer(flow(1), DOWN)

    assert run(scene).hops == {"down-1": None}


def test_it_does_not_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "PATIENCE", 0.01)

    async def scene(stage: Stage) -> None:
        stage.unfinished = [flow(2, START + 0.003)]
        stage.pairs.offer(flow(1), DOWN)
        assert stage.told == []
        while not stage.told:
            await asyncio.sleep(0.005)

    assert run(scene).hops == {"down-1": None}


def test_what_waits_when_the_proxy_stops_is_told() -> None:
    def scene(stage: Stage) -> None:
        stage.unfinished = [flow(2, START + 0.003)]
        stage.pairs.offer(flow(1), DOWN)
        assert stage.told == []
        stage.pairs.done()
        stage.pairs.done()

    assert [record.id for record in run(scene).told] == ["down-1"]


@pytest.mark.parametrize(
    "other",
    [flow(1, START + 0.003), flow(2, START - 1), flow(2, START + 0.003, size=5)],
    ids=["of the same place", "begun before", "of another size"],
)
def test_it_waits_for_nothing_that_can_not_be_its_counterpart(other: HTTPFlow) -> None:
    def scene(stage: Stage) -> None:
        stage.unfinished = [other]
        stage.pairs.offer(flow(1), DOWN)

    assert run(scene).hops == {"down-1": None}


def test_texts_that_were_digested_elsewhere_are_not_needed() -> None:
    up, down = by_a_hop(UP), DOWN
    said = {record.id: digests(record) for record in (up, down)}

    def scene(stage: Stage) -> None:
        stage.unfinished = [outer := flow(1)]
        stage.pairs.offer(flow(2, START + 0.003), without_content(up), said[up.id])
        stage.unfinished = []
        stage.pairs.offer(outer, without_content(down), said[down.id])

    hops = [record.hop for record in run(scene).told]
    assert hops[0] is None
    assert hops[1] == next(record.hop for record in run(upstream_first).told if record.hop)


def test_stored_exchanges_are_paired_in_their_order() -> None:
    def scene(stage: Stage) -> None:
        stage.join(flow(2), by_a_hop(UP))
        stage.join(flow(1), DOWN)

    assert run(scene).hops == {"up-1": None, "down-1": "up-1"}


def test_a_counterpart_serves_once() -> None:
    def scene(stage: Stage) -> None:
        stage.join(flow(2), by_a_hop(UP))
        for _ in range(2):
            stage.join(flow(1), DOWN)

    assert [record.hop is not None for record in run(scene).told] == [False, True, False]


def test_where_all_comes_in_at_one_place_nothing_is_kept() -> None:
    def scene(stage: Stage) -> None:
        stage.unfinished = [flow(1)]
        stage.pairs.offer(flow(1), UP)
        assert not stage.pairs._known

    assert len(run(scene).told) == 1


@pytest.mark.parametrize(("bound", "most"), [("MAX_KNOWN", 3), ("MAX_WEIGHT", 3 * (5 * 41 + 40))])
def test_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch, bound: str, most: int) -> None:
    monkeypatch.setattr(pairs, bound, most)

    def scene(stage: Stage) -> None:
        for i in range(10):
            stage.join(flow(1), Tap(f"{i}", START, paced(40)).record())
        assert list(stage.pairs._known) == ["7", "8", "9"]

    assert len(run(scene).told) == 10


def test_what_goes_wrong_costs_no_record(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def wrong(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(pairs, "fingerprint", wrong)

    def live(stage: Stage) -> None:
        stage.unfinished = [flow(2)]
        stage.pairs.offer(flow(1), DOWN)

    for scene in (live, lambda stage: stage.join(flow(1), DOWN)):
        caplog.clear()
        assert run(scene).told == [DOWN]
        assert "could not look for the other side" in caplog.text


# --- one client that asks twice -----------------------------------------------------------------------------------


def heard(stage: Stage, of: HTTPFlow, host: str) -> None:
    """The connection's first request named `host`."""
    with test_context() as addons:
        layer = NextLayer(Context(of.client_conn, addons.options))
    layer.events.append(DataReceived(of.client_conn, f"POST / HTTP/1.1\r\nHost: {host} \r\n\r\n".encode()))
    stage.pairs.next_layer(layer)


@pytest.mark.parametrize(
    ("named", "paired"),
    [(None, False), ("127.0.0.1:2", False), ("hop:8080", True)],
    ids=["name not seen", "the second listener's", "the hop's, which passed it on"],
)
def test_the_same_request_to_the_last_header_is_a_hops_only_if_it_was_sent_to_the_hop(
    named: str | None, paired: bool
) -> None:
    def scene(stage: Stage) -> None:
        inner, outer = flow(2), flow(1)
        outer.request.host_header = "hop:8080"
        if named:
            heard(stage, inner, named)
        stage.unfinished = [outer]
        stage.pairs.offer(inner, UP)
        stage.unfinished = []
        stage.pairs.offer(outer, DOWN)

    assert run(scene).hops == {"up-1": None, "down-1": "up-1" if paired else None}


@pytest.mark.parametrize("damage", [None, 7])
def test_the_name_is_known_again_of_a_stored_exchange(damage: object) -> None:
    def scene(stage: Stage) -> None:
        inner, outer = flow(2), flow(1)
        outer.request.host_header = "hop:8080"
        heard(stage, inner, "hop:8080")
        stage.unfinished = [outer]
        stage.pairs.offer(inner, UP)
        if damage:
            inner.metadata = dict.fromkeys(inner.metadata, damage)
        stored = Stage()
        stored.join(inner, UP)
        stored.join(outer, DOWN)
        assert stored.hops == {"up-1": None, "down-1": None if damage else "up-1"}

    run(scene)


def test_only_so_many_names_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MAX_CLIENTS", 2)

    def scene(stage: Stage) -> None:
        for i in range(5):
            heard(stage, flow(1), f"host-{i}")
        assert list(stage.pairs._client_hosts.values()) == ["host-3", "host-4"]

    run(scene)
