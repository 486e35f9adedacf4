"""Figures and foreign text as people read them: what every report shares.

In: numbers in the record's units, texts that a peer may have sent.  Out: short plain text, safe to look at in any
font and terminal; the escaping that a format needs on top is that format's own.  ``None`` is an en dash everywhere.
"""

from __future__ import annotations

import re
from datetime import datetime

from .. import urls
from ..model import Confidence, Llm, Record, Verdict
from ..units import NOTHING

_TABLE = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: "␡",
    **{
        code: f"⟨U+{code:04X}⟩"
        for first, last in (
            (0x80, 0x9F),  # C1: as good as escape sequences to some terminals
            (0x061C, 0x061C),  # Arabic letter mark
            (0x200B, 0x200B),  # zero-width space; the zero-width joiners stay, scripts and emoji need them
            (0x200E, 0x200F),  # left-to-right and right-to-left marks
            (0x2028, 0x202E),  # line and paragraph separators, embeddings and overrides
            (0x2060, 0x206F),  # invisible operators, isolates
            (0xD800, 0xDFFF),  # lone surrogates
            (0xFEFF, 0xFEFF),  # byte order mark
            (0xFFF9, 0xFFFB),  # interlinear annotation
            (0xFFFE, 0xFFFF),  # no characters at all, and not allowed in XML
            (0xE0000, 0xE007F),  # tags
        )
        for code in range(first, last + 1)
    },
}


def escape_invisible(text: str) -> str:
    """Make visible what acts without being seen: terminal escapes, bidi controls ...

    Tabs and line ends stay; CR LF is a line end.
    """
    if text.isprintable():  # nothing in the table is printable: most texts are done here
        return text
    return text.replace("\r\n", "\n").translate(_TABLE)


def one_line(text: str, max_chars: int = 1_000) -> str:
    """`escape_invisible`, in one line and not longer than `max_chars` characters."""
    shown, rest = " ".join(escape_invisible(text[: max_chars + 1]).split()), text[max_chars + 1 :]
    whole = len(shown) <= max_chars and (not rest or rest.isspace())
    return shown if whole else shown[: max_chars - 1] + "…"


def count(value: float | None) -> str:
    """``12 345``, with narrow no-break spaces; a fraction keeps one place."""
    if value is None:
        return NOTHING
    text = f"{value:,.1f}".removesuffix(".0")
    return text.replace(",", "\u202f")


def plural(n: int, noun: str) -> str:
    """``1 gap``, ``12 gaps``."""
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"


def share(value: float | None) -> str:
    """``0.934`` as ``93%``."""
    return NOTHING if value is None else f"{value:.0%}"


def confidence_text(confidence: Confidence) -> str:
    """``medium confidence``, ``certain``."""
    return confidence if confidence == "certain" else f"{confidence} confidence"


def time_of_day(started_at: str) -> str:
    """The time of day of a record's `started_at`, to the millisecond, UTC."""
    try:
        return f"{datetime.fromisoformat(started_at):%H:%M:%S.%f}"[:-3]
    except ValueError:
        return one_line(started_at, 40)


def epoch(started_at: str) -> float:
    """A record's `started_at` in seconds since the epoch; 0 if it is no date."""
    try:
        return datetime.fromisoformat(started_at).timestamp()
    except ValueError:
        return 0.0


_SUSPECT = re.compile("; (?:suspect|proven): ")


def finding(verdict: Verdict) -> str:
    """The summary without its clause on the likeliest suspect, for reports that list the suspects."""
    what, *suspected = _SUSPECT.split(verdict.summary, maxsplit=1)
    return f"{what}." if suspected else what


def failure_label(record: Record) -> str | None:
    """``status 429``, or ``API error`` if a response with a good status brought one; None if neither."""
    if record.response and record.response.status >= 400:
        return f"status {record.response.status}"
    error = (record.llm and record.llm.error) or (record.outcome == "complete" and record.error)
    return "API error" if error else None


def exchange_error(record: Record) -> str | None:
    """The error that broke the exchange off, or that came at its end; None if there was none."""
    return record.error if record.broke_off or record.outcome == "complete" else None


def model_of(record: Record) -> str | None:
    """The model that answered, or else the one asked for."""
    return record.llm.model if record.llm and record.llm.model else record.request.model


def problems(record: Record) -> list[str]:
    """What went wrong besides what the verdict says: how the exchange ended, an error, malformed events."""
    broken = record.stream.malformed if record.stream else 0
    how = record.outcome if record.broke_off else None
    found = (how, failure_label(record), plural(broken, "malformed event") if broken else None)
    return [word for word in found if word]


def api_error_text(llm: Llm | None) -> str | None:
    """The message of the API's error or, if it has none, all of its values."""
    error = llm.error if llm else None
    return str(error.get("message") or " ".join(map(str, error.values()))) if error else None


def code_spans(text: str) -> list[tuple[str, bool]]:
    """The text cut at its backticks: ``(piece, is code)``.  An odd backtick is only a character."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return [(text, False)]
    return [(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]


def path(url: str) -> str:
    """Path and query, as the request line had them."""
    parts = _split(url)
    return parts[1] or url


def host(url: str) -> str:
    return _split(url)[0]


def _split(url: str) -> tuple[str, str]:
    """Host with port, and path with query; text that is no URL is all path."""
    parts = urls.split(url)
    return parts.netloc, parts.path + ("?" + parts.query if parts.query else "")
