"""HTTP/3 peers that do exactly what a test says: a scripted origin and a client that reports what every stream got."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3_ALPN, ErrorCode, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamReset
from loopback import free_port
from mitmproxy.certs import create_ca

from .h2peers import Fields, Got, Heads

CLOSE = "close"
"""Step: close the connection."""


@dataclass(frozen=True)
class Reset:
    """Step: reset the stream."""

    code: ErrorCode = ErrorCode.H3_INTERNAL_ERROR


type Step = bytes | float | Heads | Reset | str


class _Peer(QuicConnectionProtocol):
    @cached_property
    def h3(self) -> H3Connection:
        """Asked for when the handshake has agreed on it, not before."""
        return H3Connection(self._quic)

    def head(self, stream: int, fields: Fields, end: bool = False) -> None:
        self.h3.send_headers(stream, [(name.encode(), value.encode()) for name, value in fields], end)


# --- the origin ---------------------------------------------------------------------------------------------


class Origin:
    """An HTTP/3 server on loopback: plays the plan of each path."""

    def __init__(self, plan: Callable[[str], Iterable[Step]]) -> None:
        self._plan = plan
        key, certificate = create_ca("origin", "origin", 2048)
        self._quic = QuicConfiguration(
            is_client=False, alpn_protocols=H3_ALPN, certificate=certificate, private_key=key
        )
        self._loop = asyncio.new_event_loop()
        self._port = free_port()
        self.url = f"http3://127.0.0.1:{self._port}"

    def __enter__(self) -> Origin:
        serving = serve("127.0.0.1", self._port, configuration=self._quic, create_protocol=self._serving)
        self._server = self._loop.run_until_complete(serving)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._server.close()
        self._loop.run_until_complete(self._cancel())
        self._loop.close()

    async def _cancel(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _serving(self, *arguments: Any, **more: Any) -> _Serving:
        return _Serving(self._plan, *arguments, **more)


class _Serving(_Peer):
    """One connection: a task for each stream's plan."""

    def __init__(self, plan: Callable[[str], Iterable[Step]], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._plan = plan
        self._tasks: list[asyncio.Task[None]] = []

    def quic_event_received(self, event: QuicEvent) -> None:
        for each in self.h3.handle_event(event):
            if isinstance(each, HeadersReceived):
                path = dict(each.headers)[b":path"].decode()
                self._tasks.append(asyncio.ensure_future(self._play(each.stream_id, path)))

    async def _play(self, stream: int, path: str) -> None:
        with contextlib.suppress(AssertionError, ValueError):  # aioquic's words for a stream that is over
            for step in self._plan(path):
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    self._do(stream, step)
                    self.transmit()

    def _do(self, stream: int, step: bytes | Heads | Reset | str) -> None:
        match step:
            case bytes():
                self.h3.send_data(stream, step, end_stream=False)
            case Heads(fields=()):
                self.h3.send_data(stream, b"", end_stream=True)
            case Heads():
                self.head(stream, step.fields, step.end)
            case Reset():
                self._quic.reset_stream(stream, step.code)
            case "close":
                self.close(error_code=ErrorCode.H3_INTERNAL_ERROR)


# --- the client ---------------------------------------------------------------------------------------------


def ask(url: str, paths: Sequence[str], leave: str | None = None) -> list[Got]:
    """Ask for all of these at once over one connection; what each got, in their order.

    `leave`: once the first one's body has begun, ``reset`` that stream or ``close`` the connection.
    """
    return asyncio.run(asyncio.wait_for(_ask(url, paths, leave), 15))


async def _ask(url: str, paths: Sequence[str], leave: str | None) -> list[Got]:
    host, _, port = url.removeprefix("http://").partition(":")
    quic = QuicConfiguration(alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE, server_name="localhost")
    async with connect(host, int(port), configuration=quic, create_protocol=_Asking) as asking:
        assert isinstance(asking, _Asking)
        asking.ask(paths, leave)
        await asking.over.wait()
        return asking.got


class _Asking(_Peer):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.got: list[Got] = []
        self.over = asyncio.Event()
        self._leave: str | None = None

    def ask(self, paths: Sequence[str], leave: str | None) -> None:
        self._leave = leave
        for path in paths:
            stream = self._quic.get_next_available_stream_id()
            self.head(stream, [(":method", "POST"), (":scheme", "https"), (":authority", "faults"), (":path", path)])
            self.h3.send_data(stream, b'{"stream": true}', end_stream=True)
            self.got.append(Got([], b"", ""))
        self.transmit()

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ConnectionTerminated):
            for got in self.got:
                got.ending = got.ending or "connection"
        elif isinstance(event, StreamReset):
            self._end(event.stream_id, f"reset {event.error_code}")
        for each in self.h3.handle_event(event):
            self._note(each)
        if self.got and all(got.ending for got in self.got):
            self.over.set()

    def _note(self, event: object) -> None:
        if not isinstance(event, HeadersReceived | DataReceived):
            return
        got = self.got[event.stream_id // 4]
        if isinstance(event, HeadersReceived):
            got.heads.append([(name.decode(), value.decode()) for name, value in event.headers])
        else:
            got.data += event.data
        if event.stream_ended:
            self._end(event.stream_id, "end")
        if self._leave and self.got[0].data:
            self._go(self._leave)

    def _go(self, how: str) -> None:
        self._leave = None
        if how == "close":
            for got in self.got:
                got.ending = got.ending or "left"
            self.close()
            return
        self._end(0, "left")
        with contextlib.suppress(ValueError):  # what it sent is all sent
            self._quic.stop_stream(0, ErrorCode.H3_REQUEST_CANCELLED)
            self.transmit()

    def _end(self, stream: int, how: str) -> None:
        if stream % 4 == 0:
            self.got[stream // 4].ending = self.got[stream // 4].ending or how
