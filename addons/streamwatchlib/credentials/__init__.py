"""What a credential looks like: by the name it goes by (`names`, `pairs`), by its shape (`keys`), by where it stands
(`headers`, `urls`, `commands`); how one that is known may be spelled (`spellings`), or said piece by piece (`spread`).

In: a text.  Out: the credentials that it shows; the text with `***` in their place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote

from . import commands, keys, pairs
from .pairs import MASK

ESCAPE = "\\u00"
"""Text that has this in it may spell a credential in JSON's escapes."""
_ESCAPED = re.compile(r"(?<!\\)\\++u00(2[bd-f]|3[0-9d]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])", re.IGNORECASE)
"""Escapes, at any depth, of what credentials and their names are made of; looked for once in a run of backslashes."""
_USER = "://", ":\\/", ":\\\\"
"""What stands before a user, PHP escapes the slashes."""
_PASSWORD = re.compile(r":\\*+/\\*+/[^\s/:@\"'<>\\]*+:([^\s/@\"'<>\\]++(?:@[^\s/@\"'<>\\?#,;&]++)*)@")
"""It may have an ``@`` in it that nobody has quoted."""
_LONE = re.compile(r":\\*+/\\*+/((?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[\w-]{20,}):?@", re.ASCII)
"""A token in place of a user, and no password."""
_SIGNS = "_", "-", "=", "/", "'", "\\", ""
_HINTS = (*keys.HINTS, *pairs.HINTS, *commands.HINTS, *_USER, ESCAPE)
_BY_SIGN = {sign: [hint for hint in _HINTS if sign == next(filter(hint.count, _SIGNS))] for sign in _SIGNS}
"""Hints by a sign that is in them and in few pieces of a text; the last sign is in all."""
_LOT = 64 << 10
"""Characters that are searched in one go."""
_SEEN = 20_000
"""Pieces that are remembered, to be searched once."""
_LONGEST = max(map(len, _HINTS))
"""Characters at the end of a secret that tell of it: as many as hints have."""


def mask(text: str, secrets: tuple[str, ...] = (), hints: Collection[str] | None = None) -> str:
    """The text without `secrets`, without keys of known shapes and values of JSON fields that hold credentials.

    `hints`, where they are known: those that there may be in the text (`hints_of`).
    """
    found = hints_of([text], secrets) if hints is None else {hint for hint in hints if hint in text}
    if not found:
        return text
    if ESCAPE in found:
        plain = _spelt_out(text)
        if plain != text and (masked := mask(plain, secrets)) != plain:
            return masked
    for secret in secrets:
        text = text.replace(secret, MASK)
    text = keys.mask(text, found)
    if not found.isdisjoint(_USER):
        text = _LONE.sub(pairs.masked, _PASSWORD.sub(pairs.masked, text))
    if not found.isdisjoint(commands.HINTS):
        text = commands.mask(text)
    return pairs.mask(text) if not found.isdisjoint(pairs.HINTS) else text


def values(text: str) -> Iterator[str]:
    """What stands in a text where credentials stand: in fields, parameters and addresses."""
    text = _spelt_out(text)
    if any(hint in text for hint in _USER):
        yield from map(unquote, (*_PASSWORD.findall(text), *_LONE.findall(text)))
    if any(hint in text for hint in commands.HINTS):
        yield from commands.values(text)
    if any(hint in text for hint in pairs.HINTS):
        yield from pairs.values(text)


def _spelt_out(text: str) -> str:
    return _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text) if ESCAPE in text else text


def hints_of(texts: Iterable[str], secrets: tuple[str, ...] = ()) -> set[str]:
    """Hints of credentials, and ends of secrets, that are in any of the texts: where is none, nothing is to be masked.

    A stream says the same again and again, with a new word in it: what stands between two commas, and in that between a
    name and its text, is searched once.
    """
    by_sign = (*_BY_SIGN.items(), ("", [end_of(secret) for secret in secrets]))
    found: set[str] = set()
    seen: set[str] = set()
    for some in _lots(texts):
        pieces = set[str]().union(*[text.split(",") for text in some]) - seen
        if len(seen) < _SEEN:
            seen |= pieces
        said = _apart(",".join(pieces))
        pieces = set(said.split(","))
        for sign, hints in by_sign:
            if sign in said:
                told = ",".join([piece for piece in pieces if sign in piece] if sign else pieces)
                found.update([hint for hint in hints if hint in told])
    return found


def _apart(text: str) -> str:
    """With a comma between names and their texts: no hint has a colon and a quote in a row."""
    return text.replace(':"', ':,"')


def _lots(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lots of about `_LOT` characters: what is held besides them is bounded.

    Long ones are cut at a comma, or, where there is none, so that the parts share what a hint may have of either.
    """
    lot: list[str] = []
    room = _LOT
    for text in texts:
        at = 0
        while len(text) - at > room:
            end = text.find(",", at + room, at + room + _LOT)
            end, start = (at + room, at + room - _LONGEST) if end < 0 else (end, end + 1)
            yield [*lot, text[at:end]]
            lot, room, at = [], _LOT, max(at, start)
        if at < len(text):
            lot.append(text[at:])
            room -= len(text) - at
    if lot:
        yield lot


def end_of(secret: str) -> str:
    """The last of a secret that stands in one piece, as `hints_of` cuts."""
    return _apart(secret)[-_LONGEST:].rpartition(",")[2]
