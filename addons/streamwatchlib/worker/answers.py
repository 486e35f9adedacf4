"""The worker's answers, and their serialization between the processes.

An answer travels in parts: a text of megabytes is a part of its own, and the thousands of small tuples of a record are
made only when they are used (`rows`).  So no part takes long to read, and mitmproxy's event loop gets its turn in
between.  Classes are pickled by name: a script that was reloaded meanwhile gets its own.
"""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from ..compare.digests import Digests
from ..model import Arrival, Event, Record, Snapshot
from . import rows
from .rows import Rows

_LONG = 256 << 10
"""Characters from which on a text becomes a part of its own."""

type Part = bytes | bytearray | mmap.mmap


@dataclass(frozen=True, slots=True)
class Finished:
    """The results of an exchange that has ended."""

    key: int
    packed: str
    """What is stored with its flow (`stored`)."""
    record: Record
    line: Part | None
    """The record as a line of JSON, if the call asked for it."""
    digests: Digests | None
    """The digests of the record's texts, if the call asked for them."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No record could be made of an exchange."""

    key: int
    why: str
    """A traceback or a sentence."""


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """Reading an exchange failed: the rest of it is ignored."""

    key: int
    why: str


@dataclass(frozen=True, slots=True)
class InFlight:
    """The state of the exchanges in flight that were asked about."""

    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True)
class Busy:
    """A sign of life: the worker is still at work on a call that takes long."""


type Answer = Finished | Failed | ReadFailed | InFlight | Busy

_KINDS = {kind.__name__: kind for kind in (Finished, Failed, ReadFailed, InFlight, Busy)}


def values_of(made: Any) -> tuple[Any, ...]:
    """The field values of a dataclass instance, in order."""
    return tuple([getattr(made, field.name) for field in fields(made)])


def dumps(answer: Answer) -> list[Part]:
    """Serialize an answer."""
    kind = type(answer).__name__
    if not isinstance(answer, Finished):
        return [pickle.dumps((kind, *values_of(answer)))]
    head = kind, answer.key, answer.line is not None, answer.digests
    return [pickle.dumps(head), answer.packed.encode(), answer.line or b"", *dumped(answer.record)]


def loads(parts: Sequence[Part], pause: Callable[[], None] = lambda: None) -> Answer:
    """Restore an answer from parts that `dumps` made, and no others.  `pause` is called after each large piece of
    work."""
    name, *values = pickle.loads(parts[0])
    if name == Finished.__name__:
        key, has_line, digests = values
        _, packed, line, *record = parts
        text = str(packed, "utf-8")
        pause()
        return Finished(key, text, loaded(record, pause), line if has_line else None, digests)
    answer: Answer = _KINDS[name](*values)
    return answer


def dumped(record: Record) -> list[Part]:
    """Serialize a record."""
    file = BytesIO()
    pickler = _Pickler(file, record)
    pickler.dump(record)
    return [file.getvalue(), *pickler.parts]


def loaded(parts: Sequence[Part], pause: Callable[[], None] = lambda: None) -> Record:
    """Restore a record from parts that `dumped` made, and no others.  `pause` as for `loads`."""
    record: Record = _Unpickler(parts, pause).load()
    return record


type _Elsewhere = tuple[str, int, int]
"""Stands in for a value that has parts of its own: its class, its length, its number of parts."""


class _Pickler(pickle.Pickler):
    """Puts long texts, events and arrivals into `parts` instead.  Dataclasses are restored by calling their class, in
    half the time."""

    def __init__(self, file: BytesIO, record: Record) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.parts = list[bytes]()
        self._rows = [(Event, record.events), (Arrival, record.stream and record.stream.arrivals)]

    def persistent_id(self, obj: object) -> _Elsewhere | None:
        if type(obj) is str:
            return self._left_out(str, obj, [obj.encode("utf-8", "surrogatepass")]) if len(obj) >= _LONG else None
        for kind, held in self._rows:
            if obj is held and held:
                return self._left_out(kind, held, rows.batches(held))
        return None

    def _left_out(self, kind: type, held: Sequence[object], parts: Sequence[bytes]) -> _Elsewhere:
        self.parts += parts
        return kind.__name__, len(held), len(parts)

    def reducer_override(self, obj: Any) -> Any:
        if not is_dataclass(obj) or isinstance(obj, type):
            return NotImplemented
        return type(obj), values_of(obj)


class _Unpickler(pickle.Unpickler):
    def __init__(self, parts: Sequence[Part], pause: Callable[[], None]) -> None:
        first, *others = parts
        super().__init__(BytesIO(first))
        self._others, self._pause = iter(others), pause

    def persistent_load(self, pid: _Elsewhere) -> str | Rows[Event] | Rows[Arrival]:
        kind, length, count = pid
        parts = [*islice(self._others, count)]
        if kind == str.__name__:
            text = str(parts[0], "utf-8", "surrogatepass")
            self._pause()
            return text
        return Rows(Event, length, parts) if kind == Event.__name__ else Rows(Arrival, length, parts)
