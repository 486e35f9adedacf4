"""The streams in flight: a row for each, with the rhythm of its arrivals and what it has brought so far.

In: snapshots, and the rich console they are drawn on.  Out: rich `Text`, a line each, in which nothing a peer sent can
steer a terminal.  Never here: printing, time, mitmproxy.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ..model import Snapshot
from ..units import size
from .figures import rate, seconds, sparkline
from .grid import Column, heading, line
from .screen import request

_SILENT = 2.0
"""Seconds without an arrival from which on a stream in flight is marked as silent."""
_NARROW = 60
"""Columns of a screen below which a row has fewer figures."""


def in_flight(snapshots: Sequence[Snapshot], more: int, console: Console) -> list[Text]:
    """A heading, a row per stream, and how many `more` there are."""
    width = console.width - 1  # the last column stays free: a full line would wrap on some terminals
    rows = [heading(_IN_FLIGHT, width, "reverse"), *(line(_IN_FLIGHT, snapshot, width) for snapshot in snapshots)]
    if more:
        rows.append(Text(f"+ {more} more", "dim"))
    return rows


def _arrivals(snapshot: Snapshot, room: int) -> Text:
    if snapshot.status is None:
        return Text("waiting".rjust(room), "dim")
    bars = Text(sparkline(snapshot.recent, room), "green")
    bars.highlight_words("·", "dim")
    return bars


def _so_far(snapshot: Snapshot, room: int) -> Text:
    """Pieces of content; bytes if the body has no events."""
    if snapshot.events or not snapshot.bytes:
        return Text(str(snapshot.content_events) if snapshot.content_events else "–")
    return Text(size(snapshot.bytes).replace(" ", ""))


def _pace(snapshot: Snapshot, room: int) -> Text:
    """Pieces per second from the first piece to the last arrival."""
    if snapshot.first_token is None or snapshot.since_last is None:
        return Text()
    pieces, span = snapshot.content_events, snapshot.age - snapshot.since_last - snapshot.first_token
    return Text(rate((pieces - 1) / span) if pieces > 1 and span > 0.1 else "")


def _silence(snapshot: Snapshot, room: int) -> Text:
    silent = snapshot.longest_silence is not None and snapshot.longest_silence >= _SILENT
    lasting = snapshot.since_last is None or snapshot.since_last >= _SILENT
    return Text(seconds(snapshot.longest_silence), "bold yellow" if silent and lasting else "yellow" if silent else "")


_IN_FLIGHT: tuple[Column[Snapshot], ...] = (
    Column("in flight", 0, lambda snapshot, room: request(snapshot.method, snapshot.url, snapshot.model, room)),
    Column("arrivals", 8, _arrivals, below_width=79, align_right=True),
    Column("arrivals", 12, _arrivals, min_width=79, below_width=99, align_right=True),
    Column("arrivals", 24, _arrivals, min_width=99, align_right=True),
    Column("pieces", 8, _so_far, align_right=True),
    Column("/s", 5, _pace, min_width=_NARROW, align_right=True),
    Column("silence", 7, _silence, align_right=True),
    Column("ttft", 6, lambda snapshot, room: Text(seconds(snapshot.first_token)), min_width=_NARROW, align_right=True),
    Column("age", 6, lambda snapshot, room: Text(seconds(snapshot.age), "dim"), min_width=_NARROW, align_right=True),
)
