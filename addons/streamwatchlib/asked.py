"""The request's side of a record, and what the request alone tells.

In: the request's head, what its body was, and what it asked for.  Out: the record's `Request`, not masked yet, and what
else is to be masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from . import urls
from .credentials import values
from .credentials.names import is_secret_parameter
from .headers import joined_header
from .llm import intent
from .model import Arrival, Body, Context, Head, Headers, Opening, Request
from .wire.bodies import BodyReader
from .wire.content import decoder
from .wire.fields import media_type
from .wire.jsontext import JsonError, loads
from .wire.multipart import MultipartReader
from .wire.urlencoded import FORM, query_fields, short_fields

READABLE = 64 << 10
"""Bytes of a request that are read in a millisecond or two."""
ENDS = 512 << 10
"""Bytes at either end of a longer one that are looked through in as much."""
_SWITCH = re.compile(rb'"stream"\s*:\s*(true|false)\b')
_MODEL = re.compile(rb'"model"\s*:\s*"([^"\\]{1,200})"')


class Ends:
    """The first and the last of a body, whatever its length.  Of one that is megabytes long the bulk are pictures and
    documents among the messages; how the answer shall come, and from whom, stands before or behind them."""

    def __init__(self) -> None:
        self._size = 0
        self._start = self._end = b""

    def feed(self, data: bytes) -> None:
        """A piece of it."""
        self._size += len(data)
        room = ENDS - len(self._start)
        self._start += data[:room]
        self._end = (self._end + data[max(room, len(data) - ENDS) :])[-ENDS:]

    def value(self) -> object:
        """An object with what is told, if this may be one; the usual switch, if anything."""
        whole = self._size <= 2 * ENDS
        ends = (self._start + self._end, b"") if whole else (self._start, self._end)
        switch = _found(_SWITCH, *ends)
        if not switch or not self._start.lstrip().startswith(b"{"):
            return None
        model = _found(_MODEL, *ends)
        told = {"stream": switch == b"true"}
        return told | {"model": model.decode(errors="replace")} if model else told


def _found(pattern: re.Pattern[bytes], start: bytes, end: bytes) -> bytes | None:
    """The first at the start, or the last at the end: what is nearest to the outside."""
    found = [*pattern.findall(start)[:1], *pattern.findall(end)[-1:]]
    return found[0] if found else None


def asked_for(opening: Opening, body: bytes) -> bool | None:
    """Did this request ask for a stream?  The proxy must know when the answer begins, and while others wait: of a body
    longer than `READABLE` only the ends are looked at."""
    data = _unpacked(opening.headers, body)
    if len(data) > READABLE:
        ends = Ends()
        ends.feed(data)
        value = ends.value()
    else:
        value = _value(opening.headers, data)
    return intent(context(opening, value))[0]


def _unpacked(headers: Headers, body: bytes) -> bytes:
    """A body without its content-coding, up to a little more than is readable: a bomb is packed into very few bytes."""
    coding = decoder(joined_header(headers, "content-encoding"))
    if not coding.codings:
        return body
    if len(coding.codings) > 1:
        return b""
    data = bytearray()
    for piece in chain(coding.feed(body[:READABLE]), coding.close()):
        data += piece
        if len(data) > READABLE:
            break
    return bytes(data)


def _value(headers: Headers, data: bytes) -> object:
    """What `BodyReader` tells of a short body, without a look at whether it may be a stream: of those that are, events
    by the ten thousand stand in few bytes."""
    content_type = joined_header(headers, "content-type") or ""
    declared = media_type(headers) or ""
    if declared.startswith("multipart/"):
        form = MultipartReader(content_type)
        form.feed(data)
        form.close()
        return form.fields or None
    if declared == FORM:
        return short_fields(data)
    try:
        return loads(data, constants=True)
    except JsonError:
        return None


def context(opening: Opening, value: object, head: Head | None = None) -> Context:
    """What is known of an exchange: its request's head, the request's body as JSON, the answer's head."""
    split = urls.split(opening.url)
    return Context(
        method=opening.method,
        host=(split.hostname or "").lower(),
        path=split.path,
        query=query_fields(opening.url),
        request_headers=opening.headers,
        request_value=value,
        status=head.status if head else None,
        response_headers=head.headers if head else (),
    )


def request_part(
    opening: Opening,
    body: Body,
    requested: tuple[bool | None, str | None],
    arrivals: Sequence[Arrival],
    model: str | None,
) -> Request:
    """What the record says of the request; `arrivals` are those of a body that was passed through as it came."""
    asked, by = requested
    return Request(
        method=opening.method,
        url=opening.url,
        http_version=opening.http_version,
        headers=opening.headers,
        body=_remarked(opening.method, body),
        stream_requested=asked,
        stream_requested_by=by,
        arrivals=tuple(arrivals) or None,
        query=query_fields(opening.url),
        model=model,
    )


def carried(body: BodyReader, *, kept: bool) -> Iterator[str]:
    """The credentials of a body that do not stand in the record, where echoes of the others are known by it: those of
    a multipart form, and all of a text that is not kept."""
    if body.text is None:
        fields = body.value if isinstance(body.value, dict) else {}
        for name, value in fields.items():
            if value:
                yield from [value] if is_secret_parameter(name, value) else values(value)
    elif not kept:
        yield from values(body.text)


def _remarked(method: str, body: Body) -> Body:
    """RFC 9110, 9.3.1 and 9.3.2: content in a GET or HEAD request has no defined meaning; servers may refuse it."""
    if method.upper() not in ("GET", "HEAD") or not body.size:
        return body
    return replace(body, notes=(*body.notes, f"A {method} with a body: servers may ignore or refuse it."))
