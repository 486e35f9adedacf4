"""One flow while it is in flight: joins mitmproxy's flow, its taps and the worker on one time axis."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mitmproxy import http

from .. import redact
from ..model import Outcome
from ..observer.request import READABLE, asks_for_stream
from ..report.show import one_line
from ..timing import offset
from ..worker.answers import Failed, Finished, values_of
from ..worker.handler import Ending, Method
from . import heads
from .backlog import ClientBacklog
from .interference import Interference
from .iterations import LoopIterations
from .options import Settings
from .policy import error_of, has_prompt, is_written_at_once
from .segments import Segments
from .tap import Tap, callable_of, retap
from .throttle import ServerThrottle
from .waits import Waits
from .worker import Worker

logger = logging.getLogger(__name__)

METADATA = "streamwatch"
"""Key of `flow.metadata` under which the packed observation lies."""
_ARRIVAL = 150
"""Bytes that an arrival takes in memory, about."""
_TIMES = 3
"""Copies of a body in memory: the proxy's, and the worker's as bytes and as texts."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all exchanges of one addon share."""

    clock: Callable[[], float]
    interference: Interference
    iterations: LoopIterations
    is_paired: Callable[[], bool]
    """Returns whether the other side of a hop may be looked for."""
    on_closed: Callable[[Exchange], None]
    """Called once, when an exchange has been closed."""
    on_record: Callable[[Exchange, Finished | None], None]
    """Called later with what the worker made of it; with None where no record could be made."""


