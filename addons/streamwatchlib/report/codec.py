"""The model's classes to plain JSON values and back, derived from their annotations alone.

In: one of the frozen classes of `model`, or what `json.loads` made of one.  Out: the other.  The model mirrors the
contract key by key and in its order, so a class's own fields are the only list of keys there is.  Never here: what
a key means.  Both directions are worked out once per class: an archive holds events by the hundred thousand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from functools import cache, partial
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from ..model import Arrival, Body, Choice, Event, Llm, Record, Request, Stream, Timing
from . import column_reader
from .hints import defaults, is_object, nullable, plain_hint

type Convert = Callable[[Any], Any]

ABSENT_WHEN_EMPTY: Mapping[type, frozenset[str]] = {
    Record: frozenset({"events", "hop", "sent", "responses"}),
    Request: frozenset({"arrivals", "query", "model"}),
    Body: frozenset({"fields", "parts", "complete", "top", "keys", "valid", "error", "content", "truncated", "notes"}),
    Stream: frozenset({"comments", "deviations", "sent", "responses"}),
    Timing: frozenset({"network"}),
    Choice: frozenset({"refusal"}),
    Llm: frozenset({"server_timing", "notes"}),
    Event: frozenset({"channel"}),
}
"""Keys that the contract allows to be absent; every other key is always written, `null` where nothing was observed."""

_POSITIONAL = frozenset({Arrival})
"""Classes written as arrays of their fields: there are thousands to an exchange."""

_MAX_DEPTH = 32
"""Levels kept of a value that a peer made up (an error object of its own shape)."""

_MAX_NUMBER = 1 << 63
"""The most that a size, count or time may be; sizes and counts are not below zero.  A forged one could make arithmetic
fail."""


class WrongShape(ValueError):
    """A value is not what its key holds.  The message starts with the path to it."""

    def __init__(self, expected: str, value: object, path: str = "") -> None:
        super().__init__(f"{path or 'it'}: expected {expected}, got {_brief(value)}")
        self.expected, self.value, self.path = expected, value, path

    def under(self, key: str) -> WrongShape:
        """The same error, seen from the object or array that holds the value."""
        dot = "" if self.path.startswith("[") or not self.path else "."
        return WrongShape(self.expected, self.value, f"{key}{dot}{self.path}")


class Key(NamedTuple):
    """One field of a class, as it is written and read."""

    name: str
    write: Convert
    read: Convert
    default: object
    """What an absent key means; `MISSING` if the key may not be absent."""
    optional: bool
    """Not written while it has its default."""

    def absent(self, value: object) -> bool:
        """Return whether the value is left out."""
        return self.optional and value == self.default


@cache
def keys_of(cls: type) -> tuple[Key, ...]:
    """The fields of a class of `model`, in the order of the contract."""
    optional = ABSENT_WHEN_EMPTY.get(cls, frozenset())
    given = defaults(cls)
    return tuple(
        Key(name, writer(hint), reader(hint), given.get(name, None if nullable(hint) else MISSING), name in optional)
        for name, hint in get_type_hints(cls).items()
    )


# --- writing ----------------------------------------------------------------------------------------------


@cache
def writer(hint: Any) -> Convert:
    """Return the function that turns a value of this type into plain JSON values."""
    hint = plain_hint(hint)
    if hint in _POSITIONAL:
        writes = tuple(key.write for key in keys_of(hint))
        return lambda value: [write(item) for write, item in zip(writes, value, strict=True)]
    if is_object(hint):
        return lambda value: None if value is None else _write_object(keys_of(hint), value)
    if get_origin(hint) in (tuple, Sequence):
        return _write_array(get_args(hint))
    return _WRITERS.get(hint, _as_it_is)


def _write_object(keys: tuple[Key, ...], value: object) -> dict[str, object]:
    out: dict[str, object] = {}
    for key in keys:
        item = getattr(value, key.name)
        if not key.absent(item):
            out[key.name] = key.write(item)
    return out


def _write_array(items: tuple[Any, ...]) -> Convert:
    write = writer(items[0])
    if write is _as_it_is:
        return lambda value: None if value is None else [*value]
    return lambda value: None if value is None else [write(item) for item in value]


def _write_number(value: float | None) -> float | None:
    """Rounded to microseconds, the finest the contract promises; JSON has no NaN and no infinity."""
    return round(value, 6) if value is not None and math.isfinite(value) else None


def _write_numbers(value: Mapping[str, float]) -> dict[str, float]:
    return {name: round(number, 6) for name, number in value.items() if math.isfinite(number)}


def _write_foreign(value: Any, depth: int = 0) -> Any:
    """A peer's JSON value, without what JSON can't hold and no deeper than `_MAX_DEPTH`."""
    match value:
        case Mapping() if depth < _MAX_DEPTH:
            return {str(name): _write_foreign(item, depth + 1) for name, item in value.items()}
        case list() | tuple() if depth < _MAX_DEPTH:
            return [_write_foreign(item, depth + 1) for item in value]
        case Mapping() | list() | tuple():
            return "…"
        case float():
            return value if math.isfinite(value) else None
    return value


def _as_it_is(value: Any) -> Any:
    return value


_WRITERS: Mapping[Any, Convert] = {
    float: _write_number,
    Mapping[str, float]: _write_numbers,
    Mapping[str, object]: _write_foreign,
}


# --- reading ----------------------------------------------------------------------------------------------


@cache
def reader(hint: Any) -> Convert:
    """Return the function that turns plain JSON values into a value of this type, or raises WrongShape."""
    if nullable(hint):
        read = reader(plain_hint(hint))
        return lambda value: None if value is None else read(value)
    hint = plain_hint(hint)
    if hint in _POSITIONAL:
        return _read_positional(hint)
    if is_object(hint):
        return lambda value: _read_object(hint, value)
    origin, items = get_origin(hint), get_args(hint)
    if origin is Sequence or (origin is tuple and items[-1] is ...):
        return _read_array(items[0])
    if origin is tuple:
        return _read_fixed(tuple(map(reader, items)))
    if origin is frozenset:
        read = _read_array(items[0])
        return lambda value: frozenset(read(value))
    if origin is Literal:
        return _read_choice(items)
    if origin is Mapping:
        return _read_mapping(*map(reader, items))
    return _READERS[hint]


def _read_object(cls: type, value: object) -> object:
    if not isinstance(value, dict):
        raise WrongShape("an object", value)
    out: dict[str, object] = {}
    for name, _, read, default, _ in keys_of(cls):
        item = value.get(name, MISSING)
        try:
            out[name] = _or_default(default) if item is MISSING else read(item)
        except WrongShape as wrong:
            raise wrong.under(name) from None
    return cls(**out)


def _or_default(default: object) -> object:
    if default is MISSING:
        raise WrongShape("a value", MISSING)
    return default


def _read_array(hint: Any) -> Convert:
    read, positional = reader(hint), hint in _POSITIONAL
    kinds = tuple(get_type_hints(hint).values()) if positional else get_args(hint)
    numbers = bool(kinds) and set(kinds) <= {int, float}
    make = partial(tuple.__new__, hint if positional else tuple)

    def array(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise WrongShape("an array", value)
        if numbers and (found := column_reader.read(value, kinds, make, _MAX_NUMBER)) is not None:
            return found
        out: list[object] = []
        for item in value:
            try:
                out.append(read(item))
            except WrongShape as wrong:
                raise wrong.under(f"[{len(out)}]") from None
        return tuple(out)

    return array


def _read_fixed(reads: tuple[Convert, ...]) -> Convert:
    def array(value: object) -> tuple[object, ...]:
        if not isinstance(value, list) or len(value) != len(reads):
            raise WrongShape(f"an array of {len(reads)}", value)
        return tuple(read(item) for read, item in zip(reads, value, strict=True))

    return array


def _read_positional(cls: Any) -> Convert:
    array = _read_fixed(tuple(key.read for key in keys_of(cls)))
    return lambda value: cls(*array(value))


def _read_mapping(read_key: Convert, read: Convert) -> Convert:
    def mapping(value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise WrongShape("an object", value)
        return {read_key(name): read(item) for name, item in value.items()}

    return mapping


def _read_choice(choices: tuple[str, ...]) -> Convert:
    def choice(value: object) -> object:
        if value not in choices:
            raise WrongShape(f"one of {', '.join(choices)}", value)
        return value

    return choice


def _read_number(value: Any) -> float:
    """Python reads infinity (``1e999``) and whole numbers of any length from JSON; a time is neither."""
    if type(value) not in (int, float) or not abs(value) <= _MAX_NUMBER:
        raise WrongShape("a number", value)
    return float(value)


def _read_whole_number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MAX_NUMBER:
        raise WrongShape("a whole number", value)
    return value


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongShape("text", value)
    return value


def _read_truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongShape("true or false", value)
    return value


_READERS: Mapping[Any, Convert] = {
    object: _as_it_is,
    float: _read_number,
    int: _read_whole_number,
    str: _read_text,
    bool: _read_truth,
}


def _brief(value: object) -> str:
    if value is MISSING:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
