"""What a credential looks like: by the name it goes by, and by its shape.

In: a name, or a text.  Out: whether it names a credential; the text with `***` in place of those that it shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import unquote, unquote_plus

MASK = "***"

# --- the net of names -------------------------------------------------------------------------------------

_SECRET_HEADER = re.compile(
    r"(?:^|[-_])(?:authorization|cookie2?|key|api-?key|auth|token|secret|password|passwd|credentials?|signature|jwt)$",
    re.ASCII,
)
_PUBLIC_HEADERS = frozenset({"idempotency-key", "x-idempotency-key", "sec-websocket-key", "surrogate-key", "cache-key"})
"""Headers that are named like credentials and are none."""

_SECRET_FIELD = re.compile(
    r"(?:apikey|secretkey|accesskey|privatekey|subscriptionkey|accountkey|accesskeyid|secret|password|passwd"
    r"|passphrase|(?:access|refresh|auth|authorization|session|security|api|bearer)token"
    r"|(?:^|proxy|forwarded)authorization|^idtoken|^jwt)$",
    re.ASCII,
)
"""Searched in a name in lower case without punctuation: a name that ends so, or is just that."""
_SECRET_PARAMETER = re.compile(r"^(?:key|token|auth|sig|pwd)$|(?:signature|credential)$", re.ASCII)
"""Names that hold a credential in a URL or a form, besides those of fields."""
_NO_PUNCTUATION = str.maketrans("", "", "-_.[]")

_MIXED = r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])"
_OPAQUE = re.compile(_MIXED + r"[\w.~+/=-]{20,}", re.ASCII)
_OPAQUE_FIELDS = {"token": _OPAQUE, "pwd": _OPAQUE, "key": re.compile(_MIXED + r"[A-Za-z0-9]{32,}")}
"""Names that hold a credential or an ordinary word: what is opaque is taken for a credential.  A ``key`` may also be a
path or a name; Azure OpenAI is given that of a search service so, beside the messages."""

_FIELD_HINTS = (
    *("key", "Key", "KEY", "ecret", "ECRET", "assw", "ASSW", "phrase", "uthoriz", "jwt", "OKEN"),
    *(
        'oken"',
        "oken\\",
        "oken'",
        "oken>",
        "oken=",
        'auth"',
        "auth'",
        "auth=",
        "pwd",
        "sig=",
        "ignature=",
        "redential=",
    ),
)
"""One of these is in every text that has a secret field or parameter; quotes keep the many ``..._tokens`` out."""


def _assigned(quote: str, end: str) -> str:
    return rf"{quote}([\w.-]{{2,64}}){quote}\s*:\s*{quote}([^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+){end}"


_FIELDS = (
    re.compile(_assigned('"', r'(?:"|\\?\Z)'), re.DOTALL),
    re.compile(_assigned("'", "'"), re.DOTALL),
    # up to a quote of any depth: what is no secret may be JSON itself, and is to be looked through
    re.compile(r'(?=(\\{1,7}"))\1([\w.-]{2,64})\1\s*:\s*\1((?:[^"\\]++|\\++[^"\\])++)'),
    re.compile(r"<([\w.:-]{2,64})>([^<]++)</"),
    # in quotes to their end; a program may get its own by a call
    re.compile(
        r"(?:\A|\n|\\n|\bexport )([A-Z][A-Z0-9_]{1,63})="
        r"(?:\\*[\"'])?((?<=[\"'])[^\"'\\\n]++|[^\s\"'\\(\[]++(?![(\[]))",
        re.ASCII,
    ),
)
"""A name and its value, the last two groups: in JSON, in what Python prints of a dictionary, in JSON within a JSON
string, as the arguments of tool calls are sent, in XML, and in a file of a program's environment, as agents read them.
JSON may break off: at a limit, or with the model."""
_PARAMETER = re.compile(
    r"(?:\A|&amp;|[?&#;]|\\u0026)([\w.-]{2,64})=((?:[^?&#;\s\"'<>\\]++|[?;](?![\w.-]{1,64}=))++)", re.ASCII
)
"""A name and its value: in a URL or a form, in a URL in HTML (``&amp;``), in what connects to a database."""

# --- the net of shapes ------------------------------------------------------------------------------------

_KEYS: Mapping[str, str] = {
    "sk-": r"(?=[A-Za-z_-]*\d)[\w-]{16,}",
    "gsk_": r"[A-Za-z0-9]{20,}",
    "sk_": r"(?=[A-Za-z_]*\d)(?:[a-z]+_)?[A-Za-z0-9]{16,}",
    "rk_": r"(?=[A-Za-z_]*\d)(?:[a-z]+_)?[A-Za-z0-9]{16,}",
    "ek_": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "csk-": r"[A-Za-z0-9]{20,}",
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
    "ghr_": r"[A-Za-z0-9]{20,}",
    "github_pat_": r"\w{20,}",
    "glpat-": r"[\w-]{20,}",
    "xox": r"[abeprs]-[\w-]{10,}",
    "xapp-": r"[\w-]{20,}",
    "fw_": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "tgp_v1_": r"[\w-]{20,}",
    "lsv2_": r"(?:pt|sk)_\w{20,}",
    "dapi": r"[0-9a-f]{32}",
    "pcsk_": r"\w{20,}",
    "jina_": r"[A-Za-z0-9]{30,}",
    "tvly-": r"[\w-]{16,}",
    "vck_": r"[A-Za-z0-9]{20,}",
    "npm_": r"[A-Za-z0-9]{30,}",
    "pypi-": r"[\w-]{50,}",
    "GOCSPX-": r"[\w-]{20,}",
    "AKIA": r"[A-Z0-9]{16}\b",
    "ASIA": r"[A-Z0-9]{16}\b",
    "eyJ": r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
}
"""Keys by how they begin, and how they go on."""
_BEHIND: Mapping[str, str] = {
    "earer ": r"[ ]*[\w.~+/-]{20,}=*",
    "on: Basic ": r"[A-Za-z0-9+/]{4,}=*",
    "E KEY-----": r"[^*-]{32,}",
    "-api-key.": r"[\w.~+/=-]{8,}",  # browsers hand OpenAI's WebSockets an openai-insecure-api-key.sk-...
    "Signature=": r"[0-9a-f]{64}",
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
_USER = "://"
_PASSWORD = re.compile(r"://[^\s/:@\"'<>\\]*+:([^\s/@\"'<>\\]++)@")
_SIGNS = "_", "-", "=", "/", "'", "\\", ""
_HINTS = (*(hint for hint, _, _ in _SHAPES), *_FIELD_HINTS, _USER)
_BY_SIGN = {sign: [hint for hint in _HINTS if sign == next(filter(hint.count, _SIGNS))] for sign in _SIGNS}
"""Hints by a sign that is in them and in few pieces of a text; the last sign is in all."""
_LOT = 64 << 10
"""Characters that are searched in one go."""
_SEEN = 20_000
"""Pieces that are remembered, to be searched once."""
_LONGEST = max(map(len, _HINTS))
"""Characters at the end of a secret that tell of it: as many as hints have."""


def is_secret_header(name: str) -> bool:
    return name not in _PUBLIC_HEADERS and (_SECRET_HEADER.search(name) is not None or is_secret_field(name))


def is_secret_field(name: str) -> bool:
    return _SECRET_FIELD.search(name.lower().translate(_NO_PUNCTUATION)) is not None


def is_secret_parameter(name: str) -> bool:
    return _SECRET_PARAMETER.search(name.lower().translate(_NO_PUNCTUATION)) is not None or is_secret_field(name)


# --- casting the nets ---


def mask(text: str, secrets: tuple[str, ...] = (), hints: Collection[str] | None = None) -> str:
    """The text without `secrets`, without keys of known shapes and values of JSON fields that hold credentials.

    `hints`, where they are known: those that there may be in the text (`hints_of`).
    """
    found = hints_of([text], secrets) if hints is None else {hint for hint in hints if hint in text}
    if not found:
        return text
    for secret in secrets:
        text = text.replace(secret, MASK)
    for hint, shape, put in _SHAPES:
        if hint in found:
            text = shape.sub(put, text)
    if _USER in found:
        text = _PASSWORD.sub(_masked, text)
    if not found.isdisjoint(_FIELD_HINTS):
        for pattern in _FIELDS:
            text = pattern.sub(_field, text)
        text = _PARAMETER.sub(_parameter, text)
    return text


def values(text: str) -> Iterator[str]:
    """What stands in a text where credentials stand: in fields, parameters and addresses."""
    if _USER in text:
        yield from map(unquote, _PASSWORD.findall(text))
    if any(hint in text for hint in _FIELD_HINTS):
        for pattern in _FIELDS:
            yield from (match[match.re.groups] for match in pattern.finditer(text) if _is_secret(match))
        yield from (unquote_plus(match[2]) for match in _PARAMETER.finditer(text) if _is_set(match))


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


def _field(match: re.Match[str]) -> str:
    return _masked(match) if _is_secret(match) else match[0]


def _is_secret(match: re.Match[str]) -> bool:
    name, value = match.groups()[-2:]
    opaque = _OPAQUE_FIELDS.get(name.lower())
    return is_secret_field(name) or (opaque is not None and opaque.fullmatch(value) is not None)


def _parameter(match: re.Match[str]) -> str:
    return _masked(match) if _is_set(match) else match[0]


def _is_set(match: re.Match[str]) -> bool:
    """It names a credential; behind a semicolon programs set what they call a key or a token."""
    return is_secret_field(match[1]) if match[0][0] == ";" else is_secret_parameter(match[1])


def _masked(match: re.Match[str]) -> str:
    """The match with its last group masked; an empty value stays."""
    start, end = (at - match.start() for at in match.span(match.re.groups))
    return match[0][:start] + MASK + match[0][end:] if end > start else match[0]
