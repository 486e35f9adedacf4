"""What is stored with a flow, and how its record is made again.

Stored is what was observed (times, sizes, how it ended), not what was concluded: a later version can judge an old
capture better.  The bytes themselves are in the flow.  If they are not (a body over the limit, texts not wanted), the
results that needed them are stored too, as `Leftover`.

In: an `Observer` that has closed, or the packed text and the flow's bytes.  Out: the packed text, or a `Record`.
Packed text comes from a file and is not trusted: `unpack` raises ValueError on anything but our own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

from . import bare
from .judge import judge
from .model import Limits, Message, Moments, Outcome, ProxyConditions, Record, RequestHead, ResponseHead, Signals
from .observer import Observer
from .observer.websocket import observer_for
from .report import jsonl
from .report.codec import reader
from .timing import timing

VERSION = 1


@dataclass(frozen=True, slots=True)
class Leftover:
    """Results that cannot be worked out again from the kept bytes."""

    record: Record
    signals: Signals


@dataclass(frozen=True, slots=True)
class Observation:
    """One exchange as it was observed.  Times are seconds from `RequestHead.started_at`."""

    outcome: Outcome
    error: str | None = None
    request_end: float | None = None
    response_start: float | None = None
    end: float | None = None
    request_arrivals: tuple[tuple[float, int], ...] = ()
    arrivals: tuple[tuple[float, int], ...] = ()
    """(t, wire bytes) of the response body; empty if its arrivals were not observed, or are in the leftover."""
    callbacks: int = 0
    clocks: ProxyConditions = ProxyConditions()
    made_here: bool = False
    """`ResponseHead.made_here`"""
    leftover: Leftover | None = None


def observation(seen: Observer, record: Record) -> Observation:
    """What to store of an exchange whose observer has made this record."""
    signals, response, arrivals = seen.signals, seen.response, seen.response.tally.arrivals
    socket = response.switched  # mitmproxy stores its messages, and when they came
    dated = len(arrivals) in (0, response.tally.arrivals_seen)
    whole = socket or (seen.keep_text and not response.truncated and dated)
    return Observation(
        outcome=signals.outcome,
        error=record.error,  # masked, and without what is not to be kept
        request_end=seen.request.end,
        response_start=response.start,
        end=signals.end,
        request_arrivals=tuple((a.t, a.size) for a in seen.request.arrivals),
        arrivals=tuple((a.t, a.size) for a in arrivals) if whole and not socket else (),
        callbacks=0 if socket else response.callbacks,
        clocks=ProxyConditions(signals.lag, signals.lags, signals.network),
        made_here=response.head is not None and response.head.made_here,
        leftover=None if whole else Leftover(record, _masked(signals, record)),
    )


def _masked(signals: Signals, record: Record) -> Signals:
    """The signals without the credentials that a header or an error echoes: both as masked in the record."""
    headers, fault = record.response.headers if record.response else (), record.llm.error if record.llm else None
    return replace(signals, headers=headers, fault=fault)


def pack(observation: Observation) -> str:
    """One line of JSON: small, quick to write, and searchable with mitmproxy's ``~meta`` filter."""
    observed = {"v": VERSION, **_shallow(observation)}
    del observed["leftover"]  # its record is written as in an archive
    kept = _packed(observation.leftover) if observation.leftover else "null"
    return f'{_ENCODER.encode(observed).removesuffix("}")},"leftover":{kept}}}'


def _packed(leftover: Leftover) -> str:
    record, signals = _thinned(leftover)
    return f'{{"record":{jsonl.to_line(record).rstrip()},"signals":{_ENCODER.encode(signals)}}}'


def _thinned(leftover: Leftover) -> tuple[Record, Signals]:
    """The leftover with each number once: times of content events are left out where the arrivals have them."""
    record, signals = leftover.record, leftover.signals
    times = [arrival.t for arrival in signals.arrivals]

    def thinned(moments: Moments) -> Moments:
        dated = moments.arrival and moments.arrival[-1] < len(times)
        return replace(moments, t=()) if dated and [*moments.t] == [times[i] for i in moments.arrival] else moments

    if record.stream and record.stream.arrivals == tuple(signals.arrivals):
        record = replace(record, stream=replace(record.stream, arrivals=None))
    return record, _changed(signals, thinned)


