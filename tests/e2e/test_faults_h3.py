"""Whatever goes wrong on HTTP/3: the client gets what a mitmdump that merely streams would give it, stream by stream;
the record says what happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from loopback import sse

from . import h3peers
from .beside import Pair, beside
from .h2peers import END, Heads
from .h3peers import CLOSE, Reset, Step

type Plan = tuple[Step, ...]
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(4)))
WHOLE = [*EVENTS, *sse("[DONE]")]
HEAD = Heads(((":status", "200"), ("content-type", "text/event-stream")))
GOOD: Plan = (HEAD, *WHOLE, END)
LOST, LEFT = "server-disconnected", "client-disconnected"


@dataclass(frozen=True)
class Case:
    """What the origin does on each stream; what the records must say, in the order of the streams."""

    name: str
    plans: tuple[Plan, ...]
    outcomes: tuple[str, ...]
    events: int | None = None
    """Of the first stream."""
    leave: str | None = None
    """How the client leaves."""


CASES = [
    Case("in order", (GOOD,), ("complete",), 5),
    Case("trailers", ((HEAD, *WHOLE, Heads((("x-sum", "1"),), end=True)),), ("complete",), 5),
    Case("reset before the head", ((Reset(),),), ("error",)),
    Case("reset behind the head", ((HEAD, Reset()),), (LOST,)),
    Case("reset between events", ((HEAD, *EVENTS[:2], Reset()),), (LOST,), 2),
    Case("reset within an event", ((HEAD, EVENTS[0], EVENTS[1][:30], Reset()),), (LOST,), 2),
    Case("closed before the head", ((CLOSE,),), ("error",)),
    Case("closed between events", ((HEAD, *EVENTS[:2], CLOSE),), (LOST,), 2),
    Case("twenty streams at once", (GOOD,) * 20, ("complete",) * 20, 5),
    Case("one of three is reset", ((HEAD, *EVENTS[:2], Reset()), GOOD, GOOD), (LOST, "complete", "complete"), 2),
    Case("the client stops one of two", (GOOD,) * 2, (LEFT, "complete"), leave="reset"),
    Case("the client leaves", (GOOD,) * 2, (LEFT,) * 2, leave="close"),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Pair[Plan]]:
    plans: dict[str, Plan] = {}
    folder = tmp_path_factory.mktemp("faults")

    def plan(path: str) -> Iterable[Step]:
        for step in plans[path]:
            yield step
            yield 0.05

    with h3peers.Origin(plan) as origin, beside(origin.url, plans, folder, confdir) as pair:
        yield pair


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_stream_ends_as_it_would_without_us_and_the_records_say_what_happened(
    pair: Pair[Plan], case: Case
) -> None:
    got, expected, paths = pair.run(case.plans, partial(h3peers.ask, leave=case.leave))
    assert got == expected
    records = [record for path in paths for record in pair.watched.about(path, 1)]
    assert {record["response"]["http_version"] for record in records if record["response"]} <= {"HTTP/3"}
    assert tuple(record["outcome"] for record in records) == case.outcomes
    if case.events is not None:
        assert records[0]["stream"]["events"] == case.events
