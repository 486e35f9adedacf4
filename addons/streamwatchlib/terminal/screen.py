"""Each exchange that ended, on a terminal: a line with its figures, and notes below it.

In: records, and the rich console they will be printed on, which tells the width and whether lines have to fit it (a
terminal) or may be longer (a pipe, a file).  Out: rich `Text`, a line each, in which nothing a peer sent can steer a
terminal.  Never here: printing, time, mitmproxy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..model import Body, Label, Outcome, Record, Verdict
from ..report.rank import OK_LABELS
from ..report.show import api_error_text, exchange_error, finding, model_of
from ..units import counted, size
from ..verdict.refusals import mentions_refusal
from ..verdict.timeouts import mentions_timeout
from .figures import endpoint, escape_unprintable, rate, seconds
from .grid import Column, heading, line

LABEL_STYLES: dict[Label, str] = {
    "streaming": "green",
    "bursty": "yellow",
    "pseudo-streaming": "bold red",
    "not-streamed": "bold magenta",
    "inconclusive": "cyan",
    "not-applicable": "dim",
}
OUTCOME_WORDS: dict[Outcome, str] = {
    "client-disconnected": "dropped by the client",
    "server-disconnected": "cut off by the server",
    "error": "failed",
}
DOT = Text.assemble((" · ", "dim"))
NARROW = 74
"""Columns of a screen below which figures take a line of their own: a path would have no room beside them."""
_PROSE = 120
"""Columns at which a sentence is wrapped on a wider screen: longer lines are hard to read."""
_LAST_SEGMENT = 13
"""Cells kept for the end of a path: ``…/completions``."""


# --- an exchange that ended --------------------------------------------------------------------------------


def exchange(record: Record, console: Console, *, advise: bool = True) -> Iterator[Text]:
    """The exchange's line, and its notes below it; `advise`: with what to change."""
    cut, width = console.is_terminal, console.width
    streamed = record.stream is not None
    yield line(_STREAMED if streamed else _WHOLE, record, width, cut=cut)
    indent = 9 if width >= NARROW else 2
    notes = list(_notes(record, advise=advise))
    if width < NARROW:
        notes.insert(0, _figures(record, width) if streamed else _bodies(record, width))
    for note in notes:
        yield from paragraph(note, console, indent)


def paragraph(text: Text, console: Console, indent: int) -> Iterator[Text]:
    """A sentence, indented; on a terminal wrapped between words."""
    room = max(min(console.width, _PROSE) - indent, 10)
    for part in text.wrap(console, room) if console.is_terminal else [text]:
        part.rstrip()
        yield Text(" " * indent) + part


def exchange_heading(console: Console) -> Text:
    """The titles of the columns of `exchange`."""
    return heading(_STREAMED, console.width)


def request(method: str, url: str, model: str | None, room: int) -> Text:
    """``POST api.openai.com/…/completions gpt-4o`` in `room` cells.

    Left out if there is no room, in this order: the host, the path but its last segment, the usual ``POST``, the end of
    the model's name.
    """
    named = f" {escape_unprintable(model)}" if model else ""
    verbs = (f"{escape_unprintable(method)} ", "") if method == "POST" else (f"{escape_unprintable(method)} ",)
    last = len(endpoint(url, _LAST_SEGMENT))
    verb = next((verb for verb in verbs if len(verb) + last + cell_len(named) <= room), verbs[-1])
    address = endpoint(url, max(room - len(verb) - cell_len(named), last))
    host, slash, path = address.partition("/")
    return Text.assemble((verb + host, "dim"), slash + path, (named, "cyan"))


def _request(record: Record, room: int) -> Text:
    return request(record.request.method, record.request.url, model_of(record), room)


def _time(record: Record, room: int) -> Text:
    return Text(datetime.fromisoformat(record.started_at).astimezone().strftime("%H:%M:%S"), "dim")


def _label(record: Record, room: int) -> Text:
    return Text(record.verdict.label, LABEL_STYLES[record.verdict.label])


def _status(record: Record, room: int) -> Text:
    if record.response is None:
        return Text("–", "red")
    status = record.response.status
    return Text(str(status), "dim" if status < 300 else "yellow" if status < 400 else "red")


def _ttft(record: Record, room: int) -> Text:
    return Text(seconds(record.timing.ttft))


def _pieces(record: Record, room: int) -> Text:
    """``48 in 47``: pieces of content, and the deliveries they came in; ``480/471`` if that has no room, since a cut
    number would look like a lump's."""
    pieces, deliveries = record.verdict.measures.content_events, record.verdict.measures.deliveries
    pieces = pieces if pieces is not None else _content_events(record)
    if pieces is None or deliveries is None:
        return Text("" if pieces is None else str(pieces))
    both = f"{pieces} in {deliveries}"
    return Text(both if len(both) <= room else f"{pieces}/{deliveries}")


def _content_events(record: Record) -> int | None:
    return record.stream.content_events if record.stream else None


