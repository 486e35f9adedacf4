"""What the worker answers, and how it gets from one process to the other.

An answer travels in parts: what is megabytes long is a part of its own, and the thousands of small tuples of a record
are put together when somebody looks at them (`rows`).  So no part takes long, and mitmproxy's event loop gets its turn
in between.  Classes of the model are told by name: a script loaded anew meanwhile gets its own.
"""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from io import BytesIO
from typing import Any

from ..compare.digests import Digests
from ..model import Arrival, Event, Record, Snapshot
from . import rows
from .rows import Rows

_LONG = 256 << 10
"""Characters from which on a text is a part of its own."""

type Part = bytes | bytearray | mmap.mmap


@dataclass(frozen=True, slots=True)
class Closed:
    """An exchange has ended, and this came of it."""

    key: int
    packed: str
    """What is stored with its flow (`stored`)."""
    record: Record
    line: Part | None
    """The record as a line of JSON, if it was asked for."""
    digests: Digests | None
    """Of its texts, if they were asked for."""


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


def dumps(answer: Answer) -> list[Part]:
    """An answer as parts."""
    kind = type(answer).__name__
    if not isinstance(answer, Closed):
        return [pickle.dumps((kind, *(getattr(answer, field.name) for field in fields(answer))))]
    head = kind, answer.key, answer.line is not None, answer.digests
    return [pickle.dumps(head), answer.packed.encode(), answer.line or b"", *dumped(answer.record)]


def loads(parts: Sequence[Part], pause: Callable[[], None] = lambda: None) -> Answer:
    """The answer again, of parts that `dumps` made: of no others.  `pause` is called after each large piece of work."""
    name, *values = pickle.loads(parts[0])
    if name == Closed.__name__:
        key, has_line, digests = values
        _, packed, line, *record = parts
        text = str(packed, "utf-8")
        pause()
        return Closed(key, text, loaded(record, pause), line if has_line else None, digests)
    answer: Answer = _KINDS[name](*values)
    return answer


def dumped(record: Record) -> list[Part]:
    """A record as parts."""
    events, stream = record.events or (), record.stream
    arrivals = stream.arrivals or () if stream else ()
    thin = replace(
        record,
        events=() if events else record.events,
        stream=replace(stream, arrivals=()) if stream and arrivals else stream,
    )
    file, texts, of_events = BytesIO(), list[bytes](), rows.lots(events)
    _Pickler(file, texts).dump(thin)
    counts = len(texts), len(of_events), len(events), len(arrivals)
    return [pickle.dumps(counts), file.getvalue(), *texts, *of_events, *rows.lots(arrivals)]


def loaded(parts: Sequence[Part], pause: Callable[[], None] = lambda: None) -> Record:
    """The record again, of parts that `dumped` made: of no others.  `pause` as for `loads`."""
    counts, thin, *others = parts
    texts, lots, events, arrivals = pickle.loads(counts)
    record: Record = _Unpickler(BytesIO(thin), others[:texts], pause).load()
    if events:
        record = replace(record, events=Rows(Event, events, others[texts : texts + lots]))
    if arrivals and record.stream:
        came = Rows(Arrival, arrivals, others[texts + lots :])
        record = replace(record, stream=replace(record.stream, arrivals=came))
    return record


class _Pickler(pickle.Pickler):
    """Leaves long texts out: they go into `texts`.  Objects are made again by what makes them, in half the time."""

    def __init__(self, file: BytesIO, texts: list[bytes]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._texts = texts

    def persistent_id(self, obj: object) -> int | None:
        if type(obj) is not str or len(obj) < _LONG:
            return None
        self._texts.append(obj.encode("utf-8", "surrogatepass"))
        return len(self._texts) - 1

    def reducer_override(self, obj: Any) -> Any:
        if not is_dataclass(obj) or isinstance(obj, type):
            return NotImplemented
        return type(obj), tuple([getattr(obj, field.name) for field in fields(obj)])


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BytesIO, texts: Sequence[Part], pause: Callable[[], None]) -> None:
        super().__init__(file)
        self._texts, self._pause = texts, pause

    def persistent_load(self, pid: int) -> str:
        text = str(self._texts[pid], "utf-8", "surrogatepass")
        self._pause()
        return text
