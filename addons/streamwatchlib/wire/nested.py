"""Events inside the messages of another framing: SageMaker cuts the stream of a model's server into arbitrary pieces.

In: the payload of each message.  Out: events of the framing that the first bytes suggest or, where they suggest none,
the text as it came.
"""

from __future__ import annotations

from ..model import Frame, Limits
from . import sniff
from .ndjson import NdjsonFramer
from .payload import Notes, text
from .sse import SseFramer

_FRAMERS = {"sse": SseFramer, "ndjson": NdjsonFramer, "json-array": NdjsonFramer}


class Nested:
    """A body inside a body."""

    def __init__(self, limits: Limits, notes: Notes) -> None:
        self._limits, self._notes = limits, notes
        self._framer: SseFramer | NdjsonFramer | None = None
        self._undecided: bytes | None = b""

    @property
    def pending(self) -> bool:
        return self._framer.pending if self._framer else bool(self._undecided)

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._framer.deviations if self._framer else ()

    def feed(self, data: bytes) -> list[Frame]:
        if self._undecided is not None:
            data = self._undecided + data
            suggested = sniff.framing(data)
            if suggested is None and len(data) < sniff.MAX_BLANK:
                self._undecided = data
                return []
            make = _FRAMERS.get(suggested or "")
            self._framer, self._undecided = make(self._limits) if make else None, None
        return self._framer.feed(data) if self._framer else self._bare(data)

    def close(self) -> list[Frame]:
        held, self._undecided = self._undecided or b"", None
        return self._framer.close() if self._framer else self._bare(held)

    def _bare(self, data: bytes) -> list[Frame]:
        return [Frame(data=text(data, self._notes))] if data else []
