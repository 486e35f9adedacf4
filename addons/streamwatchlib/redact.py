"""What never leaves: the one place that masks credentials, in headers, URLs, bodies, events and messages.

In: a `Record`, or one header block, URL or text.  Out: the same with `***` in place of what opens doors.  Three nets
hang one behind the other: names (a header, parameter or JSON field that holds a credential by its name), values
(whatever credential this request carried, wherever it is echoed) and shapes (what looks like a key of a known kind).

Ordinary words must come through: a net that also caught ``max_tokens`` or ``"token": "Hello"`` would spoil records.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from .model import Body, Event, Headers, Record, Request, Response

MASK = "***"

# --- the net of names -------------------------------------------------------------------------------------

_SECRET_HEADER = re.compile(
    r"(?:^|[-_])(?:authorization|cookie2?|key|api-?key|auth|token|secret|password|passwd|credentials?|signature|jwt)$",
    re.ASCII,
)
_PUBLIC_HEADERS = frozenset({"idempotency-key", "x-idempotency-key", "sec-websocket-key", "surrogate-key", "cache-key"})
"""Headers that are named like credentials and are none."""
_SCHEMES = frozenset({"aws4-hmac-sha256", "apikey", "basic", "bearer", "digest", "key", "negotiate", "ntlm", "token"})

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

# --- the net of values ------------------------------------------------------------------------------------

_SHORTEST = 8
"""Credentials shorter than this are masked where they stand, not looked for elsewhere."""
_STAND_INS = frozenset({"lm-studio", "not-needed", "not-used", "no-key-required", "sk-no-key-required", "no_api_key"})
"""What local servers are given for a key."""

# --- the net of shapes ------------------------------------------------------------------------------------

# A key begins where no word goes on, or behind an escape of JSON: the n of a `\n` is no part of a word.
_EDGE = r"(?:(?<![\w-])|(?<=\\[nrt])|(?<=\\u[0-9a-fA-F]{4}))"
_KEYS: Mapping[str, str] = {
    "sk-": r"sk-(?=[A-Za-z_-]*\d)[\w-]{16,}",
    "sk_": r"(?:gsk_[A-Za-z0-9]{20,}|[sr]k_(?:live|test)_\w{16,})",
    "AIza": r"AIza[\w-]{30,}",
    "ya29.": r"ya29\.[\w-]{20,}",
    "hf_": r"hf_[A-Za-z0-9]{30,}",
    "xai-": r"xai-[A-Za-z0-9]{20,}",
    "pplx-": r"pplx-[A-Za-z0-9]{20,}",
    "nvapi-": r"nvapi-[\w-]{20,}",
    "r8_": r"r8_[A-Za-z0-9]{20,}",
    "ghp_": r"ghp_[A-Za-z0-9]{20,}",
    "gho_": r"gho_[A-Za-z0-9]{20,}",
    "ghs_": r"ghs_[A-Za-z0-9]{20,}",
    "ghu_": r"ghu_[A-Za-z0-9]{20,}",
    "github_pat_": r"github_pat_\w{20,}",
    "glpat-": r"glpat-[\w-]{20,}",
    "xox": r"xox[abeprs]-[\w-]{10,}",
    "AKIA": r"AKIA[A-Z0-9]{16}\b",
    "ASIA": r"ASIA[A-Z0-9]{16}\b",
    "eyJ": r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
}
"""Keys by how they read, each with a literal that all of its kind have, which is cheap to look for."""
_BEHIND: Mapping[str, str] = {
    "earer ": r"(?<=earer )[ ]*[\w.~+/-]{20,}=*",
    "PRIVATE KEY-----": r"(?<=PRIVATE KEY-----)[^-]{32,}",
}
"""The same of what is told by the words before it, which stay."""
_SHAPE = re.compile(f"{_EDGE}(?:{'|'.join(_KEYS.values())})|{'|'.join(_BEHIND.values())}", re.ASCII)
_SHAPE_HINT = re.compile("|".join(map(re.escape, (*_KEYS, *_BEHIND))))

_FREE = ("error", "llm", "verdict", "hop", "sent", "responses")
"""Parts of a record in which any text may hold anything."""


def record(record: Record) -> Record:
    """The record with everything masked that may not leave."""
    mask = partial(_masked, secrets=_ordered(_carried(record.request)))
    others = {name: _walked(getattr(record, name), mask) for name in _FREE}
    return replace(
        record,
        request=_request(record.request, mask),
        response=_response(record.response, mask),
        events=None if record.events is None else tuple(_event(event, mask) for event in record.events),
        **others,
    )


def headers(headers: Headers) -> Headers:
    """The header fields with credentials masked; the scheme of an Authorization stays (``Bearer ***``)."""
    return tuple((name, _header(name.lower(), value)) for name, value in headers)


def url(url: str) -> str:
    """The URL with user, password and credentials in its query masked, the rest as it is."""
    before, mark, query = url.partition("?")
    before = re.sub(r"^([A-Za-z][\w+.-]*://)[^/?#]*@", rf"\1{MASK}@", before)
    query, hash_, fragment = query.partition("#")
    pairs = "&".join(map(_pair, query.split("&")))
    return text(f"{before}{mark}{pairs}{hash_}{fragment}")


def text(text: str, secrets: frozenset[str] = frozenset()) -> str:
    """The text without keys of known shapes, values of JSON fields that hold credentials, and `secrets`."""
    return _masked(text, secrets=_ordered(secrets))


# --- the parts of a record ---


def _request(request: Request, mask: Callable[[str], str]) -> Request:
    return replace(
        request,
        url=mask(url(request.url)),
        headers=_headers(request.headers, mask),
        query=_pairs(request.query, mask),
        body=_body(request.body, mask),
    )


def _response(response: Response | None, mask: Callable[[str], str]) -> Response | None:
    if response is None:
        return None
    return replace(response, headers=_headers(response.headers, mask), body=_body(response.body, mask))


def _headers(values: Headers, mask: Callable[[str], str]) -> Headers:
    return tuple((name, mask(value)) for name, value in headers(values))


def _body(body: Body, mask: Callable[[str], str]) -> Body:
    masked: Body = _walked(body, mask)
    return masked if body.fields is None else replace(masked, fields=_pairs(body.fields, mask))


def _pairs(pairs: tuple[tuple[str, str | None], ...], mask: Callable[[str], str]) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, value and (MASK if _is_secret_parameter(name) else mask(value))) for name, value in pairs)


def _event(event: Event, mask: Callable[[str], str]) -> Event:
    return event if event.data is None else event._replace(data=mask(event.data))


def _walked(value: Any, mask: Callable[[str], str]) -> Any:
    """The same value with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, tuple):
        items = [_walked(item, mask) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, list):
        return [_walked(item, mask) for item in value]
    if isinstance(value, Mapping):
        return {key: _walked(item, mask) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _walked(getattr(value, field.name), mask) for field in fields(value)})
    return value


