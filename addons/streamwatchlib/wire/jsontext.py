"""JSON texts to values: the one place where JSON is parsed, so that another parser can be slotted in here.

In: a text, or bytes in UTF-8 (UTF-16 and UTF-32 are told by their first bytes).  Out: the value, or `JsonError`,
whatever the input.  Strings keep lone surrogates that were sent as escapes, because the two halves of one character
may come in two events; whoever joins such strings mends them.
"""

from __future__ import annotations

import json
from typing import NoReturn


class JsonError(ValueError):
    """A text is not JSON.  `line` and `column` count from 1; None where the parser can't tell the place."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message if line is None else f"{message} (line {line}, column {column})")
        self.message, self.line, self.column = message, line, column


def refuse(name: str) -> NoReturn:
    raise JsonError(f"{name} is not JSON")


# json.loads(parse_constant=...) would build a decoder at every call
_strict, _python = json.JSONDecoder(parse_constant=refuse).decode, json.JSONDecoder().decode


def loads(text: str | bytes | bytearray, *, constants: bool = False) -> object:
    """Parse one JSON text (RFC 8259).

    NaN and Infinity are refused, unless `constants`: Python's servers write them and Python's clients read them.
    Nesting too deep and integers too long for Python are errors like any other.

    Raises:
        JsonError: and nothing else.
    """
    try:
        if not isinstance(text, str):
            text = text.decode(json.detect_encoding(text))
        decode = _python if constants else _strict
        return decode(text.removeprefix("\ufeff"))  # RFC 8259, 8.1: a parser may ignore it
    except json.JSONDecodeError as error:
        raise JsonError(error.msg, error.lineno, error.colno) from None
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("nested too deeply") from None
    except ValueError as error:  # not UTF-8, or an integer beyond sys.set_int_max_str_digits
        raise JsonError(str(error)) from None
