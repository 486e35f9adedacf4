"""Newline-delimited JSON: one value a line.

In: the bytes of a body.  Out: an event at each line feed.  Blank lines are ignored, a line that is not JSON is a
malformed event that keeps its text, the last line needs no line feed.
https://github.com/ndjson/ndjson-spec

Servers that leave out line feeds are read too, which is noted: documents that follow each other directly are an event
each, from the second on at their own last byte, since no line feed may ever come.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

from ..model import Frame, Limits
from .concatenated import ConcatenatedJson
from .lines import Lines
from .payload import Notes, json_frame

NO_LINE_FEED = "JSON documents follow each other without a line feed."


class NdjsonFramer:
    """Parses JSON Lines and NDJSON, also where Ollama, Cohere and Spring send it under other names."""

    format = "ndjson"

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.event
        self._lines = Lines(limits.event, bare_cr=False)
        self._notes = Notes()
        self._started_earlier = False
        self._cutter: ConcatenatedJson | None = None
        """Cuts the unfinished line; None until that has been looked at."""
        self._is_concatenated = False

    @property
    def pending(self) -> bool:
        return self._lines.pending

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._notes.all()

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._started_earlier = self.pending
        frames, at = [], 0
        while at < len(data):
            # never more than the line has room for: what exceeds the limit must not hide the documents before it
            end = at + max(1, self._lines.room) if not self._lines.overlong else data.find(b"\n", at) + 1 or len(data)
            frames += self._read(data[at:end])
            at = end
        return frames

    def close(self) -> list[Frame]:
        return self._line(self._lines.close())

    def _read(self, data: bytes) -> list[Frame]:
        frames = [frame for line in self._lines.feed(data) for frame in self._line(line)]
        if self._lines.pending and not self._lines.overlong:
            self._cutter = self._cutter or ConcatenatedJson(self._is_concatenated)
            for length in self._cuts(self._cutter, self._lines.tail):
                frames += self._event(self._lines.take(length))
        return frames

    def _line(self, line: bytes) -> list[Frame]:
        """Read a whole line as one event, or as several documents if it does not parse."""
        self._cutter = None
        frames = self._event(line)
        self._started_earlier = False
        if frames and frames[0].malformed and len(line) <= self._limit:
            lengths = self._cuts(ConcatenatedJson(self._is_concatenated), line)
            ends = [0, *accumulate(lengths), len(line)]
            if lengths:
                self._started_earlier = frames[0].split
                return [frame for a, b in pairwise(ends) for frame in self._event(line[a:b])]
        return frames

    def _event(self, document: bytes) -> list[Frame]:
        if not (document := document.strip()):
            return []
        frame = json_frame(document, self._limit, self._notes, split=self._started_earlier)
        self._started_earlier = False
        return [frame]

    def _cuts(self, cutter: ConcatenatedJson, data: bytes) -> list[int]:
        lengths = cutter.feed(data)
        if lengths:
            self._is_concatenated = True
            self._notes.add(NO_LINE_FEED)
        return lengths
