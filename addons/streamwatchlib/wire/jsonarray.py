"""A JSON array, sent element by element (Gemini without ``alt=sse``).

In: the bytes of a body that begins with ``[``.  Out: each element at the byte that ends it: its own closing bracket or
quote, for a number or a literal the comma or bracket behind it.
"""

from __future__ import annotations

from ..model import Frame, Limits
from .payload import Notes, json_frame
from .scan import Scanner

BEHIND = "Something follows the closing bracket of the array."


class JsonArrayFramer:
    """Parses the elements of one array; bytes behind its closing bracket are noted and ignored."""

    format = "json-array"

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.event
        self._scanner = Scanner()
        self._notes = Notes()
        self._held = bytearray()
        self._begun = self._done = self._started_earlier = False

    @property
    def pending(self) -> bool:
        return bool(self._held)

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._notes.all()

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._started_earlier = self.pending
        if not self._begun:
            _, opened, data = data.partition(b"[")
            self._begun = bool(opened)
            self._scanner.depth = len(opened)
        return self._read(data) if self._begun else []

    def close(self) -> list[Frame]:
        return self._emit()

    def _read(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        at = 0
        for end, byte, depth in [] if self._done else self._scanner.marks(data, 1):
            self._done = depth == 0
            # a comma, or the array's bracket, stands behind its element; any other mark is the element's last byte
            self._hold(data[at : end - (byte == b"," or self._done)])
            frames += self._emit()
            at = end
            if self._done:
                break
        if not self._done:
            self._hold(data[at:])
        elif data[at:].strip():
            self._notes.add(BEHIND)
        return frames

    def _hold(self, data: bytes) -> None:
        if not self._held:
            data = data.lstrip()
        self._held += data[: max(0, self._limit + 1 - len(self._held))]

    def _emit(self) -> list[Frame]:
        if not self._held:
            return []
        frame = json_frame(bytes(self._held.rstrip()), self._limit, self._notes, split=self._started_earlier)
        self._held.clear()
        self._started_earlier = False
        return [frame]
