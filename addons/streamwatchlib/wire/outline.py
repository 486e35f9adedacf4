"""What a record says of a body besides its text, or in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..model import Body
from . import texts
from .classify import Class
from .jsontext import JsonError

_TOPS = ((dict, "object"), (list, "array"), (str, "string"), (bool, "boolean"), (int | float, "number"))


def fault(error: JsonError | None) -> dict[str, object] | None:
    return None if error is None else {"message": error.message, "line": error.line, "column": error.column}


def outline(found: Class) -> dict[str, Any]:
    """What stands at the top of a JSON document."""
    if not found.valid:
        return {}
    value = found.value
    keys = tuple(texts.valid(key) for key in value) if isinstance(value, dict) else None
    top = next((name for kind, name in _TOPS if isinstance(value, kind)), "null")
    return {"top": top, "keys": keys}


def without_media(body: Body) -> Body:
    """What single events do not keep, the text of all of them must not either."""
    return replace(body, content=None, notes=(*body.notes, "Its text holds sound or pictures and is not kept."))
