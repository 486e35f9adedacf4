"""The commands for mitmproxy's prompt, mitmweb's command bar and other scripts.

``streamwatch.report PATH``, ``streamwatch.summary``, ``streamwatch.clear``.  They work on what `Export` has put aside
and `Totals` has counted.  A command is about all exchanges that have ended by then, though some records may still be in
the making: a report waits for them, a summary mentions them, and clearing covers them, too.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import mitmproxy.types
from mitmproxy import command
from mitmproxy.exceptions import CommandError
from mitmproxy.log import ALERT

from ..files import check_writable, write_private
from ..report import check_name, jsonl, render
from ..report.rank import headline
from ..terminal.totals import Totals
from ..units import counted
from .export import Export, spool
from .spool import Spool

logger = logging.getLogger(__name__)

_SHARE, _FRAME = 0.8, 3
"""The share of the terminal's columns in which mitmproxy shows a command's result, and the columns of its frame."""
_AGAIN = 0.02
"""Seconds between two checks whether the records of a report have come."""


class _Asked(NamedTuple):
    """A report that was asked for and waits for records."""

    out: Path
    kept: Spool
    """Where its records are put aside."""
    unpublished: set[str]
    """Ids of the exchanges that had ended and whose records were not published yet."""


class Commands:
    """The commands; `unpublished` gives the ids of exchanges that have ended and whose records are not published
    yet."""

    name = "streamwatch.commands"

    def __init__(self, totals: Totals, export: Export, unpublished: Callable[[], set[str]]) -> None:
        self._totals, self._export, self._unpublished = totals, export, unpublished
        self._asked: list[_Asked] = []

    @command.command("streamwatch.report")
    def report(self, path: mitmproxy.types.Path) -> None:
        """Write a report of the exchanges that have ended; the suffix chooses the format, as in run.html."""
        out = Path(path).expanduser()
        try:
            check_name(path)
            check_writable(out)
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"can't write {path}: {error.strerror or error}") from error
        asked = _Asked(out, spool(), self._awaited())
        if not asked.kept and not ((self._totals or asked.unpublished) and self._export.puts_aside()):
            raise CommandError("no exchange is kept: none has ended, or mitmdump runs without a report to export")
        self._asked.append(asked)
        self._begin()

    def _begin(self) -> None:
        """Write the reports whose records have all come, and check the others again later."""
        asked, self._asked, unpublished = self._asked, [], self._unpublished()
        for each in asked:
            if each.unpublished & unpublished:
                self._asked.append(each)
            else:
                self._export.flush()
                write = partial(_write, each.out, self._export, each.kept)
                writing = asyncio.get_running_loop().run_in_executor(None, write)  # a thread, so that traffic goes on
                writing.add_done_callback(partial(_tell, each.out))
        if self._asked:
            asyncio.get_running_loop().call_later(_AGAIN, self._begin)

    def _awaited(self) -> set[str]:
        return self._unpublished() - self._totals.ignored_ids

    def done(self) -> None:
        self._begin()

    @command.command("streamwatch.summary")
    def summary(self) -> Sequence[str]:
        """Sum up the exchanges that have ended by endpoint, the worst first."""
        try:
            from ..terminal.summary import plain  # it needs rich, which mitmproxy's standalone binaries lack
        except ImportError as error:
            raise CommandError(f"the summary can't be drawn: {error} (mitmproxy from PyPI has it)") from error
        room = int(shutil.get_terminal_size().columns * _SHARE) - _FRAME
        lines = plain(self._totals, room) if self._totals else []
        if awaited := len(self._awaited()):
            lines.append(f"{counted(awaited, 'exchange')} ended just now, judged in a moment")
        return lines or ["No exchange has ended."]

    @command.command("streamwatch.clear")
    def clear(self) -> None:
        """Forget the exchanges that have ended; what was exported and marked stays as it is."""
        unpublished = self._unpublished()
        self._totals.clear(unpublished)
        self._export.forget(unpublished)


def _write(out: Path, export: Export, kept: Spool) -> str:
    """Write the report and return its headline."""
    export.settle()
    records = jsonl.read(kept.read().split("\n"))
    write_private(out, render(records, str(out)))
    return headline(records) + (f" (it lacks {kept.missing})" if kept.missing else "")


def _tell(out: Path, writing: asyncio.Future[str]) -> None:
    try:
        logger.log(ALERT, "streamwatch wrote %s. %s", out, writing.result())
    except Exception as error:  # noqa: BLE001 - whatever it was, the user should know
        logger.error("streamwatch can't write %s: %s", out, error)
