"""Carries out the calls to the worker: each exchange has its observer here.

A call is a tuple: the name of a method of `CallHandler`, the exchange's key, and plain values (no classes of ours: a
reloaded script has new ones, and streams outlive a reload).  Moments are readings of the proxy's clock.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from ..compare.digests import digests
from ..model import Headers, Limits, Message, Network, Outcome, ProxyConditions, RequestHead, ResponseHead
from ..observer import Observer
from ..observer.websocket import observer_for
from ..report import jsonl
from ..stored import observation, pack
from ..timing import offset
from .answers import Answer, Failed, Finished, InFlight, ReadFailed
from .beats import Beats

type BodyMethod = Literal["request_body", "response_body"]
type Method = Literal[
    "open",
    "request_arrivals",
    "request_body",
    "request_end",
    "response_head",
    "response_arrivals",
    "unread",
    "response_body",
    "messages",
    "keep_no_more",
    "beats",
    "snapshots",
    "close",
]
"""The names of `CallHandler`'s methods that carry out a call."""
type Call = tuple[Any, ...]


class Ending(NamedTuple):
    """How an exchange ended, and what its answer is to have besides the record; a call has these values."""

    end: float
    outcome: Outcome
    error: str | None
    waits: Sequence[tuple[float, float]]
    """(end, seconds) of each time that nothing was read from the server."""
    network: tuple[Any, ...] | None
    """Values of a `Network`."""
    line: bool
    """The record as a line of JSON."""
    digests: bool
    """The digests by which the other side of a hop is found."""


class _Exchange:
    """One exchange; `zero` is the moment at which its time axis begins."""

    def __init__(self, observer: Observer, zero: float) -> None:
        self.observer, self.zero = observer, zero
        self.lost = False

    def offsets(self, moments: Iterable[float]) -> list[float]:
        """Convert moments to seconds on the exchange's axis."""
        return [offset(at, self.zero) for at in moments]


class CallHandler:
    """Answers calls.  An error in one exchange does not affect the others."""

    def __init__(self) -> None:
        self._exchanges: dict[int, _Exchange] = {}
        self._beats = Beats()

    def take(self, call: Call) -> Iterator[Answer]:
        """Carry out a call and yield its answer, if it has one."""
        method, key, *arguments = call
        try:
            if answer := getattr(self, method)(key, *arguments):
                yield answer
        except Exception:  # noqa: BLE001 - whatever it was, the other exchanges go on
            yield from self._gone_wrong(method, key, traceback.format_exc())

    def _gone_wrong(self, method: Method, key: int, why: str) -> Iterator[Answer]:
        exchange = self._exchanges.get(key)
        if method == "close":
            yield Failed(key, why)
        elif exchange is None or not exchange.lost:
            yield ReadFailed(key, why)
        if exchange:
            exchange.lost = True

    def _reading(self, key: int) -> _Exchange | None:
        exchange = self._exchanges.get(key)
        return None if exchange is None or exchange.lost else exchange

    # --- the calls ---

    def open(
        self,
        key: int,
        opening: tuple[str, float, str, str, str, Headers],
        limits: tuple[int, ...],
        keep_text: bool,
        zero: float,
    ) -> None:
        """The request's head has come; a `RequestHead` and `Limits` by their values."""
        self._exchanges[key] = _Exchange(
            observer_for(RequestHead(*opening), Limits(*limits), keep_text=keep_text), zero
        )

    def request_arrivals(self, key: int, arrivals: Sequence[tuple[bytes, float, int]]) -> None:
        """Arrivals of a request body that is passed on as it arrives: (bytes, moment, callbacks)."""
        if exchange := self._reading(key):
            for (data, _, _), at in zip(arrivals, exchange.offsets(at for _, at, _ in arrivals), strict=True):
                exchange.observer.request_data(data, at)

    def request_body(self, key: int, data: bytes) -> None:
        """A piece of a request body that mitmproxy kept to its end."""
        if exchange := self._reading(key):
            exchange.observer.request_data(data, None)

    def request_end(self, key: int, end: float) -> None:
        """The request has ended."""
        if exchange := self._reading(key):
            exchange.observer.end_request(None, end)

    def response_head(self, key: int, head: tuple[int, str, Headers, bool], at: float) -> None:
        """The response's head has come."""
        if exchange := self._reading(key):
            exchange.observer.response_head(ResponseHead(*head), at)

    def response_arrivals(self, key: int, arrivals: Sequence[tuple[bytes, float, int]]) -> None:
        """Arrivals of the response's body, as in `request_arrivals`."""
        if exchange := self._reading(key):
            moments = exchange.offsets(at for _, at, _ in arrivals)
            dated = zip(arrivals, moments, strict=True)
            exchange.observer.feed_all([(data, at, callbacks) for (data, _, callbacks), at in dated])

    def unread(self, key: int, size: int, of_request: bool) -> None:
        """`size` further bytes of one of the bodies came too fast to be read."""
        if exchange := self._reading(key):
            exchange.observer.skip_unread(size, of_request=of_request)

    def response_body(self, key: int, data: bytes) -> None:
        """A piece of a response body that mitmproxy kept to its end: when it came was not seen."""
        if exchange := self._reading(key):
            exchange.observer.feed(data, None)

    def messages(self, key: int, messages: Sequence[tuple[float, bytes, bool, bool]]) -> None:
        """Messages of a WebSocket."""
        if exchange := self._reading(key):
            for message in messages:
                exchange.observer.message(Message(*message))

    def keep_no_more(self, key: int) -> None:
        if exchange := self._reading(key):
            exchange.observer.keep_no_more()

    def beats(self, _: int, beats: Sequence[tuple[float, float]]) -> None:
        """Beats of the proxy's event loop: (moment, seconds late)."""
        self._beats.add(beats)

    def snapshots(self, _: int, wanted: Sequence[tuple[int, float]]) -> InFlight:
        """Return snapshots of the `wanted` exchanges: (key, time on its axis)."""
        exchanges = [(exchange, now) for key, now in wanted if (exchange := self._reading(key))]
        return InFlight(tuple(exchange.observer.snapshot(now) for exchange, now in exchanges))

    def close(self, key: int, *values: Any) -> Finished | Failed:
        """The exchange has ended; `values` are an `Ending`'s."""
        ending = Ending(*values)
        exchange = self._exchanges.pop(key, None)
        if exchange is None:
            return Failed(key, "its beginning was not understood")
        zero, network = exchange.zero, Network(*ending.network) if ending.network else None
        measured = self._beats.between(zero, zero + ending.end)
        conditions = ProxyConditions(measured.lag, sorted([*measured.lags, *ending.waits]), network)
        record = exchange.observer.close(ending.end, ending.outcome, ending.error, conditions)
        packed = pack(observation(exchange.observer, record))
        line = jsonl.to_line(record).encode() if ending.line else None
        return Finished(key, packed, record, line, digests(record) if ending.digests else None)
