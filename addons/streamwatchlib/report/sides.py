"""The same exchange on both sides of a hop, beside each other as Markdown.

In: the record upstream of the hop, the one downstream, and what the hop did.  Out: a table, and what else the hop
changed.  Never here: how the two were found.
"""

from __future__ import annotations

from collections.abc import Callable

from ..model import Passage, Record
from ..units import NOTHING, seconds
from .gfm import prose, table
from .show import count


def beside(up: Record, down: Record, hop: Passage) -> str:
    """A table with a row for each figure that either side has, and the other changes as a list."""
    rows = [
        (name, show(up), show(down), seconds(added(hop)))
        for name, show, added in _ROWS
        if not show(up) == show(down) == NOTHING
    ]
    changes = "\n".join(f"- The hop {prose(change)}." for change in hop.changed)
    heads = ("", "upstream of the hop", "through the hop", "the hop added")
    return "\n\n".join(filter(None, (table(heads, "lrrr", rows), changes)))


def _arrivals(record: Record) -> str:
    return count(record.stream.arrived if record.stream else None)


def _events(record: Record) -> str:
    return count(record.stream.events if record.stream else None)


def _last_byte(record: Record) -> str:
    kept = record.stream.arrivals if record.stream else None
    return seconds(kept[-1].t if kept else None)


def _gaps(record: Record) -> str:
    itl = record.timing.itl
    return f"{seconds(itl.p50)} / {seconds(itl.p99)}" if itl else NOTHING


def _http(record: Record) -> str:
    """The versions of request and response, which may differ: servers answer HTTP/1.0 by HTTP/1.1."""
    answered = record.response.http_version if record.response else NOTHING
    return f"{prose(record.request.http_version)} / {prose(answered)}"


def _delay(hop: Passage) -> float | None:
    return hop.event_delay.mean if hop.event_delay else None


def _nothing(_: Passage) -> None:
    return None


type _Row = tuple[str, Callable[[Record], str], Callable[[Passage], float | None]]
_ROWS: tuple[_Row, ...] = (
    ("verdict", lambda side: f"**{side.verdict.label}**", _nothing),
    ("request complete", lambda side: seconds(side.timing.request_end), lambda hop: hop.request_added),
    ("response headers", lambda side: seconds(side.timing.response_start), lambda hop: hop.head_added),
    ("first byte", lambda side: seconds(side.timing.first_byte), lambda hop: hop.first_byte_added),
    ("first token", lambda side: seconds(side.timing.first_token), lambda hop: hop.first_token_added),
    ("last byte", _last_byte, lambda hop: hop.last_byte_added),
    ("events; mean delay", _events, _delay),
    ("arrivals", _arrivals, _nothing),
    ("gaps between events, p50 / p99", _gaps, _nothing),
    ("held back, on average", lambda side: seconds(side.verdict.measures.mean_hold), lambda hop: hop.hold),
    ("HTTP, request / response", _http, _nothing),
)
"""The name of each figure, how it is shown of a side, and what the hop added to it."""