# --- casting the nets ---


def _masked(text: str, *, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    if _SHAPE_HINT.search(text):
        text = _SHAPE.sub(MASK, text)
    if any(map(text.__contains__, _FIELD_HINTS)):
        text = _FIELD.sub(_field, text)
        text = _QUOTED_FIELD.sub(_quoted_field, text)
    return text


def _field(match: re.Match[str]) -> str:
    name, colon = match.groups()
    return f'"{name}"{colon}"{MASK}"' if _is_secret_field(name) else match[0]


def _quoted_field(match: re.Match[str]) -> str:
    slash, name, colon = match.groups()
    return f'{slash}"{name}{slash}"{colon}{slash}"{MASK}{slash}"' if _is_secret_field(name) else match[0]


def _header(name: str, value: str) -> str:
    if not _is_secret_header(name):
        return url(value) if "://" in value else text(value)
    scheme, credential = _credential(value)
    return f"{scheme} {MASK}" if scheme else credential and MASK


def _pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={MASK}" if value and _is_secret_parameter(unquote_plus(name)) else pair


def _credential(value: str) -> tuple[str, str]:
    """The scheme of an Authorization header, empty if there is none, and what proves who is calling."""
    scheme, _, credential = value.strip().partition(" ")
    return (scheme, credential.strip()) if credential and scheme.lower() in _SCHEMES else ("", value.strip())


def _is_secret_header(name: str) -> bool:
    return name not in _PUBLIC_HEADERS and _SECRET_HEADER.search(name) is not None


def _is_secret_field(name: str) -> bool:
    return _SECRET_FIELD.search(name.lower().translate(_NO_PUNCTUATION)) is not None


def _is_secret_parameter(name: str) -> bool:
    return _SECRET_PARAMETER.search(name.lower().translate(_NO_PUNCTUATION)) is not None or _is_secret_field(name)


# --- what this request carried ---


def _carried(request: Request) -> Iterator[str]:
    """Each credential of the request, as it might be echoed."""
    for name, value in request.headers:
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
        elif _is_secret_header(name.lower()):
            scheme, credential = _credential(value)
            yield credential
            if scheme.lower() == "basic":
                yield _password(credential)
    yield from (value for name, value in request.query if value and _is_secret_parameter(name))
    yield from (value for name, value in request.body.fields or () if value and _is_secret_parameter(name))


def _password(credential: str) -> str:
    try:
        return base64.b64decode(credential).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _ordered(secrets: Iterable[str]) -> tuple[str, ...]:
    """Those worth looking for, the longest first, lest a part of one be masked and the rest stand.

    Short ones, plain words and what local servers are given for a key also occur where nobody echoes them.
    """
    telling = {s for s in secrets if len(s) >= _SHORTEST and not s.isalpha() and s.lower() not in _STAND_INS}
    return tuple(sorted(telling, key=len, reverse=True))
