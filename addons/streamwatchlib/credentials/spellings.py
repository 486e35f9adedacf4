"""How a credential that is known may be echoed: which are worth looking for, and in what spellings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from urllib.parse import quote

_SHORTEST = 8
"""Credentials shorter than this are masked where they stand, not looked for elsewhere."""
_MOST = 100
"""Credentials of one exchange that are looked for elsewhere: each is one more search of every text."""
_WORD = re.compile(r"[\w.~+/-]{16,}=*", re.ASCII)
_RUN = re.compile(r"[A-Za-z0-9]{8,}")
STAND_INS = frozenset({"lm-studio", "not-needed", "not-used", "no-key-required", "sk-no-key-required", "no_api_key"})
"""What local servers are given for a key."""


def spelt(secrets: Iterable[str]) -> tuple[str, ...]:
    """Those worth looking for in every spelling, the longest first, lest a part of one be masked and the rest stand.

    Short ones, plain words and what local servers are given for a key also occur where nobody echoes them.
    """
    said = chain.from_iterable((secret, *words(secret)) for secret in secrets)
    telling = (s for s in said if len(s) >= _SHORTEST and not s.isalpha() and s.lower() not in STAND_INS)
    found = {spelling for secret in islice(telling, _MOST) for spelling in _spellings(secret)}
    return tuple(sorted(found, key=len, reverse=True))


def words(text: str) -> Iterator[str]:
    """The words made by chance: a scheme, a name, quotes may stand around what proves who is calling.

    Letters and digits in one run: that tells them from models, dates and paths.
    """
    for word in _WORD.findall(text):
        if not all(run.isalpha() or run.isdigit() for run in _RUN.findall(word)):
            yield word


def _spellings(secret: str) -> Iterator[str]:
    """As it is, in a URL, where a slash may stay and .NET has small letters, and in JSON, where PHP escapes slashes;
    Go, Gson and .NET escape what HTML might take for its own."""
    yield secret
    for slash in ("", "/"):
        quoted = quote(secret, safe=slash, errors="replace")
        yield quoted
        yield quote(quoted, safe="")
        yield re.sub("%..", lambda sign: sign[0].lower(), quoted)
    escaped = json.dumps(secret)[1:-1]
    yield escaped
    yield escaped.replace("/", r"\/")
    yield re.sub("[&<>]", lambda sign: rf"\u{ord(sign[0]):04x}", escaped)
    yield re.sub("[&'<=>]", lambda sign: rf"\u{ord(sign[0]):04x}", escaped)
    yield re.sub("[&'+<>]", lambda sign: rf"\u{ord(sign[0]):04X}", escaped)
