"""The request's side of an exchange: what it asks for, and what the record says of it.

In: the request's head, and its body as it arrives.  Out: the record's `Request`, not masked yet, and the credentials to
mask beyond those in it; for the proxy, which must know it before the response's body, whether a stream was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from .. import urls
from ..credentials import find_secrets
from ..credentials.names import is_secret_parameter
from ..headers import joined_header
from ..llm import intent
from ..llm.intent import StreamIntent
from ..model import Arrival, Body, Context, Headers, Limits, Request, RequestHead, ResponseHead
from ..wire.bodies import BodyReader
from ..wire.decoder import decoder
from ..wire.header_params import media_type
from ..wire.jsontext import JsonError, loads
from ..wire.multipart import MultipartReader
from ..wire.urlencoded import FORM, query_fields, short_fields

READABLE = 64 << 10
"""Bytes of a request body that can be parsed in a millisecond or two."""
ENDS = 512 << 10
"""Bytes at either end of a longer body that can be searched in the same time."""
_SWITCH = re.compile(rb'"stream"\s*:\s*(true|false)\b')
_MODEL = re.compile(rb'"model"\s*:\s*"([^"\\]{1,200})"')


class Ends:
    """The first and last `ENDS` bytes of a body.  The bulk of a body of megabytes are pictures and documents in the
    messages; ``stream`` and ``model`` stand before or after them."""

    def __init__(self) -> None:
        self._size = 0
        self._start = self._end = b""

    def feed(self, data: bytes) -> None:
        """Add a piece of the body."""
        self._size += len(data)
        room = ENDS - len(self._start)
        self._start += data[:room]
        self._end = (self._end + data[max(room, len(data) - ENDS) :])[-ENDS:]

    def value(self) -> object:
        """``stream``, and ``model`` if found, as an object; None without ``stream`` or if this is no JSON object."""
        whole = self._size <= 2 * ENDS
        ends = (self._start + self._end, b"") if whole else (self._start, self._end)
        switch = _found(_SWITCH, *ends)
        if not switch or not self._start.lstrip().startswith(b"{"):
            return None
        model = _found(_MODEL, *ends)
        found = {"stream": switch == b"true"}
        return found | {"model": model.decode(errors="replace")} if model else found


def _found(pattern: re.Pattern[bytes], start: bytes, end: bytes) -> bytes | None:
    """The first match in `start`, else the last in `end`: the one least likely to stand inside a message."""
    found = [*pattern.findall(start)[:1], *pattern.findall(end)[-1:]]
    return found[0] if found else None


class RequestReader:
    """One request, read as its body arrives."""

    def __init__(self, opening: RequestHead, limits: Limits, *, keep_text: bool) -> None:
        self._opening, self._most, self._keep_text = opening, limits.arrivals, keep_text
        self._body = BodyReader(opening.headers, limits=limits, keep_text=keep_text)
        self._ends: Ends | None = Ends()
        """None once the request has ended."""
        self.arrivals: list[Arrival] = []
        """Empty unless the proxy passes the body on as it arrives."""
        self.end: float | None = None
        self.value: object = None
        """The body's value (`BodyReader.value`); of JSON that is longer than what is kept, `Ends.value`."""
        self.stream_intent: StreamIntent = (None, None)
        """Whether the request asked for a stream, and by what (`llm.intent`)."""

    def feed(self, data: bytes, at: float | None) -> None:
        """Take a piece of the body; `at` is given if the proxy passes the body on as it arrives."""
        self._body.feed(data)
        if self._ends:
            self._ends.feed(data)
        if at is not None and len(self.arrivals) < self._most:
            self.arrivals.append(Arrival(at, len(data), 0))

    def close(self, rest: bytes, at: float | None) -> None:
        """End the request with the bytes `rest`; later calls are ignored."""
        if ends := self._ends:
            self.feed(rest, None)
            self._body.close()
            self._ends, self.end = None, at
            found = ends.value() if self._body.truncated else None
            self.value = found if self._body.value is None else self._body.value
            self.stream_intent = intent(context(self._opening, self.value))

    def skip_unread(self, size: int) -> None:
        """As `BodyReader.skip_unread`."""
        self._body.skip_unread(size)

    def part(self, model: str | None) -> Request:
        """The record's account of the request; `model` is the model that it names."""
        opening, (requested, by) = self._opening, self.stream_intent
        return Request(
            method=opening.method,
            url=opening.url,
            http_version=opening.http_version,
            headers=opening.headers,
            body=_remarked(opening.method, self._body.body()),
            stream_requested=requested,
            stream_requested_by=by,
            arrivals=tuple(self.arrivals) or None,
            query=query_fields(opening.url),
            model=model,
        )

    def credentials(self) -> Iterator[str]:
        """Yield the body's credentials that the record lacks, for their echoes to be masked, too: those of a multipart
        form, and all of a text that is not kept."""
        body = self._body
        if body.text is None:
            fields = body.value if isinstance(body.value, dict) else {}
            for name, value in fields.items():
                if value:
                    yield from [value] if is_secret_parameter(name, value) else find_secrets(value)
        elif not self._keep_text:
            yield from find_secrets(body.text)


def asks_for_stream(opening: RequestHead, body: bytes) -> bool | None:
    """Return whether this request asks for a stream; None: unknown.  The proxy needs it when the response begins, on
    its event loop: of a body longer than `READABLE` only the ends are searched."""
    data = _unpacked(opening.headers, body)
    if len(data) > READABLE:
        ends = Ends()
        ends.feed(data)
        value = ends.value()
    else:
        value = _value(opening.headers, data)
    return intent(context(opening, value))[0]


def _unpacked(headers: Headers, body: bytes) -> bytes:
    """Decode a body's content-coding, up to little more than `READABLE` bytes: a bomb unpacks from very few."""
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
    """The `BodyReader.value` of a short body, without framing it: a stream holds tens of thousands of events in few
    bytes."""
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


def context(opening: RequestHead, value: object, head: ResponseHead | None = None) -> Context:
    """What is known of an exchange: the request's head, its parsed body (`value`), the response's head."""
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


def _remarked(method: str, body: Body) -> Body:
    """Add a note to a body in a GET or HEAD request: it has no defined meaning, and servers may refuse it (RFC 9110,
    9.3.1 and 9.3.2)."""
    if method.upper() not in ("GET", "HEAD") or not body.size:
        return body
    return replace(body, notes=(*body.notes, f"A {method} with a body: servers may ignore or refuse it."))
