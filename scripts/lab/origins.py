"""Servers that play the schedule they are sent: a bare one, and frameworks in good and bad settings."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from loopback import asgi, free_port
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from .patterns import event
from .programs import npm, python, running

HERE = Path(__file__).parent
SSE = "text/event-stream"


class Bare(BaseHTTPRequestHandler):
    """Writes each event in one write when it is due: chunked to HTTP/1.1, until the close to HTTP/1.0."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    extra: tuple[tuple[str, str], ...] = ()

    def do_POST(self) -> None:
        started = time.perf_counter()
        schedule = json.loads(self.rfile.read(int(self.headers["content-length"])))["schedule"]
        chunked = self.request_version == "HTTP/1.1"
        begun = False
        with contextlib.suppress(OSError):
            for due, kind in schedule:
                time.sleep(max(0.0, started + due - time.perf_counter()))
                if not begun:
                    self._head(chunked)
                    begun = True
                self._send(event(kind, time.time()), chunked)
            self._end(chunked)
        self.close_connection = not chunked

    def _send(self, data: bytes, chunked: bool) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)

    def _end(self, chunked: bool) -> None:
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, chunked: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", SSE)
        for name, value in self.extra:
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Gathering(Bare):
    """Sends blocks of `block` bytes, and the rest at the end."""

    block: int

    def setup(self) -> None:
        super().setup()
        self._held = bytearray()

    def _send(self, data: bytes, chunked: bool) -> None:
        self._held += data
        while len(self._held) >= self.block:
            super()._send(bytes(self._held[: self.block]), chunked)
            del self._held[: self.block]

    def _end(self, chunked: bool) -> None:
        super()._send(bytes(self._held), chunked)
        super()._end(chunked)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Ignore errors: a proxy may drop an idle connection."""


@contextlib.contextmanager
def bare(*extra: tuple[str, str]) -> Iterator[str]:
    handler = type("Handler", (Bare,), {"extra": extra})
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


# --- Starlette under uvicorn ----------------------------------------------------------------------------------


async def played(schedule: list[tuple[float, str]], wait: bool = True) -> AsyncIterator[bytes]:
    started = time.perf_counter()
    for due, kind in schedule:
        await asyncio.sleep(max(0.0, started + due - time.perf_counter()))
        yield event(kind, time.time())


async def _stream(request: Request) -> Response:
    return StreamingResponse(played((await request.json())["schedule"]), media_type=SSE)


async def _generate_first(request: Request) -> Response:
    """Send the head at once, the events when all are complete: a stream in form only."""

    async def gathered(schedule: list[tuple[float, str]]) -> AsyncIterator[bytes]:
        for data in [data async for data in played(schedule)]:
            yield data

    return StreamingResponse(gathered((await request.json())["schedule"]), media_type=SSE)


async def _hold_answer(request: Request) -> Response:
    """Pass reasoning on as it comes, but hold the answer until it is complete."""

    async def parsed(schedule: list[tuple[float, str]]) -> AsyncIterator[bytes]:
        kept = []
        async for data in played(schedule):
            if b"reasoning_content" in data or b'"role"' in data:
                yield data
            else:
                kept.append(data)
        for data in kept:
            yield data

    return StreamingResponse(parsed((await request.json())["schedule"]), media_type=SSE)


class Drain:
    """A middleware that reads the whole body to look at it, as many do, and sends it on with its length."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start: dict[str, Any] = {}
        body = bytearray()

        async def gather(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                start["headers"].append((b"content-length", str(len(body)).encode()))
                await send(start)
                await send({"type": "http.response.body", "body": bytes(body)})

        await self.app(scope, receive, gather)


def starlette(
    endpoint: Callable[[Request], Any] = _stream, *middleware: Middleware
) -> contextlib.AbstractContextManager[str]:
    return asgi(Starlette(routes=[Route("/{path:path}", endpoint, methods=["POST"])], middleware=middleware))


def draining() -> contextlib.AbstractContextManager[str]:
    return starlette(_stream, Middleware(Drain))


def gzipping() -> contextlib.AbstractContextManager[str]:
    """Starlette with its gzip middleware, which leaves event streams alone since Starlette 0.46."""
    return starlette(_stream, Middleware(GZipMiddleware))


def generating_first() -> contextlib.AbstractContextManager[str]:
    return starlette(_generate_first)


def holding_answer() -> contextlib.AbstractContextManager[str]:
    return starlette(_hold_answer)


# --- other processes ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def express(mode: str) -> Iterator[str]:
    """Node's Express with the compression middleware; `mode`: ``plain``, ``compress`` or ``flush``."""
    folder = npm("express@4", "compression@1.8")
    with process(["node", str(HERE / "express.cjs"), mode], cwd=folder) as url:
        yield url


@contextlib.contextmanager
def gunicorn() -> Iterator[str]:
    """Flask under gunicorn's threads."""
    command = [*python("flask", "gunicorn"), "gunicorn", "--threads", "16", "flask_app:app"]
    with process(command, cwd=HERE, bind="--bind=127.0.0.1:{port}") as url:
        yield url


@contextlib.contextmanager
def process(command: list[str], cwd: Path, bind: str = "{port}") -> Iterator[str]:
    port = free_port()
    with running([*command, bind.format(port=port)], port, 90, cwd):
        yield f"http://127.0.0.1:{port}"
