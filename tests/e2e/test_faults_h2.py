"""Whatever goes wrong on HTTP/2: the client gets what a mitmdump that merely streams would give it, stream by stream;
the record says what happened.

Every case runs through two mitmdumps at the same time, one with the addon and one that merely streams.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from h2.errors import ErrorCodes
from loopback import FIN, RST, Origin, ReceivedRequest, chunked, sse

from . import h2peers
from .beside import Pair, beside
from .conftest import Lane
from .h2peers import END, GOAWAY, Got, Heads, Reset, Step, answer, spaced

type Plan = tuple[Step, ...]
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(4)))
WHOLE = [*EVENTS, *sse("[DONE]")]
TYPE = "content-type", "text/event-stream"
HEAD = answer(TYPE)


@dataclass(frozen=True)
class Case:
    """What the origin does on each stream; what the records must say, in the order of the streams."""

    name: str
    plans: tuple[Plan, ...]
    outcomes: tuple[str, ...]
    events: int | None = None
    """Of the first stream."""
    asked: dict[str, Any] = field(default_factory=dict)
    """How the client asks, and leaves."""
    error: str | None = None
    """Of the first stream, where it ended in order."""


GOOD = (HEAD, *WHOLE, END)
SLOW = (HEAD, *(step for event in WHOLE for step in (event, 0.1)), END)
FAILED = Heads((("grpc-status", "8"), ("grpc-message", "full")), end=True)
REFUSED = answer(("grpc-status", "13"), ("grpc-message", "no%20model"), end=True)
LOST, LEFT = "server-disconnected", "client-disconnected"


def broken_off() -> Iterator[Case]:
    for how in (FIN, RST, GOAWAY, Reset(), Reset(ErrorCodes.CANCEL), Reset(ErrorCodes.REFUSED_STREAM)):
        name = how if isinstance(how, str) else f"reset {how.code.name}"
        # mitmproxy has the same words for this code from either side, and it is the one that clients leave with
        gone = LEFT if how == Reset(ErrorCodes.CANCEL) else LOST
        yield Case(f"before the head, {name}", ((how,),), ("error",))
        yield Case(f"behind the head, {name}", ((HEAD, how),), (gone,))
        yield Case(f"between events, {name}", ((HEAD, *EVENTS[:2], how),), (gone,), 2)
        yield Case(f"within an event, {name}", ((HEAD, EVENTS[0], EVENTS[1][:30], how),), (gone,), 2)


CASES = [
    *broken_off(),
    Case("in order", (GOOD,), ("complete",), 5),
    Case("trailers", ((HEAD, *WHOLE, Heads((("x-sum", "1"),), end=True)),), ("complete",), 5),
    Case("a call that failed", ((HEAD, *EVENTS, FAILED),), ("complete",), 4, error="gRPC status 8: full"),
    Case("an early hint", ((answer(("link", "</x>"), status=103), *GOOD),), ("complete",), 5),
    Case("empty frames", ((HEAD, b"", *EVENTS, b"", *sse("[DONE]"), b"", END),), ("complete",), 5),
    Case("an empty frame, then reset", ((HEAD, *EVENTS, b"", Reset()),), (LOST,), 4),
    Case("no content", ((answer(status=204, end=True),),), ("complete",)),
    Case("HEAD", ((answer(("content-length", "9"), end=True),),), ("complete",), asked={"method": "HEAD"}),
    Case("longer than it said", ((answer(("content-length", "9")), 0.2, *WHOLE, END),), (LOST,)),
    Case("shorter than it said", ((answer(TYPE, ("content-length", "999")), *WHOLE, END),), (LOST,), 5),
    Case("a call that failed without an answer", ((REFUSED,),), ("complete",), error="gRPC status 13: no model"),
    Case("twenty streams at once", (GOOD,) * 20, ("complete",) * 20, 5),
    Case("one of three is reset", ((HEAD, *EVENTS[:2], Reset()), SLOW, SLOW), (LOST, "complete", "complete"), 2),
    Case("the client resets one of three", (SLOW,) * 3, (LEFT, "complete", "complete"), asked={"leave": "reset"}),
    Case("the client leaves", (SLOW,) * 2, (LEFT, LEFT), asked={"leave": "close"}),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Pair[Plan]]:
    plans: dict[str, Plan] = {}
    folder = tmp_path_factory.mktemp("faults")

    def plan(path: str) -> Iterable[Step]:
        return spaced(plans[path])

    with h2peers.Origin(plan, folder) as origin, beside(origin.url, plans, folder, confdir) as pair:
        yield pair


def _without_reason(got: Got) -> Got:
    """mitmproxy's own error page names whichever it saw first, the end of HTTP/2 or of the connection under it."""
    return replace(got, data=re.sub(b"<p>(peer closed connection|HTTP/2 connection closed: .*)</p>", b"", got.data))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_stream_ends_as_it_would_without_us_and_the_records_say_what_happened(
    pair: Pair[Plan], case: Case
) -> None:
    got, expected, paths = pair.run(case.plans, partial(h2peers.ask, **case.asked))
    assert [*map(_without_reason, got)] == [*map(_without_reason, expected)]
    records = [record for path in paths for record in pair.watched.about(path, 1)]
    assert tuple(record["outcome"] for record in records) == case.outcomes
    if case.outcomes[0] == "complete":
        assert records[0]["error"] == case.error
    if case.events is not None:
        assert records[0]["stream"]["events"] == case.events


@pytest.mark.parametrize("waits", [0.3, 0.0], ids=["before the head", "between events"])
def test_a_client_that_resets_its_stream_has_left_a_server_of_http_1_as_well(waits: float, lane: Lane) -> None:
    def plan(asked: ReceivedRequest) -> Iterator[float | bytes | str]:
        yield waits if asked.target == "/left" else 0.0
        yield from chunked(WHOLE, 0.1)

    with Origin(plan, port=lane.port):
        got = h2peers.ask(lane.url, ["/left", "/stays"], leave="reset", after=0 if waits else 1)
        left, stays = sorted(lane.records(2), key=lambda record: record["request"]["url"])
    assert [each.ending for each in got] == ["left", "end"]
    assert (left["outcome"], stays["outcome"]) == (LEFT, "complete")
    assert (left["response"] is None) is bool(waits)
