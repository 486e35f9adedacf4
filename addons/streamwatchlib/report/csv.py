"""One row per exchange, for a spreadsheet or a data frame.

In: records.  Out: CSV by RFC 4180 with a header row.  Times are seconds, sizes bytes, lists joined by a space; what
was not observed is an empty cell.  A column has the name of its key in the record, preceded by that of its object
where needed (``itl_p99``, ``request_size``, ``suspect_remedy`` of the likeliest suspect).  Columns are stable: new
ones are added at the end, none is renamed.  Text is quoted, since LibreOffice takes an unquoted semicolon for the end
of a cell.  What a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises
(https://owasp.org/www-community/attacks/CSV_Injection): also after a semicolon, where Excel begins a cell in languages
with a decimal comma, even inside quotes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from ..model import Record
from .show import api_error_text, host, model_of, one_line, path

type Cell = str | float | int | bool | None


def render(records: Sequence[Record]) -> str:
    """The header row, then a row for each record, in order."""
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_STRINGS)
    rows.writerow(COLUMNS)
    rows.writerows([_cell(get(record)) for get in COLUMNS.values()] for record in records)
    return out.getvalue()


def _at(name: str) -> Callable[[Record], Any]:
    """Return a function that gets the value at a dotted path, or None if something on the way is None."""
    steps = [attrgetter(step) for step in name.split(".")]

    def get(record: Record) -> Any:
        value: Any = record
        for step in steps:
            value = value if value is None else step(value)
        return value

    return get


def _first_suspect(name: str) -> Callable[[Record], str | None]:
    return lambda record: getattr(record.verdict.suspects[0], name) if record.verdict.suspects else None


COLUMNS: Mapping[str, Callable[[Record], Cell]] = {
    "id": _at("id"),
    "started_at": _at("started_at"),
    "method": _at("request.method"),
    "url": _at("request.url"),
    "host": lambda record: host(record.request.url),
    "path": lambda record: path(record.request.url),
    "status": _at("response.status"),
    "outcome": _at("outcome"),
    "error": _at("error"),
    "provider": _at("llm.provider"),
    "api": _at("llm.api"),
    "model": model_of,
    "stream_requested": _at("request.stream_requested"),
    "stream_requested_by": _at("request.stream_requested_by"),
    "format": _at("stream.format"),
    "label": _at("verdict.label"),
    "severity": _at("verdict.severity"),
    "confidence": _at("verdict.confidence"),
    "channel": _at("verdict.channel"),
    "flags": lambda record: " ".join(record.verdict.flags),
    "summary": _at("verdict.summary"),
    "suspect_hop": _first_suspect("hop"),
    "suspect_cause": _first_suspect("cause"),
    "suspect_remedy": _first_suspect("remedy"),
    **{
        name: _at(f"timing.{name}")
        for name in (
            "request_end",
            "response_start",
            "first_byte",
            "first_event",
            "first_token",
            "first_output_token",
            "last_token",
            "end",
            "ttft",
            "e2e",
        )
    },
    **{f"itl_{name}": _at(f"timing.itl.{name}") for name in ("n", "mean", "p50", "p90", "p99", "max")},
    "output_tokens_per_second": _at("timing.output_tokens_per_second"),
    "tokens_per_second_e2e": _at("timing.tokens_per_second_e2e"),
    "clock_lag_p99": _at("timing.clock_lag.p99"),
    "clock_lag_max": _at("timing.clock_lag.max"),
    "events": _at("stream.events"),
    "content_events": _at("stream.content_events"),
    "malformed": _at("stream.malformed"),
    "split_events": _at("stream.split_events"),
    "terminator": _at("stream.terminator"),
    **{
        name: _at(f"verdict.measures.{name}")
        for name in (
            "deliveries",
            "effective_deliveries",
            "burst_share",
            "burst_gap",
            "mean_hold",
            "spread",
            "events_per_arrival",
            "aligned",
            "block_size",
            "header_lead",
        )
    },
    **{
        name: _at(f"llm.usage.{name}")
        for name in ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens")
    },
    "finish_reason": _at("llm.finish_reason"),
    "request_kind": _at("request.body.kind"),
    "request_size": _at("request.body.size"),
    "response_kind": _at("response.body.kind"),
    "response_size": _at("response.body.size"),
    "hop_held": _at("hop.held"),
    "hop_hold": _at("hop.hold"),
    "hop_first_byte_added": _at("hop.first_byte_added"),
    "hop_summary": _at("hop.summary"),
    "llm_error": lambda record: api_error_text(record.llm),
    "measures_content_events": _at("verdict.measures.content_events"),  # what `deliveries` counts
}
"""Column -> the function that gets its cell."""

_FORMULA = re.compile("(^|;)(?=[=+@＝＋－＠-])")
"""Where a spreadsheet would begin a formula; full-width signs count as well where people type them."""
_MAX_CELL_CHARS = 32_000
"""Characters of a cell: Excel's hold 32,767."""


def _cell(value: Cell) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str):
        # tabs and line ends, which begin a cell in some spreadsheets, become spaces
        text = one_line(value, _MAX_CELL_CHARS)
        return _FORMULA.sub(r"\1'", text)
    return value
