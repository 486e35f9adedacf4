"""Recognise credentials: by name (`names`, `pairs`), by shape (`keys`), by where they stand (`headers`, `urls`,
`commands`); known ones in any spelling (`spellings`), and in pieces (`across_events`).

In: a text.  Out: the credentials in it; the text with `***` in their place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote

from . import commands, keys, pairs
from .pairs import MASK

ESCAPE = "\\u00"
"""Text that contains this may spell a credential in JSON escapes."""
_ESCAPED = re.compile(r"\\(?<!\\\\)\\*+u00(2[bd-f]|3[0-9d]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])", re.IGNORECASE)
"""Escapes, at any depth, of characters of credentials and their names; matched once in a run of backslashes."""
_USER = "://", ":\\/", ":\\\\"
"""What stands before the user in a URL; PHP escapes the slashes."""
_PASSWORD = re.compile(r":\\*+/\\*+/[^\s/:@\"'<>\\]*+:([^\s/@\"'<>\\]++(?:@[^\s/@\"'<>\\?#,;&]++)*)@")
"""The password in a URL; it may contain an ``@`` that was not percent-encoded."""
_LONE = re.compile(r":\\*+/\\*+/((?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[\w-]{20,}):?@", re.ASCII)
"""A token in place of the user, without a password."""
_SIGNS = "_", "-", "=", "/", "'", "\\", ""
_HINTS = (*keys.HINTS, *pairs.HINTS, *commands.HINTS, *_USER, ESCAPE)
_BY_SIGN = {sign: [hint for hint in _HINTS if sign == next(filter(hint.count, _SIGNS))] for sign in _SIGNS}
"""Hints by a sign that each contains and few pieces of a text do; the last sign is empty, so in all."""
_CHUNK_SIZE = 64 << 10
"""Characters that are searched in one go."""
_SEEN = 20_000
"""Pieces that are remembered, to be searched only once."""
_MAX_HINT = max(map(len, _HINTS))
"""Characters at the end of a secret that serve as its hint: as many as the longest hint has."""


def mask(text: str, secrets: tuple[str, ...] = (), hints: Collection[str] | None = None) -> str:
    """Mask `secrets`, keys of known shapes, and the values of names that hold credentials.

    `hints`: those that may occur in the text (`find_hints`), if known.
    """
    found = find_hints([text], secrets) if hints is None else {hint for hint in hints if hint in text}
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


def find_secrets(text: str) -> Iterator[str]:
    """Yield what stands in a text where credentials stand: in fields, parameters and addresses."""
    text = _spelt_out(text)
    if any(hint in text for hint in _USER):
        yield from map(unquote, (*_PASSWORD.findall(text), *_LONE.findall(text)))
    if any(hint in text for hint in commands.HINTS):
        yield from commands.find_secrets(text)
    if any(hint in text for hint in pairs.HINTS):
        yield from pairs.find_secrets(text)


def _spelt_out(text: str) -> str:
    return _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text) if ESCAPE in text else text


def find_hints(texts: Iterable[str], secrets: tuple[str, ...] = ()) -> set[str]:
    """Hints of credentials, and ends of secrets, that occur in any of the texts; if none does, there is nothing to
    mask."""
    by_sign = {**_BY_SIGN, "": [*_BY_SIGN[""], *map(end_hint, secrets)]}
    found: set[str] = set()
    for joined in _new_pieces(texts):
        pieces = set(joined.split(","))
        for sign, hints in by_sign.items():
            if sign in joined:
                candidates = ",".join([piece for piece in pieces if sign in piece])
                found.update([hint for hint in hints if hint in candidates])
    return found


def _new_pieces(texts: Iterable[str]) -> Iterator[str]:
    """Yield, joined by commas, the pieces of the texts that did not come before.

    A stream repeats itself with a new word each time: what stands between two commas, and within that between a name
    and its text, is searched only once.
    """
    seen: set[str] = set()
    for chunk in _chunks(texts):
        pieces = set[str]().union(*[text.split(",") for text in chunk]) - seen
        if len(seen) < _SEEN:
            seen |= pieces
        yield _separate_strings(",".join(pieces))


def _separate_strings(text: str) -> str:
    """Put a comma between names and their texts: no hint has a colon followed by a quote."""
    return text.replace(':"', ':,"')


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Group the texts into chunks of about `_CHUNK_SIZE` characters: what is held besides the texts is bounded.

    Long texts are cut at a comma or, where there is none, so that the parts overlap by the length of a hint.
    """
    chunk: list[str] = []
    room = _CHUNK_SIZE
    for text in texts:
        at = 0
        while len(text) - at > room:
            end = text.find(",", at + room, at + room + _CHUNK_SIZE)
            end, start = (at + room, at + room - _MAX_HINT) if end < 0 else (end, end + 1)
            yield [*chunk, text[at:end]]
            chunk, room, at = [], _CHUNK_SIZE, max(at, start)
        if at < len(text):
            chunk.append(text[at:])
            room -= len(text) - at
    if chunk:
        yield chunk


def end_hint(secret: str) -> str:
    """The end of a secret that stays in one piece where `find_hints` cuts."""
    return _separate_strings(secret)[-_MAX_HINT:].rpartition(",")[2]
