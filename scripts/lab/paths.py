"""The table of paths: what is put between the model and the proxy, and whether it holds anything back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from . import hops, origins

type Start = Callable[[], contextlib.AbstractContextManager[str]]


@dataclass(frozen=True)
class Topology:
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

TOPOLOGIES: tuple[Topology, ...] = (
    Topology("direct", origins.bare, quick=True),
    Topology("uvicorn, Starlette", origins.starlette, quick=True),
    Topology("Starlette, GZip middleware", origins.gzipping, accept="gzip"),
    Topology("Starlette, draining middleware", origins.draining, ("whole-body",), quick=True),
    Topology("Starlette, generates first", origins.generating_first, ("generated first",), quick=True),
    Topology("Starlette, holds the answer", origins.holding_answer, ("reasoning passes", "generated first", SHORT)),
    Topology("gunicorn, Flask", origins.gunicorn),
    Topology("Express", partial(origins.express, "plain"), accept="gzip"),
    Topology("Express, compression", partial(origins.express, "compress"), COMPRESSION, accept="gzip"),
    Topology("Express, compression with flush", partial(origins.express, "flush"), accept="gzip"),
    Topology("nginx, HTTP/1.0 upstream", _nginx(), PAGES, quick=True),
    Topology("nginx, HTTP/1.1 upstream", _nginx(HTTP11), quick=True),
    Topology("nginx, buffering off", _nginx("proxy_buffering off;"), quick=True),
    Topology("nginx, X-Accel-Buffering: no", _nginx(origin=partial(origins.bare, ("X-Accel-Buffering", "no")))),
    Topology("nginx, 8 KiB buffers", _nginx("proxy_buffers 8 8k; proxy_buffer_size 8k;"), PAGES),
    Topology("nginx, 256 KiB buffers", _nginx(LARGE), ("buffer",)),
    Topology("nginx TLS, HTTP/1.0 upstream", _nginx(tls=True), RECORDS),
    Topology("nginx TLS, HTTP/1.1 upstream", _nginx(HTTP11, tls=True), RECORDS, quick=True),
    Topology("nginx TLS, buffering off", _nginx("proxy_buffering off;", tls=True)),
    Topology("nginx, gzip", _nginx(GZIP + HTTP11), COMPRESSION, accept="gzip"),
    Topology("nginx, gzip, buffering off", _nginx(GZIP + HTTP11 + "proxy_buffering off;"), accept="gzip"),
    Topology("HAProxy", _haproxy(), ("HAProxy", "timer"), quick=True),
    Topology("HAProxy, http-no-delay", _haproxy("option http-no-delay"), quick=True),
    Topology("HAProxy TLS", _haproxy(tls=True)),
    Topology("Apache", partial(behind, hops.apache)),
    Topology("Apache, flushpackets=on", partial(behind, partial(hops.apache, settings="flushpackets=on"))),
    Topology("Apache, DEFLATE", partial(behind, partial(hops.apache, more="SetOutputFilter DEFLATE")), accept="gzip"),
    Topology("Caddy", partial(behind, hops.caddy)),
    Topology("Caddy, encode gzip", _caddy("encode gzip"), COMPRESSION, accept="gzip"),
    Topology("Go, io.Copy", _go("copy"), ("byte buffer", SHORT)),
    Topology("Go, flushed", _go("flush")),
    Topology("Go, httputil.ReverseProxy", _go("proxy")),
    Topology("Go, http.TimeoutHandler", _go("timeout"), ("generated first", SHORT)),
    Topology("Envoy", _envoy()),
    Topology("Envoy, compressor", _envoy(hops.compressor()), accept="gzip"),
    Topology("Envoy, Lua that reads pieces", _envoy(hops.lua(PIECES))),
    Topology("Envoy, Lua that reads the body", _envoy(hops.lua(BODY)), ("Envoy",)),
    Topology("Envoy, answer generated first", _envoy(origin=origins.generating_first), ("generated first",)),
)  # fmt: skip
