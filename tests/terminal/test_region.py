"""Rows stay at the bottom of a terminal; what others print lands above them, as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from streamwatchlib.terminal.region import Region, Row

pytest.importorskip("termios", reason="needs a pty: not on Windows")

from .terminal import Terminal

ROWS = [Row("one", 3), Row("\x1b[32mtwo\x1b[0m", 3)]


class Stage:
    """A region on a terminal, and an event loop that comes round when told."""

    def __init__(self) -> None:
        self.terminal = Terminal(20, 8)
        self.due: list[Callable[[], None]] = []
        self.region = Region(self.terminal.out, self.due.append)

    def come_round(self) -> str:
        while self.due:
            self.due.pop(0)()
        return self.terminal.read()

    @property
    def shown(self) -> list[str]:
        self.come_round()
        return self.terminal.shown


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.terminal.close()


def test_without_rows_text_passes_at_once_and_verbatim(stage: Stage) -> None:
    print("a\x1b[31mb", file=stage.region, flush=True)
    assert stage.terminal.read() == "a\x1b[31mb\r\n"


def test_what_is_printed_lands_above_the_rows(stage: Stage) -> None:
    print("before", file=stage.region)
    stage.region.draw(ROWS)
    print("first", file=stage.region)
    print("second\nthird", file=stage.region, flush=True)
    assert stage.shown == ["before", "first", "second", "third", "one", "two"]


def test_printing_much_redraws_once(stage: Stage) -> None:
    stage.region.draw(ROWS)
    stage.terminal.read()
    for n in range(3):
        print(n, file=stage.region)
    assert stage.come_round().count("one") == 1


def test_the_rows_stay_when_the_screen_scrolls(stage: Stage) -> None:
    stage.region.draw(ROWS)
    for n in range(20):
        print(f"line {n}", file=stage.region)
    assert stage.shown == [*(f"line {n}" for n in range(14, 20)), "one", "two"]


def test_long_lines_wrap_above_the_rows_as_the_terminal_wraps_them(stage: Stage) -> None:
    stage.region.draw(ROWS)
    print("x" * 45, file=stage.region)
    assert stage.shown == ["x" * 20, "x" * 20, "x" * 5, "one", "two"]


def test_an_unfinished_line_waits_for_its_end(stage: Stage) -> None:
    stage.region.draw(ROWS)
    stage.region.write("half ")
    assert stage.shown == ["one", "two"]
    stage.region.write("done\nand")
    assert stage.shown == ["half done", "one", "two"]
    stage.region.draw(())
    assert stage.shown == ["half done", "and"]


def test_a_prompt_is_seen_at_once(stage: Stage) -> None:
    """A debugger holds the event loop while it waits for an answer."""
    stage.region.draw(ROWS)
    print("> script.py(3)", file=stage.region, flush=True)
    print("(Pdb) ", end="", file=stage.region, flush=True)
    stage.terminal.read()
    assert stage.terminal.shown == ["> script.py(3)", "(Pdb)"]


def test_rows_begin_on_a_line_of_their_own(stage: Stage) -> None:
    stage.region.write("> ")
    stage.region.write("")
    stage.region.draw(ROWS)
    assert stage.shown == [">", "one", "two"]


@pytest.mark.parametrize("rows", [ROWS[:1], [*ROWS, Row("three", 5)], [Row("other", 5), Row("", 0)]])
def test_new_rows_replace_the_old(stage: Stage, rows: list[Row]) -> None:
    print("above", file=stage.region)
    stage.region.draw(ROWS)
    stage.region.draw(rows)
    shown = {"\x1b[32mtwo\x1b[0m": "two"}
    assert stage.shown == ["above", *(shown.get(row.ansi, row.ansi) for row in rows if row.ansi)]


def test_the_cursor_is_hidden_while_there_are_rows(stage: Stage) -> None:
    stage.region.draw(ROWS)
    assert (stage.shown, stage.terminal.screen.cursor.hidden) == (["one", "two"], True)
    stage.region.draw(())
    assert (stage.shown, stage.terminal.screen.cursor.hidden) == ([], False)


def test_without_rows_nothing_is_ever_written(stage: Stage) -> None:
    stage.region.draw(())
    assert stage.terminal.read() == ""


def test_a_frame_is_one_synchronized_write(stage: Stage) -> None:
    """So a terminal never shows half of one."""
    stage.region.draw(ROWS)
    print("text", file=stage.region)
    frame = stage.come_round()
    last = frame[frame.index("text") :]
    assert frame.startswith("\x1b[?2026h")
    assert frame.endswith("\x1b[?2026l")
    assert last.count("\x1b[?2026h") == 0


def test_rows_that_a_narrower_terminal_broke_are_taken_back_whole(stage: Stage) -> None:
    """A row of 19 cells is three lines of 8; two such rows are six."""
    wide = [Row("x" * 19, 19), Row("y" * 19, 19)]
    stage.region.draw(wide)
    stage.terminal.read()
    stage.terminal.resize(8)
    stage.region.draw(ROWS)
    assert stage.terminal.read().startswith("\x1b[?2026h\r\x1b[5A\x1b[J")


def test_lines_from_other_threads_are_not_lost(stage: Stage) -> None:
    stage.region.draw(ROWS)
    threads = [threading.Thread(target=lambda: print("x", file=stage.region)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stage.shown == ["x", "x", "x", "x", "one", "two"]


def test_it_answers_as_the_terminal_would(stage: Stage) -> None:
    assert stage.region.isatty()
    assert stage.region.encoding == "utf-8"
    assert stage.region.fileno() == stage.terminal.slave
