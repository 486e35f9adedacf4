"""How an exchange in flight stands: a line of the live view."""

from __future__ import annotations

from . import redact
from .model import Opening, Snapshot
from .tally import Tally
from .timing import between


def standing(opening: Opening, tally: Tally, request_end: float | None, now: float) -> Snapshot:
    """What its head and its dated pieces tell.  Times are seconds on the exchange's axis."""
    tally.silent_until(now, request_end)
    return Snapshot(
        id=opening.id,
        method=opening.method,
        url=redact.url(opening.url),
        age=now,
        arrivals=tally.seen,
        events=tally.events_seen,
        content_events=tally.content_seen,
        first_token=between(request_end, tally.first_content),
        since_last=between(tally.previous, now),
        longest_silence=tally.silence,
        recent=tally.recent(now),
    )
