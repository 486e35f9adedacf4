"""What a credential looks like: by the name it goes by, and by its shape.

In: a name, or a text.  Out: whether it names a credential; the text with `***` in place of those that it shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MASK = "***"

# --- the net of names -------------------------------------------------------------------------------------

_SECRET_HEADER = re.compile(
    r"(?:^|[-_])(?:authorization|cookie2?|key|api-?key|auth|token|secret|password|passwd|credentials?|signature|jwt)$",
    re.ASCII,
)
_PUBLIC_HEADERS = frozenset({"idempotency-key", "x-idempotency-key", "sec-websocket-key", "surrogate-key", "cache-key"})
"""Headers that are named like credentials and are none."""

_SECRET_FIELD = re.compile(
    r"(?:apikey|secretkey|accesskey|privatekey|subscriptionkey|accountkey|accesskeyid|clientsecret|password|passwd"
    r"|passphrase|(?:access|refresh|auth|session|security|api|bearer)token|^secret|^authorization|^idtoken|^jwt)$",
    re.ASCII,
)
"""Searched in a name in lower case without ``-``, ``_`` and ``.``: a name that ends so, or is just that."""
_SECRET_PARAMETER = re.compile(r"^(?:key|token|auth|sig|pwd)$|(?:signature|credential)$", re.ASCII)
"""Names that hold a credential in a URL or a form, besides those of fields."""
_NO_PUNCTUATION = str.maketrans("", "", "-_.")

_FIELD_HINTS = (
    "key",
    "Key",
    "KEY",
    "ecret",
    "ECRET",
    "assw",
    "ASSW",
    "phrase",
    'oken"',
    "oken\\",
    "OKEN",
    "uthoriz",
    "jwt",
)
"""One of these is in every text that has a secret field; the quote keeps the many ``..._tokens`` out."""
_FIELD = re.compile(r'"([\w.-]{2,64})"(\s*:\s*)"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_QUOTED_FIELD = re.compile(r'(\\{1,7})"([\w.-]{2,64})\1"(\s*:\s*)\1"[^"\\]++\1"')
"""The same within a JSON string, as the arguments of tool calls are sent."""

# --- the net of shapes ------------------------------------------------------------------------------------

_KEYS: Mapping[str, str] = {
    "sk-": r"(?=[A-Za-z_-]*\d)[\w-]{16,}",
    "gsk_": r"[A-Za-z0-9]{20,}",
    "sk_live_": r"\w{16,}",
    "sk_test_": r"\w{16,}",
    "rk_live_": r"\w{16,}",
    "rk_test_": r"\w{16,}",
    "AIza": r"[\w-]{30,}",
    "ya29.": r"[\w-]{20,}",
    "hf_": r"[A-Za-z0-9]{30,}",
    "xai-": r"[A-Za-z0-9]{20,}",
    "pplx-": r"[A-Za-z0-9]{20,}",
    "nvapi-": r"[\w-]{20,}",
    "r8_": r"[A-Za-z0-9]{20,}",
    "ghp_": r"[A-Za-z0-9]{20,}",
    "gho_": r"[A-Za-z0-9]{20,}",
    "ghs_": r"[A-Za-z0-9]{20,}",
    "ghu_": r"[A-Za-z0-9]{20,}",
    "github_pat_": r"\w{20,}",
    "glpat-": r"[\w-]{20,}",
    "xox": r"[abeprs]-[\w-]{10,}",
    "AKIA": r"[A-Z0-9]{16}\b",
    "ASIA": r"[A-Z0-9]{16}\b",
    "eyJ": r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
}
"""Keys by how they begin, and how they go on."""
_BEHIND: Mapping[str, str] = {
    "earer ": r"[ ]*[\w.~+/-]{20,}=*",
    "PRIVATE KEY-----": r"[^-]{32,}",
}
"""The same of what is told by the words before it, which stay."""


def _key(start: str, rest: str) -> re.Pattern[str]:
    # It begins where no word goes on, or behind an escape of JSON: the n of a `\n` is no part of a word.  To look back
    # from behind the start, and not before it, lets a search jump from one start to the next.
    edge = rf"(?:(?<![\w-]{start})|(?<=\\[nrt]{start})|(?<=\\u[0-9a-fA-F]{{4}}{start}))"
    return re.compile(start + edge + rest, re.ASCII)


_SHAPES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    *((start, _key(re.escape(start), rest), MASK) for start, rest in _KEYS.items()),
    *((words, re.compile(words + rest, re.ASCII), words + MASK) for words, rest in _BEHIND.items()),
)
"""A literal that is cheap to look for, what to look for where it is, and what to put in its place."""
_HINTS = (*(hint for hint, _, _ in _SHAPES), *_FIELD_HINTS)
_TOGETHER = 100
"""Texts that are searched for hints at a time."""


def is_secret_header(name: str) -> bool:
    return name not in _PUBLIC_HEADERS and _SECRET_HEADER.search(name) is not None


def is_secret_field(name: str) -> bool:
    return _SECRET_FIELD.search(name.lower().translate(_NO_PUNCTUATION)) is not None


def is_secret_parameter(name: str) -> bool:
    return _SECRET_PARAMETER.search(name.lower().translate(_NO_PUNCTUATION)) is not None or is_secret_field(name)


# --- casting the nets ---


def mask(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without `secrets`, without keys of known shapes and values of JSON fields that hold credentials."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    found = hints_of(list(filter(None, text.split("\n"))))
    for hint, shape, put in _SHAPES:
        if hint in found:
            text = shape.sub(put, text)
    if not found.isdisjoint(_FIELD_HINTS):
        text = _FIELD.sub(_field, text)
        text = _QUOTED_FIELD.sub(_quoted_field, text)
    return text


def hints_of(texts: Sequence[str], secrets: tuple[str, ...] = ()) -> set[str]:
    """Secrets, and hints of credentials, that are in any of the texts: where there is none, nothing is to be masked.

    A stream says the same again and again, with a new word behind it: what many texts begin with is searched once.
    """
    hints = (*secrets, *_HINTS)
    longest = max(map(len, hints))
    found: set[str] = set()
    for at in range(0, len(texts), _TOGETHER):
        some = texts[at : at + _TOGETHER]
        same = max(0, _alike(min(some), max(some)) - longest)
        told = "\n".join([some[0], *(text[same:] for text in some)])
        found.update(hint for hint in hints if hint in told)
    return found


def _alike(one: str, other: str) -> int:
    """Characters that both begin with."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _field(match: re.Match[str]) -> str:
    name, colon = match.groups()
    return f'"{name}"{colon}"{MASK}"' if is_secret_field(name) else match[0]


def _quoted_field(match: re.Match[str]) -> str:
    slash, name, colon = match.groups()
    return f'{slash}"{name}{slash}"{colon}{slash}"{MASK}{slash}"' if is_secret_field(name) else match[0]
