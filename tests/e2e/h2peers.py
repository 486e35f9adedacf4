"""HTTP/2 peers that do exactly what a test says: a scripted origin and a client that reports what every stream got.

Both speak TLS, because mitmproxy offers HTTP/2 on TLS only.
"""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    InformationalResponseReceived,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError
from loopback import RST
from mitmproxy.certs import CertStore

type Fields = Sequence[tuple[str, str]]

GOAWAY = "goaway"
"""Step: tell that the connection is over, and close it."""


@dataclass(frozen=True)
class Reset:
    """Step: reset the stream."""

    code: ErrorCodes = ErrorCodes.INTERNAL_ERROR


@dataclass(frozen=True)
class Heads:
    """Step: headers, trailers, or an interim answer."""

    fields: Fields
    end: bool = False


END = Heads((), end=True)
"""Step: end the stream in order."""

type Step = bytes | float | Heads | Reset | str


# --- the origin ---------------------------------------------------------------------------------------------


class Origin:
    """An HTTP/2 server on loopback: plays the plan of each path."""

    def __init__(self, plan: Callable[[str], Iterable[Step]], folder: Path) -> None:
        self._plan = plan
        CertStore.create_store(folder, "origin", 2048)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(folder / "origin-ca.pem")
        self._tls.set_alpn_protocols(["h2"])

    def __enter__(self) -> Origin:
        origin = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError, ProtocolError):
                    _Serving(origin._tls.wrap_socket(self.request, server_side=True), origin._plan).run()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: object) -> None:
                pass  # peers that break off are what this is for

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Serving:
    """One connection: a thread for each stream's plan, one that reads."""

    def __init__(self, connection: ssl.SSLSocket, plan: Callable[[str], Iterable[Step]]) -> None:
        self._socket, self._plan = connection, plan
        self._lock = threading.Lock()
        self._ending: str | None = None
        self._h2 = H2Connection(H2Configuration(client_side=False, validate_outbound_headers=False))
        self._h2.initiate_connection()
        self._flush()

    def run(self) -> None:
        with contextlib.closing(self._socket):
            while self._ending is None:
                if select.select([self._socket], [], [], 0.01)[0] and not self._read():
                    break
            if self._ending == RST:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _read(self) -> bool:
        """Take what has come; False at its end."""
        with self._lock:
            data = self._socket.recv(65536)
            while self._socket.pending():
                data += self._socket.recv(65536)
            events = self._h2.receive_data(data)
            self._flush()
        for event in events:
            if isinstance(event, RequestReceived):
                path = next(value for name, value in event.headers if name == b":path").decode()
                threading.Thread(target=self._play, args=(event.stream_id, path), daemon=True).start()
        return bool(data)

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())

    def _play(self, stream: int, path: str) -> None:
        with contextlib.suppress(OSError, ProtocolError):
            for step in self._plan(path):
                if isinstance(step, float):
                    time.sleep(step)
                    continue
                with self._lock:
                    self._do(stream, step)

    def _do(self, stream: int, step: Step) -> None:
        match step:
            case bytes():
                self._h2.send_data(stream, step)
            case Reset():
                self._h2.reset_stream(stream, step.code)
            case Heads(fields=()):
                self._h2.end_stream(stream)
            case Heads():
                self._h2.send_headers(stream, list(step.fields), end_stream=step.end)
            case "goaway":
                self._h2.close_connection(ErrorCodes.INTERNAL_ERROR)
        self._flush()
        self._ending = step if isinstance(step, str) else None


# --- the client ---------------------------------------------------------------------------------------------


@dataclass
class Got:
    """What one stream got."""

    heads: list[Fields]
    """Interim answers, the answer's and the trailers."""
    data: bytes
    ending: str
    """``end``, ``reset`` with its code, ``connection`` (which ended), or ``left`` (by the client)."""


def ask(
    url: str,
    paths: Sequence[str],
    *,
    method: str = "POST",
    leave: str | None = None,
    after: int = 1,
) -> list[Got]:
    """Ask for all of these at once over one connection; what each got, in their order.

    `leave`: once `after` bytes of the first one's body have come, ``reset`` that stream or ``close`` the connection.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    tls.set_alpn_protocols(["h2"])
    host, _, port = url.removeprefix("http://").partition(":")
    with tls.wrap_socket(socket.create_connection((host, int(port)), timeout=8)) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        asking = _Asking(connection, paths, method)
        asking.read_all(leave, after)
    return asking.got


class _Asking:
    def __init__(self, connection: ssl.SSLSocket, paths: Sequence[str], method: str) -> None:
        self._socket = connection
        self._h2 = H2Connection(H2Configuration())
        self._h2.initiate_connection()
        self.got: list[Got] = []
        body = b'{"stream": true}' if method == "POST" else b""
        for number, path in enumerate(paths):
            head = [(":method", method), (":scheme", "https"), (":authority", "faults"), (":path", path)]
            self._h2.send_headers(2 * number + 1, head, end_stream=not body)
            if body:
                self._h2.send_data(2 * number + 1, body, end_stream=True)
            self.got.append(Got([], b"", ""))
        self._flush()

    def read_all(self, leave: str | None, after: int) -> None:
        with contextlib.suppress(OSError):
            while not all(got.ending for got in self.got) and (data := self._socket.recv(65536)):
                for event in self._h2.receive_data(data):
                    self._note(event)
                if leave and len(self.got[0].data) >= after:
                    self.got[0].ending = "left"
                    if leave == "close":
                        return
                    self._h2.reset_stream(1, ErrorCodes.CANCEL)
                    leave = None
                self._flush()
        for got in self.got:
            got.ending = got.ending or "connection"

    def _note(self, event: Any) -> None:
        if isinstance(event, ConnectionTerminated):
            for got in self.got:
                got.ending = got.ending or f"connection {event.error_code!r}"
            return
        number = getattr(event, "stream_id", None)
        if not number:
            return
        got = self.got[number // 2]
        match event:
            case ResponseReceived() | TrailersReceived() | InformationalResponseReceived():
                got.heads.append([(name.decode(), value.decode()) for name, value in event.headers])
            case DataReceived():
                got.data += event.data
                self._h2.acknowledge_received_data(event.flow_controlled_length, number)
            case StreamEnded():
                got.ending = got.ending or "end"
            case StreamReset():
                got.ending = got.ending or f"reset {event.error_code!r}"

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())


def answer(*fields: tuple[str, str], status: int = 200, end: bool = False) -> Heads:
    """The head of an answer."""
    return Heads(((":status", str(status)), *fields), end)


def spaced(steps: Iterable[Step], pause: float = 0.05) -> Iterator[Step]:
    """With a pause after each step but waits."""
    for step in steps:
        yield step
        if not isinstance(step, float):
            yield pause
