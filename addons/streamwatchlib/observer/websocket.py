"""One WebSocket, from its handshake to its record.

In: what `Observer` takes, and the messages of both sides with their times.  Out: a `Record` of the connection.  An
exchange that asked for a WebSocket and got none is observed like any other.
"""

from __future__ import annotations

from dataclasses import replace

from ..headers import joined_header
from ..llm import Reader
from ..llm.dialogue import is_audio, is_response_input, response_ref, response_request, session_setup
from ..model import (
    SWITCHING_PROTOCOLS,
    Frame,
    Limits,
    Message,
    Outcome,
    ProxyConditions,
    Reading,
    Record,
    RequestHead,
    ResponseHead,
    Sent,
    Signals,
    Timing,
    Verdict,
)
from ..wire.payload import Notes
from ..wire.websocket import BINARY, MessageReader, frame
from . import Observer
from .replies import Judged, Replies

ASKED_BY = "message.type"
"""`Request.stream_requested_by` of a WebSocket on which a message asked for a response."""
_SOUND = Reading(("events",), kept=False)
_UNASKED = "Messages passed, none of which asked for a response in a way known here: there is nothing to judge."


def observer_for(opening: RequestHead, limits: Limits, *, keep_text: bool = True) -> Observer:
    """Return the observer for an exchange whose request has this head."""
    upgrades = "websocket" in (joined_header(opening.headers, "upgrade") or "").lower()
    return (WebSocketObserver if upgrades else Observer)(opening, limits, keep_text=keep_text)


class WebSocketObserver(Observer):
    """Observes one WebSocket.  `message` is called after `response_head`, in the order in which messages passed."""

    def __init__(self, opening: RequestHead, limits: Limits, *, keep_text: bool = True) -> None:
        super().__init__(opening, limits, keep_text=keep_text)
        self._messages: MessageReader | None = None
        """None until the server has switched."""
        self._replies = Replies(self._context(), limits)
        self._sent: list[Sent] = []
        self._sent_seen = self._sent_chars = 0
        self._latest = 0.0

    def response_head(self, head: ResponseHead, at: float | None) -> None:
        super().response_head(head, at)
        if head.status == SWITCHING_PROTOCOLS:
            self._messages = self.response.switch()
            self._replies = Replies(self._context(), self.response.limits)
            if not self.request.stream_intent[0]:
                self.request.stream_intent = (None, None)  # a handshake has no body, so it can't have said no

    def message(self, message: Message) -> None:
        """Take one message, of either side."""
        # the wall clock that dates messages may be set back, the record's times may not
        self._latest = max(self._latest, message.t)
        (self._to_server if message.from_client else self._from_server)(message, self._latest)

    # --- what the client sends ---

    def _to_server(self, message: Message, t: float) -> None:
        self._sent_seen += 1
        shown = frame(message.data, self.response.limits.event, Notes(), is_text=message.is_text)
        if self._sent_seen == 1 and (settings := session_setup(shown.value)):
            self.request.value = settings
            self.response.dialect_reader = Reader(self._context(), self.response.limits)
            self._replies = Replies(self._context(), self.response.limits)
        asked = response_request(shown.value)
        if is_response_input(shown.value) or not _is_kept(shown):
            self._replies.fed()
        if asked is not None:
            self.request.stream_intent = (True, ASKED_BY)
            self._replies.ask(asked, t)
        if len(self._sent) < self.response.limits.events and self._sent_chars <= self.response.limits.body:
            kept = self.keep_text and not is_audio(shown.value) and _is_kept(shown)
            self._sent_chars += len(shown.type) + (len(shown.data) if kept else 0)
            self._sent.append(Sent(t, len(message.data), shown.type, shown.data if kept else None))

    # --- what the server sends ---

    def _from_server(self, message: Message, t: float) -> None:
        if self._messages is None:
            return
        self.response.callbacks += 1
        tally, size = self.response.tally, len(message.data)
        tally.silent_until(t, self.request.end)
        each = self._messages.feed(message.data, is_text=message.is_text)
        tally.arrival(t, size, tally.take(each, self._read(each, t, size), t, tally.arrivals_seen), True)

    def _read(self, each: Frame, t: float, size: int) -> Reading:
        whose = response_ref(each.value) if _is_kept(each) else self._replies.under_way
        reading = self._replies.take(each, whose, t, size) if whose else None
        if reading is not None:
            return reading
        return self.response.dialect_reader.read_event(each) if _is_kept(each) else _SOUND

    # --- the end ---

    def conclude(self, at: float | None, outcome: Outcome, error: str | None, clocks: ProxyConditions) -> Record:
        if self._messages is not None and error and not self.keep_text:
            error = error.partition(": ")[0]  # the reason that a peer gives for closing is a text of its own
        record = super().conclude(at, outcome, error, clocks)
        if self._messages is None:
            return record
        assert record.stream
        stream = replace(record.stream, sent=self._sent_seen, responses=self._replies.seen)
        record = replace(record, stream=stream, sent=tuple(self._sent))
        common = replace(self.signals, format=self._messages.framing)
        judged = self._replies.judged(common, keep_text=self.keep_text)
        if not judged:
            return _unasked(record) if record.verdict.label == "not-applicable" else record
        worst = max(judged, key=lambda each: each.badness)
        return replace(
            record,
            verdict=_named(worst, len(judged)),
            timing=_durations(record.timing, worst.timing),
            llm=worst.reply.llm,
            responses=tuple(each.reply for each in judged),
        )

    def _as_judged(self, signals: Signals) -> Signals:
        """Judge the connection itself only if a stream was asked for and no response came: else its responses are."""
        if self._messages is None:
            return signals
        asked = signals.requested is True and not self._replies.seen
        return replace(signals, format=signals.format if asked else None, terminator_due=False)


def _is_kept(frame: Frame) -> bool:
    """Return False for a binary message that is not JSON, whose bytes are not kept."""
    return frame.type != BINARY or bool(frame.data)


def _named(worst: Judged, responses: int) -> Verdict:
    """The verdict of the worst response; its summary says so if there are others."""
    verdict = worst.verdict
    if responses == 1:
        return verdict
    return replace(verdict, summary=f"The worst of {responses} responses: {verdict.summary}")


def _unasked(record: Record) -> Record:
    """Say that nothing was asked for, and drop TTFT: nobody is known to have waited for the first message."""
    verdict, timing = replace(record.verdict, summary=_UNASKED), replace(record.timing, ttft=None)
    return replace(record, verdict=verdict, timing=timing)


def _durations(connection: Timing, response: Timing) -> Timing:
    """The connection's offsets with the durations of one response: idle time between responses is no latency."""
    return replace(
        connection,
        ttft=response.ttft,
        e2e=response.e2e,
        itl=response.itl,
        output_tokens_per_second=response.output_tokens_per_second,
        tokens_per_second_e2e=response.tokens_per_second_e2e,
    )
