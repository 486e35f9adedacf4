"""An exchange on one time axis: its phases, each arrival, its silences.

In: a record.  Out: plain numbers that `waterfall` draws.  Arrivals that would share a column of the picture are
merged into one mark, so that a stream of a hundred thousand reads costs no more than one of a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor, log10
from statistics import median
from typing import Literal, NamedTuple

from ...model import Arrival, Channel, Event, Record, Timing

type Kind = Channel | Literal["malformed"] | None
"""What an arrival carried first: content of a channel, a broken event, or neither (role, ping, half an event)."""


class Mark(NamedTuple):
    """One column of the picture."""

    t: float
    size: int
    reads: int
    events: int
    kind: Kind


class Span(NamedTuple):
    name: str
    start: float
    end: float


def duration(record: Record) -> float:
    """The end of the axis, seconds; a microsecond at least."""
    arrivals = _arrivals(record)
    seen = [t for t in (record.timing.end, record.timing.response_start, record.timing.request_end) if t is not None]
    return max([1e-6, *seen, *(arrival.t for arrival in arrivals[-1:])])


def marks(record: Record, columns: int) -> list[Mark]:
    """The arrivals as marks, at most one per column."""
    kinds = _kinds(record.events or ())
    width = duration(record) / columns
    out: dict[int, Mark] = {}
    for index, arrival in enumerate(_arrivals(record)):
        column = int(arrival.t / width)
        mark = Mark(arrival.t, arrival.size, 1, arrival.events, kinds.get(index))
        out[column] = _merged(out[column], mark) if column in out else mark
    return list(out.values())


def _merged(one: Mark, other: Mark) -> Mark:
    return Mark(
        one.t, one.size + other.size, one.reads + other.reads, one.events + other.events, one.kind or other.kind
    )


def _kinds(events: Sequence[Event]) -> dict[int, Kind]:
    """Index of an arrival -> the first kind of note in it."""
    out: dict[int, Kind] = {}
    for event in events:
        kind: Kind = "malformed" if event.malformed else event.channel or "text" if event.content else None
        if kind is not None and event.arrival is not None:
            out.setdefault(event.arrival, kind)
    return out


def phases(timing: Timing, end: float) -> list[Span]:
    """Request, wait for the head, wait for the body, body: those that were observed and have a length."""
    borders = (
        ("request", timing.request_end),
        ("wait for the answer", timing.response_start),
        ("headers only", timing.first_byte),
        ("body", end if timing.first_byte is not None else None),
    )
    out, start = [], 0.0
    for name, border in borders:
        if border is not None and border > start:
            out.append(Span(name, start, border))
            start = border
    if timing.response_start is None and end > start:
        out.append(Span("no answer", start, end))
    return out


_LEAST = 0.1
"""Seconds from which on a gap counts as a silence: a reader does not notice a shorter one ..."""
_SHARE = 0.03
"""... nor one of a smaller share of the axis, a few pixels wide."""
_TIMES = 5
"""Times the usual gap from which on a gap counts as a silence."""


def silences(record: Record) -> list[Span]:
    """Gaps between arrivals that stand out, and the wait for the first one."""
    arrivals = _arrivals(record)
    if not arrivals:
        return []
    gaps = [Span("silence", a.t, b.t) for a, b in pairwise(arrivals)]
    usual = median(gap.end - gap.start for gap in gaps) if gaps else 0.0
    least = max(_LEAST, _SHARE * duration(record), _TIMES * usual)
    wait = Span("wait", record.timing.request_end or 0.0, arrivals[0].t)
    return [gap for gap in (wait, *gaps) if gap.end - gap.start >= (_LEAST if gap is wait else least)]


def milestones(timing: Timing) -> list[tuple[str, float]]:
    """The dated moments of the exchange with their names, what matters most first."""
    moments = (
        ("first token", timing.first_token),
        ("headers", timing.response_start),
        ("first byte", timing.first_byte),
        ("last token", timing.last_token),
        ("end", timing.end),
    )
    return [(name, t) for name, t in moments if t is not None]


_TICKS = 8


def ticks(end: float) -> list[float]:
    """Round times along the axis, zero and at most `_TICKS` more: 1, 2 or 5 times a power of ten apart."""
    decade = 10.0 ** floor(log10(end / _TICKS))
    step = next(step for step in (decade, 2 * decade, 5 * decade, 10 * decade) if end / step <= _TICKS)
    return [step * i for i in range(int(end / step) + 1)]


def gaps(record: Record) -> list[float] | None:
    """Seconds between successive content events; None where their times are not in the record."""
    times = [event.t for event in record.events or () if event.content and event.t is not None]
    return [b - a for a, b in pairwise(times)] if len(times) > 1 else None


def _arrivals(record: Record) -> Sequence[Arrival]:
    return (record.stream.arrivals if record.stream else None) or ()
