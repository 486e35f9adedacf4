"""What the worker answers, and how a record gets from one process to the other.

A record holds thousands of small tuples; to unpickle them one by one would keep mitmproxy's event loop for
milliseconds.  They travel as columns of plain values, some hundred to a piece, and are put together by the piece.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import batched, chain

from ..model import Arrival, Event, Record, Snapshot

_PIECE = 500
"""Tuples put together at a time: a fraction of a millisecond."""


@dataclass(frozen=True, slots=True)
class Closed:
    """An exchange has ended, and this came of it."""

    key: int
    packed: str
    """What is stored with its flow (`stored`)."""
    record: Record
    """Without its events and arrivals, until `whole` puts them back."""
    line: str | None
    """The record as a line of JSON, if it was asked for."""
    events: tuple[bytes, ...] | None = None
    arrivals: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """No record could be made of an exchange."""

    key: int
    why: str
    """A traceback, or a sentence."""


@dataclass(frozen=True, slots=True)
class LostSight:
    """Something went wrong: of this exchange nothing more is read."""

    key: int
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How those in flight stand that were asked about."""

    snapshots: tuple[Snapshot, ...]


type Answer = Closed | Failed | LostSight | Standing


def closed(key: int, packed: str, record: Record, line: str | None) -> Closed:
    """The answer that carries a record."""
    events, stream = record.events, record.stream
    arrivals = stream.arrivals if stream else None
    thin = replace(
        record,
        events=() if events else events,
        stream=replace(stream, arrivals=() if arrivals else arrivals) if stream else None,
    )
    return Closed(key, packed, thin, line, _columns(events), _columns(arrivals))


def whole(answer: Closed) -> Record:
    """The record, all of it."""
    record = answer.record
    if answer.events:
        record = replace(record, events=tuple(_tuples(Event, answer.events)))
    if answer.arrivals and record.stream:
        record = replace(record, stream=replace(record.stream, arrivals=tuple(_tuples(Arrival, answer.arrivals))))
    return record


def _columns(tuples: Sequence[tuple[object, ...]] | None) -> tuple[bytes, ...] | None:
    return tuple(marshal.dumps([tuple(each) for each in some]) for some in batched(tuples, _PIECE)) if tuples else None


def _tuples[T: tuple[object, ...]](kind: type[T], columns: Iterable[bytes]) -> Iterator[T]:
    make = partial(tuple.__new__, kind)
    return chain.from_iterable(map(make, marshal.loads(piece)) for piece in columns)
