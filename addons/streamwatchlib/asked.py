"""The request's side of a record.

In: the request's head, what its body was, and what it asked for.  Out: the record's `Request`, not masked yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .model import Arrival, Body, Opening, Request
from .wire.bodies import query_fields


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
