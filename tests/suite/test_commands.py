"""The commands: reports while the proxy runs, the session so far, a fresh start."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mitmproxy import command, exceptions
from mitmproxy.addons.view import View
from mitmproxy.test import taddons
from streamwatchlib.report import RENDERERS
from streamwatchlib.suite import options
from streamwatchlib.suite.commands import Commands
from streamwatchlib.suite.events import publish
from streamwatchlib.suite.export import Export
from streamwatchlib.terminal.totals import Totals

from ..report.records import BURSTY, PSEUDO, STREAMING


class Options:
    load = staticmethod(options.declare)


def typed(*words: str, screen: bool = True, prepare: Callable[[], None] = lambda: None) -> object:
    """What typing a command gives, with three exchanges that have ended."""

    async def session() -> object:
        totals, export = Totals(), Export(lambda _: None, set)
        commands = Commands(totals, export, set)
        with taddons.context(Options(), totals, export, commands, *([View()] if screen else [])) as context:
            for record in (STREAMING, BURSTY, PSEUDO):
                publish(record)
            prepare()
            manager = command.CommandManager(context.master)
            manager.collect_commands(commands)
            result = manager.call_strings(words[0], list(words[1:]))
            await asyncio.get_running_loop().shutdown_default_executor()
            return result

    return asyncio.run(session())


@pytest.mark.parametrize("suffix", RENDERERS)
def test_a_report_of_every_format_is_written_for_its_owner_alone(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    out = tmp_path / f"run{suffix}"
    assert typed("streamwatch.report", str(out)) is None
    assert out.stat().st_mode & 0o777 == 0o600
    assert "pseudo-streaming" in out.read_text()
    assert "3 exchanges: 1 streaming, 1 bursty, 1 pseudo-streaming" in caplog.text


def test_the_report_has_what_was_recorded(tmp_path: Path) -> None:
    typed("streamwatch.report", str(tmp_path / "run.jsonl"))
    ids = [json.loads(line)["id"] for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert ids == [record.id for record in (STREAMING, BURSTY, PSEUDO)]


def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    typed("streamwatch.report", "~/run.md")
    assert (tmp_path / "run.md").exists()


def link(folder: Path) -> Path:
    (folder / "link.md").symlink_to(folder / "precious.md")
    return folder / "link.md"


@pytest.mark.parametrize(
    ("where", "why"),
    [
        (lambda folder: folder / "run.pdf", "ends in one of"),
        (lambda folder: folder, "ends in one of"),
        (lambda folder: folder / "nowhere" / "run.md", "does not exist"),
        (link, "symbolic link"),
    ],
)
def test_what_can_not_be_written_is_refused_at_once(tmp_path: Path, where: Callable[[Path], Path], why: str) -> None:
    with pytest.raises(exceptions.CommandError, match=why):
        typed("streamwatch.report", str(where(tmp_path)))
    assert not (tmp_path / "precious.md").exists()


def test_what_goes_wrong_later_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("streamwatchlib.suite.commands.write_private", full)
    typed("streamwatch.report", str(tmp_path / "run.md"))
    assert [record.levelno for record in caplog.records if "No space left" in record.message] == [logging.ERROR]


def test_where_nothing_is_kept_the_command_says_so(tmp_path: Path) -> None:
    with pytest.raises(exceptions.CommandError, match="no exchange is kept"):
        typed("streamwatch.report", str(tmp_path / "run.md"), screen=False)


def test_the_summary_has_every_endpoint_and_no_colours() -> None:
    lines = typed("streamwatch.summary")
    assert isinstance(lines, list)
    assert lines[0] == "3 exchanges watched"
    assert any("1 pseudo-streaming" in line for line in lines)
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(("columns", "room"), [(80, 61), (160, 125)])
def test_the_summary_fits_into_the_frame_that_mitmproxy_shows_it_in(
    columns: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert all(len(line) <= room for line in typed("streamwatch.summary"))  # type: ignore[attr-defined]


def test_without_rich_the_summary_says_so_and_nothing_else_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "streamwatchlib.terminal.summary", None)
    with pytest.raises(exceptions.CommandError, match="from PyPI has it"):
        typed("streamwatch.summary")
    assert not caplog.records


def test_clearing_begins_anew(tmp_path: Path) -> None:
    async def session() -> None:
        totals, export = Totals(), Export(lambda _: None, set)
        commands = Commands(totals, export, set)
        with taddons.context(Options(), totals, export, commands, View()):
            publish(STREAMING)
            export.finish()
            publish(BURSTY)  # it is not put aside yet
            commands.clear()
            assert commands.summary() == ["No exchange has ended."]
            with pytest.raises(exceptions.CommandError, match="no exchange is kept"):
                commands.report(str(tmp_path / "run.md"))
            publish(PSEUDO)
            assert commands.summary()[0] == "1 exchange watched"
            commands.report(str(tmp_path / "run.jsonl"))
            await asyncio.get_running_loop().shutdown_default_executor()
        (line,) = (tmp_path / "run.jsonl").read_text().splitlines()
        assert json.loads(line)["id"] == PSEUDO.id

    asyncio.run(session())
