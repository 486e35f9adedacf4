"""The console beside the real mitmdump: on a terminal and in a pipe; and silent in mitmproxy and mitmweb."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("termios", reason="needs a pty: not on Windows")

from mitmproxy.addons.dumper import Dumper
from mitmproxy.addons.readfile import ReadFile
from mitmproxy.test import taddons
from streamwatchlib.model import Snapshot
from streamwatchlib.suite.console import Console
from streamwatchlib.terminal.totals import Totals

from ..report.records import PSEUDO
from ..terminal.terminal import Terminal

STAGE = Path(__file__).with_name("stage.py")
PROGRAMS = Path(sys.executable).parent
_PATIENCE = 60
"""Seconds: a program of mitmproxy's takes one or two to start, and many more on a machine that is busy."""


class Play:
    """A mitmproxy program with the stage, told what to do."""

    def __init__(self, program: str, confdir: Path, *arguments: str, terminal: Terminal | None = None, **env: str):
        reading, self._words = os.pipe()
        self.terminal = terminal
        self._states: list[list[str]] = []
        self.raw = ""
        screen = terminal.slave if terminal else None
        self._process = subprocess.Popen(
            [PROGRAMS / program, "-n", "-s", STAGE, "--set", f"confdir={confdir}", *arguments],
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "", "STAGE": str(reading), "TZ": "UTC", **env},
            pass_fds=[reading],
            stdin=screen or subprocess.DEVNULL,
            stdout=screen or subprocess.PIPE,
            stderr=screen or subprocess.PIPE,
        )
        os.close(reading)

    def __enter__(self) -> Play:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._words)
        self._process.kill()
        self._process.communicate()

    def tell(self, *words: str) -> None:
        os.write(self._words, "\n".join(words).encode() + b"\n")

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def until(self, seen: Callable[[list[str]], bool]) -> list[str]:
        """The lines on the screen, once they are as wanted."""
        assert self.terminal is not None
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            self.raw += self.terminal.read(0.05)
            if seen(self.terminal.shown):
                return self.terminal.shown
        raise AssertionError("never seen; last: \n" + "\n".join(self.terminal.shown))

    def to_the_end(self) -> list[str]:
        """The lines on the screen when the program has ended."""
        return self.until(lambda _: self._process.poll() is not None)

    def output(self) -> tuple[str, str]:
        """What came through the pipes, when the program has ended."""
        out, err = self._process.communicate(timeout=_PATIENCE)
        return out.decode(), err.decode()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal(100, 90)
    yield terminal
    terminal.close()


def has(*parts: str) -> Callable[[list[str]], bool]:
    return lambda lines: all(any(part in line for line in lines) for part in parts)


def lacks(part: str) -> Callable[[list[str]], bool]:
    return lambda lines: not any(part in line for line in lines)


def drawn(lines: list[str]) -> bool:
    """The rows are at the bottom, whole."""
    return len(lines) > 1 and lines[-2].startswith("in flight ") and lines[-1].endswith(" 12.3s")


# --- in a pipe ---------------------------------------------------------------------------------------------


def test_a_pipe_gets_plain_whole_lines(confdir: Path) -> None:
    """Whatever the environment says of a terminal."""
    env = {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "CLICOLOR_FORCE": "1", "COLUMNS": "40"}
    with Play("mitmdump", confdir, "-q", **env) as play:
        play.tell("fly", "end", "talk", "quit")
        out, err = play.output()
    assert all(line.isprintable() for line in out.splitlines())
    assert "POST dashscope.aliyuncs.com/compatible-mode/v1/chat/completions qwen2.5-7b-instruct  351ms  48 in 50" in out
    assert (
        "All 48 pieces came within 1 ms after 2.51 s of silence: the whole answer was held back and sent at once."
        in out
    )
    assert "4 exchanges watched" in out
    assert "in flight" not in out
    assert err == "from stderr\n"


def test_a_pipe_that_cannot_say_it_in_its_encoding_gets_the_rest(confdir: Path) -> None:
    with Play("mitmdump", confdir, "-q", PYTHONIOENCODING="ascii") as play:
        play.tell("end", "quit")
        out, err = play.output()
    assert all(line.isprintable() for line in out.splitlines())
    assert "pseudo-streaming 200 POST llm.example.com" in out
    assert err == ""


def test_a_dumb_terminal_gets_plain_lines(confdir: Path, terminal: Terminal) -> None:
    with Play("mitmdump", confdir, "-q", terminal=terminal, TERM="dumb") as play:
        play.tell("fly", "end", "quit")
        shown = play.to_the_end()
    assert has("pseudo-streaming 200 POST", "4 exchanges watched")(shown)
    assert "\x1b" not in play.raw


# --- on a terminal -----------------------------------------------------------------------------------------


