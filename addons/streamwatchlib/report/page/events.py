"""The events of a stream as a table, each with its time, the gap before it, and its text.

In: the events of a record.  Out: markup.  A long table lacks its middle, but for malformed events as far as the budget
goes; a row in place of what is left out says how many events there were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model import Event, Record
from ...units import NOTHING, seconds
from ..show import count, one_line
from .budget import Budget
from .markup import Markup, clipped, join, table, tag

_WIDEST = 200
"""Characters shown of an event's type."""


def events(record: Record, budget: Budget) -> Markup | None:
    """The table, folded; None where no events were kept."""
    if not record.events:
        return None
    shown = sample(record.events, budget.events)
    rows = table(("#", "time", "gap", "type", "data"), _rows(record.events, shown, budget), "events")
    return tag("details", tag("summary", _summary(record, len(shown))), rows, class_="fold")


def sample(events: Sequence[Event], max_events: int) -> list[int]:
    """Indices of the events to show: all of them if they are few, else the first and last ones and the malformed."""
    if len(events) <= max_events:
        return list(range(len(events)))
    first, last = max_events * 2 // 3, max_events - max_events * 2 // 3
    broken = [index for index, event in enumerate(events) if event.malformed]
    return sorted({*range(first), *range(len(events) - last, len(events)), *broken[:max_events]})


def _summary(record: Record, shown: int) -> str:
    total = len(record.events or ())
    omitted = record.stream.events_omitted if record.stream else 0
    words = f"{count(total)} events" if shown == total else f"{count(shown)} of {count(total)} events"
    return words + (f"; {count(omitted)} more were counted, not kept" if omitted else "")


def _rows(events: Sequence[Event], shown: Sequence[int], budget: Budget) -> Iterator[Markup]:
    before = -1
    for index in shown:
        if skipped := index - before - 1:
            yield tag("tr", tag("td", f"{count(skipped)} more events, in the .jsonl", colspan=5), class_="more")
        yield _row(index, events[index], events[index - 1] if index else None, budget)
        before = index


def _row(index: int, event: Event, before: Event | None, budget: Budget) -> Markup:
    return tag(
        "tr",
        tag("td", str(index)),
        tag("td", seconds(event.t)),
        tag("td", _gap(event, before)),
        tag("td", one_line(event.type, _WIDEST)),
        tag("td", *_data(event, budget.event_chars)),
        class_="bad" if event.malformed else None if event.content else "quiet",
    )


def _gap(event: Event, before: Event | None) -> str:
    """The time since the event before; a ditto mark if one read brought both."""
    if before is None or event.t is None or before.t is None:
        return NOTHING
    same = event.arrival is not None and event.arrival == before.arrival
    return "″" if same else seconds(event.t - before.t)


def _data(event: Event, max_chars: int) -> Iterator[Markup]:
    if event.malformed:
        yield tag("em", event.malformed)
    yield clipped(event.data, max_chars) if event.data is not None else join([tag("small", "text not kept")])
