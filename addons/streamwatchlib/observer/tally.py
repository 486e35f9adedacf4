"""The dated pieces of one response: arrivals and the events they completed, all of them bounded.

In: each arrival's time and size, each frame with its dialect's `Reading`.  Out: the columns that `Stream`, `Signals`
and `Snapshot` are made from.  What is over a limit is counted and not kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, chain, count, islice, repeat
from operator import sub

from ..model import Arrival, Batch, Channel, Event, Frame, Limits, Moments, Reading, Signals, Stream
from .content import ContentTimes

RECENT = 16
"""Seconds of arrivals that a snapshot's sparkline shows."""


_event, _arrival = partial(tuple.__new__, Event), partial(tuple.__new__, Arrival)
"""Make one from its values: calling the class takes two or three times as long, and there are thousands."""


class Tally:
    """Times (`at`) are seconds on the exchange's axis; None where they were not recorded."""

    def __init__(self, limits: Limits, *, keep_text: bool) -> None:
        self._limits, self._keep_text = limits, keep_text
        self.arrivals: list[Arrival] = []
        self.boundary: list[bool] = []
        """For each arrival: its last byte ended an event."""
        self.arrivals_seen = 0
        """Arrivals so far, kept or not."""
        self.last_arrival: float | None = None
        self.longest_silence: float | None = None
        """The longest gap between arrivals so far; the wait for the first one counts."""
        self._recent: dict[int, int] = {}

        self.events: list[Event] = []
        """Empty where no texts are kept."""
        self._kept = 0
        self._event_chars = 0
        """Characters in the kept events; names and ids, sent once but kept with every event, count as well."""
        self.events_seen = self.content_seen = self.malformed = self.split = self.comments_seen = 0
        self.first_event: float | None = None
        self.first_content: float | None = None
        self.last_content: float | None = None
        self.terminator: str | None = None
        self.media = False
        """An event held sound or a picture, which are not kept."""
        self.clocks: list[tuple[float, float]] = []
        self._content = ContentTimes(limits.moments)

    def keep_no_more(self) -> None:
        """Only count from now on; but keep the very first arrival, which dates the first byte."""
        arrivals = max(1, len(self.arrivals))
        self._limits = replace(self._limits, events=self._kept, arrivals=arrivals, moments=len(self.clocks))
        self._content.add_no_more()

    @property
    def recorded(self) -> bool:
        """Arrival times were recorded (an answer without a body has none to record)."""
        return bool(self.arrivals) or self.arrivals_seen == 0

    @property
    def content(self) -> Moments:
        return self._content.all()

    # --- results ---

    def stream(self, format: str, callbacks: int, deviations: tuple[str, ...]) -> Stream:
        """Return the record's account of the stream."""
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
            arrivals_omitted=self.arrivals_seen - len(self.arrivals) if recorded else 0,
            comments=self.comments_seen,
            deviations=deviations,
        )

    def with_times(self, signals: Signals) -> Signals:
        """Return `signals` with all times that were tallied here."""
        return replace(
            signals,
            arrivals=self.arrivals,
            boundary=self.boundary,
            first_event=self.first_event,
            moments=self._content.by_channel(),
            content=self.content,
            last_content=self.last_content,
            clocks=self.clocks,
            terminator=self.terminator,
        )

    # --- arrivals ---

    def arrival(self, at: float | None, size: int, events: int, boundary: bool) -> None:
        """Take an arrival; `events` of the frames taken since the previous one were events (not comments)."""
        self.arrivals_seen += 1
        if at is None:
            return
        if len(self.arrivals) < self._limits.arrivals:
            self.arrivals.append(_arrival((at, size, events)))
            self.boundary.append(boundary)
        self.last_arrival = at
        self._recently(int(at), 1)

    def _recently(self, second: int, arrivals: int) -> None:
        if second in self._recent:
            self._recent[second] += arrivals
            return
        self._recent[second] = arrivals
        if len(self._recent) > 2 * RECENT:
            self._recent = {s: n for s, n in self._recent.items() if s > second - RECENT}

    def silent_until(self, at: float, since: float | None) -> None:
        """Note that nothing came between the last arrival (`since`, before the first) and `at`."""
        start = self.last_arrival if self.last_arrival is not None else since
        if start is not None and (self.longest_silence is None or at - start > self.longest_silence):
            self.longest_silence = max(0.0, at - start)

    def late_events(self, events: int) -> None:
        """Add events to the last arrival, which brought their bytes; it then ended at an event's end."""
        if events and self.arrivals and self.arrivals_seen == len(self.arrivals):
            last = self.arrivals[-1]
            self.arrivals[-1] = last._replace(events=last.events + events)
            self.boundary[-1] = True

    def recent(self, now: float) -> tuple[int, ...]:
        second = int(now)
        return tuple(self._recent.get(s, 0) for s in range(max(0, second - RECENT + 1), second + 1))

    # --- events ---

    def take(self, frame: Frame, reading: Reading, at: float | None, arrival: int) -> int:
        """Date one frame; return 1 if it is an event, 0 for a comment."""
        type_, data, _, id_, malformed, split, comment = frame
        if comment:
            self.comments_seen += 1
            return 0
        channels, kind, end, clock, kept, first, unreadable = reading
        if first:
            self._begin_anew()
        self.events_seen += 1
        self.split += split
        malformed = malformed or unreadable
        self.malformed += malformed is not None
        self.terminator = end or self.terminator
        self.media |= not kept
        if self.first_event is None:
            self.first_event = at
        if channels:
            self.content_seen += 1
            if at is not None:
                if self.first_content is None:
                    self.first_content = at
                self.last_content = at
                self._content.add(channels, at, arrival)
        if clock is not None and at is not None and len(self.clocks) < self._limits.moments:
            self.clocks.append((at, clock))
        if self._kept < self._limits.events and self._event_chars <= self._limits.body:
            self._kept += 1
            if self._keep_text:
                name, text = kind or type_, data if kept else None
                self._event_chars += len(name) + len(id_ or "") + len(text or "")
                arrival_index = arrival if at is not None and arrival < self._limits.arrivals else None
                self.events.append(
                    _event((at, arrival_index, name, id_, text, bool(channels), malformed, _telling(channels)))
                )
        return 1

    def _begin_anew(self) -> None:
        """Discard all content so far, which turned out to be none (`Reading.first`)."""
        self.content_seen, self.first_content = 0, None
        self._content = ContentTimes(max(1, self._limits.moments))
        self.events = [event._replace(content=False, channel=None) for event in self.events]

    # --- arrivals and events at once ---

    def take_batch(self, batch: Batch, reading: Reading, dates: Sequence[float], sizes: Iterable[int]) -> None:
        """Take a batch whose arrivals have these times and sizes and whose events all have this reading: the same as
        `take` and `arrival` one after the other.  At least one dated arrival has come before."""
        assert self.last_arrival is not None
        numbers = [*chain.from_iterable(map(repeat, count(self.arrivals_seen), batch.counts))]
        t = [*chain.from_iterable(map(repeat, dates, batch.counts))]
        if self.first_event is None:
            self.first_event = t[0]
        if self.first_content is None:
            self.first_content = t[0]
        self.last_content = t[-1]
        self.events_seen += len(t)
        self.content_seen += len(t)
        self._content.add_all(reading.channels, t, numbers)
        self._keep(batch, reading, t, numbers)
        self.longest_silence = max(self.longest_silence or 0.0, *map(sub, dates, (self.last_arrival, *dates[:-1])))
        self.last_arrival = dates[-1]
        self.arrivals_seen += len(dates)
        room = max(0, self._limits.arrivals - len(self.arrivals))
        self.arrivals += map(_arrival, islice(zip(dates, sizes, batch.counts, strict=True), room))
        self.boundary += repeat(True, min(room, len(dates)))
        for second, arrivals in Counter(map(int, dates)).items():
            self._recently(second, arrivals)

    def _keep(self, batch: Batch, reading: Reading, t: Sequence[float], numbers: Sequence[int]) -> None:
        """Keep as many of a batch's events as there is room for."""
        room = min(len(t), max(0, self._limits.events - self._kept))
        if self._keep_text:
            name = reading.type or batch.type
            sizes = map((len(name) + len(batch.id or "")).__add__, map(len, batch.payloads[:room]))
            chars = [*accumulate(sizes, initial=self._event_chars)]
            room = bisect_right(chars, self._limits.body, 0, room)
            self._event_chars = chars[room]
            most = self._limits.arrivals
            arrival_index = numbers if numbers[-1] < most else [n if n < most else None for n in numbers]
            alike = repeat(True), repeat(None), repeat(_telling(reading.channels))
            values = zip(t, arrival_index, repeat(name), repeat(batch.id), batch.payloads, *alike)
            self.events += map(_event, islice(values, room))
        self._kept += room


def _telling(channels: tuple[Channel, ...]) -> Channel | None:
    """The first channel, unless it is ``text`` or ``events``, as it is of most events."""
    return channels[0] if channels and channels[0] not in ("text", "events") else None
