"""JSON text sequences, RFC 7464: each text stands between a record separator (0x1E) and a line feed.

In: the bytes of a body.  Out: each text at the line feed behind it, or at the next separator if that comes first.
https://www.rfc-editor.org/rfc/rfc7464
"""

from __future__ import annotations

from ..model import Frame, Limits
from .payload import Notes, json_frame
from .scan import Scanner

NO_SEPARATOR = "Bytes precede the first record separator."
CUT_OFF = "Cut off: a number or literal without the white space that proves it complete (RFC 7464, 2.4)."

_RS = b"\x1e"


class JsonSeqFramer:
    """Parses the sequence: text that is not JSON is malformed, and the next separator begins anew (RFC 7464, 2.3)."""

    format = "json-seq"

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.event
        self._scanner = Scanner()
        self._notes = Notes()
        self._held = bytearray()
        self._begun = self._started_earlier = False

    @property
    def pending(self) -> bool:
        return bool(self._held)

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._notes.all()

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._started_earlier = self.pending
        frames: list[Frame] = []
        before, *records = data.split(_RS)
        self._text(before, frames)
        for record in records:
            frames += self._emit()
            self._begun = True
            self._text(record, frames)
        return frames

    def close(self) -> list[Frame]:
        return self._emit()

    def _text(self, data: bytes, frames: list[Frame]) -> None:
        """Take bytes up to a separator: a line feed outside of brackets and strings ends the text."""
        for line in data.splitlines(keepends=True):
            if not self._held:
                line = line.lstrip()
            self._held += line[: self._limit + 1 - len(self._held)]
            self._scanner.marks(line, 0)
            if line.endswith(b"\n") and not self._scanner.inside:
                frames += self._emit()

    def _emit(self) -> list[Frame]:
        data, started_earlier = bytes(self._held), self._started_earlier
        self._held.clear()
        self._scanner = Scanner()
        self._started_earlier = False
        if not data:
            return []
        if not self._begun:
            self._notes.add(NO_SEPARATOR)
        frame = json_frame(data.rstrip(), self._limit, self._notes, split=started_earlier)
        if isinstance(frame.value, str | list | dict) or data[-1:].isspace() or frame.malformed:
            return [frame]
        return [frame._replace(value=None, malformed=CUT_OFF)]
