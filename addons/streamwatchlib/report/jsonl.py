"""JSON Lines, both ways: the one archive format, from which every other report can be made.

In: records, or lines.  Out: lines, or records.  Keys, their order and their meaning are the record contract
``streamwatch/1``; `schema.json` beside this file states it for other programs.  Never here: files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from ..model import Arrival, Body, Event, Record, Request, Response, Stream
from .codec import Key, WrongShape, keys_of, reader, writer
from .column_writer import arrays, dump, objects

SCHEMA = "streamwatch/1"

# Lone surrogates are no UTF-8.  Of the others some are line ends to readers of lines (Python's splitlines, JavaScript),
# some act in the terminal in which a file is shown (C1 controls, bidi controls).
_UNSAFE = re.compile("[\ud800-\udfff\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def to_dict(record: Record) -> dict[str, object]:
    """The record as plain JSON values: exactly the contract's keys, in its order.

    What is optional and empty is absent; times are rounded to microseconds.
    """
    return {"schema": SCHEMA, **writer(Record)(record)}


def to_line(record: Record) -> str:
    """The record as one line, newline included, which is valid UTF-8 whatever a peer sent."""
    return escape_unsafe(f'{{"schema": "{SCHEMA}", {_members(record)}}}\n')


def _members(value: object) -> str:
    """The members of an object, as text."""
    cls: Any = type(value)
    items = ((key, getattr(value, key.name)) for key in keys_of(cls))
    return ", ".join(f'"{key.name}": {_text(key, item)}' for key, item in items if not key.absent(item))


def _text(key: Key, value: Any) -> str:
    match value:
        case Stream() | Request() | Response() | Body():
            return f"{{{_members(value)}}}"
        case (Event(), *_):
            return objects(Event, value)
        case (Arrival(), *_):
            return arrays(Arrival, value)
    return dump(key.write(value))


def render(records: Sequence[Record]) -> str:
    """A whole archive."""
    return "".join(map(to_line, records))


def from_line(line: str) -> Record:
    """The record of one line.  Unknown keys are skipped, optional ones may be missing.

    Raises:
        ValueError: the line is not a record of this schema; the message is one clear sentence.
    """
    return from_dict(_parse(line))


def from_dict(data: object) -> Record:
    """The record of what `to_dict` made.

    Raises:
        ValueError: as `from_line`.
    """
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"not a {SCHEMA} record: its schema is {schema!r}")
    try:
        return cast(Record, reader(Record)(data))
    except WrongShape as error:
        raise ValueError(f"not a valid {SCHEMA} record: {error}") from error


def read(
    lines: Iterable[str],
    warn: Callable[[str], None] = lambda _: None,
    transform: Callable[[Record], Record] = lambda record: record,
) -> list[Record]:
    """Read records from lines, in the order in which their ids first appear; the last line of an id wins.

    A line that breaks off is what a killed process or a full disk leaves: it is dropped, and `warn` is called with a
    sentence about it.  `transform` returns what to keep of a record.

    Raises:
        ValueError: a line is something else than a record; the message has its number.
    """
    records: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = _parse(line)
        except _BrokenOff as error:
            warn(f"line {number} is cut off and was left out ({error})")
            continue
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        try:
            record = from_dict(data)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        records[record.id] = transform(record)
    return list(records.values())


def escape_unsafe(text: str) -> str:
    """JSON text with lone surrogates replaced, and with other line ends and what acts in a terminal escaped."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE.sub(_harmless, text)


class _BrokenOff(ValueError):
    """The line begins as a JSON object, but is none."""


def _parse(line: str) -> object:
    line = line.lstrip("\ufeff \t")
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        kind = _BrokenOff if line.startswith("{") else ValueError
        raise kind(f"not a line of JSON: {error}") from error


def _harmless(match: re.Match[str]) -> str:
    character = match[0]
    return "\ufffd" if "\ud800" <= character <= "\udfff" else f"\\u{ord(character):04x}"
