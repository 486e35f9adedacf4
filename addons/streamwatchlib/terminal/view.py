"""Prints what is said, on a terminal or into a pipe.

Comes in: records, snapshots, what was seen.  Goes out: text to a stream, with colours and rows at the bottom where
that is a terminal, without any control code elsewhere.  Never here: mitmproxy, timers.
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
from .figures import harmless
from .hints import Setup, Sightings, hints
from .live import in_flight
from .region import Region, Row
from .screen import exchange, exchange_heading, paragraph
from .summary import lines as summed_up
from .totals import Totals

_PIPE_WIDTH = 140
"""Columns that lines are laid out in where there is no screen; what is longer is not cut."""
_PIPE_HEIGHT = 25
"""Of no meaning there, but rich would ask the system for it each time."""
_HEADING_EVERY = 20
"""Exchanges after which a terminal gets the column titles again, as from ``vmstat``."""
_MOST_GIVEN = 1000
"""Advice that is remembered so as not to be given twice; what is over is given each time."""


class View:
    """Prints to `out`: to a `Region` as to a terminal, to anything else plain text."""

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
        cell_len("…")  # rich fetches its table of widths for the first of these: milliseconds, best taken now
        self._shown = 0
        self._given: set[tuple[str, str]] = set()

    def exchange(self, record: Record) -> None:
        """A line for an exchange that ended, and what there is to say about it."""
        self._measure()
        lines = list(exchange(record, self._console, advise=self._is_news(record)))
        if self._shown % (_HEADING_EVERY if self._region else sys.maxsize) == 0:
            lines.insert(0, exchange_heading(self._console))
        self._shown += 1
        self._print(lines)

    def _is_news(self, record: Record) -> bool:
        """The same advice on the same endpoint is given once."""
        url = record.request.url.partition("?")[0]
        advice = {(url, suspect.remedy) for suspect in record.verdict.suspects[:1]}
        known = advice <= self._given
        if len(self._given) < _MOST_GIVEN:
            self._given |= advice
        return not known

    @property
    def room(self) -> int:
        """Streams in flight that are shown at most: with their heading and a last line they take half of the screen."""
        self._measure()
        return max(self._console.height // 2 - 2, 1)

    def in_flight(self, snapshots: Sequence[Snapshot], more: int = 0) -> None:
        """Rows at the bottom for what is in flight, and how many `more` there are."""
        if self._region is None:
            return
        self._measure()
        lines = in_flight(snapshots, more, self._console) if snapshots else []
        with self._console.capture() as painted:
            self._print(lines)
        rows = zip(painted.get().splitlines(), lines, strict=False)
        self._region.draw([Row(row, line.cell_len) for row, line in rows])

    def end(self, totals: Totals, seen: Sightings, setup: Setup, remarks: Iterable[str] = ()) -> None:
        """The summary of the session with remarks on it; where nothing was captured, why that may be."""
        self._measure()
        if totals:
            self._print([Text(), *summed_up(totals, self._console)])
            for remark in remarks:
                self._print(list(paragraph(Text(harmless(remark), "dim"), self._console, 0)))
        else:
            reasons = [part for hint in hints(seen, setup) for part in paragraph(Text(hint), self._console, 2)]
            self._print([Text(), Text("streamwatch saw no exchange.", "bold"), *reasons])

    def _print(self, lines: Sequence[Text]) -> None:
        if self._console.is_terminal:
            self._console.print(*lines, sep="\n", soft_wrap=True)
        else:  # the same, without looking for colours, and at once: where nothing is buffered each piece is a write
            self._console.file.write("".join(f"{line.plain}\n" for line in lines))
            self._console.file.flush()

    def _measure(self) -> None:
        if self._region:
            self._console.size = shutil.get_terminal_size()
