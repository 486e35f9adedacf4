"""Function arguments that come value by value, each with its JSON path (Vertex, ``streamFunctionCallArguments``).

In: pieces like ``{"jsonPath": "$.place.names[0]", "stringValue": "Par", "willContinue": true}``.  Out: the object.
Strings at one path are joined, everything else is set; a piece without a sensible path is dropped.
https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from .values import Object, text

_STEP = re.compile(r"\.?([^.\[\]$]+)|\[(\d{1,3})\]|\['([^']*)'\]")
_MAX_DEPTH = 50
_VALUES = ("stringValue", "numberValue", "boolValue", "nullValue")
_PLACE = 100
"""Characters of the room that a member or an element takes besides its text."""


class _Pieces(list[str]):
    """A string in the making."""


class PartialArguments:
    """An arguments object in the making, of up to about `room` characters."""

    def __init__(self, room: int) -> None:
        self._root: dict[str, Any] = {}
        self._room = room

    @property
    def full(self) -> bool:
        """Further pieces are not kept."""
        return self._room <= 0

    def put(self, piece: Object) -> None:
        """Set the value at the piece's path, or add to the string there."""
        key = next((key for key in _VALUES if key in piece), None)
        steps = [int(at) if at else name or quoted for name, at, quoted in _STEP.findall(text(piece.get("jsonPath")))]
        if key is None or not 0 < len(steps) <= _MAX_DEPTH or isinstance(steps[0], int) or self.full:
            return
        holder: Any = self._root
        for step, following in pairwise(steps):
            holder = self._open(holder, step, list if isinstance(following, int) else dict)
        if key == "stringValue":
            words = text(piece[key])
            self._room -= 1 + len(words)
            self._open(holder, steps[-1], _Pieces).append(words)
        else:
            scalar = piece[key] if isinstance(piece[key], int | float) else None
            self._set(holder, steps[-1], None if key == "nullValue" else scalar)

    def value(self) -> dict[str, Any]:
        """The object so far."""
        return {key: _closed(value) for key, value in self._root.items()}

    def _open(self, holder: Any, step: Any, kind: type[Any]) -> Any:
        """Return what the holder has at this step; where that isn't of the kind needed, put a fresh one there.

        Steps fit their holders: whatever is followed by a number has been opened as a list.
        """
        held = step in holder if isinstance(holder, dict) else step < len(holder)
        known = holder[step] if held else None
        if type(known) is not kind:
            known = kind()
            self._set(holder, step, known)
        return known

    def _set(self, holder: Any, step: Any, value: Any) -> None:
        before = len(holder)
        if isinstance(holder, list):
            holder.extend([None] * (step + 1 - before))
        holder[step] = value
        self._room -= _PLACE * (len(holder) - before) + (0 if isinstance(step, int) else len(step))


def _closed(value: Any) -> Any:
    if isinstance(value, _Pieces):
        return "".join(value)
    if isinstance(value, dict):
        return {key: _closed(inner) for key, inner in value.items()}
    return [_closed(inner) for inner in value] if isinstance(value, list) else value
