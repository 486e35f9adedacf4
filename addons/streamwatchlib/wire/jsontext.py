"""Parse JSON texts: the one place where JSON is parsed, so that the parser can be exchanged here.

In: a text, or bytes in UTF-8 (UTF-16 and UTF-32 are recognised by their first bytes).  Out: the value, or `JsonError`,
whatever the input.  Strings keep lone surrogates that were sent as escapes, because the two halves of one character may
come in two events; whoever joins such strings must mend them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import NoReturn


class JsonError(ValueError):
    """A text is not JSON.  `line` and `column` count from 1; None where the parser gives no position."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message if line is None else f"{message} (line {line}, column {column})")
        self.message, self.line, self.column = message, line, column


def refuse(name: str) -> NoReturn:
    raise JsonError(f"{name} is not JSON")


# json.loads(parse_constant=...) would build a decoder on every call
_strict, _python = json.JSONDecoder(parse_constant=refuse), json.JSONDecoder()

_BLANKS = " \t\n\r"
_MARK = secrets.token_hex(8)
"""Stands between texts that are parsed together; random, so that no sender can know it."""


def loads(text: str | bytes | bytearray, *, constants: bool = False) -> object:
    """Parse one JSON text (RFC 8259).

    NaN and Infinity are refused, unless `constants`: Python servers write them and Python clients read them.  Nesting
    too deep and integers too long for Python are errors like any other.

    Raises:
        JsonError: whatever is wrong with the text; nothing else is raised.
    """
    try:
        if not isinstance(text, str):
            text = text.decode(json.detect_encoding(text))
        text = text.removeprefix("\ufeff")  # RFC 8259, 8.1: a parser may ignore it
        # JSONDecoder.decode does no more, but takes half as long again: it skips blanks by regular expressions
        decoder = _python if constants else _strict
        value, end = decoder.raw_decode(text, len(text) - len(text.lstrip(_BLANKS)))
        if end < len(text) and (rest := text[end:].lstrip(_BLANKS)):
            raise json.JSONDecodeError("Extra data", text, len(text) - len(rest))
        return value
    except json.JSONDecodeError as error:
        raise JsonError(error.msg, error.lineno, error.colno) from None
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("nested too deeply") from None
    except ValueError as error:  # not UTF-8, or an integer beyond sys.set_int_max_str_digits
        raise JsonError(str(error)) from None


def loads_all(texts: Sequence[str]) -> list[object] | None:
    """Parse many texts, faster than `loads` one by one; None if `loads` would refuse any, or strip a BOM.

    The texts are parsed as one array.  Invalid texts may form a valid one, as ``[1`` and ``2]`` do; the marks between
    the texts reveal that: if each mark is an element at its place, there is exactly one value between two marks.
    """
    if not texts:
        return []
    joined = f',"{_MARK}",'.join(texts)
    try:
        values = _strict.decode(f"[{joined}]")
    except (ValueError, RecursionError):
        return None
    marked = len(values) == 2 * len(texts) - 1 and values[1::2] == [_MARK] * (len(texts) - 1)
    return values[::2] if marked else None
