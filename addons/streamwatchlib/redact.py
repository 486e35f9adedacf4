"""Mask credentials in everything that leaves: headers, URLs, bodies, events and messages.  The one place that does.

In: a `Record`, or one header block, URL or text.  Out: the same with `***` in place of credentials.  Three nets hang
one behind the other: names (a header, parameter or JSON field that holds a credential by its name), values (each
credential that this request carried, wherever it is echoed) and shapes (what looks like a key of a known kind).

Ordinary words must come through: a net that also caught ``max_tokens`` or ``"token": "Hello"`` would spoil records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any

from .credentials import ESCAPE, across_events, end_hint, find_hints, find_secrets, urls
from .credentials import mask as mask_text
from .credentials.headers import find_secrets as find_secrets_in_header
from .credentials.headers import mask as mask_header
from .credentials.names import is_secret_parameter
from .credentials.pairs import MASK
from .credentials.spellings import spellings_of
from .model import Body, Event, Headers, Record, Request, Response

_COUNTED = "x-ratelimit-key"
"""A response header that says whose calls are counted, at Azure the model's: masked, but not searched for elsewhere."""
_FREE = ("error", "llm", "verdict", "hop", "sent", "responses")
"""Fields of a record in which any text may contain anything."""
_JOINED = ("llm", "responses")
"""Of `_FREE`, those that hold texts joined from the pieces of several events."""
_NAMES = attrgetter("type", "id", "malformed")
"""Texts of an event that are the same in most events."""
_SAID = attrgetter("type", "id", "data", "malformed")
_BETWEEN = 200
"""Most characters between the data of two events in a body's text, where the data need not be searched by itself."""
_ANSWER = ("response", "events", "llm")
_REST = ("request", *(name for name in _FREE if name not in _ANSWER))


def record(record: Record, extra_secrets: Iterable[str] = ()) -> Record:
    """Mask everything in the record that must not leave.  `extra_secrets`: credentials that are not in the record."""
    secrets = spellings_of(chain(_credentials_of(record), extra_secrets))
    # The answer is the bulk of a record: it is searched once, together with its events.
    answer, rest = (_masking(record, parts, secrets) for parts in (_ANSWER, _REST))
    others = {name: _walked(getattr(record, name), answer if name in _ANSWER else rest) for name in _FREE}
    events, response = record.events, record.response
    if any(others[name] != getattr(record, name) for name in _JOINED):
        events, response = _of_pieces(events, response, partial(mask_text, secrets=secrets))
    if events and answer.keywords["hints"]:
        events = _events(events, answer)
    return replace(
        record, request=_request(record.request, rest), response=_response(response, answer), events=events, **others
    )


def _of_pieces(
    events: Sequence[Event] | None, response: Response | None, mask: Callable[[str], str]
) -> tuple[Sequence[Event] | None, Response | None]:
    """Mask the pieces of a credential that events spell together, in these and in the text they came in."""
    if events:
        masked = across_events.mask([event.data or "" for event in events], mask)
        events = tuple(event._replace(data=event.data and data) for event, data in zip(events, masked, strict=True))
        if response and response.body.content:
            lines = across_events.mask(response.body.content.split("\n"), mask)
            response = replace(response, body=replace(response.body, content="\n".join(lines)))
    return events, response


def _masking(record: Record, parts: Iterable[str], secrets: tuple[str, ...]) -> partial[str]:
    """A function that masks the texts of these parts of the record."""
    hints = find_hints((text for name in parts for text in _texts_of(record, name)), secrets)
    # each secret costs a search of every text: those that occur in none are left out
    stand = secrets if ESCAPE in hints else tuple(secret for secret in secrets if end_hint(secret) in hints)
    return partial(mask_text, secrets=stand, hints=hints)


def _texts_of(record: Record, name: str) -> Iterator[str]:
    """Every text in a part of the record, except what other parts hold as well."""
    if name != "events":
        yield from _texts(getattr(record, name))
        return
    events = record.events or ()
    yield from _unsaid(events, record.response.body.content or "" if record.response else "")
    yield from _texts([*set(map(_NAMES, events))])


