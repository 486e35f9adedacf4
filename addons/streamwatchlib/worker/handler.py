"""Carries out the calls to the worker: each exchange has its observer here.

A call is a tuple: the name of a method of `CallHandler`, the exchange's key, and plain values (no classes of ours: a
reloaded script has new ones, and streams outlive a reload).  Moments are readings of the proxy's clock.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..compare.digests import digests
from ..model import Headers, Limits, Message, Network, Outcome, ProxyConditions, RequestHead, ResponseHead
from ..observer import Observer
from ..observer.websocket import observer_for
from ..report import jsonl
from ..stored import observation, pack
from ..timing import offset
from .answers import Answer, Failed, Finished, InFlight, ReadFailed
from .beats import Beats

type Call = tuple[Any, ...]


class _Seat:
    """One exchange; `zero` is the moment at which its time axis begins."""

    def __init__(self, watching: Observer, zero: float) -> None:
        self.observer, self.zero = watching, zero
        self.lost = False

    def offsets(self, moments: Iterable[float]) -> list[float]:
        """Convert moments to seconds on the exchange's axis."""
        return [offset(at, self.zero) for at in moments]


class CallHandler:
    """Answers calls.  An error in one exchange does not affect the others."""

    def __init__(self) -> None:
        self._seats: dict[int, _Seat] = {}
        self._beats = Beats()

    def take(self, call: Call) -> Iterator[Answer]:
        """Carry out a call and yield its answer, if it has one."""
        what, key, *arguments = call
        try:
            if answer := getattr(self, what)(key, *arguments):
                yield answer
        except Exception:  # noqa: BLE001 - whatever it was, the other exchanges go on
            yield from self._gone_wrong(what, key, traceback.format_exc())

    def _gone_wrong(self, what: str, key: int, why: str) -> Iterator[Answer]:
        seat = self._seats.get(key)
        if what == "close":
            yield Failed(key, why)
        elif seat is None or not seat.lost:
            yield ReadFailed(key, why)
        if seat:
            seat.lost = True

    def _reading(self, key: int) -> _Seat | None:
        seat = self._seats.get(key)
        return None if seat is None or seat.lost else seat

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
        self._seats[key] = _Seat(observer_for(RequestHead(*opening), Limits(*limits), keep_text=keep_text), zero)

    def request_arrivals(self, key: int, arrivals: Sequence[tuple[bytes, float, int]]) -> None:
        """Arrivals of a request body that is passed on as it arrives: (bytes, moment, callbacks)."""
        if seat := self._reading(key):
            for (data, _, _), at in zip(arrivals, seat.offsets(at for _, at, _ in arrivals), strict=True):
                seat.observer.request_data(data, at)

    def request_body(self, key: int, data: bytes) -> None:
        """A piece of a request body that mitmproxy kept to its end."""
        if seat := self._reading(key):
            seat.observer.request_data(data, None)

    def request_end(self, key: int, end: float) -> None:
        """The request has ended."""
        if seat := self._reading(key):
            seat.observer.end_request(None, end)

    def response_head(self, key: int, head: tuple[int, str, Headers, bool], at: float) -> None:
        """The response's head has come."""
        if seat := self._reading(key):
            seat.observer.response_head(ResponseHead(*head), at)

    def response_arrivals(self, key: int, arrivals: Sequence[tuple[bytes, float, int]]) -> None:
        """Arrivals of the response's body, as in `request_arrivals`."""
        if seat := self._reading(key):
            moments = seat.offsets(at for _, at, _ in arrivals)
            dated = zip(arrivals, moments, strict=True)
            seat.observer.feed_all([(data, at, callbacks) for (data, _, callbacks), at in dated])

    def unread(self, key: int, size: int, of_request: bool) -> None:
        """`size` further bytes of one of the bodies came too fast to be read."""
        if seat := self._reading(key):
            seat.observer.skip_unread(size, of_request=of_request)

    def response_body(self, key: int, data: bytes) -> None:
        """A piece of a response body that mitmproxy kept to its end: when it came was not seen."""
        if seat := self._reading(key):
            seat.observer.feed(data, None)

    def messages(self, key: int, messages: Sequence[tuple[float, bytes, bool, bool]]) -> None:
        """Messages of a WebSocket."""
        if seat := self._reading(key):
            for message in messages:
                seat.observer.message(Message(*message))

    def keep_no_more(self, key: int) -> None:
        if seat := self._reading(key):
            seat.observer.keep_no_more()

    def beats(self, _: int, beats: Sequence[tuple[float, float]]) -> None:
        """Beats of the proxy's event loop: (moment, seconds late)."""
        self._beats.add(beats)

    def snapshots(self, _: int, wanted: Sequence[tuple[int, float]]) -> InFlight:
        """Return snapshots of the `wanted` exchanges: (key, time on its axis)."""
        seats = [(seat, now) for key, now in wanted if (seat := self._reading(key))]
        return InFlight(tuple(seat.observer.snapshot(now) for seat, now in seats))

    def close(
        self,
        key: int,
        end: float,
        outcome: Outcome,
        error: str | None,
        waits: Sequence[tuple[float, float]],
        line: bool,
        digested: bool,
        network: tuple[Any, ...] | None,
    ) -> Finished | Failed:
        """The exchange has ended.  `waits`: (end, seconds) of each time that nothing was read from the server.  With
        `line` and `digested` the answer has the record as JSON and its digests.  `network`: values of a `Network`."""
        seat = self._seats.pop(key, None)
        if seat is None:
            return Failed(key, "its beginning was not understood")
        measured = self._beats.between(seat.zero, seat.zero + end)
        clocks = ProxyConditions(measured.lag, sorted([*measured.lags, *waits]), Network(*network) if network else None)
        record = seat.observer.close(end, outcome, error, clocks)
        packed = pack(observation(seat.observer, record))
        made = jsonl.to_line(record).encode() if line else None
        return Finished(key, packed, record, made, digests(record) if digested else None)
