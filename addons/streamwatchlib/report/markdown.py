"""A report short enough to paste into an issue: a table, then what to do about the worst.

In: records.  Out: GitHub-flavoured Markdown (https://github.github.com/gfm/) in which nothing that a peer sent is
markup: names and paths stand in code spans, sentences are escaped, mentions and links are broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..model import HELD_BACK, Llm, Passage, Record, Reply, Suspect
from ..units import NOTHING, counted, seconds
from .gfm import code, prose, table
from .rank import group_similar, headline, with_problems, worst_first
from .show import (
    api_error_text,
    confidence_text,
    count,
    exchange_error,
    finding,
    host,
    model_of,
    one_line,
    path,
    problems,
    time_of_day,
)
from .sides import beside

MAX_ROWS = 40
"""Rows at most: a comment on GitHub holds 65536 characters, a reader's patience less."""
MAX_DETAILS = 5
"""How many of the worst are described in full."""
MAX_REPLIES = 20
"""Responses shown of one WebSocket."""
MAX_SAID_CHARS = 80
"""Characters of what a response said."""


def render(records: Sequence[Record]) -> str:
    """The table of exchanges (the worst 40, if there are more) and the worst five in words."""
    shown = records if len(records) <= MAX_ROWS else worst_first(records)[:MAX_ROWS]
    seen = {record.id: record for record in records}
    blocks = [
        f"### streamwatch · {headline(records)}",
        _table(shown),
        _left_out(len(records) - len(shown)),
        *(_conversation(record) for record in shown if record.responses),
        *(_details(group, seen) for group in group_similar(with_problems(records))[:MAX_DETAILS]),
        LEGEND,
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _itl(record: Record) -> str:
    """Percentiles of the gaps; of lumps only the longest, since the gaps inside a lump are nobody's latency."""
    itl = record.timing.itl
    if itl is None:
        return NOTHING
    if record.verdict.label in HELD_BACK:
        return f"max {seconds(itl.max)}"
    return f"{seconds(itl.p50)} / {seconds(itl.p99)}"


def _pieces(record: Record) -> str:
    measures = record.verdict.measures
    return f"{count(measures.content_events)} / {count(measures.deliveries)}" if record.stream else NOTHING


def _verdict(record: Record) -> str:
    verdict = record.verdict
    text = ", ".join(prose(item) for item in (verdict.severity, *verdict.flags, *problems(record)) if item)
    return f"**{verdict.label}**" + (f" ({text})" if text else "")


_COLUMNS: Mapping[str, Callable[[Record], str]] = {
    "time (UTC)": lambda record: time_of_day(record.started_at),
    "request": lambda record: code(f"{record.request.method} {path(record.request.url)}"),
    "model": lambda record: code(model) if (model := model_of(record)) else NOTHING,
    "verdict": _verdict,
    "TTFT": lambda record: seconds(record.timing.ttft),
    "ITL p50 / p99": _itl,
    "pieces / deliveries": _pieces,
    "tok/s": lambda record: count(record.timing.output_tokens_per_second),
}

LEGEND = (
    "<sub>TTFT: from the request's end to the first generated token. ITL: gaps between content events. "
    "pieces / deliveries: content events, and how many separate times something arrived. tok/s: not stated where the "
    "answer came in lumps. – : not observed.</sub>"
)


def _table(records: Sequence[Record]) -> str:
    rows = ([get(record) for get in _COLUMNS.values()] for record in records)
    return table(list(_COLUMNS), "llllrrrr", rows) if records else ""


def _conversation(record: Record) -> str:
    """The responses on a WebSocket and what they said, in one row each."""
    stream, shown = record.stream, record.responses[:MAX_REPLIES]
    total, sent = (stream.responses, stream.sent) if stream else (len(record.responses), len(record.sent))
    words = f"{counted(total, 'response')} to {counted(sent, 'message')} from the client"
    first = f", the first {len(shown)} of them" if total > len(shown) else ""
    heads = ["asked at", "verdict", "TTFT", "complete after", "tok/s", "ended by", "said"]
    rows = table(heads, "rlrrrll", (list(_reply(one)) for one in shown))
    return f"{code(path(record.request.url))} at {time_of_day(record.started_at)}, {words}{first}:\n\n{rows}"


def _reply(reply: Reply) -> Iterator[str]:
    extra = ", ".join(prose(item) for item in (reply.severity, *reply.flags) if item)
    yield seconds(reply.t)
    yield f"**{reply.label}**" + (f" ({extra})" if extra else "")
    yield from (seconds(reply.ttft), seconds(reply.e2e), count(reply.output_tokens_per_second))
    yield code(reply.terminator) if reply.terminator else NOTHING
    yield code(one_line(_said(reply.llm), MAX_SAID_CHARS)) if reply.llm else NOTHING


def _said(llm: Llm) -> str:
    """What a response said: its text, or else its refusal, tool calls, error or reasoning."""
    calls = " ".join(f"{call.name}({call.arguments})" for call in llm.tool_calls)
    return next(filter(None, (llm.text, llm.refusal, calls, api_error_text(llm), llm.reasoning)), "")


def _left_out(n: int) -> str:
    return f"*{n} more, none of them worse than these, are not shown.*" if n else ""


def _details(group: Sequence[Record], seen: Mapping[str, Record]) -> str:
    record, *others = group
    address = code(f"{record.request.method} {host(record.request.url)}{path(record.request.url)}")
    more = f", and {len(others)} more like it" if others else ""
    blocks = [
        f"**{record.verdict.label}**: {prose(finding(record.verdict))} "
        f"({address} at {time_of_day(record.started_at)}{more})",
        f"Error: {prose(why)}" if (why := exchange_error(record)) else "",
        *(_hop(record, record.hop, seen) if record.hop else ()),
        "\n".join(map(_suspect, record.verdict.suspects)),
    ]
    return "\n\n".join(filter(None, blocks))


def _hop(record: Record, hop: Passage, seen: Mapping[str, Record]) -> Iterator[str]:
    """What the hop did, and both of its sides if the other one is among the records."""
    if hop.summary.removesuffix(".") not in record.verdict.summary:
        yield prose(hop.summary)
    if upstream := seen.get(hop.paired_with):
        yield beside(upstream, record, hop)


def _suspect(suspect: Suspect) -> str:
    return (
        f"- {suspect.hop}, {confidence_text(suspect.confidence)}: {prose(suspect.cause)} ({prose(suspect.evidence)}).\n"
        f"  **Remedy:** {prose(suspect.remedy)}"
    )
