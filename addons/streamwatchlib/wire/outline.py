"""What a record says of a body besides its text, or instead of it.

In: the class of a body.  Out: fields of `Body`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from ..model import Body
from ..surrogates import well_formed
from .classify import Classification
from .jsontext import JsonError

MAX_KEYS = 1000
"""Keys that are listed; real documents have a few."""
TOO_MANY = f"The JSON object has more than {MAX_KEYS} keys: only the first are listed."

_TOPS = ((dict, "object"), (list, "array"), (str, "string"), (bool, "boolean"), (int | float, "number"))


def fault(error: JsonError | None) -> dict[str, object] | None:
    return None if error is None else {"message": error.message, "line": error.line, "column": error.column}


def outline(found: Classification, notes: tuple[str, ...]) -> dict[str, Any]:
    """The `Body` fields that describe the top of a JSON document, `notes` extended; empty if it is not valid JSON."""
    if not found.valid:
        return {}
    value = found.value
    keys = tuple(map(well_formed, islice(value, MAX_KEYS))) if isinstance(value, dict) else None
    top = next((name for kind, name in _TOPS if isinstance(value, kind)), "null")
    too_many = (TOO_MANY,) if isinstance(value, dict) and len(value) > MAX_KEYS else ()
    return {"top": top, "keys": keys, "notes": notes + too_many}


def without_media(body: Body) -> Body:
    """Drop the body's text: media that single events do not keep must not be kept there either."""
    return replace(body, content=None, notes=(*body.notes, "Its text holds audio or images and is not kept."))
