"""What passed both ways on a WebSocket: each response with its verdict, its times and its text, and what was sent.

In: a record and its budget.  Out: markup.  What is left out is counted in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...model import Record, Reply, Sent
from ...units import NOTHING, seconds, size
from ..show import count, one_line
from .answer import answer
from .budget import Budget
from .labels import badge
from .markup import Markup, clipped, join, prose, table, tag

MAX_RESPONSES = 100
"""Responses shown of one connection."""


def responses(record: Record, budget: Budget) -> Markup | None:
    """The responses, each of which opens into what was said; a single one is open.  None if there were none."""
    shown = record.responses[:MAX_RESPONSES]
    if not shown:
        return None
    max_chars, total = budget.text_chars // len(shown), record.stream.responses if record.stream else 0
    return join(
        [
            *(_response(number, reply, max_chars, alone=total == 1) for number, reply in enumerate(shown, 1)),
            tag("p", f"{count(total - len(shown))} more responses", class_="note") if total > len(shown) else None,
        ]
    )


def sent(record: Record, budget: Budget) -> Markup | None:
    """The messages from the client as a table, folded; None if there were none."""
    if not record.sent:
        return None
    shown = record.sent[: budget.events]
    rows = table(("#", "time", "size", "type", "data"), _rows(record, shown, budget), "events")
    words = f"{count(record.stream.sent if record.stream else len(record.sent))} messages from the client"
    return tag("details", tag("summary", words), rows, class_="fold")


def _response(number: int, reply: Reply, max_chars: int, *, alone: bool) -> Markup:
    small = ", ".join(filter(None, (reply.severity, *reply.flags)))
    return tag(
        "details",
        tag(
            "summary",
            tag("span", f"{number} ", class_="note"),
            badge(reply.label, small),
            tag("span", " · ".join(_facts(reply)), class_="note"),
        ),
        tag("p", prose(reply.summary)),
        answer(reply.llm, max_chars) if reply.llm else tag("p", "No message could be read from it.", class_="note"),
        class_=f"reply v-{reply.label}",
        open=alone,
    )


def _facts(reply: Reply) -> Iterator[str]:
    yield "unsolicited" if reply.t is None else f"asked at {seconds(reply.t)}"
    figures = (
        ("TTFT", seconds(reply.ttft)),
        ("complete after", seconds(reply.e2e)),
        ("tok/s", count(reply.output_tokens_per_second)),
    )
    yield from (f"{name} {value}" for name, value in figures if value != NOTHING)
    yield f"{count(reply.content_events)} pieces"
    yield f"ended by {reply.terminator}" if reply.terminator else "did not end"


def _rows(record: Record, shown: Sequence[Sent], budget: Budget) -> Iterable[Markup]:
    for number, message in enumerate(shown):
        data = tag("small", "not kept") if message.data is None else clipped(message.data, budget.event_chars)
        cells = (str(number), seconds(message.t), size(message.size), one_line(message.type), data)
        yield tag("tr", *(tag("td", cell) for cell in cells))
    total = record.stream.sent if record.stream else len(record.sent)
    if total > len(shown):
        yield tag("tr", tag("td", f"{count(total - len(shown))} more messages", colspan=5), class_="more")
