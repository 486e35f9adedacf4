"""Newline-delimited JSON: one value a line.

In: the bytes of a body.  Out: an event at each line feed.  Blank lines are ignored, a line that is no JSON is a
malformed event that keeps its text, the last line counts without a line feed.
https://github.com/ndjson/ndjson-spec
"""

from __future__ import annotations

from ..model import Frame, Limits
from .lines import Lines
from .payload import Notes, json_frame


class NdjsonFramer:
    """JSON Lines, NDJSON, and what Ollama, Cohere and Spring send under other names."""

    format = "ndjson"

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.event
        self._lines = Lines(limits.event, bare_cr=False)
        self._notes = Notes()
        self._carried = False

    @property
    def pending(self) -> bool:
        return self._lines.pending

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._notes.all()

    def feed(self, data: bytes) -> list[Frame]:
        self._carried = self.pending
        return self._read(self._lines.feed(data))

    def close(self) -> list[Frame]:
        return self._read([self._lines.close()])

    def _read(self, lines: list[bytes]) -> list[Frame]:
        frames: list[Frame] = []
        for line in lines:
            if payload := line.strip():
                frames.append(json_frame(payload, self._limit, self._notes, split=self._carried))
            self._carried = False
        return frames
