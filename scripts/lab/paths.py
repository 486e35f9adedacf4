"""The table of paths: what is put between the model and the proxy, and whether it holds anything back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from . import hops, origins

type Start = Callable[[], contextlib.AbstractContextManager[str]]


@dataclass(frozen=True)
class Path:
    name: str
    start: Start
    suspects: tuple[str, ...] = ()
    """Words of the causes that are right if something was held; empty for a path that holds nothing back."""
    accept: str | None = None
    """The client's Accept-Encoding; none by default."""
    quick: bool = False
    """Part of the quick run."""


@contextlib.contextmanager
def behind(hop: Callable[[str], contextlib.AbstractContextManager[str]], origin: Start = origins.bare) -> Iterator[str]:
    with origin() as model, hop(model) as url:
        yield url


def _nginx(settings: str = "", tls: bool = False, origin: Start = origins.bare) -> Start:
    return partial(behind, partial(hops.nginx, settings=settings, tls=tls), origin)


def _haproxy(settings: str = "", tls: bool = False) -> Start:
    return partial(behind, partial(hops.haproxy, settings=settings, tls=tls))


def _caddy(settings: str) -> Start:
    return partial(behind, partial(hops.caddy, settings=settings))


def _envoy(*filters: dict[str, object], origin: Start = origins.bare) -> Start:
    return partial(behind, lambda url: hops.envoy(url, *filters), origin)


def _go(mode: str) -> Start:
    return partial(behind, partial(hops.go, mode=mode))


HTTP11 = 'proxy_http_version 1.1; proxy_set_header Connection "";'
GZIP = "gzip on; gzip_types text/event-stream; gzip_min_length 0; gzip_proxied any;"
LARGE = "proxy_buffers 4 256k; proxy_buffer_size 256k; proxy_busy_buffers_size 256k;"
PIECES = "function envoy_on_response(handle) for piece in handle:bodyChunks() do piece:length() end end"
BODY = "function envoy_on_response(handle) handle:body() end"
SHORT = "larger than the answer"
PAGES = ("memory pages", SHORT)
RECORDS = ("TLS records", SHORT)
COMPRESSION = ("compression",)

PATHS: tuple[Path, ...] = (
    Path("direct", origins.bare, quick=True),
    Path("uvicorn, Starlette", origins.starlette, quick=True),
    Path("Starlette, GZip middleware", origins.gzipping, accept="gzip"),
    Path("Starlette, draining middleware", origins.draining, ("whole-body",), quick=True),
    Path("Starlette, generates first", origins.generating_first, ("generated first",), quick=True),
    Path("Starlette, holds the answer", origins.holding_answer, ("reasoning passes", "generated first", SHORT)),
    Path("gunicorn, Flask", origins.gunicorn),
    Path("Express", partial(origins.express, "plain"), accept="gzip"),
    Path("Express, compression", partial(origins.express, "compress"), COMPRESSION, accept="gzip"),
    Path("Express, compression with flush", partial(origins.express, "flush"), accept="gzip"),
    Path("nginx, HTTP/1.0 upstream", _nginx(), PAGES, quick=True),
    Path("nginx, HTTP/1.1 upstream", _nginx(HTTP11), quick=True),
    Path("nginx, buffering off", _nginx("proxy_buffering off;"), quick=True),
    Path("nginx, X-Accel-Buffering: no", _nginx(origin=partial(origins.bare, ("X-Accel-Buffering", "no")))),
    Path("nginx, 8 KiB buffers", _nginx("proxy_buffers 8 8k; proxy_buffer_size 8k;"), PAGES),
    Path("nginx, 256 KiB buffers", _nginx(LARGE), ("buffer",)),
    Path("nginx TLS, HTTP/1.0 upstream", _nginx(tls=True), RECORDS),
    Path("nginx TLS, HTTP/1.1 upstream", _nginx(HTTP11, tls=True), RECORDS, quick=True),
    Path("nginx TLS, buffering off", _nginx("proxy_buffering off;", tls=True)),
    Path("nginx, gzip", _nginx(GZIP + HTTP11), COMPRESSION, accept="gzip"),
    Path("nginx, gzip, buffering off", _nginx(GZIP + HTTP11 + "proxy_buffering off;"), accept="gzip"),
    Path("HAProxy", _haproxy(), ("HAProxy", "timer"), quick=True),
    Path("HAProxy, http-no-delay", _haproxy("option http-no-delay"), quick=True),
    Path("HAProxy TLS", _haproxy(tls=True)),
    Path("Apache", partial(behind, hops.apache)),
    Path("Apache, flushpackets=on", partial(behind, partial(hops.apache, settings="flushpackets=on"))),
    Path("Apache, DEFLATE", partial(behind, partial(hops.apache, more="SetOutputFilter DEFLATE")), accept="gzip"),
    Path("Caddy", partial(behind, hops.caddy)),
    Path("Caddy, encode gzip", _caddy("encode gzip"), COMPRESSION, accept="gzip"),
    Path("Go, io.Copy", _go("copy"), ("byte buffer", SHORT)),
    Path("Go, flushed", _go("flush")),
    Path("Go, httputil.ReverseProxy", _go("proxy")),
    Path("Go, http.TimeoutHandler", _go("timeout"), ("generated first", SHORT)),
    Path("Envoy", _envoy()),
    Path("Envoy, compressor", _envoy(hops.compressor()), accept="gzip"),
    Path("Envoy, Lua that reads pieces", _envoy(hops.lua(PIECES))),
    Path("Envoy, Lua that reads the body", _envoy(hops.lua(BODY)), ("Envoy",)),
    Path("Envoy, answer generated first", _envoy(origin=origins.generating_first), ("generated first",)),
)  # fmt: skip
