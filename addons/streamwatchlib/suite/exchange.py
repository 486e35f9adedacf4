"""One flow while it is in flight: joins mitmproxy's flow, its taps and its observer on one time axis."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from threading import Lock

from mitmproxy import http

from .. import redact
from ..model import Clocks, Outcome, Record, Snapshot
from ..stored import Leftover, Observation, pack
from ..websocket import observer
from . import heads
from .backlog import Backlog, Job
from .heartbeat import Heartbeat
from .innocence import Innocence
from .options import Settings
from .outlet import Outlet
from .policy import error_of, is_written_at_once
from .tap import Arrival, Blocks, Tap
from .turns import Turns

logger = logging.getLogger(__name__)

METADATA = "streamwatch"
"""Key of `flow.metadata` under which the packed observation lies."""

_LONG = 64 << 10
"""Bytes of a request from which on it is read while its server thinks."""


class Exchange:
    """Lives from `requestheaders` until its record is published.

    `finish(exchange)` is called once, when it has been settled.
    """

    def __init__(
        self,
        flow: http.HTTPFlow,
        settings: Settings,
        clock: Callable[[], float],
        heartbeat: Heartbeat,
        innocence: Innocence,
        backlog: Backlog,
        turns: Turns,
        finish: Callable[[Exchange], None],
    ) -> None:
        self.flow = flow
        self._clock, self._heartbeat, self._innocence = clock, heartbeat, innocence
        self._backlog, self._turns, self._finish = backlog, turns, finish
        # The one wall-clock anchor: mitmproxy dates the request's head by it; all else is monotonic from there.
        self._zero = clock() - (time.time() - flow.request.timestamp_start)
        self._outlet = Outlet(flow)
        self._observer = observer(heads.opening(flow), settings.limits, keep_text=settings.keep_text)
        self._asking: Job = iter(())
        """The job of reading the request's body."""
        self._messages_read = 0
        self._request_tap: Tap | None = None
        self._response_tap: Tap | None = None
        self._ending: tuple[float, Outcome, str | None, Clocks] | None = None
        self._record: Record | None = None
        self._whole: bytes | None = None
        self._packed: str | None = None
        self._lock = Lock()
        heartbeat.enter()

    @property
    def name(self) -> str:
        """For log messages: method and URL, secrets masked."""
        return f"{self.flow.request.method} {redact.url(self.flow.request.pretty_url)}"

    @property
    def asked(self) -> bool | None:
        """The client asked for a stream, as far as its request told."""
        try:
            _do(self._asking)
        except Exception:  # it must not keep the answer back
            logger.exception("streamwatch could not read the request of %s (the traffic goes on)", self.name)
        return self._observer.requested[0]

    @property
    def weight(self) -> int:
        """Bytes kept of both bodies: what making the record costs grows with it."""
        return self._observer.weight

    @property
    def held(self) -> int:
        """Bytes held for the record, by estimate."""
        return self._observer.held

    def keep_no_more(self) -> None:
        self._observer.keep_no_more()

    def _now(self) -> float:
        return self._offset(self._clock())

    def _offset(self, at: float) -> float:
        # to the microsecond, as it is stored: so that live and offline reckon with the same figures
        return round(max(0.0, at - self._zero), 6)

    def _wall(self, stamp: float | None) -> float:
        """A recent wall-clock stamp of mitmproxy's, on the exchange's axis."""
        return self._now() if stamp is None else self._offset(self._clock() - max(0.0, time.time() - stamp))

    # --- the request ---

    def request_tap(self) -> Tap:
        """The stream callable for the request."""

        def read(arrivals: Sequence[Arrival]) -> bool:
            for data, at, _ in arrivals:
                self._observer.request_data(data, self._offset(at))
            return True

        inner = self.flow.request.stream
        self._request_tap = Tap(
            self._backlog, self._turns, self._clock, read, lambda _: (), lambda: None, _callable(inner)
        )
        return self._request_tap

    def request_complete(self) -> None:
        if self._request_tap:
            _do(self._request_tap.reading())
        end, body = self._wall(self.flow.request.timestamp_end), self.flow.request.raw_content
        self._asking = self._observer.request_reading(body, end)
        if body and len(body) > _LONG:
            self._backlog.add(self._asking)
        else:
            _do(self._asking)

    # --- the response ---

    def response_tap(self) -> Tap:
        """The stream callable for the response."""

        def read(arrivals: Sequence[Arrival]) -> bool:
            return self._observer.at_once([(data, self._offset(at), blocks) for data, at, blocks in arrivals])

        def steps(arrival: Arrival) -> Job:
            data, at, blocks = arrival
            return self._observer.reading(data, self._offset(at), blocks)

        def gone(at: float, now: float) -> bool:
            self._innocence.passed(now - at)
            return self._outlet.arrival(self._offset(at))

        inner = self.flow.response.stream if self.flow.response else None
        ended = partial(self.settle, "complete")
        self._response_tap = Tap(self._backlog, self._turns, self._clock, read, steps, ended, _callable(inner), gone)
        return self._response_tap

    def response_head(self) -> None:
        assert self.flow.response
        self._observer.response_head(heads.head(self.flow.response), self._wall(self.flow.response.timestamp_start))

    # --- the end ---

    def settle(self, outcome: Outcome, error: str | None = None) -> None:
        """The exchange has ended; later calls are ignored.  Puts what was observed on the flow."""
        if self._ending is not None:
            return
        end = self._now()
        clocks = self._clocks()
        self._ending = end, outcome, error or error_of(self.flow), clocks
        self._keep_bodies()
        if is_written_at_once():
            _do(self.reading())
            self.store()
        self._finish(self)

    def _clocks(self) -> Clocks:
        """When this proxy was not listening: its loop late, or nothing read because the client was full."""
        clocks = self._heartbeat.since(self._zero)
        if not self._outlet.waits:
            return clocks
        self._innocence.slow_client(self.name, self._outlet.most)
        return replace(clocks, lags=sorted([*clocks.lags, *self._outlet.waits]))

    def _keep_bodies(self) -> None:
        """Put the bodies that passed on the flow, where other addons look for them in ``response``.

        Bodies that mitmproxy itself keeps are left as they are.  Texts that are not wanted are not put there.
        """
        flow, observer, tap = self.flow, self._observer, self._response_tap
        response = flow.response
        if response and tap and not tap.touched and response.stream is not tap:
            self._innocence.taken(self.name, held=not response.stream)
        if response and response.raw_content and not (tap and tap.touched):
            self._whole = response.raw_content
        elif response and response.raw_content is None and tap and observer.keep_text:
            unread = b"" if observer.truncated else tap.unread
            response.raw_content = (observer.kept + unread)[: observer.limits.body]
        if self._request_tap and flow.request.raw_content is None and observer.keep_text:
            flow.request.raw_content = (observer.kept_request + self._request_tap.unread)[: observer.limits.body]

    def reading(self) -> Job:
        """The job of reading what has come and was not read: the backlog's, and a body that mitmproxy kept whole."""
        yield from self._asking
        for tap in (self._request_tap, self._response_tap):
            if tap:
                yield from tap.reading()
        self._read_messages()
        whole, self._whole = self._whole, None
        if whole:
            yield from self._observer.reading(whole, None)

    def make(self) -> Record:
        """The record, made when first asked for, by any thread; only after `settle`, and when all is read."""
        with self._lock:
            _do(self.making())
            return self._closed()

    def making(self) -> Job:
        """The job of making it in steps, for the event loop alone."""
        yield from self._closing()
        self._pack()

    def store(self) -> None:
        """Put the observation on the flow, for ``-w``, mitmweb and later readings.  Flows are the event loop's own."""
        with self._lock:
            self.flow.metadata[METADATA] = self._pack()

    def _pack(self) -> str:
        if self._packed is None:
            self._packed = pack(self._observation())
        return self._packed

    def _closed(self) -> Record:
        _do(self._closing())
        assert self._record
        return self._record

    def _closing(self) -> Job:
        if self._record is None:
            assert self._ending
            concluded = self._observer.conclude(*self._ending)
            yield None
            self._record = redact.record(concluded)
            yield None

    def _observation(self) -> Observation:
        assert self._ending
        end, outcome, error, clocks = self._ending
        seen = self._observer
        socket = self.flow.websocket is not None  # mitmproxy stores its messages, and when they came
        whole = socket or (seen.keep_text and not seen.truncated)
        return Observation(
            outcome=outcome,
            error=error,
            request_end=seen.request_end,
            response_start=seen.response_start,
            end=end,
            request_arrivals=tuple((a.t, a.size) for a in seen.request_arrivals),
            arrivals=tuple((a.t, a.size) for a in seen.tally.arrivals) if whole and not socket else (),
            callbacks=0 if socket else seen.callbacks,
            clocks=clocks,
            leftover=None if whole else Leftover(self._closed(), seen.signals),
        )

    # --- meanwhile ---

    def _read_messages(self) -> None:
        """What has passed on a WebSocket since this was last asked: mitmproxy keeps and dates it."""
        for number, message in heads.messages(self.flow, self._messages_read):
            self._messages_read = number + 1
            self._observer.message(message)

    def snapshot(self) -> Snapshot:
        self._read_messages()
        return self._observer.snapshot(self._now())


def _callable(stream: Callable[[bytes], Blocks] | bool | None) -> Callable[[bytes], Blocks] | None:
    """The stream callable that another addon has set, if one has."""
    return stream if callable(stream) else None


def _do(job: Job) -> None:
    """Do it all, now."""
    for _ in job:
        pass
