"""Prints exchanges and the summary, on a terminal or into a pipe.

In: records, snapshots, totals.  Out: text to a stream, with colours and rows at the bottom if that is a terminal,
without any control code otherwise.  Never here: mitmproxy, timers.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO, cast

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..model import Record, Snapshot
from .figures import escape_unprintable
from .hints import Setup, TrafficCounts, hints
from .live import in_flight
from .region import Region, Row
from .screen import exchange, exchange_heading, paragraph
from .summary import lines as summed_up
from .totals import Totals

_PIPE_WIDTH = 140
"""Columns that lines are laid out in if there is no screen; longer ones are not cut."""
_PIPE_HEIGHT = 25
"""Without meaning in a pipe, but rich would ask the system for it each time."""
_HEADING_EVERY = 20
"""Exchanges after which a terminal gets the column titles again, as from ``vmstat``."""
_MAX_GIVEN = 1000
"""Pieces of advice that are remembered so as not to be repeated; further ones are given each time."""


class View:
    """Prints to `out`: with colours to a `Region`, plain text to anything else."""

    def __init__(self, out: TextIO | Region) -> None:
        self._region = out if isinstance(out, Region) else None
        if isinstance(out, io.TextIOWrapper) and not out.encoding.lower().startswith("utf"):
            out.reconfigure(errors="replace")
        self._console = Console(
            file=cast(TextIO, out),
            force_terminal=self._region is not None,
            color_system="auto" if self._region else None,
            width=_PIPE_WIDTH,
            height=_PIPE_HEIGHT,
            highlight=False,
            legacy_windows=False,
        )
        cell_len("…")  # the first call makes rich load its table of widths: milliseconds, best taken now
        self._shown = 0
        self._given: set[tuple[str, str]] = set()

    def exchange(self, record: Record) -> None:
        """Print the line of an exchange that ended, and its notes."""
        self._measure()
        lines = list(exchange(record, self._console, advise=self._is_news(record)))
        if self._shown % (_HEADING_EVERY if self._region else sys.maxsize) == 0:
            lines.insert(0, exchange_heading(self._console))
        self._shown += 1
        self._print(lines)

    def _is_news(self, record: Record) -> bool:
        """Return whether its advice has not been given on this endpoint before."""
        url = record.request.url.partition("?")[0]
        advice = {(url, suspect.remedy) for suspect in record.verdict.suspects[:1]}
        known = advice <= self._given
        if len(self._given) < _MAX_GIVEN:
            self._given |= advice
        return not known

    @property
    def max_streams(self) -> int:
        """Streams in flight shown at most: with their heading and a last line they take half of the screen."""
        self._measure()
        return max(self._console.height // 2 - 2, 1)

    def in_flight(self, snapshots: Sequence[Snapshot], more: int = 0) -> None:
        """Draw a row at the bottom for each stream in flight, and how many `more` there are."""
        if self._region is None:
            return
        self._measure()
        lines = in_flight(snapshots, more, self._console) if snapshots else []
        with self._console.capture() as painted:
            self._print(lines)
        rows = zip(painted.get().splitlines(), lines, strict=False)
        self._region.draw([Row(row, line.cell_len) for row, line in rows])

    def end(self, totals: Totals, counts: TrafficCounts, setup: Setup, remarks: Iterable[str] = ()) -> None:
        """Print the summary of the session with remarks; if nothing was captured, why that may be."""
        self._measure()
        if totals:
            self._print([Text(), *summed_up(totals, self._console)])
            for remark in remarks:
                self._print(list(paragraph(Text(escape_unprintable(remark), "dim"), self._console, 0)))
        else:
            reasons = [part for hint in hints(counts, setup) for part in paragraph(Text(hint), self._console, 2)]
            self._print([Text(), Text("streamwatch saw no exchange.", "bold"), *reasons])

    def _print(self, lines: Sequence[Text]) -> None:
        if self._console.is_terminal:
            self._console.print(*lines, sep="\n", soft_wrap=True)
        else:  # the same without colours and in one write, since an unbuffered stream would get one per piece
            self._console.file.write("".join(f"{line.plain}\n" for line in lines))
            self._console.file.flush()

    def _measure(self) -> None:
        if self._region:
            self._console.size = shutil.get_terminal_size()
