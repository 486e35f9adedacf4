"""The data of server-sent events as values: JSON, broken JSON, or anything else.

In: the payloads of one stream, in order.  Out: the value of each, or why it has none although it should be JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat

from ..jsontext import JsonError, loads, loads_all
from ..payload import Notes, parsed
from .deviations import TWICE

type Recognizer = Callable[[Sequence[str]], Sequence[object] | None]
"""Returns stand-ins for the values of these payloads if none of them needs parsing, else None."""

_BLANKS = " \t\r\n"
"""May stand before a document (RFC 8259, 2): some servers put two blanks behind ``data:``."""

_EVENT = re.compile(r"(?:event:[^\n]*\n)?data:\s*(?=[{\[])")
"""The start of an event whose data is JSON, or the end marker."""
_END = "[DONE]"


class DataReader:
    """Parses the payloads of one stream; what is expected of one depends on those before it."""

    __slots__ = ("_had_json", "_had_text", "_notes", "_recognize")

    def __init__(self, recognize: Recognizer, notes: Notes) -> None:
        self._recognize, self._notes = recognize, notes
        self._had_text = self._had_json = False

    def values(self, payloads: Sequence[str]) -> tuple[Iterable[object], Iterable[str | None]]:
        """Return the values of all payloads, and the reasons: what `value` returns for each."""
        stand_ins = self._recognize(payloads)
        if stand_ins:
            self._had_json = True
            return stand_ins, repeat(None)
        *most, last = payloads  # the last is often `[DONE]`, which must not keep the others from being parsed together
        found = loads_all(most)
        if found is None or not {*map(type, found)} <= {dict, list}:
            values, reasons = zip(*map(self.value, payloads), strict=True)
            return values, reasons
        self._had_json = self._had_json or bool(found)
        value, reason = self.value(last)
        return [*found, value], chain(repeat(None, len(found)), (reason,))

    def value(self, payload: str) -> tuple[object, str | None]:
        """Parse the payload as JSON: its value, and the reason why it has none although it began like JSON.

        Data need not be JSON: ``[DONE]`` is not, and in a stream of plain words neither is a lone ``{``.
        """
        if stand_ins := self._recognize([payload]):
            self._had_json = True
            return stand_ins[0], None
        document = payload.lstrip(_BLANKS)
        if not document.startswith(("{", "[")):
            self._had_text = self._had_text or bool(payload)
            return None, None
        expected = document[0] == "{" and (self._had_json or not self._had_text)
        try:
            value = parsed(payload, self._notes)
        except JsonError as error:
            return None, f"Not JSON: {error}." if expected else None
        self._had_json = True
        return value, None


def unwrapped(payload: str, notes: Notes) -> str:
    """Return the inner payload where an app wrote an event by hand and its framework made it the data of another."""
    found = _EVENT.match(payload) if payload.startswith(("data:", "event:")) else None
    inner = payload[found.end() :].rstrip() if found else ""
    if not found or not (inner == _END or _is_json(inner)):
        return payload
    notes.add(TWICE)
    return inner


def _is_json(payload: str) -> bool:
    try:
        loads(payload, constants=True)
    except JsonError:
        return False
    return True
