"""The client of a leg: sends the request with httpx, and dates the response where an application would see it.

In: a `ProbeRequest`, a `Leg`, and the URL to send it to.  Out: a `Record`, made by the same observer as the proxy's.
What goes wrong on the way is in the record and raises nothing.
"""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import httpx

from ..model import Headers, Limits, Outcome, Record, RequestHead, ResponseHead
from ..observer import Observer
from .legs import Leg, ProbeRequest

TOGETHER = 0.0005
"""Seconds within which HTTP/1.1 chunks and HTTP/2 frames of one read of the socket follow one another ..."""
MAX_TOGETHER = 1000
"""... and the most of them that are taken for one arrival."""


def send_leg(probe_request: ProbeRequest, leg: Leg, url: str) -> Record:
    """Send the request to `url` in the leg's way.

    Raises:
        ValueError: `url` can't be used; the message repeats nothing of it.
    """
    headers = [*probe_request.headers, *([("accept-encoding", leg.encoding)] if leg.encoding else [])]
    try:
        with _client(probe_request, leg) as client:
            request = client.build_request(
                probe_request.method, url, headers=headers, content=probe_request.body or None
            )
            if not leg.encoding:
                request.headers.pop("accept-encoding", None)
            return _ObservedRequest(request, probe_request.body).send(client, leg)
    except httpx.InvalidURL as error:
        raise ValueError("a URL can't be asked: its host is no name, or it is too long") from error


@cache
def _trust(*, insecure: bool) -> ssl.SSLContext:
    """The TLS context of all legs: reading the system's certificates takes a twentieth of a second each time."""
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _client(probe_request: ProbeRequest, leg: Leg) -> httpx.Client:
    try:
        return httpx.Client(
            http2=leg.http2,
            proxy=probe_request.proxy if leg.route == "proxy" else None,
            trust_env=False,  # direct is direct, whatever proxies the environment names
            verify=_trust(insecure=probe_request.insecure),
            timeout=probe_request.timeout,
        )
    except ImportError as error:  # a SOCKS proxy needs another package
        raise ValueError(str(error)) from error


class _ObservedRequest:
    """What the client sees of one exchange.  Its time axis begins when the connection has been made."""

    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self._request, self._body = request, body
        self._request_end: float | None = None
        self._response_start: float | None = None
        self._begin()
        request.extensions["trace"] = self._trace

    def _begin(self) -> None:
        request = self._request
        self._start = time.perf_counter()
        fields = _fields(request.headers)
        opening = RequestHead(str(uuid.uuid4()), time.time(), request.method, str(request.url), "HTTP/1.1", fields)
        self._observer = Observer(opening, Limits())

    def _now(self) -> float:
        return round(time.perf_counter() - self._start, 6)

    def _trace(self, event: str, _: Mapping[str, Any]) -> None:
        """Take an event of httpcore's trace extension: https://www.encode.io/httpcore/extensions/#trace"""
        match event.partition(".")[2]:
            case "send_request_headers.started":
                self._begin()
            case "send_request_body.complete":
                self._request_end = self._now()
            case "receive_response_headers.complete":
                self._response_start = self._now()

    def send(self, client: httpx.Client, leg: Leg) -> Record:
        try:
            response = client.send(self._request, stream=True)
        except httpx.HTTPError as problem:
            self._observer.end_request(self._body, self._request_end)
            return self._observer.close(self._now(), "error", _told(problem))
        self._observer.end_request(self._body, self._request_end)
        head = ResponseHead(response.status_code, response.http_version, _fields(response.headers))
        self._observer.response_head(head, self._response_start)
        outcome, error = self._read(response, leg)
        record = self._observer.close(self._now(), outcome, error)
        return replace(record, request=replace(record.request, http_version=response.http_version))

    def _read(self, response: httpx.Response, leg: Leg) -> tuple[Outcome, str | None]:
        try:
            if leg.at_end:
                data = b"".join(response.iter_raw())
                self._observer.feed(data, self._now())
            else:
                for t, pieces in self._arrivals(response):
                    self._observer.feed(b"".join(pieces), t, len(pieces))
        except httpx.HTTPError as problem:
            return "server-disconnected", _told(problem)
        finally:
            response.close()
        return "complete", None

    def _arrivals(self, response: httpx.Response) -> Iterator[tuple[float, list[bytes]]]:
        first = last = 0.0
        pieces: list[bytes] = []
        try:
            for data in response.iter_raw():
                now = self._now()
                if pieces and (now - last > TOGETHER or len(pieces) == MAX_TOGETHER):
                    yield first, pieces
                    pieces = []
                first, last = now if not pieces else first, now
                pieces.append(data)
        except httpx.HTTPError:
            if pieces:
                yield first, pieces
            raise
        if pieces:
            yield first, pieces


def _fields(headers: httpx.Headers) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in headers.raw)


def _told(problem: httpx.HTTPError) -> str:
    return str(problem) or type(problem).__name__
