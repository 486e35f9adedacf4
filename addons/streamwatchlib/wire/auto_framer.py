"""The framer of one body, chosen as soon as its first bytes suggest one.

In: the declared media type, and the decoded bytes as they arrive.  Out: events, each dated by its own bytes even where
the declaration is wrong.  Whether the body really holds events is settled at its end (`classify`).
"""

from __future__ import annotations

from ..model import Frame, Limits
from . import FRAMERS, Framer, media_types, sniff
from .per_read import PerReadFramer
from .sse import SseFramer
from .sse.data import Recognizer


class AutoFramer:
    """Reads as a `Framer` does; until one is chosen, the bytes are kept for it.

    Args:
        media_type: the declared one; None if there was none.
        per_read: each read is an event.
    """

    def __init__(self, media_type: str | None, limits: Limits, recognize: Recognizer, *, per_read: bool) -> None:
        self._declared, self._limits, self._recognize = media_types.framing(media_type), limits, recognize
        self.chosen: Framer | None = PerReadFramer() if per_read else None
        self._undecided: list[bytes] | None = None if per_read or not media_types.may_hold_events(media_type) else []
        self._size = 0

    @property
    def format(self) -> str | None:
        """The presumed framing; None if there is none."""
        return self.chosen.format if self.chosen else self._declared

    @property
    def pending(self) -> bool:
        """As `Framer.pending`."""
        return self.chosen.pending if self.chosen else any(piece.strip() for piece in self._undecided or ())

    @property
    def deviations(self) -> tuple[str, ...]:
        """As `Framer.deviations`."""
        return self.chosen.deviations if self.chosen else ()

    def feed(self, data: bytes) -> list[Frame]:
        """The events that these bytes completed."""
        if self.chosen:
            return self.chosen.feed(data)
        self._size += len(data)
        if self._undecided is None or (self._size > sniff.MAX_BLANK and not data.strip()):
            return []
        self._undecided.append(data)
        return self._decide(sniff.framing(b"".join(self._undecided)))

    def settle(self) -> list[Frame]:
        """Stop reading: if the bytes were too few to suggest a framing, read them by the declared one."""
        return self._decide("")

    def close(self) -> list[Frame]:
        """As `Framer.close`; call `settle` first."""
        return self.chosen.close() if self.chosen else []

    def _decide(self, suggested: str | None) -> list[Frame]:
        """Choose a framer once the first bytes suggest one; feed it what was kept, piece by piece."""
        if suggested is None or self._undecided is None:
            return []
        format_ = _choose(self._declared, suggested)
        pieces, self._undecided = self._undecided, None
        if not format_:
            return []
        make = FRAMERS[format_]
        self.chosen = framer = SseFramer(self._limits, self._recognize) if make is SseFramer else make(self._limits)
        return [frame for piece in pieces for frame in framer.feed(piece)]


def _choose(declared: str | None, suggested: str) -> str:
    """The framer for a body: the one its type declares, unless its first bytes are plainly of another framing."""
    if declared is None:
        return suggested
    if declared == "sse" and suggested in ("ndjson", "json-array"):
        return declared  # bare JSON may be an error amid events
    if suggested == "json-array":
        return "ndjson"
    return suggested or declared
