"""mitmproxy's requests and responses in the words of the pure rooms."""

from __future__ import annotations

from mitmproxy import http

from ..model import Head, Headers, Opening


def fields(headers: http.Headers) -> Headers:
    """Header fields in wire order, as text; bytes that are not UTF-8 become U+FFFD."""
    return tuple((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in headers.fields)


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


def head(response: http.Response) -> Head:
    return Head(response.status_code, response.http_version, fields(response.headers))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