def test_rows_of_what_is_in_flight_stay_below_while_others_print_and_leave_no_trace(
    confdir: Path, terminal: Terminal
) -> None:
    """What has just begun has none yet, and when all has ended nothing is drawn any more."""
    with Play("mitmdump", confdir, terminal=terminal) as play:
        play.tell("fly")
        play.until(lambda lines: drawn(lines) and lines[-1].startswith("POST localhost:11434/…/chat llama3.2"))
        play.tell("talk", "end")
        shown = play.until(lambda lines: drawn(lines) and has("10:16:30")(lines))
        assert has("from the log", "from a script", "from stderr", "10:15:31 pseudo-streaming 200")(shown)
        assert lacks("young")(shown)
        wide = next(n for n, line in enumerate(shown) if "from the dumper" in line)
        assert shown[wide] + shown[wide + 1] == "from the dumper, " + "x" * 100
        play.tell("land")
        shown = play.until(lacks("in flight"))
        assert has("from the log", "from the dumper", "from a script", "from stderr", "10:15:31")(shown)
        assert not terminal.screen.cursor.hidden
        assert terminal.read(0.7) == ""
        play.tell("quit")
        assert has("from the log", "4 exchanges watched")(play.to_the_end())
    assert_coloured(play.raw, True)


def test_ctrl_c_takes_the_rows_away_and_gives_the_cursor_back(confdir: Path, terminal: Terminal) -> None:
    with Play("mitmdump", confdir, "-q", terminal=terminal) as play:
        play.tell("end", "fly")
        play.until(drawn)
        assert terminal.screen.cursor.hidden
        play.interrupt()
        shown = play.to_the_end()
    assert lacks("in flight")(shown)
    assert has("4 exchanges watched")(shown)
    assert not terminal.screen.cursor.hidden


def test_a_terminal_that_wants_no_colours_gets_none(confdir: Path, terminal: Terminal) -> None:
    with Play("mitmdump", confdir, "-q", terminal=terminal, NO_COLOR="1") as play:
        play.tell("end", "quit")
        play.to_the_end()
    assert_coloured(play.raw, False)


def assert_coloured(raw: str, coloured: bool) -> None:
    assert ("\x1b[32mstreaming" in raw) is coloured
    assert "\x1b[31m\x07" not in raw  # what the hostile record would have


def test_what_goes_wrong_is_said_once_and_stays_here(confdir: Path, terminal: Terminal) -> None:
    with Play("mitmdump", confdir, terminal=terminal) as play:
        play.tell("fly")
        play.until(drawn)
        play.tell("wreck")
        play.until(lacks("in flight"))
        play.tell("spoil", "end", "quit")
        shown = play.to_the_end()
    assert len([line for line in shown if "cannot show everything" in line]) == 1
    assert lacks("Addon error")(shown)
    assert has("4 exchanges watched")(shown)


def test_an_answer_that_comes_after_a_reload_draws_no_rows_beside_those_of_the_new_load(terminal: Terminal) -> None:
    asked = list[Callable[[list[Snapshot], int], None]]()

    async def scene() -> None:
        console = Console(lambda most, show: asked.append(show), Totals(), out=terminal.out)
        with taddons.context(Dumper(), ReadFile(), console):
            console.running()
            while not asked:  # which is not at once
                await asyncio.sleep(0)
            console.done()
            asked[0]([Snapshot("1", "POST", "http://host/", 12.3, 200, "ndjson", "m", 400, 24, 24, 24)], 0)

    asyncio.run(scene())
    terminal.read()
    assert lacks("saw no exchange")(terminal.shown)  # it may yet
    assert lacks("in flight")(terminal.shown)


# --- elsewhere ---------------------------------------------------------------------------------------------


def test_without_rich_it_says_so_once_and_records_on(confdir: Path) -> None:
    with Play("mitmdump", confdir, STAGE_ABSENT="rich") as play:
        play.tell("fly", "end", "talk", "quit")
        out, err = play.output()
    assert out.count("streamwatch records, but shows nothing here") == 1
    assert "pseudo-streaming" not in out
    assert err == "from stderr\n"


def test_the_console_ui_is_left_alone(confdir: Path, terminal: Terminal) -> None:
    with Play("mitmproxy", confdir, terminal=terminal) as play:
        play.tell("fly", "end", "quit")
        play.to_the_end()
    assert not [words for words in ("pseudo-streaming", "in flight", "exchanges watched") if words in play.raw]


def test_nothing_is_printed_where_no_dumper_is() -> None:
    out = io.StringIO()
    console = Console(lambda most, show: None, Totals(), out=out)
    with taddons.context(console):
        console.running()
        console.streamwatch_record(PSEUDO)
        console.done()
    assert out.getvalue() == ""


def test_mitmweb_prints_its_own_only(confdir: Path) -> None:
    with Play("mitmweb", confdir, "--no-web-open-browser", "--web-port", "0") as play:
        play.tell("fly", "end", "quit")
        out, err = play.output()
    assert not [words for words in ("pseudo-streaming", "in flight", "exchanges watched") if words in out + err]
