"""The commands for mitmproxy's prompt, mitmweb's command bar and other scripts.

``streamwatch.report PATH``, ``streamwatch.summary``, ``streamwatch.clear``.  They work on what `Export` has put aside
and `Totals` has counted, up to the record that came last.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import mitmproxy.types
from mitmproxy import command
from mitmproxy.exceptions import CommandError
from mitmproxy.log import ALERT

from ..report import check_name, jsonl, render
from ..report.rank import headline
from .export import Export, spool
from .files import check_writable, write_private
from .totals import Totals

logger = logging.getLogger(__name__)

_SHARE, _FRAME = 0.8, 3
"""Of the terminal's columns, what mitmproxy shows an answer in, and what its frame takes of that."""


class Commands:
    """What can be asked of streamwatch while it runs."""

    name = "streamwatch.commands"

    def __init__(self, totals: Totals, export: Export) -> None:
        self._totals = totals
        self._export = export

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
        if not spool() and not (self._totals and self._export.puts_aside()):
            raise CommandError("no exchange is kept: none has ended, or mitmdump runs without a report to export")
        self._export.hand_over()
        write = partial(_write, out, self._export)
        writing = asyncio.get_running_loop().run_in_executor(None, write)  # a thread, so that traffic goes on
        writing.add_done_callback(partial(_tell, out))

    @command.command("streamwatch.summary")
    def summary(self) -> Sequence[str]:
        """Sum up the exchanges that have ended by endpoint, the worst first."""
        try:
            from .summary import plain  # it needs rich, which mitmproxy's standalone binaries lack
        except ImportError as error:
            raise CommandError(f"the summary can't be drawn: {error} (mitmproxy from PyPI has it)") from error
        room = int(shutil.get_terminal_size().columns * _SHARE) - _FRAME
        return plain(self._totals, room) if self._totals else ["No exchange has ended."]

    @command.command("streamwatch.clear")
    def clear(self) -> None:
        """Forget the exchanges that have ended; what was exported and marked stays as it is."""
        self._totals.clear()
        self._export.forget()


def _write(out: Path, export: Export) -> str:
    """Write the report; what to say of it."""
    export.settle()
    records = jsonl.read(spool().read().split("\n"))
    write_private(out, render(records, str(out)))
    dropped = spool().dropped
    return headline(records) + (f" ({dropped} earlier ones are not kept any more)" if dropped else "")


def _tell(out: Path, writing: asyncio.Future[str]) -> None:
    try:
        logger.log(ALERT, "streamwatch wrote %s. %s", out, writing.result())
    except Exception as error:  # noqa: BLE001 - whatever it was, it is the user who should know
        logger.error("streamwatch can't write %s: %s", out, error)
