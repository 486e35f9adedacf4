"""The responses on one WebSocket, each dated and judged by itself.

In: the client's requests for a response (`ResponseRequest`), and the server's frames with their times.  Out: a
`Reading` per frame, and at the end a `Judged` per response.  Responses may overlap; `llm.dialogue` tells which frame
belongs to which.  Together they keep no more than `Limits` allow one exchange.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ..judge import judge
from ..llm import Reader
from ..llm.dialogue import ResponseRef, ResponseRequest
from ..llm.values import obj
from ..llm.without_texts import without_texts
from ..model import SEVERITY_RANK, Context, Frame, Label, Limits, Llm, Outcome, Reading, Reply, Signals, Timing, Verdict
from ..timing import timing
from .tally import Tally

MAX_RESPONSES = 1000
"""Responses per connection that are judged (more are only counted), and asks that may be pending (the oldest goes)."""
ONE_READ = 0.0004
"""Seconds between messages that count as one read of the socket: mitmproxy takes 0.2 to 0.3 ms to pass each of them
on and dates it then, and the fastest streams that providers claim leave 0.33 ms between two tokens on average."""

_BADNESS: dict[Label, int] = {
    "pseudo-streaming": 5,
    "bursty": 4,
    "not-streamed": 3,
    "streaming": 2,
    "inconclusive": 1,
    "not-applicable": 0,
}
"""Labels from the worst (highest) on; a response that could not be judged comes last."""


class Judged(NamedTuple):
    """One response with its verdict and timing."""

    reply: Reply
    verdict: Verdict
    timing: Timing

    @property
    def badness(self) -> tuple[int, int, bool, float]:
        """A sort key: the higher, the worse."""
        verdict = self.verdict
        hold = verdict.measures.mean_hold or 0.0
        return _BADNESS[verdict.label], SEVERITY_RANK[verdict.severity], bool(verdict.flags), hold


class _OpenResponse:
    """One response in progress."""

    def __init__(self, context: Context, limits: Limits, began: float, asked: float | None) -> None:
        self.began, self.asked = began, asked
        self.id: str | None = None
        self.ended: float | None = None
        self.reader = Reader(context, limits)
        # no events: the connection's own tally keeps them
        self.tally = Tally(replace(limits, events=0), keep_text=False)
        self._latest: float | None = None
        self.fed = False
        """The client sent more input for this response after its first content."""

    def take(self, frame: Frame, t: float, size: int) -> Reading:
        reading = self.reader.read_event(frame)
        tally, latest = self.tally, self._latest
        self._latest = t
        if latest is not None and t - latest <= ONE_READ:
            tally.late_events(tally.take(frame, reading, t, tally.arrivals_seen - 1))
        else:
            tally.arrival(t, size, tally.take(frame, reading, t, tally.arrivals_seen), True)
        if reading.end:
            self.ended = t
        return reading

    def judged(self, common: Signals, *, keep_text: bool) -> Judged:
        """Judge what has come of the response; `common` are the signals of the whole connection."""
        llm = self.reader.result()
        signals = self._signals(common, llm)
        verdict = judge(signals)
        when = timing(signals, verdict.label)
        if self.asked is None:
            when = replace(when, ttft=None, e2e=None, tokens_per_second_e2e=None)
        if llm and not keep_text:
            llm = without_texts(llm)
        reply = Reply(
            response_id=self.id,
            t=self.asked,
            first_token=when.first_token,
            end=self.ended,
            ttft=when.ttft,
            e2e=when.e2e if self.ended is not None else None,
            output_tokens_per_second=when.output_tokens_per_second,
            events=self.tally.events_seen,
            content_events=self.tally.content_seen,
            terminator=self.tally.terminator,
            label=verdict.label,
            severity=verdict.severity,
            confidence=verdict.confidence,
            flags=verdict.flags,
            summary=verdict.summary,
            llm=llm,
        )
        return Judged(reply, verdict, when)

    def _signals(self, common: Signals, llm: Llm | None) -> Signals:
        read, ended = self.reader, self.ended is not None
        failed = llm is not None and llm.error is not None
        outcome: Outcome = "complete" if ended else common.outcome
        signals = replace(
            common,
            outcome=outcome,
            recorded=self.tally.recorded,
            error=failed and not self.tally.content_seen,
            # a response that nobody asked for is timed from its first event
            request_end=self.began if self.asked is None else self.asked,
            response_start=None,
            end=self.ended if ended else common.end,
            usage=llm.usage if llm else None,
            server_timing=llm.server_timing if llm else None,
            terminator_due=read.terminator_due and not failed,
            traits=read.traits | {"fed"} if self.fed else read.traits,
        )
        return self.tally.with_times(signals)


class Replies:
    """Assigns each message of one connection to its response.  Times are seconds on the exchange's axis."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context, self._limits = context, limits
        self._asks: deque[tuple[float, ResponseRequest]] = deque(maxlen=MAX_RESPONSES)
        self._responses: list[_OpenResponse] = []
        self._named: dict[str, _OpenResponse] = {}
        self._open: dict[str | None, _OpenResponse] = {}
        """Lane -> the response in progress in it."""
        self._used = 0
        self.seen = 0
        """Responses that the server began, judged or not."""

    def ask(self, ask: ResponseRequest, t: float) -> None:
        """Note that the client asked for a response at `t`."""
        self._asks.append((t, ask))

    def fed(self) -> None:
        """Note that the client sent a piece of input for the response in progress."""
        response = self._open.get(None)
        if response and response.tally.content_seen:
            response.fed = True

    @property
    def under_way(self) -> ResponseRef | None:
        """What a binary message belongs to, which names no response: the one in progress, or None."""
        return ResponseRef() if None in self._open else None

    def take(self, frame: Frame, about: ResponseRef, t: float, size: int) -> Reading | None:
        """Read a frame as part of its response; None if it belongs to none that is judged."""
        response = self._response_for(about, t)
        if response is None:
            return None
        if about.response and response.id is None:
            response.id = about.response
            self._named[about.response] = response
        reading = response.take(frame, t, size)
        self._used += size if reading.kept else 0
        if response.ended is None and about.error and not response.id:
            response.ended = t  # the ask itself was refused
        if response.ended is not None and self._open.get(about.stream_id) is response:
            del self._open[about.stream_id]
        return reading

    def _response_for(self, about: ResponseRef, t: float) -> _OpenResponse | None:
        if about.busy:
            return self._begin(about, t) if self._asks else None
        if about.refuses and any(ask.event_id == about.refuses for _, ask in self._asks):
            return self._begin(about, t)
        known = self._named.get(about.response or "")
        if known and known.ended is not None and about.begins:
            known = None  # small servers use one id for all responses
        current = self._open.get(about.stream_id)
        if known is None and current is not None and (about.response is None or current.id is None):
            known = current
        if known is not None:
            return known
        return self._begin(about, t) if about.begins or self._asks else None

    def _begin(self, about: ResponseRef, t: float) -> _OpenResponse | None:
        """Begin the response to the first matching `ResponseRequest`, else to the oldest of all; only count it beyond
        `MAX_RESPONSES`."""
        self.seen += 1
        found = next((each for each in self._asks if _meant(each[1], about)), None)
        if found is None and self._asks and not about.refuses:
            found = self._asks[0]
        if found:
            self._asks.remove(found)
        if len(self._responses) >= MAX_RESPONSES:
            return None
        settled = obj(self._context.request_value)
        context = replace(self._context, request_value={**settled, **found[1].value}) if found else self._context
        response = _OpenResponse(context, self._left(), t, found[0] if found else None)
        self._responses.append(response)
        if not (about.refuses or about.busy):
            self._open[about.stream_id] = response
        return response

    def _left(self) -> Limits:
        """The limits for the next response: what the connection may still keep."""
        limits, tallies = self._limits, [response.tally for response in self._responses]
        return replace(
            limits,
            body=max(0, limits.body - self._used),
            arrivals=max(0, limits.arrivals - sum(len(tally.arrivals) for tally in tallies)),
            moments=max(0, limits.moments - sum(len(tally.content.t) for tally in tallies)),
        )

    def judged(self, common: Signals, *, keep_text: bool) -> Sequence[Judged]:
        """Judge every response, in the order in which they began."""
        return [response.judged(common, keep_text=keep_text) for response in self._responses]


def _meant(ask: ResponseRequest, about: ResponseRef) -> bool:
    """Return whether the message is about this ask: it refuses it by its id, or comes in its lane."""
    return ask.event_id == about.refuses if about.refuses else ask.stream_id == about.stream_id
