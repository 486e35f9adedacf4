"""One exchange, from its first byte to its record.

In: heads, bytes and the moments they came.  Out: a `Record`, and `Snapshot`s on the way.  This is the one room
that joins the others: ``wire`` makes frames of the bytes, ``llm`` tells what they mean, ``judge`` and ``timing``
say what the moments amount to, ``redact`` masks what must not leave.  It knows no format and reads no clock.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import redact
from .judge import judge
from .llm import Reader, intent, reader
from .model import (
    Arrival,
    Body,
    Channel,
    ClockLag,
    Context,
    Event,
    Frame,
    Headers,
    Limits,
    Llm,
    Moments,
    Outcome,
    Record,
    Request,
    Response,
    Signals,
    Snapshot,
    Stream,
)
from .timing import timing
from .wire.bodies import BodyReader, query_fields

_RECENT = 16
"""Seconds of arrivals that a snapshot's sparkline shows."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An exchange as its request's head shows it."""

    id: str
    started_at: float
    """Seconds since the epoch at which the request's head had been read: zero of the exchange's time axis."""
    method: str
    url: str
    http_version: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Head:
    """A response's head."""

    status: int
    http_version: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was measured of the proxy's own punctuality during the exchange."""

    lag: ClockLag | None = None
    lags: Sequence[tuple[float, float]] = ()


class _Column:
    """Content-event moments of one channel, bounded: what is over the limit is not kept."""

    __slots__ = ("arrival", "limit", "t")

    def __init__(self, limit: int) -> None:
        self.t = array("d")
        self.arrival = array("L")
        self.limit = limit

    def add(self, t: float, arrival: int) -> None:
        if len(self.t) < self.limit:
            self.t.append(t)
            self.arrival.append(arrival)

    def moments(self) -> Moments:
        return Moments(self.t, self.arrival)


