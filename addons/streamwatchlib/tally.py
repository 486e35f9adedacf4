"""The dated pieces of one answer: arrivals and the events they completed, all of them bounded.

In: each arrival's moment and size, each frame with what its dialect read in it.  Out: the columns that `Stream`,
`Signals` and `Snapshot` are made from.  What is over a limit is counted and not kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace

from .model import Arrival, Channel, Event, Frame, Limits, Moments, Reading, Signals, Stream

_EVENT, _ARRIVAL, _MOMENT = 300, 150, 32
"""Bytes that one of them takes in memory, about; an event without its text."""
RECENT = 16
"""Seconds of arrivals that a snapshot's sparkline shows."""


class _Column:
    """Content-event moments of one channel."""

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


class Tally:
    """Times (`at`) are seconds on the exchange's axis; None where they were not recorded."""

    def __init__(self, limits: Limits, *, keep_text: bool) -> None:
        self._limits, self._keep_text = limits, keep_text
        self.arrivals: list[Arrival] = []
        self.boundary: list[bool] = []
        """For each arrival: its last byte ended an event."""
        self.seen = 0
        """Arrivals so far, kept or not."""
        self.previous: float | None = None
        self.silence: float | None = None
        """The longest gap between arrivals so far; the wait for the first one counts."""
        self._recent: dict[int, int] = {}

        self.events: list[Event] = []
        """Empty where no texts are kept."""
        self._kept = 0
        self._event_chars = 0
        self.events_seen = self.content_seen = self.malformed = self.split = self.comments_seen = 0
        self.first_event: float | None = None
        self.first_content: float | None = None
        self.last_content: float | None = None
        self.terminator: str | None = None
        self.media = False
        """An event held sound or a picture: what is not kept."""
        self.comments: list[tuple[float, int]] = []
        self.clocks: list[tuple[float, float]] = []
        self._content = _Column(limits.moments)
        self._channels: dict[Channel, _Column] = {}

    @property
    def held(self) -> int:
        """Bytes, by estimate."""
        return (
            self._event_chars
            + _EVENT * len(self.events)
            + _ARRIVAL * len(self.arrivals)
            + _MOMENT * len(self._content.t)
        )

    def keep_no_more(self) -> None:
        """What comes from now on is only counted."""
        moments = len(self._content.t)
        self._limits = replace(self._limits, events=self._kept, arrivals=len(self.arrivals), moments=moments)
        for column in (self._content, *self._channels.values()):
            column.limit = len(column.t)

    @property
    def recorded(self) -> bool:
        """Arrival times were recorded (an answer without a body has none to record)."""
        return bool(self.arrivals) or self.seen == 0

    @property
    def content(self) -> Moments:
        return self._content.moments()

    # --- what comes of it ---

    def stream(self, format: str, callbacks: int, deviations: tuple[str, ...]) -> Stream:
        """The record's account of the stream."""
        recorded = self.recorded
        return Stream(
            format=format,
            arrivals=tuple(self.arrivals) if recorded else None,
            callbacks=callbacks if recorded else None,
            events=self.events_seen,
            content_events=self.content_seen,
            malformed=self.malformed,
            split_events=self.split if recorded else None,
            terminator=self.terminator,
            events_omitted=self.events_seen - self._kept,
            arrivals_omitted=self.seen - len(self.arrivals) if recorded else 0,
            comments=self.comments_seen,
            deviations=deviations,
        )

    def testify(self, signals: Signals) -> Signals:
        """The signals with all that was dated here."""
        return replace(
            signals,
            arrivals=self.arrivals,
            boundary=self.boundary,
            first_event=self.first_event,
            moments={name: column.moments() for name, column in self._channels.items()},
            content=self.content,
            last_content=self.last_content,
            clocks=self.clocks,
            comments=self.comments,
            terminator=self.terminator,
        )

    # --- arrivals ---

    def arrival(self, at: float | None, size: int, events: int, boundary: bool) -> None:
        """An arrival is over: so many of the frames taken since the last one were events."""
        self.seen += 1
        if at is None:
            return
        if len(self.arrivals) < self._limits.arrivals:
            self.arrivals.append(Arrival(at, size, events))
            self.boundary.append(boundary)
        self.previous = at
        second = int(at)
        self._recent[second] = self._recent.get(second, 0) + 1
        if len(self._recent) > 2 * RECENT:
            self._recent = {s: n for s, n in self._recent.items() if s > second - RECENT}

    def silent_until(self, at: float, since: float | None) -> None:
        """Nothing had come since the last arrival, or since `since` where there was none."""
        start = self.previous if self.previous is not None else since
        if start is not None:
            self.silence = max(self.silence or 0.0, at - start)

    def late_events(self, events: int) -> None:
        """The end of the body completed what the last arrival had brought."""
        if events and self.arrivals:
            last = self.arrivals[-1]
            self.arrivals[-1] = last._replace(events=last.events + events)
            self.boundary[-1] = True

    def recent(self, now: float) -> tuple[int, ...]:
        second = int(now)
        return tuple(self._recent.get(s, 0) for s in range(max(0, second - RECENT + 1), second + 1))

    # --- events ---

    def take(self, frame: Frame, reading: Reading, at: float | None, arrival: int) -> int:
        """Date one frame; 1 if it is an event, 0 for a comment."""
        if frame.comment:
            self.comments_seen += 1
            if at is not None and len(self.comments) < self._limits.events:
                self.comments.append((at, arrival))
            return 0
        self.events_seen += 1
        self.split += frame.split
        self.malformed += frame.malformed is not None
        self.terminator = reading.end or self.terminator
        self.media = self.media or not reading.kept
        if self.first_event is None:
            self.first_event = at
        if reading.channels:
            self.content_seen += 1
            if at is not None:
                self._date(reading.channels, at, arrival)
        if reading.clock is not None and at is not None and len(self.clocks) < self._limits.moments:
            self.clocks.append((at, reading.clock))
        if self._kept < self._limits.events and self._event_chars <= self._limits.body:
            self._kept += 1
            if self._keep_text:
                self._keep(frame, reading, at, arrival)
        return 1

    def _date(self, channels: Sequence[Channel], at: float, arrival: int) -> None:
        if self.first_content is None:
            self.first_content = at
        self.last_content = at
        self._content.add(at, arrival)
        for channel in channels:
            column = self._channels.get(channel)
            if column is None:
                column = self._channels[channel] = _Column(self._limits.moments)
            column.add(at, arrival)

    def _keep(self, frame: Frame, reading: Reading, at: float | None, arrival: int) -> None:
        kept = frame.data if reading.kept else None
        self._event_chars += len(kept or "")
        self.events.append(
            Event(
                t=at,
                arrival=arrival if at is not None else None,
                type=reading.type or frame.type,
                id=frame.id,
                data=kept,
                content=bool(reading.channels),
                malformed=frame.malformed,
                channel=_telling(reading.channels),
            )
        )


def _telling(channels: tuple[Channel, ...]) -> Channel | None:
    """The first channel, where it is not what most events are."""
    return channels[0] if channels and channels[0] not in ("text", "events") else None
