"""The observer never changes the bytes, order or time of what it observes, whatever our code does."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests
from corpus_report import Place, Recording, body_of
from loopback import SCRIPT, Origin, ReceivedRequest, Step, chunk, chunked, head, sse, wait_for

from ..helpers import pieces, recordings
from .conftest import Lane, Watched

Start = Callable[..., Watched]
PLANT = Path(__file__).with_name("plant.py")
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(20)), "[DONE]")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Watched]:
    """A watched mitmdump in which a request can make any function of ours raise."""
    export = tmp_path_factory.mktemp("planted") / "out.jsonl"
    scripts = ("-s", str(PLANT), "-s", str(SCRIPT))
    with (
        Origin(lambda _: chunked(EVENTS, 0.02)) as origin,
        Watched(f"reverse:{origin.url}", export=export, confdir=confdir, script=None, arguments=scripts) as proxy,
    ):
        yield proxy


@pytest.mark.parametrize(
    "place",
    [
        "suite.watch.Exchange",
        "suite.exchange.Exchange.request_complete",
        "suite.exchange.Exchange.response_head",
        "suite.exchange.Exchange.close",
        "suite.tap.Tap._take",
        "suite.tap.Tap.flush",
        "suite.tap.Tap._passed_on",
        "suite.iterations.LoopIterations.now",
        "suite.background.BackgroundThread.submit",
        "suite.exchange.Exchange._store_record",
        "suite.worker.Worker.open",
        "suite.worker.outbox.Outbox.call",
        "suite.worker.outbox.Outbox.add_source",
        "suite.worker.Worker.close",
        "suite.worker.outbox.Outbox.flush",
        "suite.worker.inbox.Inbox.take",
        "suite.worker.outbox.send_calls",
        "suite.worker.inbox.receive",
        "suite.worker.inbox.loads",
        "worker.answers.loaded",
        "worker.serve._Answers.send",
        "worker.handler.CallHandler.take",
        "worker.handler.CallHandler.response_head",
        "worker.handler.observation",
        "suite.interference.Interference.passed",
        "suite.backlog.ClientBacklog.arrival",
        "suite.watch.Watch.request",
        "suite.watch.Watch.response",
        "suite.heartbeat.Heartbeat.enter",
        "suite.heartbeat.Heartbeat.flush",
        "suite.console.Console.streamwatch_record",
        "suite.export.Export.streamwatch_record",
        "observer.Observer.end_request",
        "observer.Observer.response_head",
        "observer.Observer.feed_all",
        "observer.Observer.conclude",
        "observer.response.Reader",
        "observer.request.intent",
        "observer.judge",
        "observer.timing",
        "observer.response.BodyReader.feed_together",
        "wire.sse.SseFramer.feed",
        "llm.Reader.read_event",
        "llm.Reader.result",
        "report.jsonl.to_line",
        "redact.record",
    ],
)
def test_an_exception_planted_anywhere_changes_nothing_for_the_client(planted: Watched, place: str) -> None:
    def raised() -> bool:
        """Some places are passed by one arrival in sixteen."""
        arrivals, body = ask(planted.url, place)
        assert body == b"".join(EVENTS)
        assert len(arrivals) >= len(EVENTS) - 2, "no longer streamed"
        assert max(later - earlier for earlier, later in pairwise(arrivals)) < 0.2
        with suppress(TimeoutError):
            wait_for(lambda: f"raised in {place}" in planted.output, "", 2.0)
        return f"raised in {place}" in planted.output

    wait_for(raised, "the exception to be raised", 30.0)


def ask(url: str, place: str) -> tuple[list[float], bytes]:
    """When the pieces of the answer came, and all of it."""
    arrivals, body = [], b""
    with requests.post(url, json={"stream": True}, headers={"X-Plant": place}, stream=True) as response:
        for data in response.raw.stream(65536, decode_content=False):
            arrivals.append(time.perf_counter())
            body += data
    return arrivals, body


# --- recordings, in random pieces -------------------------------------------------------------------------------


def recorded() -> list[tuple[Place, Recording, bytes]]:
    """One of each kind: a stream or not, of one status, from one path of one host."""
    kinds: dict[object, tuple[Place, Recording, bytes]] = {}
    for place, recording in recordings():
        asked, answered = urlsplit(recording["request"]["url"]), recording["response"]
        if body := body_of(answered):
            kind = asked.netloc, asked.path, recording["stream_kind"], answered["status"]
            kinds.setdefault(kind, (place, recording, body))
    return list(kinds.values())


def test_every_kind_of_recording_reaches_the_client_as_it_was_sent(watch: Start) -> None:
    """In random pieces, chunked, through one proxy; and each gives a record of the same size."""
    known = recorded()
    rng = random.Random(7)

    def plan(asked: ReceivedRequest) -> Iterator[Step]:
        _, exchange, body = known[int(asked.target.rsplit("n=", 1)[1])]
        kind = {name.lower(): value for name, value in exchange["response"]["headers"].items()}.get("content-type")
        yield head(transfer_encoding="chunked", **({"content_type": str(kind)} if kind else {}))
        out = b"".join(chunk(piece) for piece in pieces(body, rng, 2000)) + chunk(b"")
        yield from pieces(out, rng, 3000)

    with Origin(plan) as origin:
        proxy = watch(origin.url)
        with requests.Session() as session:
            for number, (place, exchange, body) in enumerate(known):
                asked = exchange["request"]
                path = "/" + quote(urlsplit(asked["url"]).path.lstrip("/"))  # one has a placeholder for its host
                sent = (asked.get("body") or "").encode()
                url = f"{proxy.url}{path}?n={number}"
                with session.request("POST", url, data=sent, stream=True) as response:
                    got = b"".join(response.raw.stream(65536, decode_content=False))
                assert got == body, place
        records = proxy.records(len(known))
    sizes = {record["request"]["url"].rsplit("n=", 1)[1]: record["response"]["body"]["size"] for record in records}
    assert sizes == {str(number): len(body) for number, (*_, body) in enumerate(known)}
    assert {record["outcome"] for record in records} == {"complete"}


# --- the moment ------------------------------------------------------------------------------------------------


def test_events_are_dated_within_5_ms_of_their_sending(lane: Lane) -> None:
    events = EVENTS * 5
    with Origin(lambda _: chunked(events, 0.01), port=lane.port) as origin:
        requests.post(lane.url, json={"stream": True})
        record = lane.record()
        sent = [at for at, data in origin.sent if b"data:" in data]
    dated = [event["t"] for event in record["events"]]
    assert len(dated) == len(sent)
    # two clocks with one unknown offset: the fastest event defines it, so every error is one-sided
    offset = min(t - at for t, at in zip(dated, sent, strict=True))
    errors = sorted(t - at - offset for t, at in zip(dated, sent, strict=True))
    assert errors[int(len(errors) * 0.95)] < 0.005