class Exchange:
    """Lives from `requestheaders` until its record is published.

    `is_detached` is set when the script is unloaded: no hook of ours will report the end.
    """

    def __init__(self, flow: http.HTTPFlow, settings: Settings, worker: Worker, shared: Shared) -> None:
        self.flow, self.worker = flow, worker
        self._shared, self._clock = shared, shared.clock
        # The one wall-clock anchor: mitmproxy dates the request's head by it; all else is monotonic from there.
        self._zero = self._clock() - (time.time() - flow.request.timestamp_start)
        self._settings = settings
        self._max_kept = settings.limits.body if settings.keep_text else 0
        """Bytes of a body that are put on the flow at most."""
        self.waits = Waits(self._clock, self._offset)
        self._throttle = ServerThrottle(flow, self._clock, worker.outbox.is_crowded, self.waits.add)
        self._backlog = ClientBacklog(flow, self.waits.add)
        self._segments: Segments | None = None
        self._messages_reported = 0
        self._request_tap: Tap | None = None
        self._response_tap: Tap | None = None
        self._request_reported = self.response_reported = self._is_closed = False
        """The request has ended, the response has begun, the exchange is closed: each is reported once."""
        self.is_detached = False
        self._end: float | None = None
        """When the last byte had come (`note_end`)."""
        self.recorded = asyncio.Event()
        """Set when its record is on the flow, or there will be none."""
        self._held_bytes: int | None = None
        """Bytes that were held when `keep_no_more` was called."""
        self._opening = heads.opening(flow)
        limits = settings.limits
        opened = values_of(self._opening), values_of(limits), settings.keep_text, self._zero
        self._key = worker.open(limits.body, *opened)

    @property
    def name(self) -> str:
        """Method and URL for log messages: secrets masked, and nothing in them that a terminal acts on."""
        return one_line(f"{self.flow.request.method} {redact.url(self.flow.request.pretty_url)}")

    def wants_stream(self) -> bool | None:
        """Return whether the client asked for a stream; None if its request does not tell."""
        try:
            tap, body = self._request_tap, self.flow.request.raw_content
            return asks_for_stream(self._opening, tap.kept() if tap else body or b"")
        except Exception:  # an error here must not hold back the response
            logger.exception("streamwatch could not read the request of %s (the traffic goes on)", self.name)
            return None

    @property
    def held_bytes(self) -> int:
        """Bytes held for the record, by estimate."""
        tap = self._response_tap
        if self._held_bytes is not None or tap is None:
            return self._held_bytes or 0
        return _TIMES * min(tap.size, self._settings.limits.body) + _ARRIVAL * tap.arrivals_seen

    def keep_no_more(self) -> None:
        self._held_bytes = self.held_bytes
        if self._response_tap:
            self._response_tap.keep_no_more()
        self._call("keep_no_more")

    def _call(self, method: Method, *arguments: object) -> None:
        self.worker.outbox.call(method, self._key, *arguments)

    def _now(self) -> float:
        return self._offset(self._clock())

    def _offset(self, at: float) -> float:
        return offset(at, self._zero)

    def _wall(self, stamp: float | None) -> float:
        """A recent wall-clock stamp of mitmproxy's, on the exchange's axis."""
        return self._now() if stamp is None else self._offset(self._clock() - max(0.0, time.time() - stamp))

    # --- the request ---

    def request_tap(self) -> Tap:
        """The stream callable for the request."""
        sent = partial(self._call, "request_arrivals")
        inner, max_kept = callable_of(self.flow.request.stream), max(self._max_kept, READABLE)
        self._request_tap = Tap(
            self.worker.outbox, self._shared.iterations, self._clock, sent, lambda: None, inner=inner, max_kept=max_kept
        )
        return self._request_tap

    def retap_request(self) -> None:
        """Tap the body if it is passed through, whichever addon has decided that."""
        if self._request_tap and self.flow.response:
            # an addon has responded: there is no server to pass the body on to
            self.flow.request.stream, self._request_tap = False, None
        else:
            retap(self.flow.request, self._request_tap, self.request_tap)

    def request_complete(self) -> None:
        if self._request_reported:
            return
        self._request_reported = True
        self._report_bodies()
        if body := self.flow.request.raw_content:
            self.worker.outbox.call_with_body("request_body", self._key, body)
        self._call("request_end", self._wall(self.flow.request.timestamp_end))

    # --- the response ---

    def response_tap(self) -> Tap:
        """The stream callable for the response."""

        def on_passed_on(at: float, now: float) -> bool:
            self._shared.interference.passed(now - at)
            return self._backlog.arrival(at)

        def on_end() -> None:
            # an empty HTTP/2 DATA frame amid a body looks like its end; only at the end has mitmproxy set the timestamp
            if self.flow.response and self.flow.response.timestamp_end is not None:
                self.note_end()
                if self.is_detached:
                    self.close("complete")

        segments = self._segments = self._segments or Segments(self.flow, self._offset)
        self._response_tap = Tap(
            self.worker.outbox,
            self._shared.iterations,
            self._clock,
            partial(self._call, "response_arrivals"),
            on_end,
            inner=callable_of(self.flow.response.stream) if self.flow.response else None,
            on_passed_on=on_passed_on,
            pause_server=self._throttle.pause,
            max_kept=self._max_kept if self._held_bytes is None else 0,
            max_read=self._settings.limits.body,
            on_silence=segments.silence,
        )
        return self._response_tap

    def retap_response(self) -> None:
        if self.flow.response:
            retap(self.flow.response, self._response_tap, self.response_tap)

    def response_head(self, *, refused: bool = False) -> None:
        """The response begins; `refused`: mitmproxy itself has made it, and it has ended as well."""
        response = self.flow.response
        assert response
        self.response_reported = True
        self._catch_up()
        # a response from a server has no body yet
        head = heads.head(response, made_here=response.raw_content is not None and not refused)
        self._call("response_head", values_of(head), self._wall(response.timestamp_start))

    def _catch_up(self) -> None:
        """Report the request's end if it was not: where a script before ours raises, our hook is skipped."""
        if self.flow.request.timestamp_end is not None:
            self.request_complete()

    # --- the end ---

    @property
    def is_passed_on(self) -> bool:
        """All of the response has come and was passed on as it came: mitmproxy has nothing left to send."""
        response, tap = self.flow.response, self._response_tap
        return tap is not None and tap.was_called and response is not None and response.timestamp_end is not None

    def note_end(self) -> float:
        """Hand over all that has come and return the time of the end.  Addons may still decide what becomes of it."""
        if self._end is not None:
            return self._end
        self._end = self._now()
        if self.flow.response and not self.response_reported:
            self.response_head(refused=True)  # before any hook
        self._catch_up()
        self._report_bodies()
        self._keep_bodies()
        self._report_messages()
        return self._end

    def close(self, outcome: Outcome, error: str | None = None) -> None:
        """End the exchange and ask the worker for its record; later calls are ignored."""
        if self._is_closed:
            return
        self._is_closed = True
        end, wants_line = self.note_end(), bool(self._settings.export) or has_prompt()
        if self._backlog.slow:
            self._shared.interference.slow_client(self.name, self._backlog.max_waiting)
        network = self._segments.network() if self._segments else None
        counted, why = values_of(network) if network else None, error or error_of(self.flow, outcome)
        ending = Ending(end, outcome, why, self.waits.periods, counted, wants_line, self._shared.is_paired())
        self._shared.on_closed(self)
        self.worker.close(self._key, ending, then=self._store_record, at_once=is_written_at_once())

    def _keep_bodies(self) -> None:
        """Put the bodies that passed through on the flow, where other addons look for them in ``response``.

        Bodies that mitmproxy has buffered are left as they are.  Without `keep_text` nothing is put there.
        """
        flow, tap, keep_text = self.flow, self._response_tap, self._settings.keep_text
        response = flow.response
        if response and tap and not tap.was_called and response.stream is not tap:
            self._shared.interference.taken(self.name, held=not response.stream)
        if response and response.raw_content and not (tap and tap.was_called):
            self.worker.outbox.call_with_body("response_body", self._key, response.raw_content)
        elif response and response.raw_content is None and tap and keep_text:
            response.raw_content = tap.kept()
        if self._request_tap and flow.request.raw_content is None and keep_text:
            flow.request.raw_content = self._request_tap.kept()[: self._max_kept]

    def _store_record(self, answer: Finished | Failed) -> None:
        """Store the record with its flow: here, since flows belong to the event loop."""
        self.recorded.set()
        match answer:
            case Finished():
                self.flow.metadata[METADATA] = answer.packed
                self._shared.on_record(self, answer)
            case Failed(_, why):
                logger.error(
                    "streamwatch could not make a record of %s (the traffic was not touched): %s", self.name, why
                )
                self._shared.on_record(self, None)

    # --- reports to the worker meanwhile ---

    def _report_bodies(self) -> None:
        """Report the body bytes that have passed since the last call."""
        for tap in (self._request_tap, self._response_tap):
            if tap:
                tap.flush()
                if unread := tap.take_unread():
                    self._call("unread", unread, tap is self._request_tap)

    def _report_messages(self) -> None:
        """Report the WebSocket messages that have passed since the last call; mitmproxy keeps and dates them."""
        passed = []
        for number, message in heads.messages(self.flow, self._messages_reported):
            self._messages_reported = number + 1
            passed.append(tuple(message))
        if passed:
            self._call("messages", passed)

    def snapshot_request(self) -> tuple[int, float]:
        """Report what has passed, and return what to ask the worker for a snapshot with: key and time."""
        self._report_messages()
        self._report_bodies()
        return self._key, self._now()
