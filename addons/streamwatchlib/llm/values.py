"""Take a value of the expected type from any JSON value, so that a dialect reads hostile payloads in plain lines.

In: any JSON value.  Out: a value of the type asked for.  Whatever is of another type counts as absent, and nothing
raises.  Never here: a meaning.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence

type Object = Mapping[str, object]
type Path = tuple[str | int, ...]

_NOTHING: Object = {}
_LARGEST = 1e18
"""No count, size or time is larger; beyond it, and for NaN and infinity, arithmetic would raise or lie."""


def obj(value: object) -> Object:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def items(value: object) -> Sequence[object]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else ()


def objects(value: object) -> list[Object]:
    """The objects of a JSON array."""
    return [item for item in items(value) if isinstance(item, dict)]


def text(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def non_empty(value: object) -> str | None:
    """The value if it is a string that says something, else None (``"null"`` is DashScope's way to say nothing)."""
    return value if isinstance(value, str) and value and value != "null" else None


def number(value: object) -> float | None:
    """The value as a finite number of sane size, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -_LARGEST < value < _LARGEST and not math.isnan(value) else None


def count(value: object) -> int | None:
    """The value as a count, else None; a fraction (an estimate) is rounded."""
    figure = number(value)
    return round(figure) if figure is not None and figure >= 0 else None


def index(value: object, default: int = 0) -> int:
    """The value if it can serve as an index, else the default."""
    return value if type(value) is int and 0 <= value < _LARGEST else default


def dig(value: object, path: Path) -> object:
    """What lies at the path of keys and list positions, or None."""
    for key in path:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def first(value: object, paths: Iterable[Path]) -> object:
    """What lies at the first of these paths that leads to anything that is not empty, or None."""
    for path in paths:
        if found := dig(value, path):
            return found
    return None


def first_text(value: object, paths: Iterable[Path]) -> str | None:
    """The text, even an empty one, at the first of these paths that leads to one, or None."""
    return next((found for path in paths if isinstance(found := dig(value, path), str)), None)


def parse_json(words: str) -> object:
    """The value of a JSON text, or None."""
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return None


def decode_base64(words: str) -> str | None:
    """The text that base64 holds, or None."""
    try:
        return base64.b64decode(words).decode(errors="replace")
    except ValueError:
        return None


def dump(value: object) -> str:
    """The value as compact JSON; a string stands for itself, None gives ""."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError):
        return ""
