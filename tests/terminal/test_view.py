"""What is printed to a pipe, and how often the column titles are repeated."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from streamwatchlib.model import Snapshot
from streamwatchlib.terminal.hints import Setup, TrafficCounts
from streamwatchlib.terminal.region import Region
from streamwatchlib.terminal.totals import Totals
from streamwatchlib.terminal.view import View

from ..report.records import PSEUDO, STREAMING

pytest.importorskip("termios", reason="needs a pty: not on Windows")

from .terminal import Terminal

SETUP = Setup(False, "localhost:8080", ["regular"], "ca.pem", None)
HEADING = "time     verdict"
FLYING = Snapshot("1", "POST", "http://localhost:11434/api/chat", 12.3, 200, "ndjson", "llama3.2", 400, 24, 24, 24)


def test_a_pipe_is_told_the_columns_once() -> None:
    out = io.StringIO()
    view = View(out)
    for _ in range(45):
        view.exchange(STREAMING)
    assert out.getvalue().count(HEADING) == 1
    assert len(out.getvalue().splitlines()) == 46


def test_a_pipe_gets_all_there_is_to_say_of_an_exchange_at_once() -> None:
    class Raw(io.RawIOBase):
        writes: ClassVar[list[bytes]] = []

        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            self.writes.append(bytes(data))
            return len(data)

    unbuffered = io.TextIOWrapper(Raw(), "utf-8", write_through=True)
    View(unbuffered).exchange(PSEUDO)
    assert [written.count(b"\n") > 2 for written in Raw.writes] == [True]


def test_a_terminal_is_told_them_again_after_a_screenful() -> None:
    terminal = Terminal(80, 60)
    view = View(Region(terminal.out, lambda _: None))
    for _ in range(45):
        view.exchange(STREAMING)
    terminal.read()
    assert [n for n, line in enumerate(terminal.shown) if line.startswith(HEADING)] == [0, 21, 42]
    terminal.close()


def test_a_session_ends_with_its_summary_or_with_a_hint() -> None:
    out = io.StringIO()
    view = View(out)
    totals = Totals()
    view.end(totals, TrafficCounts(), SETUP)
    assert out.getvalue().startswith("\nstreamwatch saw no exchange.\n  No client connected.\n")
    totals.streamwatch_record(STREAMING)
    view.end(totals, TrafficCounts(), SETUP)
    assert "\n1 exchange watched\n" in out.getvalue()


def test_a_pipe_never_gets_rows() -> None:
    out = io.StringIO()
    View(out).in_flight([])
    assert out.getvalue() == ""


@pytest.mark.parametrize(("lines", "room"), [(4, 1), (24, 10), (90, 43)])
def test_rows_take_half_of_the_screen_at_most(lines: int, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", str(lines))
    terminal = Terminal(80, lines)
    view = View(Region(terminal.out, lambda _: None))
    assert view.max_streams == room
    view.in_flight([FLYING] * room, more=7)
    terminal.read()
    assert len(terminal.shown) == room + 2
    assert terminal.shown[-1] == "+ 7 more"
    terminal.close()


def test_the_same_advice_on_the_same_endpoint_is_given_once() -> None:
    out = io.StringIO()
    view = View(out)
    elsewhere = replace(PSEUDO, request=replace(PSEUDO.request, url="http://127.0.0.1/other"))
    for record in (PSEUDO, PSEUDO, elsewhere):
        view.exchange(record)
    assert (out.getvalue().count("All 48 pieces came"), out.getvalue().count("change: ")) == (3, 2)
