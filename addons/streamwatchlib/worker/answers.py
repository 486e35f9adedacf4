"""What the worker answers, and how it gets from one process to the other.

Answers travel as plain tuples.  A record holds thousands of small tuples: to unpickle them one by one would keep
mitmproxy's event loop for milliseconds, so they go as columns of plain values, some hundred to a piece, and are put
together by the piece.  Classes of the model are told by name, so that a script loaded anew meanwhile gets its own.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
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
    line: str | None
    """The record as a line of JSON, if it was asked for."""


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

_KINDS = {kind.__name__: kind for kind in (Closed, Failed, LostSight, Standing)}


def dumps(answer: Answer) -> bytes:
    """An answer as bytes."""
    kind = type(answer).__name__
    if isinstance(answer, Closed):
        record, *columns = _thin(answer.record)
        return _dumps((kind, answer.key, answer.packed, record, answer.line, columns))
    return _dumps((kind, *(getattr(answer, field.name) for field in fields(answer))))


def loads(data: bytes) -> Answer:
    """The answer again, of bytes that `dumps` made: of no others."""
    name, *values = pickle.loads(data)
    if name == Closed.__name__:
        key, packed, record, line, columns = values
        return Closed(key, packed, _whole(record, *columns), line)
    answer: Answer = _KINDS[name](*values)
    return answer


_dumps = partial(pickle.dumps, protocol=pickle.HIGHEST_PROTOCOL)

type _Columns = list[bytes] | None


def _thin(record: Record) -> tuple[Record, _Columns, _Columns]:
    """The record without its events and arrivals, and these."""
    events, stream = record.events, record.stream
    arrivals = stream.arrivals if stream else None
    thin = replace(record, events=() if events else events)
    if stream and arrivals:
        thin = replace(thin, stream=replace(stream, arrivals=()))
    return thin, _columns(events), _columns(arrivals)


def _whole(record: Record, events: _Columns, arrivals: _Columns) -> Record:
    if events:
        record = replace(record, events=tuple(_tuples(Event, events)))
    if arrivals and record.stream:
        record = replace(record, stream=replace(record.stream, arrivals=tuple(_tuples(Arrival, arrivals))))
    return record


def _columns(tuples: Sequence[tuple[object, ...]] | None) -> _Columns:
    return [marshal.dumps([tuple(each) for each in some]) for some in batched(tuples, _PIECE)] if tuples else None


def _tuples[T: tuple[object, ...]](kind: type[T], columns: Iterable[bytes]) -> Iterator[T]:
    make = partial(tuple.__new__, kind)
    return chain.from_iterable(map(make, marshal.loads(piece)) for piece in columns)
