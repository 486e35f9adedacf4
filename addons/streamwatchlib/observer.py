"""One exchange, from its first byte to its record.

In: heads, bytes and the moments they came.  Out: a `Record`, and `Snapshot`s on the way.  This is the one room
that joins the others: ``wire`` makes frames of the bytes, ``llm`` tells what they mean, ``judge`` and ``timing``
say what the moments amount to, ``redact`` masks what must not leave.  It knows no format and reads no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import bare, redact
from .asked import Ends, carried, context, request_part
from .headers import header
from .judge import judge
from .llm import Reader, array_stream, fetches_file, intent, model_named, speaks
from .llm.bare import without_texts
from .model import (
    Arrival,
    Body,
    Clocks,
    Context,
    Frame,
    Head,
    Limits,
    Llm,
    Message,
    Opening,
    Outcome,
    Record,
    Response,
    Signals,
    Snapshot,
    Stream,
)
from .standing import standing
from .tally import Tally
from .timing import rfc3339, timing
from .wire.bodies import BodyReader
from .wire.messages import MessageReader
from .wire.outline import without_media

_FEW, _MANY = 8, 128
"""Arrivals that are read together at least and at most."""

type Came = tuple[bytes, float | None, int]
"""An arrival: its bytes, when, and in how many callbacks it was handed over."""


class Observer:
    """Watches one exchange.  All times (`at`) are seconds from `Opening.started_at`; None: not recorded.

    Order of calls: `request_body`, `response_head`, `feed` any number of times, `close` once.  A call may be
    missing (no answer came, the client left ...).  `close` may come after any of them.
    """

    def __init__(self, opening: Opening, limits: Limits, *, keep_text: bool = True) -> None:
        self.opening, self.limits, self.keep_text = opening, limits, keep_text
        self._request = BodyReader(opening.headers, limits=limits, keep_text=keep_text)
        self.request_arrivals: list[Arrival] = []
        self.request_end: float | None = None
        self._ends: Ends | None = Ends()
        """Of the request, until it is over."""
        self._asked: object = None
        """The request's value; of JSON that is longer than what is kept, what its ends tell."""
        self.requested: tuple[bool | None, str | None] = (None, None)
        self.head: Head | None = None
        self.response_start: float | None = None
        self._response: BodyReader | MessageReader | None = None
        self._reader = Reader(self._context(), limits)
        self.switched = False
        """The exchange has become a WebSocket."""
        self._together = _FEW
        self.callbacks, self.tally = 0, Tally(limits, keep_text=keep_text)
        self.signals = Signals(outcome="complete", recorded=False, requested=None, requested_by=None, status=None)
        """What the verdict rests on; set by `close`."""

    # --- the request ---

    def request_data(self, data: bytes, at: float | None) -> None:
        """A piece of a request body: of one that is passed through as it comes, with its moment."""
        self._request.feed(data)
        if self._ends:
            self._ends.feed(data)
        if at is not None and len(self.request_arrivals) < self.limits.arrivals:
            self.request_arrivals.append(Arrival(at, len(data), 0))

    def request_body(self, data: bytes | None, at: float | None) -> None:
        """The end of the request: its whole body where it was not passed through piece by piece."""
        if ends := self._ends:
            self.request_data(data or b"", None)
            self._request.close()
            self._ends, self.request_end = None, at
            told = ends.value() if self._request.truncated else None
            self._asked = told if self._request.value is None else self._request.value
            self.requested = intent(self._context())

    def _context(self) -> Context:
        return context(self.opening, self._asked, self.head)

    # --- the response ---

    def response_head(self, head: Head, at: float | None) -> None:
        self.head, self.response_start = head, at
        self._reader = Reader(self._context(), self.limits)
        self._response = BodyReader(
            head.headers,
            limits=self.limits,
            keep_text=self.keep_text,
            length_known=header(head.headers, "content-length") is not None,
            array_streams=array_stream(self._context()),
            speaks=speaks(self._context()),
            known=self._reader.known,
        )

    def feed(self, data: bytes, at: float | None, callbacks: int = 1) -> None:
        """One arrival: all the body bytes that came at `at`, handed over in so many callbacks."""
        if self._response and not self._at_once([(data, at, callbacks)]):
            self._comes(at, callbacks)
            events = sum([self._take(frames, at, self.tally.seen) for frames in self._response.reading(data)])
            self.tally.arrival(at, len(data), events, not self._response.pending)

    def feed_all(self, arrivals: Sequence[Came]) -> None:
        """Many arrivals: by the lot where only words are new in them, and else together where that can be done."""
        start = 0
        while some := arrivals[start : start + self._together]:
            if not self._as_lot(some):
                if self._together > _FEW and self._reader.knows:
                    self._together = _FEW  # one may be no part of a lot, others be
                    continue
                if not self._at_once(some):
                    for arrival in some:
                        self.feed(*arrival)
            start += len(some)
            self._together = min(2 * self._together, _MANY)

    def _as_lot(self, arrivals: Sequence[Came]) -> bool:
        """Some arrivals, read as a lot; False if they are none: nothing was read."""
        pieces = [data for data, _, _ in arrivals]
        dates = [at for _, at, _ in arrivals if at is not None]
        response, dated = self._response, self.tally.previous is not None and len(dates) == len(pieces)
        if not dated or not isinstance(response, BodyReader) or not (lot := response.lot(pieces)):
            return False
        if not (reading := self._reader.lot(lot.type, lot.payloads)):
            return False
        response.take_lot(pieces, lot)
        self.callbacks += sum([callbacks for _, _, callbacks in arrivals])
        self.tally.lot(lot, reading, dates, map(len, pieces))
        return True

    def _at_once(self, arrivals: Sequence[Came]) -> bool:
        """Some arrivals, framed together; False if that can't be: nothing was read."""
        each = self._response.at_once([data for data, _, _ in arrivals]) if self._response else None
        if each is None:
            return False
        for (data, at, callbacks), (frames, boundary) in zip(arrivals, each, strict=True):
            self._comes(at, callbacks)
            self.tally.arrival(at, len(data), self._take(frames, at, self.tally.seen), boundary)
        return True

    def _comes(self, at: float | None, callbacks: int) -> None:
        self.callbacks += callbacks
        if at is not None:
            self.tally.silent_until(at, self.request_end)

    def _take(self, frames: Sequence[Frame], at: float | None, arrival: int) -> int:
        """Ask what each frame means and date it; how many of them are events."""
        read, take = self._reader.event, self.tally.take
        return sum([take(frame, read(frame), at, arrival) for frame in frames])

    def message(self, message: Message) -> None:
        """One message of a WebSocket; any other exchange has none."""

    def unread(self, size: int, *, of_request: bool = False) -> None:
        """So many bytes more have come of a body, too fast to be read.  Nothing is fed of it any more."""
        reader = self._request if of_request else self._response
        if isinstance(reader, BodyReader):
            reader.unread(size)

    def keep_no_more(self) -> None:
        """What comes of the answer from now on is only counted, as where a limit is reached."""
        self.tally.keep_no_more()
        if self._response:
            self._response.keep_no_more()
        else:  # nor of what has not begun
            self.limits = replace(self.limits, body=0)

    @property
    def truncated(self) -> bool:
        """More came than was kept."""
        return self._response is not None and self._response.truncated

    # --- the end ---

    def close(self, at: float | None, outcome: Outcome, error: str | None = None, clocks: Clocks = Clocks()) -> Record:
        """The exchange has ended: what came of it, judged and masked."""
        full = self.conclude(at, outcome, error, clocks)
        return redact.record(full if self.keep_text else bare.record(full), carried(self._request, kept=self.keep_text))

    def conclude(self, at: float | None, outcome: Outcome, error: str | None, clocks: Clocks) -> Record:
        """The same, not masked yet: it must not leave like this."""
        self.request_body(None, None)
        body = self._close_response(outcome)
        head, seen, stream = self.head, self._response, None
        if seen and body and body.kind == "streaming":
            stream = self.tally.stream(seen.framing or "unknown", self.callbacks, seen.deviations)
        llm = self._meaning(body)
        signals = self._signals(at, outcome, clocks, body, stream, llm)
        self.signals = signals = replace(signals, error=signals.error or (outcome == "complete" and error is not None))
        verdict = judge(signals)
        return Record(
            id=self.opening.id,
            started_at=rfc3339(self.opening.started_at),
            outcome=outcome,
            error=error,
            request=request_part(
                self.opening, self._request.body(), self.requested, self.request_arrivals, model_named(self._context())
            ),
            response=Response(head.status, head.http_version, head.headers, body) if head and body else None,
            timing=timing(signals, verdict.label),
            stream=stream,
            events=tuple(self.tally.events) if stream and self.keep_text else None,
            llm=llm,
            verdict=verdict,
        )

    def _close_response(self, outcome: Outcome) -> Body | None:
        """End the body: what an unfinished end still yields came with the last arrival."""
        if self._response is None:
            return None
        tally = self.tally
        frames = self._response.close(complete=outcome == "complete")
        tally.late_events(self._take(frames, tally.previous, max(0, tally.seen - 1)))
        body = self._response.body()
        return without_media(body) if tally.media and body.content else body

    def _meaning(self, body: Body | None) -> Llm | None:
        if self._response is None or body is None:
            return None
        if body.kind != "streaming":
            self._reader = Reader(self._context(), self.limits)
            self._reader.whole(self._response.value)
        if isinstance(self._response, BodyReader):
            self._reader.in_words(self._response.words)
        llm = self._reader.result()
        return llm if self.keep_text or llm is None else without_texts(llm)

    def _signals(
        self,
        at: float | None,
        outcome: Outcome,
        clocks: Clocks,
        body: Body | None,
        stream: Stream | None,
        llm: Llm | None,
    ) -> Signals:
        head, read, tally = self.head, self._reader, self.tally
        signals = Signals(
            outcome=outcome,
            recorded=tally.recorded,
            requested=self.requested[0],
            requested_by=self.requested[1],
            status=head.status if head else None,
            headers=redact.headers(head.headers) if head else (),
            made_here=head is not None and head.made_here,
            whole=body is not None and body.kind == "json",
            error=head is not None and bool(head.status >= 400 or (llm and llm.error and not tally.content_seen)),
            fault=llm.error if llm else None,
            request_end=self.request_end,
            response_start=self.response_start,
            end=at,
            lag=clocks.lag,
            lags=clocks.lags,
            network=clocks.network,
            usage=llm.usage if llm else None,
            server_timing=llm.server_timing if llm else None,
            traits=read.traits,
            unread=isinstance(self._response, BodyReader) and self._response.was_unread,
        )
        file = stream is not None and fetches_file(self._context(), self.requested[0])
        if stream is None or file:
            return replace(signals, file=file, arrivals=tally.arrivals, boundary=tally.boundary)
        return replace(
            tally.testify(signals),
            format=stream.format,
            mislabelled=body is not None and body.mismatch is not None,
            terminator_due=read.terminator_due and not signals.fault and not signals.unread,
        )

    def snapshot(self, now: float) -> Snapshot:
        """How the exchange stands at `now` (same axis as `at`)."""
        model, told = self._reader.model, standing(self.opening, self.tally, self.request_end, now)
        return replace(
            told,
            status=self.head.status if self.head else None,
            format=self._response.framing if self._response else None,
            model=model and redact.text(model),
            bytes=self._response.size if self._response else 0,
        )
