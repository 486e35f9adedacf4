"""The response's side of an exchange: framed, read by its dialect, and dated piece by piece as its body arrives.

In: the head and the arrivals.  Out: the record's `Body` and `Llm`; the times stand in a `Tally`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..headers import header
from ..llm import Reader, array_stream, streams_audio
from ..llm.without_texts import without_texts
from ..model import Body, Context, Frame, Limits, Llm, ResponseHead
from ..wire.bodies import BodyReader
from ..wire.outline import without_media
from ..wire.websocket import MessageReader
from .request import RequestReader
from .tally import Tally

_FEW, _MANY = 8, 128
"""The least and the most arrivals that are read together."""

type RawArrival = tuple[bytes, float | None, int]
"""An arrival: its bytes, its time, and the callbacks in which it was handed over."""


class ResponseReader:
    """The response to one request; `context` is what is known of the exchange before its head has come."""

    def __init__(self, request: RequestReader, context: Context, limits: Limits, *, keep_text: bool) -> None:
        self.limits, self._request, self._keep_text = limits, request, keep_text
        self.head: ResponseHead | None = None
        self.start: float | None = None
        self.content_reader: BodyReader | MessageReader | None = None
        """None until the head has come."""
        self._body: BodyReader | None = None
        """The same, but None after a switch to WebSocket messages."""
        self.dialect_reader = Reader(context, limits)
        self._together = _FEW
        self.callbacks, self.tally = 0, Tally(limits, keep_text=keep_text)

    def begin(self, head: ResponseHead, at: float | None, context: Context) -> None:
        """Take the response's head; `context` includes it."""
        self.head, self.start = head, at
        self.dialect_reader = Reader(context, self.limits)
        self.content_reader = self._body = BodyReader(
            head.headers,
            limits=self.limits,
            keep_text=self._keep_text,
            length_known=header(head.headers, "content-length") is not None,
            array_streams=array_stream(context),
            streams_audio=streams_audio(context),
            recognize=self.dialect_reader.recognize,
        )

    def switch(self) -> MessageReader:
        """Expect WebSocket messages instead of a body after the head."""
        self._body, self.content_reader = None, (messages := MessageReader(self.limits))
        return messages

    @property
    def switched(self) -> bool:
        """The exchange has become a WebSocket."""
        return self.content_reader is not None and self._body is None

    # --- its arrivals ---

    def feed(self, data: bytes, at: float | None, callbacks: int = 1) -> None:
        """Take one arrival, as `Observer.feed`."""
        if (body := self._body) and not self._at_once([(data, at, callbacks)]):
            self._comes(at, callbacks)
            events = sum([self._take(frames, at, self.tally.arrivals_seen) for frames in body.iter_feed(data)])
            self.tally.arrival(at, len(data), events, not body.pending)

    def feed_all(self, arrivals: Sequence[RawArrival]) -> None:
        """Take many arrivals: as batches if their events differ only in words, else framed together, else one by
        one."""
        start = 0
        while some := arrivals[start : start + self._together]:
            if not self._as_batch(some):
                if self._together > _FEW and self.dialect_reader.has_template:
                    self._together = _FEW  # one of them may not fit into a batch, though others do
                    continue
                if not self._at_once(some):
                    for arrival in some:
                        self.feed(*arrival)
            start += len(some)
            self._together = min(2 * self._together, _MANY)

    def _as_batch(self, arrivals: Sequence[RawArrival]) -> bool:
        """Read arrivals as a batch; if they are none, read nothing and return False."""
        pieces = [data for data, _, _ in arrivals]
        dates = [at for _, at, _ in arrivals if at is not None]
        body, dated = self._body, self.tally.last_arrival is not None and len(dates) == len(pieces)
        if not dated or body is None or not (batch := body.peek_batch(pieces)):
            return False
        if not (reading := self.dialect_reader.read_batch(batch.type, batch.payloads)):
            return False
        body.take_batch(pieces, batch)
        self.callbacks += sum([callbacks for _, _, callbacks in arrivals])
        self.tally.take_batch(batch, reading, dates, map(len, pieces))
        return True

    def _at_once(self, arrivals: Sequence[RawArrival]) -> bool:
        """Frame arrivals together; if that is impossible, read nothing and return False."""
        each = self._body.feed_together([data for data, _, _ in arrivals]) if self._body else None
        if each is None:
            return False
        for (data, at, callbacks), (frames, boundary) in zip(arrivals, each, strict=True):
            self._comes(at, callbacks)
            self.tally.arrival(at, len(data), self._take(frames, at, self.tally.arrivals_seen), boundary)
        return True

    def _comes(self, at: float | None, callbacks: int) -> None:
        self.callbacks += callbacks
        if at is not None:
            self.tally.silent_until(at, self._request.end)

    def _take(self, frames: Sequence[Frame], at: float | None, arrival: int) -> int:
        """Read and date each frame; return how many of them are events."""
        read, take = self.dialect_reader.read_event, self.tally.take
        return sum([take(frame, read(frame), at, arrival) for frame in frames])

    def skip_unread(self, size: int) -> None:
        """As `BodyReader.skip_unread`."""
        if self._body:
            self._body.skip_unread(size)

    @property
    def has_unread(self) -> bool:
        """As `BodyReader.has_unread`."""
        return self._body is not None and self._body.has_unread

    def keep_no_more(self) -> None:
        """Only count what comes from now on, as beyond a limit."""
        self.tally.keep_no_more()
        if self.content_reader:
            self.content_reader.keep_no_more()
        else:  # the body reader is made of these limits when the head comes
            self.limits = replace(self.limits, body=0)

    @property
    def truncated(self) -> bool:
        """More came than was kept."""
        return self.content_reader is not None and self.content_reader.truncated

    # --- its end ---

    def close(self, *, complete: bool) -> Body | None:
        """End the body; the last arrival brought the events that its end still yields.  None if there was no head."""
        if self.content_reader is None:
            return None
        tally = self.tally
        frames = self.content_reader.close(complete=complete)
        tally.late_events(self._take(frames, tally.last_arrival, max(0, tally.arrivals_seen - 1)))
        body = self.content_reader.body()
        return without_media(body) if tally.media and body.content else body

    def model_message(self, body: Body | None, context: Context) -> Llm | None:
        """Return the model's message; `body` is what `close` returned."""
        if self.content_reader is None or body is None:
            return None
        if body.kind != "streaming":
            self.dialect_reader = Reader(context, self.limits)
            self.dialect_reader.read_whole(self.content_reader.value)
        if body.kind == "binary":
            self.dialect_reader.read_binary()
        if self._body:
            self.dialect_reader.read_plain_text(self._body.plain_text)
        llm = self.dialect_reader.result()
        return llm if self._keep_text or llm is None else without_texts(llm)
