"""Records put aside until a report is made of them: on disk, so that memory stays flat, and bounded.

In: lines.  Out: the lines again, oldest first.  They lie in two unnamed temporary files, readable by nobody else and
gone with the process: when the newer one has half of the bound, the older one is dropped.
"""

from __future__ import annotations

import os
import tempfile
import threading
from typing import IO

from ..units import counted
from ..worker.answers import Part

MAX_BYTES = 256 << 20
"""Bytes on disk."""


class Spool:
    """Keeps the latest lines: between half of `most` bytes and all of them."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self._half = most // 2
        self._files: list[tuple[IO[bytes], int]] = []
        """Newest last, with the number of lines in each."""
        self._lock = threading.Lock()
        """Lines are put aside in one thread and read in another."""
        self.dropped = self._refused = 0
        """Lines that were dropped, and lines that the disk did not take."""

    def add(self, data: Part, beside: str | None = None) -> None:
        """Put a line aside; if there is no folder for temporary files, in that of the file `beside`.

        Raises OSError if the disk is full: this line is lost, those before it are not.
        """
        with self._lock:
            try:
                self._add(data, beside)
            except OSError:
                self._refused += 1
                raise

    def _add(self, data: Part, beside: str | None) -> None:
        if not self._files or self._files[-1][0].tell() + len(data) > self._half:
            self._files.append((_file(beside), 0))
            for file, lines in self._files[:-2]:
                file.close()
                self.dropped += lines
            del self._files[:-2]
        file, lines = self._files[-1]
        _write(file, data)
        self._files[-1] = file, lines + 1

    @property
    def missing(self) -> str:
        """Which of the records put aside are lost, in words; empty if none is."""
        oldest = f"the oldest {counted(self.dropped, 'exchange')}" if self.dropped else ""
        refused = f"{counted(self._refused, 'exchange')} that could not be put aside" if self._refused else ""
        return " and ".join(filter(None, (oldest, refused)))

    def __len__(self) -> int:
        return sum(lines for _, lines in self._files)

    def read(self) -> str:
        """All lines that are kept, as one text."""
        with self._lock:
            content = [_content(file) for file, _ in self._files]
        return b"".join(content).decode()

    def __del__(self) -> None:
        for file, _ in self._files:
            file.close()


def _file(beside: str | None) -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(buffering=0)
    except FileNotFoundError:  # a hardened container: all that can be written may be the folder of its reports
        if beside is None:
            raise
        return tempfile.TemporaryFile(buffering=0, dir=os.path.dirname(os.path.abspath(beside)))


def _write(file: IO[bytes], data: Part) -> None:
    """Append all of `data` or, if that raises OSError, nothing."""
    start = file.tell()
    try:
        while data:
            data = data[file.write(data) :]
    except OSError:
        file.seek(start)
        file.truncate()
        raise


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    try:
        return file.read()
    finally:
        file.seek(0, os.SEEK_END)
