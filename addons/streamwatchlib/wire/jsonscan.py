"""json's own scanner, asked for one value at a place in a text; a string it reads in steps.

In: a piece of a text, and how far on in the whole text it stands.  Out: the value and its end, or a `Fault` with json's
own words and the place in the whole text, which only whoever has that text can make a line and a column of.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Generator
from typing import Any

from .jsontext import JsonError, refuse

type Steps[T] = Generator[None, None, T]
type Scan = Callable[[str, int], tuple[Any, int]]

_ESCAPE = len(r"\u0000")
LEAST = 2 * _ESCAPE  # no window is shorter
_FIRST = 64  # characters of a string
_LOW_HALF = re.compile(r"\\u[dD][c-fC-F]")

# typeshed knows neither json's scanner nor the part of it that reads strings
_scanner: Callable[[json.JSONDecoder], Scan] = operator.attrgetter("scan_once")
_scan_string: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]

STRICT, PYTHON = _scanner(json.JSONDecoder(parse_constant=refuse)), _scanner(json.JSONDecoder())


class Fault(Exception):
    """What json says is wrong, and where."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.message, self.place = message, place


def located(fault: Fault, text: str, start: int) -> JsonError:
    """The error that json would have raised, had it read the text from `start` on."""
    line = text.count("\n", start, fault.place) + 1
    column = fault.place - max(text.rfind("\n", start, fault.place), start - 1)
    return JsonError(fault.message, line, column)


def value_at(scan: Scan, text: str, at: int, shift: int) -> tuple[Any, int]:
    """The value at a place, and its end."""
    try:
        return scan(text, at)
    except StopIteration as stop:
        raise Fault("Expecting value", stop.value + shift) from None
    except json.JSONDecodeError as error:
        raise Fault(error.msg, error.pos + shift) from None


def string_at(text: str, start: int, window: int) -> Steps[tuple[str, int]]:
    """The string whose quote is at a place, and its end.

    It is read in pieces, cut neither within an escape nor between the escaped halves of a character.  They grow up to a
    window, as most strings are short.
    """
    parts: list[str] = []
    at, size = start + 1, min(window, _FIRST)
    # json minds an escape that nothing at all follows: the end of the text is given to it as it is
    while at + size + _ESCAPE < len(text):
        cut = _string_cut(text, at, at + size)
        part, end = _rest(text[at:cut] + '"', 0, at, start)
        parts.append(part)
        if end <= cut - at:  # at a quote of its own
            return "".join(parts), at + end
        at, size = cut, min(window, 2 * size)
        yield
    part, end = _rest(text, at, 0, start)
    return "".join([*parts, part]), end


def _string_cut(text: str, at: int, cut: int) -> int:
    """The same place or one close by where a string may be cut, if it is not over before."""
    last = text.rfind("\\", cut - _ESCAPE + 1, cut)
    if last >= 0:  # an escape begins with every other of the backslashes in a row
        before = at + len(text[at : last + 1].rstrip("\\"))
        cut = last + 1 - (last + 1 - before) % 2
    return cut + _ESCAPE if _LOW_HALF.match(text, cut) else cut


def _rest(text: str, at: int, shift: int, start: int) -> tuple[str, int]:
    """A string from a place within it on, and its end; `start` is where its quote stands in the whole text."""
    try:
        return _scan_string(text, at, True)
    except json.JSONDecodeError as error:
        unended = error.msg.startswith("Unterminated")
        raise Fault(error.msg, start if unended else error.pos + shift) from None


def bearable() -> Steps[int]:
    """How many levels json's scanner bears before it gives up: that depends on the Python, and on who calls."""
    low, high = 0, 1024
    while _bears(high):
        yield
        low, high = high, 2 * high
    while high - low > 1:
        yield
        middle = (low + high) // 2
        low, high = (middle, high) if _bears(middle) else (low, middle)
    return low


def _bears(levels: int) -> bool:
    """Whether the scanner goes down so many levels, called from here."""
    try:
        STRICT("[" * levels, 0)
    except RecursionError:
        return False
    except StopIteration:  # there is nothing in them
        pass
    return True
