"""The same on HTTP/3: what each stream of a client gets is what a mitmdump that merely streams would give it, and the
record says what happened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from loopback import Mitmdump, sse

from . import h3peers
from .conftest import Watched
from .h3peers import CLOSE, END, Got, Heads, Reset, Step

BARE = Path(__file__).with_name("streaming.py")
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(4)))
WHOLE = [*EVENTS, *sse("[DONE]")]
HEAD = Heads(((":status", "200"), ("content-type", "text/event-stream")))
GOOD: tuple[Step, ...] = (HEAD, *WHOLE, END)
LOST, LEFT = "server-disconnected", "client-disconnected"


@dataclass(frozen=True)
class Case:
    """What the origin does on each stream; what the records must say, in the order of the streams."""

    name: str
    plans: tuple[tuple[Step, ...], ...]
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


@dataclass
class Pair:
    """The same origin behind streamwatch and behind a mitmdump that merely streams."""

    watched: Watched
    bare: Mitmdump
    plans: dict[str, tuple[Step, ...]]

    def run(self, case: Case) -> tuple[list[Got], list[Got], list[str]]:
        paths = [f"/{len(self.plans) + i}/" for i in range(len(case.plans))]
        self.plans.update(zip(paths, case.plans, strict=True))

        def client(proxy: Mitmdump) -> list[Got]:
            return h3peers.ask(proxy.url, paths, case.leave)

        with ThreadPoolExecutor(2) as pool:
            got, expected = pool.map(client, (self.watched, self.bare))
        return got, expected, paths


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Pair]:
    plans: dict[str, tuple[Step, ...]] = {}
    folder = tmp_path_factory.mktemp("faults")

    def plan(path: str) -> Iterable[Step]:
        for step in plans[path]:
            yield step
            yield 0.05

    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(h3peers.Origin(plan))
        shared: dict[str, Any] = {"options": ("ssl_insecure=true",), "confdir": confdir}
        mode = f"reverse:{origin.url}"
        watched = stack.enter_context(Watched(mode, export=folder / "records.jsonl", **shared))
        bare = stack.enter_context(Mitmdump(mode, script=BARE, **shared))
        yield Pair(watched, bare, plans)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_stream_ends_as_it_would_without_us_and_the_records_say_what_happened(pair: Pair, case: Case) -> None:
    got, expected, paths = pair.run(case)
    assert got == expected
    records = [record for path in paths for record in pair.watched.about(path, 1)]
    assert {record["response"]["http_version"] for record in records if record["response"]} <= {"HTTP/3"}
    assert tuple(record["outcome"] for record in records) == case.outcomes
    if case.events is not None:
        assert records[0]["stream"]["events"] == case.events
