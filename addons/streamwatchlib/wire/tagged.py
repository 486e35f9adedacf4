"""Lines of tagged JSON: ``0:"a"``, the data streams of Vercel's AI SDK up to its version 4.

In: the bytes of a body.  Out: an event at each line feed, its tag as `Frame.type`.  A line without a tag is a malformed
event that keeps its text.  https://v4.ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
"""

from __future__ import annotations

from ..model import Frame, Limits
from .lines import Lines
from .payload import Notes, json_frame, oversize, text

_COLON = b":"
_MAX_TAG = 2
"""Most characters of a tag."""


class TaggedFramer:
    """Parses one value a line, behind its tag and a colon."""

    format = "tagged-json"

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.event
        self._lines = Lines(limits.event, bare_cr=False)
        self._notes = Notes()
        self._started_earlier = False

    @property
    def pending(self) -> bool:
        return self._lines.pending

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._notes.all()

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._started_earlier = self.pending
        return [frame for line in self._lines.feed(data) for frame in self._line(line)]

    def close(self) -> list[Frame]:
        return self._line(self._lines.close())

    def _line(self, line: bytes) -> list[Frame]:
        started_earlier, self._started_earlier = self._started_earlier, False
        if not line.strip():
            return []
        tag, colon, document = line.partition(_COLON)
        if len(line) > self._limit:
            return [oversize(line, self._limit, split=started_earlier)]
        if not colon or not tag.isalnum() or len(tag) > _MAX_TAG:
            return [Frame(data=text(line, self._notes), malformed="Not a value after its tag.", split=started_earlier)]
        return [
            json_frame(document.strip(), self._limit, self._notes, split=started_earlier)._replace(
                type=text(tag, self._notes)
            )
        ]
