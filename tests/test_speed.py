"""A regression in speed shows: the time spent on an event is measured against that of parsing its JSON in Python.

CPU time against CPU time in one process, the least of several runs: a busy machine slows both.  The bounds are about
twice what was measured, so that they break where work is done twice and not where a machine is odd.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from streamwatchlib import redact
from streamwatchlib.model import Limits, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.report import jsonl

from .wire.framing import seconds

EVENTS = 4000
PAYLOADS = [
    '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"bench",'
    f'"choices":[{{"index":0,"delta":{{"content":" word{i}"}},"finish_reason":null}}]}}'
    for i in range(EVENTS)
]
HEADERS = (("Authorization", "Bearer 0123456789-abcdefgh"), ("Content-Type", "application/json"))


def observed(pieces: list[bytes], events: int, *, keep_text: bool = True) -> Observer:
    url = "http://localhost:8000/v1/chat/completions"
    made = Observer(RequestHead("id", 1_760_000_000.0, "POST", url, "HTTP/1.1", HEADERS), Limits(), keep_text=keep_text)
    made.end_request(b'{"model": "bench", "stream": true, "messages": []}', 0.001)
    made.response_head(ResponseHead(200, "HTTP/1.1", (("content-type", "text/event-stream"),)), 0.1)
    for number, piece in enumerate(pieces):
        made.feed(piece, 0.1 + number / 1000)
    assert made.response.tally.events_seen == events
    return made


def pieces(events_each: int, payloads: Sequence[str] = PAYLOADS) -> list[bytes]:
    blocks = [f"data: {payload}\n\n".encode() for payload in payloads]
    return [b"".join(blocks[at : at + events_each]) for at in range(0, EVENTS, events_each)]


def record(payloads: Sequence[str] = PAYLOADS) -> Record:
    return observed(pieces(40, payloads), EVENTS).close(10.0, "complete")


@pytest.fixture(scope="module")
def unit() -> float:
    """Seconds that `json.loads` takes for all payloads."""
    return min(seconds(lambda: [json.loads(payload) for payload in PAYLOADS]) for _ in range(2))


RECORD = record()
SPEAKS_OF_KEYS = record([PAYLOADS[0].replace("word0", "key word -u"), *PAYLOADS[1:]])
WORK: dict[str, tuple[float, Callable[[], object]]] = {
    "reading a burst": (5.5, lambda: observed(pieces(40), EVENTS)),
    "reading a burst, texts not kept": (5.5, lambda: observed(pieces(40), EVENTS, keep_text=False)),
    "reading event by event": (10, lambda: observed(pieces(1), EVENTS)),
    "masking a record": (3, lambda: redact.record(RECORD)),
    "masking a record that speaks of keys": (14, lambda: redact.record(SPEAKS_OF_KEYS)),
    "writing a record": (5, lambda: jsonl.to_line(RECORD)),
}


@pytest.mark.parametrize("name", WORK)
def test_an_event_costs_no_more_than_so_many_times_its_json(name: str, unit: float) -> None:
    most, work = WORK[name]
    took = seconds(work, most * unit) / unit
    assert took < most, f"{took:.1f} times the JSON"


def test_ten_times_the_events_take_ten_times_the_work() -> None:
    """10 times the input takes under 12 times the time, from stream to record."""
    few, many = pieces(40)[: len(pieces(40)) // 10], pieces(40)

    def work(given: list[bytes], events: int) -> float:
        return min(seconds(lambda: observed(given, events).close(10.0, "complete")) for _ in range(3))

    assert work(many, EVENTS) < 12 * work(few, EVENTS // 10)
