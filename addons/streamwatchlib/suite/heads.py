"""mitmproxy's requests, responses and messages as classes of the model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mitmproxy import http

from ..model import Headers, Message, RequestHead, ResponseHead
from ..timing import offset

MAX_FIELDS, MAX_HEAD_BYTES = 1000, 256 << 10
"""Fields kept of one head, and bytes in them: mitmproxy itself sets no bound, real heads have some dozens."""


def fields(headers: http.Headers) -> Headers:
    """Header fields in wire order, as text, the first `MAX_FIELDS` in `MAX_HEAD_BYTES`; bytes that are not UTF-8 become
    U+FFFD."""
    kept: list[tuple[str, str]] = []
    room = MAX_HEAD_BYTES
    for name, value in islice(headers.fields, MAX_FIELDS):
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")))
    return tuple(kept)


def opening(flow: http.HTTPFlow) -> RequestHead:
    request = flow.request
    return RequestHead(
        id=flow.id,
        started_at=request.timestamp_start,
        method=request.method,
        url=_clean(request.pretty_url),
        http_version=request.http_version,
        headers=fields(request.headers),
    )


def head(response: http.Response, *, made_here: bool = False) -> ResponseHead:
    return ResponseHead(response.status_code, response.http_version, fields(response.headers), made_here)


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
