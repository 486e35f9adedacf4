"""The request's side of a record, and what the request alone tells.

In: the request's head, what its body was, and what it asked for.  Out: the record's `Request`, not masked yet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from . import urls
from .llm import intent
from .model import Arrival, Body, Context, Head, Limits, Opening, Request
from .wire.bodies import BodyReader
from .wire.urlencoded import query_fields

READABLE = 64 << 10
"""Bytes of a request that are read in a millisecond or two."""
_SWITCH = re.compile(rb'"stream"\s*:\s*(true|false)\b')


def asked_for(opening: Opening, body: bytes) -> bool | None:
    """Did this request ask for a stream?  The proxy must know when the answer begins, and while others wait: of a body
    longer than `READABLE` it is only looked whether the usual switch stands in it."""
    value: object
    if len(body) > READABLE:
        switch = _SWITCH.search(body)
        value = {"stream": switch[1] == b"true"} if switch else {}
    else:
        reader = BodyReader(opening.headers, limits=Limits())
        reader.feed(body)
        reader.close()
        value = reader.value
    return intent(context(opening, value))[0]


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
    opening: Opening, body: Body, requested: tuple[bool | None, str | None], arrivals: Sequence[Arrival]
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
    )


def _remarked(method: str, body: Body) -> Body:
    """RFC 9110, 9.3.1 and 9.3.2: content in a GET or HEAD request has no defined meaning; servers may refuse it."""
    if method.upper() not in ("GET", "HEAD") or not body.size:
        return body
    return replace(body, notes=(*body.notes, f"A {method} with a body: servers may ignore or refuse it."))
