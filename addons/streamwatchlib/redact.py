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

from .credentials import MASK, hints_of, is_secret_header, is_secret_parameter
from .credentials import mask as mask_text
from .model import Body, Event, Headers, Record, Request, Response

_SCHEMES = frozenset({"aws4-hmac-sha256", "apikey", "basic", "bearer", "digest", "key", "negotiate", "ntlm", "token"})
_SHORTEST = 8
"""Credentials shorter than this are masked where they stand, not looked for elsewhere."""
_STAND_INS = frozenset({"lm-studio", "not-needed", "not-used", "no-key-required", "sk-no-key-required", "no_api_key"})
"""What local servers are given for a key."""

_FREE = ("error", "llm", "verdict", "hop", "sent", "responses")
"""Parts of a record in which any text may hold anything."""


def record(record: Record) -> Record:
    """The record with everything masked that may not leave."""
    secrets = _ordered(_carried(record.request))
    mask = partial(mask_text, secrets=secrets)
    others = {name: _walked(getattr(record, name), mask) for name in _FREE}
    return replace(
        record,
        request=_request(record.request, mask),
        response=_response(record.response, mask),
        events=None if record.events is None else _events(record.events, mask, secrets),
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
    return mask_text(text, _ordered(secrets))


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
    return tuple((name, value and (MASK if is_secret_parameter(name) else mask(value))) for name, value in pairs)


def _events(events: tuple[Event, ...], mask: Callable[[str], str], secrets: tuple[str, ...]) -> tuple[Event, ...]:
    found = hints_of([event.data or "" for event in events], secrets)
    if not found:
        return events
    return tuple(
        event._replace(data=mask(event.data)) if event.data and any(hint in event.data for hint in found) else event
        for event in events
    )


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


def _header(name: str, value: str) -> str:
    if not is_secret_header(name):
        return url(value) if "://" in value else text(value)
    scheme, credential = _credential(value)
    return f"{scheme} {MASK}" if scheme else credential and MASK


def _pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={MASK}" if value and is_secret_parameter(unquote_plus(name)) else pair


def _credential(value: str) -> tuple[str, str]:
    """The scheme of an Authorization header, empty if there is none, and what proves who is calling."""
    scheme, _, credential = value.strip().partition(" ")
    return (scheme, credential.strip()) if credential and scheme.lower() in _SCHEMES else ("", value.strip())


# --- what this request carried ---


def _carried(request: Request) -> Iterator[str]:
    """Each credential of the request, as it might be echoed."""
    for name, value in request.headers:
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
        elif is_secret_header(name.lower()):
            scheme, credential = _credential(value)
            yield credential
            if scheme.lower() == "basic":
                yield _password(credential)
    yield from (value for name, value in request.query if value and is_secret_parameter(name))
    yield from (value for name, value in request.body.fields or () if value and is_secret_parameter(name))


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