def _filled(leftover: Leftover) -> Leftover:
    """Put back what `_thinned` left out.  Raises ValueError if that cannot be."""
    record, signals = leftover.record, leftover.signals

    def filled(moments: Moments) -> Moments:
        if moments.t:
            return moments
        try:
            return replace(moments, t=tuple(signals.arrivals[i].t for i in moments.arrival))
        except IndexError:
            raise ValueError("its columns do not fit each other") from None

    if record.stream and record.stream.arrivals is None and signals.recorded:
        record = replace(record, stream=replace(record.stream, arrivals=tuple(signals.arrivals)))
    return Leftover(record, _changed(signals, filled))


def _changed(signals: Signals, change: Callable[[Moments], Moments]) -> Signals:
    """Apply `change` to all moments."""
    each = {channel: change(moments) for channel, moments in signals.moments.items()}
    return replace(signals, content=change(signals.content), moments=each)


def _shallow(value: Any) -> dict[str, object]:
    """A dataclass as a dict; `asdict` would copy thousands of numbers one by one."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _plain(value: object) -> object:
    """Convert what JSON has no type for: dataclasses and other sequences."""
    return _shallow(value) if is_dataclass(value) else list(cast(Iterable[object], value))


_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_plain)


def unpack(text: str) -> Observation:
    """Parse what `pack` wrote.

    Raises:
        ValueError: the text is anything else.
    """
    try:
        data = json.loads(text)
        if data["v"] != VERSION:
            raise ValueError("of another version")
        seen = cast(Observation, reader(Observation)(data))
        if seen.leftover is None:
            return seen
        leftover = _filled(seen.leftover)
        if not _even(leftover.signals):
            raise ValueError("its columns do not fit each other")
        return replace(seen, leftover=leftover)
    except (TypeError, KeyError, RecursionError, ValueError) as error:
        raise ValueError(f"not a stored observation ({error!r})") from error


def _even(signals: Signals) -> bool:
    """The columns fit each other: there is a boundary for each arrival, an arrival for each moment."""
    moments = (signals.content, *signals.moments.values())
    return len(signals.arrivals) == len(signals.boundary) and all(len(each.t) == len(each.arrival) for each in moments)


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """What a file has of an exchange."""

    opening: RequestHead
    request: bytes | None
    head: ResponseHead | None
    response: bytes | None
    fallback: Observation
    """The observation to use if nothing is packed, or if that is foreign or damaged."""
    packed: str | None = None
    """What `pack` returned."""
    messages: tuple[Message, ...] = ()

    def observation(self) -> Observation:
        """The observation that is packed; `fallback` if none can be read."""
        try:
            return self.fallback if self.packed is None else unpack(self.packed)
        except ValueError:
            return self.fallback


def rebuilt_record(stored: StoredExchange, limits: Limits, *, keep_text: bool = True) -> Record:
    """Make the record again, as if the bytes arrived now, at the times at which they did."""
    observed = stored.observation()
    if (left := observed.leftover) is not None:
        verdict = judge(left.signals)
        record = left.record if keep_text else bare.record(left.record)
        return replace(record, verdict=verdict, timing=timing(left.signals, verdict.label))
    observer = observer_for(stored.opening, limits, keep_text=keep_text)
    asked = stored.request or b""
    for data, t, _ in _cut(asked, observed.request_arrivals):
        observer.request_data(data, t)
    observer.end_request(asked[_sum(observed.request_arrivals) :], observed.request_end)
    if stored.head is not None:
        observer.response_head(replace(stored.head, made_here=observed.made_here), observed.response_start)
        _feed(observer, stored.response or b"", observed)
    for message in stored.messages:
        observer.message(message)
    return observer.close(observed.end, observed.outcome, observed.error, observed.clocks)


def _feed(observer: Observer, body: bytes, observed: Observation) -> None:
    """Feed the body at its arrival times; without them if another addon has changed it since."""
    if observed.arrivals and _sum(observed.arrivals) == len(body):
        observer.feed_all([*_cut(body, observed.arrivals)])
        observer.response.callbacks = observed.callbacks
    elif body:
        observer.feed(body, None)


def _cut(body: bytes, arrivals: Sequence[tuple[float, int]]) -> Iterator[tuple[bytes, float, int]]:
    """The body split into its arrivals."""
    start = 0
    for t, size in arrivals:
        yield body[start : start + size], t, 0
        start += size


def _sum(arrivals: Sequence[tuple[float, int]]) -> int:
    return sum(size for _, size in arrivals)
