"""How a known credential may be echoed.

In: credentials.  Out: those that are worth searching for, in each spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from urllib.parse import quote

_SHORTEST = 8
"""Credentials shorter than this are masked where they stand, not searched for elsewhere."""
_MAX_SECRETS = 100
"""Most credentials of one exchange that are searched for elsewhere: each costs one more search of every text."""
_WORD = re.compile(r"[\w.~+/-]{16,}=*", re.ASCII)
_RUN = re.compile(r"[A-Za-z0-9]{8,}")
DUMMY_KEYS = frozenset({"lm-studio", "not-needed", "not-used", "no-key-required", "sk-no-key-required", "no_api_key"})
"""What local servers are given for a key."""


def spellings_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets worth searching for in every spelling, the longest first, lest a part of one be masked and the rest
    stay.

    Short ones, plain words and what local servers are given for a key occur also where nobody echoes them.
    """
    candidates = chain.from_iterable((secret, *token_like_words(secret)) for secret in secrets)
    telling = (s for s in candidates if len(s) >= _SHORTEST and not s.isalpha() and s.lower() not in DUMMY_KEYS)
    found = {spelling for secret in islice(telling, _MAX_SECRETS) for spelling in _spellings(secret)}
    return tuple(sorted(found, key=len, reverse=True))


def token_like_words(text: str) -> Iterator[str]:
    """Yield the random words: a scheme, a name or quotes may stand around what proves the caller's identity.

    Letters and digits in one run tell them from models, dates and paths.
    """
    for word in _WORD.findall(text):
        if not all(run.isalpha() or run.isdigit() for run in _RUN.findall(word)):
            yield word


def _spellings(secret: str) -> Iterator[str]:
    """As it is; in a URL, where slashes may stay and .NET writes lower-case escapes; in JSON, where PHP escapes
    slashes, and Go, Gson and .NET what is special in HTML."""
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
