"""How far a large file has been read, shown on a terminal.

In: a path.  Out: the file, open for reading; meanwhile a bar on stderr, which is gone when the file is closed.
"""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO

MIN_BAR_SIZE = 16 << 20
"""Bytes up to which a file is read too quickly for a bar to be of use."""
_PERIOD = 0.1
"""Seconds between two drawings."""
_WIDTH = 30


class _ProgressFile(io.FileIO):
    """A file that shows how far it has been read."""

    def __init__(self, path: Path, screen: TextIO) -> None:
        super().__init__(path)
        self._screen = screen
        self._size = os.fstat(self.fileno()).st_size
        self._read = 0
        self._due = time.monotonic() + _PERIOD

    def readinto(self, buffer: Any) -> int | None:
        count = super().readinto(buffer)
        self._read += count or 0
        if (now := time.monotonic()) >= self._due:
            self._due = now + _PERIOD
            self._draw()
        return count

    def _draw(self) -> None:
        share = min(1.0, self._read / self._size) if self._size else 1.0
        done = round(share * _WIDTH)
        self._screen.write(f"\r[{'#' * done}{'.' * (_WIDTH - done)}] {share:4.0%} of {self._size >> 20} MiB ")
        self._screen.flush()

    def close(self) -> None:
        if not self.closed:
            self._screen.write("\r" + " " * (_WIDTH + 24) + "\r")
            self._screen.flush()
        super().close()


def open_with_progress(path: Path, screen: TextIO | None = None) -> io.BufferedReader:
    """Open a file; with a bar if it is large and `screen` (stderr unless given) is a terminal."""
    screen = screen or sys.stderr
    if screen is None or not screen.isatty() or path.stat().st_size <= MIN_BAR_SIZE:
        return path.open("rb")
    return io.BufferedReader(_ProgressFile(path, screen), 1 << 18)
