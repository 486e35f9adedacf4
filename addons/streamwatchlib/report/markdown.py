"""A report short enough to paste into an issue: a table, then what to do about the worst.

In: records.  Out: GitHub-flavoured Markdown (https://github.github.com/gfm/) in which nothing that a peer sent is
markup: names and paths stand in code spans, sentences are escaped, mentions and links are broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..model import Llm, Record, Reply, Suspect
from .rank import LUMPS, alike, headline, troubled, worst_first
from .show import NOTHING, clock, code_spans, count, finding, host, line, path, seconds

ROWS = 40
"""Rows at most: a comment on GitHub holds 65536 characters, a reader's patience less."""
DETAILS = 5
"""How many of the worst are told in full."""
REPLIES = 20
"""Responses shown of one WebSocket."""
SAID = 80
"""Characters of what a response said."""


def render(records: Sequence[Record]) -> str:
    """The table of exchanges (the worst 40, if there are more) and the worst five in words."""
    shown = records if len(records) <= ROWS else worst_first(records)[:ROWS]
    blocks = [
        f"### streamwatch · {headline(records)}",
        _table(shown),
        _left_out(len(records) - len(shown)),
        *(_conversation(record) for record in shown if record.responses),
        *(_details(group) for group in alike(troubled(records))[:DETAILS]),
        LEGEND,
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _itl(record: Record) -> str:
    """Percentiles of a stream; of lumps only the longest gap, for the gaps inside a lump are nobody's latency."""
    itl = record.timing.itl
    if itl is None:
        return NOTHING
    if record.verdict.label in LUMPS:
        return f"max {seconds(itl.max)}"
    return f"{seconds(itl.p50)} / {seconds(itl.p99)}"


def _pieces(record: Record) -> str:
    measures = record.verdict.measures
    return f"{count(measures.content_events)} / {count(measures.deliveries)}" if record.stream else NOTHING


def _verdict(record: Record) -> str:
    verdict = record.verdict
    extra = [verdict.severity, *verdict.flags]
    if record.outcome != "complete":
        extra.append(record.outcome)
    text = ", ".join(prose(item) for item in extra if item)
    return f"**{verdict.label}**" + (f" ({text})" if text else "")


_COLUMNS: Mapping[str, Callable[[Record], str]] = {
    "time (UTC)": lambda record: clock(record.started_at),
    "request": lambda record: code(f"{record.request.method} {path(record.request.url)}"),
    "model": lambda record: code(record.llm.model) if record.llm and record.llm.model else NOTHING,
    "verdict": _verdict,
    "TTFT": lambda record: seconds(record.timing.ttft),
    "ITL p50 / p99": _itl,
    "pieces / deliveries": _pieces,
    "tok/s": lambda record: count(record.timing.output_tokens_per_second),
}

LEGEND = (
    "<sub>TTFT: from the request's end to the first generated token. ITL: gaps between content events. "
    "pieces / deliveries: content events, and how many separate times something came. tok/s: not stated where the "
    "answer came in lumps. – : not observed.</sub>"
)


def _table(records: Sequence[Record]) -> str:
    rows = [
        list(_COLUMNS),
        ["---", "---", "---", "---", "--:", "--:", "--:", "--:"],
        *([_cell(get(record)) for get in _COLUMNS.values()] for record in records),
    ]
    return _lined(rows) if records else ""


def _conversation(record: Record) -> str:
    """The responses on a WebSocket, a row each, and what they said."""
    stream, shown = record.stream, record.responses[:REPLIES]
    total, sent = (stream.responses, stream.sent) if stream else (len(record.responses), len(record.sent))
    words = f"{total} response{'s' if total != 1 else ''} to {sent} message{'s' if sent != 1 else ''} from the client"
    first = f", the first {len(shown)} of them" if total > len(shown) else ""
    heads = ["asked at", "verdict", "TTFT", "whole after", "tok/s", "ended by", "said"]
    rows = [heads, ["--:", "---", "--:", "--:", "--:", "---", "---"], *(list(map(_cell, _reply(one))) for one in shown)]
    return f"{code(path(record.request.url))} at {clock(record.started_at)}, {words}{first}:\n\n" + _lined(rows)


def _lined(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _reply(reply: Reply) -> Iterator[str]:
    extra = ", ".join(prose(item) for item in (reply.severity, *reply.flags) if item)
    yield seconds(reply.t)
    yield f"**{reply.label}**" + (f" ({extra})" if extra else "")
    yield from (seconds(reply.ttft), seconds(reply.e2e), count(reply.output_tokens_per_second))
    yield code(reply.terminator) if reply.terminator else NOTHING
    yield code(line(_said(reply.llm), SAID)) if reply.llm else NOTHING


def _said(llm: Llm) -> str:
    """What a response said, in whichever way it said anything."""
    calls = " ".join(f"{call.name}({call.arguments})" for call in llm.tool_calls)
    error = str(llm.error.get("message", "")) if llm.error else None
    return next(filter(None, (llm.text, llm.refusal, calls, error, llm.reasoning)), "")


def _left_out(n: int) -> str:
    return f"*{n} more, none of them worse than these, are not shown.*" if n else ""


def _details(group: Sequence[Record]) -> str:
    record, *others = group
    address = code(f"{record.request.method} {host(record.request.url)}{path(record.request.url)}")
    more = f", and {len(others)} more like it" if others else ""
    blocks = [
        f"**{record.verdict.label}**: {prose(finding(record.verdict))} ({address} at {clock(record.started_at)}{more})",
        f"Error: {prose(record.error)}" if record.error else "",
        f"{prose(record.hop.summary)}" if record.hop else "",
        "\n".join(map(_suspect, record.verdict.suspects)),
    ]
    return "\n\n".join(filter(None, blocks))


def _suspect(suspect: Suspect) -> str:
    return (
        f"- {suspect.hop}, {suspect.confidence} confidence: {prose(suspect.cause)} ({prose(suspect.evidence)}).\n"
        f"  **Remedy:** {prose(suspect.remedy)}"
    )


# --- escaping ---------------------------------------------------------------------------------------------

# Entities for what GitHub reads before Markdown does: tags, mentions, issue numbers, formulas, bare links.  Text in
# this module never begins a line, so what only has a meaning there (lists, headings, rules) needs no escaping.
_ENTITY = re.compile(r"[&<>@#$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_BACKSLASH = re.compile(r"[\\`*\[\]~]|\b_|_\b")


def prose(text: str) -> str:
    """A sentence in which only backticked code is markup."""
    return "".join(code(piece) if is_code else _escape(piece) for piece, is_code in code_spans(line(text)))


def code(text: str) -> str:
    """A code span (GFM 6.3) that holds the text whatever is in it."""
    text = line(text, 200)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escape(text: str) -> str:
    text = _BACKSLASH.sub(r"\\\g<0>", text)
    return _ENTITY.sub(lambda match: f"&#{ord(match[0])};", text)


def _cell(text: str) -> str:
    """A pipe ends a cell in code spans too, unless it is escaped; a backslash before it would undo that."""
    return text.replace("\\|", "⧵|").replace("|", "\\|")
