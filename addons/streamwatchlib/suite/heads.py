"""mitmproxy's requests, responses and messages as classes of the model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mitmproxy import http

from ..model import Head, Headers, Message, Opening
from ..timing import offset

MOST, ROOM = 1000, 256 << 10
"""Fields kept of one head, and bytes in them: mitmproxy itself sets no bound, real heads have some dozens."""


def fields(headers: http.Headers) -> Headers:
    """Header fields in wire order, as text, the first `MOST` in `ROOM`; bytes that are not UTF-8 become U+FFFD."""
    told: list[tuple[str, str]] = []
    room = ROOM
    for name, value in islice(headers.fields, MOST):
        room -= len(name) + len(value)
        if room < 0:
            break
        told.append((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")))
    return tuple(told)


def opening(flow: http.HTTPFlow) -> Opening:
    request = flow.request
    return Opening(
        id=flow.id,
        started_at=request.timestamp_start,
        method=request.method,
        url=_clean(request.pretty_url),
        http_version=request.http_version,
        headers=fields(request.headers),
    )


def head(response: http.Response, *, made_here: bool = False) -> Head:
    return Head(response.status_code, response.http_version, fields(response.headers), made_here)


def messages(flow: http.HTTPFlow, start: int = 0) -> Iterator[tuple[int, Message]]:
    """Yield the messages of a WebSocket from number `start` on, each with its number.

    Messages injected in mitmproxy, which came from neither peer, are left out.
    """
    zero = flow.request.timestamp_start
    passed = flow.websocket.messages[start:] if flow.websocket else ()
    for number, message in enumerate(passed, start):
        if not message.injected:
            t = offset(message.timestamp, zero)
            yield number, Message(t, message.content, message.from_client, message.is_text)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
