"""Parse ``application/x-www-form-urlencoded`` text of a body or a query.

In: bytes.  Out: (name, value) pairs in order, repeats kept.  https://url.spec.whatwg.org/#urlencoded-parsing
"""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import unquote_to_bytes

FORM = "application/x-www-form-urlencoded"

MAX_FIELDS = 1000
"""Most fields that are read: two bytes make a field, and each of millions would have to be checked for secrets."""
TOO_MANY = f"The form has more than {MAX_FIELDS} fields: only the first are listed."
MAX_VALUE = 100
"""Most characters of a field's value that is read: enough for the name of a model, and for a flag."""

_PAIR = rb"[\w.~*%+\-\[\]]+=[^\s&<>\"{}]*"
_BETWEEN = re.compile(rb"[^&]+")
_PAIRS = re.compile(_PAIR + rb"(?:&" + _PAIR + rb")*", re.ASCII)


def fields(data: bytes) -> tuple[tuple[str, str], ...]:
    """The first `MAX_FIELDS` fields.  The bytes are read as UTF-8 whatever was declared; invalid ones become U+FFFD.  A
    name without ``=`` has an empty value."""
    pairs = (pair[0].partition(b"=") for pair in islice(_BETWEEN.finditer(data), MAX_FIELDS))
    return tuple((_text(name), _text(value)) for name, _, value in pairs)


def listed(data: bytes) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The first `MAX_FIELDS` fields, and a note if there are more."""
    more = next(islice(_BETWEEN.finditer(data), MAX_FIELDS, None), None) is not None
    return fields(data), (TOO_MANY,) * more


def query_fields(url: str) -> tuple[tuple[str, str], ...]:
    """The fields of a URL's query, in order, repeats kept."""
    return fields(url.partition("?")[2].partition("#")[0].encode(errors="replace"))


def short_fields(data: bytes) -> dict[str, str]:
    """The fields with short values, which name the model and the options requested."""
    return {name: value for name, value in fields(data) if len(value) <= MAX_VALUE}


def looks_like_form(data: bytes) -> bool:
    """Nothing but ``name=value`` pairs joined by ``&``, and not just a Base64 text with its padding."""
    return b"=" in data.rstrip(b"=") and _PAIRS.fullmatch(data) is not None


def _text(data: bytes) -> str:
    data = data.replace(b"+", b" ")
    return (unquote_to_bytes(data) if b"%" in data else data).decode(errors="replace")
