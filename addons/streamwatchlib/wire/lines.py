"""Split bytes into lines, each complete at the earliest byte that proves it.

In: the bytes of a body in pieces of any size.  Out: lines without their line ends.  Never here: a format.  Work is
linear in the bytes however they are cut, and the buffer is bounded: of a line longer than `limit` only the first
``limit + 1`` bytes are kept, one too many, so that its length shows that it was cut.
"""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"

LF, CR = b"\n\r"
"""Integers, because ``LF in data`` is faster so: Python tries to convert bytes to an integer first."""


class Lines:
    """Splits at LF and CRLF, and with `bare_cr` also at a lone CR.  Drops one byte order mark at the very start."""

    __slots__ = ("_bare_cr", "_held", "_limit", "_skip_lf", "_started", "tail")

    def __init__(self, limit: int, *, bare_cr: bool) -> None:
        self._limit = limit
        self._bare_cr = bare_cr
        self._held = bytearray()
        self._skip_lf = False
        self._started = False
        self.tail = b""
        """What the last feed added to the unfinished line."""

    @property
    def pending(self) -> bool:
        """The start of an unfinished line is held."""
        return bool(self._held)

    @property
    def overlong(self) -> bool:
        """The unfinished line exceeds the limit: not all of it is held."""
        return len(self._held) > self._limit

    @property
    def room(self) -> int:
        """Bytes by which the unfinished line may grow before it exceeds the limit; negative if it does already."""
        return self._limit - len(self._held)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that these bytes complete."""
        return self.split(self.complete_lines(data))

    def complete_lines(self, data: bytes) -> bytes:
        """Return the same lines in one piece, each with its LF, none cut yet: for callers that read many at once."""
        if not self._started:
            data = self._without_bom(data)
        if self._bare_cr and (self._skip_lf or CR in data):
            data = self._only_lf(data)
        end = data.rfind(b"\n") + 1
        lines, self.tail = data[:end], data[end:]
        if self._held and lines:
            lines = bytes(self._held) + lines
            self._held.clear()
        if self.tail:
            self._held += self.tail[: self._limit + 1 - len(self._held)]
        return lines

    def split(self, complete_lines: bytes) -> list[bytes]:
        """Split the lines of `complete_lines`, each cut to what is kept."""
        lines = complete_lines.split(b"\n")
        lines.pop()
        return [line[: self._limit + 1] for line in lines] if len(complete_lines) > self._limit else lines

    def take(self, count: int) -> bytes:
        """Remove and return the first bytes of the unfinished line."""
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def close(self) -> bytes:
        """Return the unfinished last line, empty if there is none."""
        line = bytes(self._held)
        self._held.clear()
        return line

    def _without_bom(self, data: bytes) -> bytes:
        data = self.take(len(BOM)) + data
        if len(data) < len(BOM) and BOM.startswith(data):
            self._held += data
            return b""
        self._started = True
        return data.removeprefix(BOM)

    def _only_lf(self, data: bytes) -> bytes:
        # A CR at the end of a read has ended its line already: waiting to see whether an LF follows would date the
        # line one read late.  The LF, if it comes, is swallowed.
        if self._skip_lf and data:
            data = data.removeprefix(b"\n")
            self._skip_lf = False
        if CR in data:
            self._skip_lf = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data