def _rate(record: Record, room: int) -> Text:
    """Tokens per second; if the API reported no usage, pieces per second with ``~``."""
    tokens, itl = record.timing.output_tokens_per_second, record.timing.itl
    if tokens is not None:
        return Text(rate(tokens))
    if itl is None or itl.mean <= 0 or record.verdict.label != "streaming":
        return Text()  # the rate of a lump is not a rate
    return Text("~" + rate(1 / itl.mean))


def _total(record: Record, room: int) -> Text:
    return Text(seconds(record.timing.end), "dim")


def _bodies(record: Record, room: int) -> Text:
    """``form · 3 fields → json``: the request's body, and the response's."""
    request, response = record.request.body, record.response.body if record.response else None
    query = counted(len(record.request.query), "query field") if record.request.query else ""
    sent = " + ".join(filter(None, (query, body(request) if request.kind != "empty" else "")))
    return Text(" → ".join(filter(None, (sent, body(response) if response else ""))), "dim")


def body(content: Body) -> str:
    """The class of a body with what characterizes it: ``multipart · 2 parts``, ``json (undeclared)``."""
    if content.kind == "empty":
        return "no body"
    if content.fields is not None:
        return f"form · {counted(len(content.fields), 'field')}"
    if content.parts is not None:
        return f"multipart · {counted(len(content.parts), 'part')}"
    declared = " (undeclared)" if content.declared is None else ""
    measure = f" · {size(content.size)}" if content.kind in ("text", "binary") else ""
    name = content.format if content.format and content.format != "unknown" else content.kind
    return f"{escape_unprintable(name)}{measure}{declared}"


def _figures(record: Record, width: int) -> Text:
    """``ttft 351ms · 48 in 50 · 21 tok/s · 2.73s``."""
    ttft, tokens = _ttft(record, 0), _rate(record, 0)
    pieces = _pieces(record, width)
    cells = (Text("ttft ") + ttft if ttft else ttft, pieces, tokens + " tok/s" if tokens else tokens)
    return DOT.join(cell for cell in (*cells, _total(record, 0)) if cell)


_HEAD: tuple[Column[Record], ...] = (
    Column("time", 8, _time, min_width=NARROW),
    Column("verdict", 16, _label),
    Column("", 3, _status),
    Column("request", 0, _request),
)
_STREAMED: tuple[Column[Record], ...] = (
    *_HEAD,
    Column("ttft", 6, _ttft, min_width=NARROW, align_right=True),
    Column("pieces", 9, _pieces, min_width=NARROW, align_right=True),
    Column("tok/s", 6, _rate, min_width=NARROW, align_right=True),
    Column("total", 6, _total, min_width=90, align_right=True),
)
_WHOLE: tuple[Column[Record], ...] = (
    *_HEAD,
    Column("", 28, _bodies, min_width=NARROW, below_width=110),
    Column("", 36, _bodies, min_width=110),
    Column("total", 6, _total, min_width=90, align_right=True),
)


# --- the notes below it ------------------------------------------------------------------------------------


def advice(verdict: Verdict) -> Iterator[Text]:
    """The likeliest suspect, and what to change there."""
    for first in verdict.suspects[:1]:
        proven = first.confidence == "certain"
        how_sure = "" if proven else f" ({first.confidence} confidence)"
        yield Text.assemble(
            ("proven: " if proven else "suspected: ", "dim"), escape_unprintable(first.cause), (how_sure, "dim")
        )
        yield Text.assemble(("change: ", "bold"), escape_unprintable(first.remedy))


def _notes(record: Record, *, advise: bool) -> Iterator[Text]:
    """The notes on an exchange, the most important first."""
    verdict = record.verdict
    if record.broke_off:
        why = f": {escape_unprintable(record.error)}" if record.error else ""
        yield Text(OUTCOME_WORDS[record.outcome] + why, "red")
    elif failed := exchange_error(record):
        yield Text(escape_unprintable(failed), "red")
    if (
        verdict.label not in OK_LABELS
        or verdict.flags
        or mentions_refusal(verdict.summary)
        or mentions_timeout(verdict.summary)
    ):
        flags = (", ".join(verdict.flags) + ": ") if verdict.flags else ""
        yield Text.assemble((flags, "yellow"), escape_unprintable(finding(verdict)))
        if advise:
            yield from advice(verdict)
    yield from (Text(escape_unprintable(oddity), "yellow") for oddity in _oddities(record))


def _oddities(record: Record) -> Iterator[str]:
    if error := api_error_text(record.llm):
        yield f"the API reports: {error}"
    if record.stream and record.stream.malformed:
        reason = next((event.malformed for event in record.events or () if event.malformed), "")
        yield f"{counted(record.stream.malformed, 'malformed event')}{reason and ': '}{reason}"
    for side, content in (("request", record.request.body), ("response", record.response and record.response.body)):
        if content:
            yield from (f"{side}: {oddity}" for oddity in (content.mismatch, *content.notes) if oddity)
