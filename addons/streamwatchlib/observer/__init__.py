"""One exchange, from its first byte to its record.

In: heads, bytes and the times at which they came.  Out: a `Record`, and a `Snapshot` whenever one is asked for.  This
is the one room that joins the others: ``wire`` makes frames of the bytes, ``llm`` tells what they mean, ``judge`` and
``timing`` evaluate the times, ``redact`` masks secrets.  Never here: a format, a clock.

``request`` and ``response`` read either side, ``tally`` dates the pieces of the response; ``websocket`` observes an
exchange that becomes a WebSocket, ``replies`` each of the responses on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import bare, redact
from ..headers import header
from ..judge import judge
from ..llm import fetches_file, model_named
from ..model import (
    Body,
    Context,
    Limits,
    Llm,
    Message,
    Outcome,
    ProxyConditions,
    Record,
    RequestHead,
    Response,
    ResponseHead,
    Signals,
    Snapshot,
    Stream,
)
from ..timing import between, rfc3339, timing
from .request import RequestReader, context
from .response import RawArrival, ResponseReader


class Observer:
    """Observes one exchange.  All times (`at`) are seconds from `RequestHead.started_at`; None: not recorded.

    Order of calls: `end_request`, `response_head`, `feed` any number of times, `close` once.  All but `close` may be
    missing (no response came, the client left ...).
    """

    def __init__(self, opening: RequestHead, limits: Limits, *, keep_text: bool = True) -> None:
        self.opening, self.keep_text = opening, keep_text
        self.request = RequestReader(opening, limits, keep_text=keep_text)
        self.response = ResponseReader(self.request, context(opening, None), limits, keep_text=keep_text)
        self.signals = Signals(outcome="complete", recorded=False, requested=None, requested_by=None, status=None)
        """What the verdict rests on; set by `close`."""

    def _context(self) -> Context:
        return context(self.opening, self.request.value, self.response.head)

    # --- the request ---

    def request_data(self, data: bytes, at: float | None) -> None:
        """Take a piece of the request body; `at` is given if the proxy passes the body on as it arrives."""
        self.request.feed(data, at)

    def end_request(self, data: bytes | None, at: float | None) -> None:
        """End the request; `data` is its whole body unless that came by `request_data`."""
        self.request.close(data or b"", at)

    # --- the response ---

    def response_head(self, head: ResponseHead, at: float | None) -> None:
        """Take the response's head."""
        self.response.begin(head, at, context(self.opening, self.request.value, head))

    def feed(self, data: bytes, at: float | None, callbacks: int = 1) -> None:
        """Take one arrival: all body bytes that came at `at`, handed over in so many callbacks."""
        self.response.feed(data, at, callbacks)

    def feed_all(self, arrivals: Sequence[RawArrival]) -> None:
        """Take many arrivals, faster than one by one."""
        self.response.feed_all(arrivals)

    def message(self, message: Message) -> None:
        """Take one message of a WebSocket; ignored in any other exchange."""

    def skip_unread(self, size: int, *, of_request: bool = False) -> None:
        """Count `size` more bytes of a body, which came too fast to be read; nothing of it may be fed any more."""
        (self.request if of_request else self.response).skip_unread(size)

    def keep_no_more(self) -> None:
        """Only count what comes of the response from now on, as beyond a limit."""
        self.response.keep_no_more()

    # --- the end ---

    def close(
        self, at: float | None, outcome: Outcome, error: str | None = None, clocks: ProxyConditions = ProxyConditions()
    ) -> Record:
        """End the exchange and return its record, judged and masked."""
        full = self.conclude(at, outcome, error, clocks)
        return redact.record(full if self.keep_text else bare.record(full), self.request.credentials())

    def conclude(self, at: float | None, outcome: Outcome, error: str | None, clocks: ProxyConditions) -> Record:
        """The same, but not masked yet: the result must not leave the observer."""
        self.request.close(b"", None)
        response, stream = self.response, None
        body = response.close(complete=outcome == "complete")
        head, reader, tally = response.head, response.content_reader, response.tally
        if reader and body and body.kind == "streaming":
            stream = tally.stream(reader.framing or "unknown", response.callbacks, reader.deviations)
        llm = response.model_message(body, self._context())
        signals = self._as_judged(self._signals(at, outcome, clocks, body, stream, llm))
        self.signals = signals = replace(signals, error=signals.error or (outcome == "complete" and error is not None))
        verdict = judge(signals)
        return Record(
            id=self.opening.id,
            started_at=rfc3339(self.opening.started_at),
            outcome=outcome,
            error=error,
            request=self.request.part(model_named(self._context())),
            response=Response(head.status, head.http_version, head.headers, body) if head and body else None,
            timing=timing(signals, verdict.label),
            stream=stream,
            events=tuple(tally.events) if stream and self.keep_text else None,
            llm=llm,
            verdict=verdict,
        )

    def _signals(
        self,
        at: float | None,
        outcome: Outcome,
        clocks: ProxyConditions,
        body: Body | None,
        stream: Stream | None,
        llm: Llm | None,
    ) -> Signals:
        head, read, tally = self.response.head, self.response.dialect_reader, self.response.tally
        signals = Signals(
            outcome=outcome,
            recorded=tally.recorded,
            requested=self.request.stream_intent[0],
            requested_by=self.request.stream_intent[1],
            status=head.status if head else None,
            headers=redact.headers(head.headers) if head else (),
            made_here=head is not None and head.made_here,
            whole=body is not None and body.kind == "json",
            entire=body is not None and self._is_entire(body.size),
            error=head is not None and bool(head.status >= 400 or (llm and llm.error and not tally.content_seen)),
            fault=llm.error if llm else None,
            request_end=self.request.end,
            response_start=self.response.start,
            end=at,
            lag=clocks.lag,
            lags=clocks.lags,
            network=clocks.network,
            usage=llm.usage if llm else None,
            server_timing=llm.server_timing if llm else None,
            traits=read.traits,
            unread=self.response.has_unread,
        )
        file = stream is not None and fetches_file(self._context(), self.request.stream_intent[0])
        if stream is None or file:
            return replace(signals, file=file, arrivals=tally.arrivals, boundary=tally.boundary)
        return replace(
            tally.with_times(signals),
            format=stream.format,
            mislabelled=body is not None and body.mismatch is not None,
            terminator_due=read.terminator_due
            and read.has_end_marker_in(stream.format)
            and not signals.fault
            and not signals.unread,
        )

    def _is_entire(self, size: int) -> bool:
        """The client had all of an HTTP/1 body, by its Content-Length.  Later versions mark the end apart from the
        bytes, and a body without times was buffered by the proxy."""
        head, dated = self.response.head, bool(self.response.tally.arrivals)
        declared = header(head.headers, "content-length") if head else None
        return dated and declared == str(size) and self.opening.http_version.startswith("HTTP/1")

    def _as_judged(self, signals: Signals) -> Signals:
        """The signals that the verdict is based on."""
        return signals

    def snapshot(self, now: float) -> Snapshot:
        """Return the state of the exchange at `now` (same axis as `at`)."""
        response, request_end = self.response, self.request.end
        head, reader, tally = response.head, response.content_reader, response.tally
        model = response.dialect_reader.model
        tally.silent_until(now, request_end)
        return Snapshot(
            id=self.opening.id,
            method=self.opening.method,
            url=redact.url(self.opening.url),
            age=now,
            status=head.status if head else None,
            format=reader.framing if reader else None,
            model=model and redact.text(model),
            bytes=reader.size if reader else 0,
            arrivals=tally.arrivals_seen,
            events=tally.events_seen,
            content_events=tally.content_seen,
            first_token=between(request_end, tally.first_content),
            since_last=between(tally.last_arrival, now),
            longest_silence=tally.longest_silence,
            recent=tally.recent(now),
        )