class Observer:
    """Watches one exchange.  All times (`at`) are seconds from `Opening.started_at`; None: not recorded.

    Order of calls: `request_body`, `response_head`, `feed` any number of times, `close` once.  A call may be
    missing (no answer came, the client left ...).  `close` may come after any of them.
    """

    def __init__(self, opening: Opening, limits: Limits, *, keep_text: bool = True) -> None:
        self.opening = opening
        self.limits = limits
        self.keep_text = keep_text
        split = urlsplit(opening.url)
        self._host, self._path = (split.hostname or "").lower(), split.path
        self._request = BodyReader(opening.headers, limits=limits, keep_text=keep_text)
        self.request_arrivals: list[Arrival] = []
        self.request_end: float | None = None
        self.requested: tuple[bool | None, str | None] = (None, None)

        self.head: Head | None = None
        self.response_start: float | None = None
        self._response: BodyReader | None = None
        self._reader: Reader = reader(self._context(), limits)
        self.arrivals: list[Arrival] = []
        self.boundary = bytearray()
        self.callbacks = 0
        self._arrivals_seen = 0
        self._previous: float | None = None
        self._silence: float | None = None
        self._recent: dict[int, int] = {}

        self.events: list[Event] = []
        self._event_chars = 0
        self._events_seen = self._content_seen = self._malformed = self._split = 0
        self._first_event: float | None = None
        self._first_content: float | None = None
        self._last_content: float | None = None
        self._terminator: str | None = None
        self._content = _Column(limits.moments)
        self._channels: dict[Channel, _Column] = {}
        self._comments: list[tuple[float, int]] = []
        self._comments_seen = 0
        self._clocks: list[tuple[float, float]] = []
        self.signals = Signals(outcome="complete", recorded=False, requested=None, requested_by=None, status=None)

    # --- the request ---

    def request_data(self, data: bytes, at: float) -> None:
        """A piece of a request body that is passed through as it comes."""
        self._request.feed(data)
        if len(self.request_arrivals) < self.limits.arrivals:
            self.request_arrivals.append(Arrival(at, len(data), 0))

    def request_body(self, data: bytes | None, at: float | None) -> None:
        """The end of the request: its whole body where it was not passed through piece by piece."""
        if self.request_end is not None:
            return
        self.request_end = at
        if data:
            self._request.feed(data)
        self._request.close()
        self.requested = intent(self._context())

    def _context(self) -> Context:
        opening, head = self.opening, self.head
        return Context(
            method=opening.method,
            host=self._host,
            path=self._path,
            query=query_fields(opening.url),
            request_headers=opening.headers,
            request_value=self._request.value,
            status=head.status if head else None,
            response_headers=head.headers if head else (),
        )

    # --- the response ---

    def response_head(self, head: Head, at: float | None) -> None:
        self.head, self.response_start = head, at
        names = {name.lower() for name, _ in head.headers}
        self._response = BodyReader(
            head.headers, limits=self.limits, keep_text=self.keep_text, length_known="content-length" in names
        )
        self._reader = reader(self._context(), self.limits)

    def feed(self, data: bytes, at: float | None, callbacks: int = 1) -> None:
        """One arrival: all the body bytes that came at `at`."""
        if self._response is None:
            return
        frames = self._response.feed(data)
        index = self._arrivals_seen
        self._arrivals_seen += 1
        self.callbacks += callbacks
        events = 0
        for frame in frames:
            events += self._take(frame, at, index)
        if at is not None:
            self._pace(at)
            if index < self.limits.arrivals:
                self.arrivals.append(Arrival(at, len(data), events))
                self.boundary.append(not self._response.pending)

    def _pace(self, at: float) -> None:
        since = self._previous if self._previous is not None else self.request_end
        if since is not None:
            self._silence = max(self._silence or 0.0, at - since)
        self._previous = at
        second = int(at)
        self._recent[second] = self._recent.get(second, 0) + 1
        if len(self._recent) > 2 * _RECENT:
            self._recent = {s: n for s, n in self._recent.items() if s > second - _RECENT}

    def _take(self, frame: Frame, at: float | None, index: int) -> int:
        """Date one frame and ask what it means; returns 1 if it is an event, 0 for a comment."""
        reading = self._reader.event(frame)
        if frame.comment:
            self._comments_seen += 1
            if at is not None and len(self._comments) < self.limits.events:
                self._comments.append((at, index))
            return 0
        self._events_seen += 1
        self._split += frame.split
        self._malformed += frame.malformed is not None
        self._terminator = reading.end or self._terminator
        if self._first_event is None:
            self._first_event = at
        if reading.channels:
            self._content_seen += 1
        if at is not None:
            if reading.channels:
                self._date(reading.channels, at, index)
            if reading.clock is not None and len(self._clocks) < self.limits.moments:
                self._clocks.append((at, reading.clock))
        self._keep(frame, reading.type, bool(reading.channels), at, index)
        return 1

    def _date(self, channels: Sequence[Channel], at: float, index: int) -> None:
        if self._first_content is None:
            self._first_content = at
        self._last_content = at
        self._content.add(at, index)
        for channel in channels:
            column = self._channels.get(channel)
            if column is None:
                column = self._channels[channel] = _Column(self.limits.moments)
            column.add(at, index)

    def _keep(self, frame: Frame, type_: str | None, content: bool, at: float | None, index: int) -> None:
        if len(self.events) >= self.limits.events or self._event_chars > self.limits.body:
            return
        self._event_chars += len(frame.data)
        self.events.append(
            Event(
                at,
                index if at is not None else None,
                type_ or frame.type,
                frame.id,
                frame.data if self.keep_text else None,
                content,
                frame.malformed,
            )
        )

    @property
    def kept_request(self) -> bytes:
        """The kept bytes of the request body, as they passed."""
        return self._request.raw

    @property
    def kept(self) -> bytes:
        """The kept bytes of the response body, as they passed."""
        return self._response.raw if self._response else b""

    @property
    def weight(self) -> int:
        """Bytes of both bodies: what closing costs grows with them."""
        return min(self._request.size, self.limits.body) + (
            min(self._response.size, self.limits.body) if self._response else 0
        )

    @property
    def truncated(self) -> bool:
        """More came than was kept."""
        return self._response is not None and self._response.truncated

    # --- the end ---

    def close(self, at: float | None, outcome: Outcome, error: str | None = None, clocks: Clocks | None = None) -> Record:
        """The exchange has ended: what came of it, judged and masked."""
        self.request_body(None, None)
        body = self._close_response(outcome)
        streamed = self._response is not None and body is not None and body.kind == "streaming"
        llm = self._meaning(streamed)
        self.signals = signals = self._signals(at, outcome, clocks or Clocks(), body, streamed, llm)
        verdict = judge(signals)
        stream = self._stream(body) if streamed and body else None
        record = Record(
            id=self.opening.id,
            started_at=_rfc3339(self.opening.started_at),
            outcome=outcome,
            error=error,
            request=self._request_part(),
            response=Response(self.head.status, self.head.http_version, self.head.headers, body)
            if self.head and body
            else None,
            timing=timing(signals, verdict.label),
            stream=stream,
            events=tuple(self.events) if stream and self.keep_text else None,
            llm=llm,
            verdict=verdict,
        )
        return redact.record(record)

    def _close_response(self, outcome: Outcome) -> Body | None:
        """End the body: what an unfinished end still yields came with the last arrival."""
        if self._response is None:
            return None
        frames = self._response.close(complete=outcome == "complete")
        last = self.arrivals[-1] if self.arrivals else None
        events = sum(self._take(frame, last and last.t, max(0, self._arrivals_seen - 1)) for frame in frames)
        if last and events:
            self.arrivals[-1] = last._replace(events=last.events + events)
            self.boundary[-1] = True
        return self._response.body()

    def _meaning(self, streamed: bool) -> Llm | None:
        if self._response is None:
            return None
        if not streamed:
            self._reader = reader(self._context(), self.limits)
            self._reader.whole(self._response.value)
        llm = self._reader.result()
        return llm if self.keep_text or llm is None else without_texts(llm)

    def _request_part(self) -> Request:
        opening = self.opening
        asked, by = self.requested
        return Request(
            method=opening.method,
            url=opening.url,
            http_version=opening.http_version,
            headers=opening.headers,
            body=self._request.body(),
            stream_requested=asked,
            stream_requested_by=by,
            arrivals=tuple(self.request_arrivals) or None,
            query=query_fields(opening.url),
        )

    def _stream(self, body: Body) -> Stream:
        assert self._response is not None
        recorded = bool(self.arrivals) or self._arrivals_seen == 0
        return Stream(
            format=self._response.framing or "unknown",
            arrivals=tuple(self.arrivals) if recorded else None,
            callbacks=self.callbacks if recorded else None,
            events=self._events_seen,
            content_events=self._content_seen,
            malformed=self._malformed,
            split_events=self._split if recorded else None,
            terminator=self._terminator,
            events_omitted=self._events_seen - len(self.events),
            arrivals_omitted=self._arrivals_seen - len(self.arrivals) if recorded else 0,
            comments=self._comments_seen,
            deviations=self._response.deviations,
        )

    def _signals(
        self,
        at: float | None,
        outcome: Outcome,
        clocks: Clocks,
        body: Body | None,
        streamed: bool,
        llm: Llm | None,
    ) -> Signals:
        head, read = self.head, self._reader
        failed = llm is not None and llm.error is not None
        return Signals(
            outcome=outcome,
            recorded=bool(self.arrivals) or self._arrivals_seen == 0,
            requested=self.requested[0],
            requested_by=self.requested[1],
            status=head.status if head else None,
            headers=head.headers if head else (),
            http_version=head.http_version if head else None,
            format=(self._response.framing or "unknown") if streamed and self._response else None,
            whole=body is not None and body.kind == "json",
            error=head is not None and (head.status >= 400 or (failed and not self._content_seen)),
            mislabelled=streamed and body is not None and body.mismatch is not None,
            request_end=self.request_end,
            response_start=self.response_start,
            end=at,
            arrivals=self.arrivals,
            boundary=[bool(flag) for flag in self.boundary],
            first_event=self._first_event if streamed else None,
            moments={name: column.moments() for name, column in self._channels.items()} if streamed else {},
            content=self._content.moments() if streamed else Moments(),
            last_content=self._last_content if streamed else None,
            clocks=self._clocks,
            comments=self._comments,
            lag=clocks.lag,
            lags=clocks.lags,
            terminator=self._terminator,
            terminator_due=streamed and read.terminator_due and not failed,
            usage=llm.usage if llm else None,
            server_timing=llm.server_timing if llm else None,
            dialect=read.api,
            traits=read.traits,
        )

    # --- meanwhile ---

    def snapshot(self, now: float) -> Snapshot:
        """How the exchange stands at `now` (same axis as `at`)."""
        since = self._previous if self._previous is not None else self.request_end
        silence = now - since if since is not None else None
        second = int(now)
        return Snapshot(
            id=self.opening.id,
            method=self.opening.method,
            url=redact.url(self.opening.url),
            age=now,
            status=self.head.status if self.head else None,
            format=self._response.framing if self._response else None,
            model=self._reader.model,
            bytes=self._response.size if self._response else 0,
            arrivals=self._arrivals_seen,
            events=self._events_seen,
            content_events=self._content_seen,
            first_token=_difference(self._first_content, self.request_end),
            since_last=_difference(now, self._previous),
            longest_silence=max(self._silence or 0.0, silence) if silence is not None else self._silence,
            recent=tuple(self._recent.get(s, 0) for s in range(max(0, second - _RECENT + 1), second + 1)),
        )


def without_texts(llm: Llm) -> Llm:
    """The same answer with every generated text and every message left out."""
    calls = lambda calls: tuple(replace(call, arguments="") for call in calls)  # noqa: E731
    return replace(
        llm,
        text=None,
        reasoning=None,
        refusal=None,
        tool_calls=calls(llm.tool_calls),
        server_tool_calls=calls(llm.server_tool_calls),
        choices=tuple(replace(c, text="", reasoning="", tool_calls=calls(c.tool_calls)) for c in llm.choices),
        error=_without_message(llm.error),
    )


def _without_message(error: Mapping[str, object] | None) -> Mapping[str, object] | None:
    return None if error is None else {key: value for key, value in error.items() if key in ("type", "code", "status")}


def _difference(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else later - earlier


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
