"""A few rows kept at the bottom of a terminal while others go on printing above them.

In: text that others print, and rows.  Out: both, written to the terminal.  Never here: what is in the rows.

mitmdump's own printers hold ``sys.stdout`` from before any script loads.  While they are pointed at a `Region`
instead, their text passes through verbatim: with rows on the screen it is held until the event loop's next turn and
then goes out in one write together with the rows, redrawn below it; without rows it is passed on at once.

rich's ``Live`` is not used for this: it wraps the text of others, draws once per ``print``, and leaves debris when the
terminal is made narrower.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TextIO

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036): the terminal
shows what is between them at once; terminals that do not know it ignore it."""
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_ERASE_LINE_END, _ERASE_BELOW = "\x1b[K", "\x1b[J"


class Row(NamedTuple):
    ansi: str
    """Text with its colours, without a line end."""
    width: int
    """Cells it takes; fewer than the terminal has columns, which breaks the row in several lines if made narrower."""


class Region:
    """A text stream on top of `out`, a terminal, with rows below what is written to it.

    `call_soon` runs a function in the event loop's next turn (``call_soon_threadsafe``): others log from threads.
    """

    def __init__(self, out: TextIO, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._out = out
        self._call_soon = call_soon
        self._lock = threading.RLock()
        self._rows: Sequence[Row] = ()
        self._held: list[str] = []
        self._redraw_due = False
        self._mid_line = False
        self._columns = 0

    def __getattr__(self, name: str) -> Any:
        """Delegate all other attributes of a stream to the terminal's."""
        return getattr(self._out, name)

    def write(self, text: str) -> int:
        with self._lock:
            if not self._rows:
                self._write_through(text)
            else:
                self._held.append(text)
                if not self._redraw_due:
                    self._redraw_due = True
                    self._call_soon(self._redraw_if_due)
        return len(text)

    def flush(self) -> None:
        """Do nothing for whole lines, which go out with the rows; a prompt, as of a debugger, removes the rows."""
        with self._lock:
            if self._held and not self._held[-1].endswith("\n"):
                self.draw(())
            elif not self._rows:
                self._out.flush()

    def draw(self, rows: Sequence[Row]) -> None:
        """Show `rows` in place of those shown now; without any, remove the region and show the cursor again."""
        with self._lock:
            before, self._rows = self._rows, rows
            self._redraw_due = False
            if not before and not rows:
                return
            above, unfinished = self._drain()
            self._out.write(self._frame(before, above, rows))
            self._mid_line = False
            self._requeue(unfinished)
            self._out.flush()

    def _frame(self, before: Sequence[Row], above: str, rows: Sequence[Row]) -> str:
        """What turns `before` on the screen into `above` with `rows` below it."""
        columns = os.get_terminal_size(self._out.fileno()).columns or 80
        # Rows are written over the old ones, which flickers nowhere; but a line that the terminal broke in two when
        # it was made narrower remains one line to it until it is erased.
        erase = _ERASE_BELOW if above or not rows or columns != self._columns else ""
        self._columns = columns
        below = "\n".join(row.ansi + _ERASE_LINE_END for row in rows)
        cursor = _HIDE_CURSOR if rows else _SHOW_CURSOR
        return "".join((_BEGIN, self._back(before), erase, above, below, _ERASE_BELOW, cursor, _END))

    def _redraw_if_due(self) -> None:
        if self._redraw_due:
            self.draw(self._rows)

    def _write_through(self, text: str) -> None:
        self._out.write(text)
        if text:
            self._mid_line = not text.endswith("\n")

    def _drain(self) -> tuple[str, str]:
        """Take the held text: the complete lines, and the beginning of an incomplete one."""
        held, self._held = "".join(self._held), []
        lines, end, unfinished = held.rpartition("\n")
        return lines + end, unfinished

    def _requeue(self, unfinished: str) -> None:
        if unfinished and self._rows:
            self._held.append(unfinished)
        elif unfinished:
            self._write_through(unfinished)

    def _back(self, rows: Sequence[Row]) -> str:
        """Move the cursor from the end of `rows` to their beginning."""
        if not rows:
            return "\n" if self._mid_line else ""
        height = sum(max(1, -(-row.width // self._columns)) for row in rows)
        return "\r" + (f"\x1b[{height - 1}A" if height > 1 else "")