def _unsaid(events: Sequence[Event], body: str) -> Iterator[str]:
    """The data of events that does not stand in the body's text, in order; most does."""
    texts = [event.data or "" for event in events]
    if _stand_in(body, texts):
        return
    at = 0
    for data in texts:
        found = body.find(data, at, at + len(data) + _BETWEEN)
        if found < 0:
            yield data
        else:
            at = found + len(data)


def _stand_in(body: str, texts: Sequence[str]) -> bool:
    """All of the data stands there, with the same between any two, as mostly; to see that takes a fifth of the time."""
    first, second = (*texts, "", "")[:2]
    start = body.find(first, 0, len(first) + _BETWEEN)
    end = start + len(first)
    next_ = body.find(second, end, end + len(second) + _BETWEEN)
    return 0 <= start <= next_ and body.startswith(body[end:next_].join(texts), start)


def headers(headers: Headers) -> Headers:
    """Mask the credentials in header fields; the scheme of an Authorization stays (``Bearer ***``)."""
    return tuple((name, mask_header(name.lower(), value)) for name, value in headers)


def url(url: str) -> str:
    """Mask user, password and credentials in the query; the rest stays as it is."""
    return urls.mask(url)


def text(text: str, secrets: frozenset[str] = frozenset()) -> str:
    """Mask keys of known shapes, the values of JSON fields that hold credentials, and `secrets`."""
    return mask_text(text, spellings_of(secrets))


# --- the parts of a record ---


def _request(request: Request, mask: Callable[[str], str]) -> Request:
    return replace(
        request,
        url=mask(url(request.url)),
        headers=_headers(request.headers, mask),
        query=_pairs(request.query, mask),
        body=_body(request.body, mask),
        model=request.model and mask(request.model),
    )


def _response(response: Response | None, mask: Callable[[str], str]) -> Response | None:
    if response is None:
        return None
    return replace(response, headers=_headers(response.headers, mask), body=_body(response.body, mask))


def _headers(values: Headers, mask: Callable[[str], str]) -> Headers:
    return tuple((mask(name), mask(value)) for name, value in headers(values))


def _body(body: Body, mask: Callable[[str], str]) -> Body:
    masked: Body = _walked(body, mask)
    if body.parts:
        masked = replace(masked, parts=tuple(replace(p, headers=headers(p.headers)) for p in masked.parts or ()))
    return masked if body.fields is None else replace(masked, fields=_pairs(body.fields, mask))


def _pairs(pairs: tuple[tuple[str, str | None], ...], mask: Callable[[str], str]) -> tuple[tuple[str, str | None], ...]:
    return tuple((mask(name), value and _given(name, value, mask)) for name, value in pairs)


def _given(name: str, value: str, mask: Callable[[str], str]) -> str:
    return MASK if is_secret_parameter(name, value) or urls.reveals_credential(value) else mask(value)


def _events(events: Sequence[Event], mask: Callable[[str], str]) -> Sequence[Event]:
    """Mask the texts of events: each once, and few events have one that changes."""
    texts = {text for event in events for text in _SAID(event) if text}
    put = {text: masked for text in texts if (masked := mask(text)) != text}
    return tuple([_event(event, lambda text: put.get(text, text)) for event in events]) if put else events


def _event(event: Event, mask: Callable[[str], str]) -> Event:
    return event._replace(
        type=mask(event.type),
        id=event.id and mask(event.id),
        data=event.data and mask(event.data),
        malformed=event.malformed and mask(event.malformed),
    )


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def _walked(value: Any, mask: Callable[[str], str]) -> Any:
    """The value with every text in it masked."""
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


# --- what this exchange carried ---


def _credentials_of(record: Record) -> Iterator[str]:
    """Yield each credential of the exchange, as it might be echoed."""
    request, response = record.request, record.response
    of_parts = chain.from_iterable(part.headers for part in request.body.parts or ())
    headers_kept = [(name, value) for name, value in (response.headers if response else ()) if name.lower() != _COUNTED]
    for name, value in (*request.headers, *of_parts, *headers_kept):
        yield from find_secrets_in_header(name.lower(), value)
    for name, given in (*request.query, *(request.body.fields or ())):
        if given:
            yield from [given] if is_secret_parameter(name, given) else find_secrets(given)
    yield from find_secrets(request.url)
    yield from find_secrets(request.body.content or "")
    yield from find_secrets("\n".join(message.data or "" for message in record.sent))
