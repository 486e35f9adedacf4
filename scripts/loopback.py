"""Real servers and a real mitmdump on loopback, for the demo, the lab, the benchmarks and the tests.

Each binds 127.0.0.1 on a free port, is a context manager, and is gone when its block ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "addons" / "streamwatch.py"


# --- a scripted origin ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as the origin got it."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


FIN = "fin"
"""Step: close the connection."""
RST = "rst"
"""Step: reset the connection."""

type Step = bytes | float | str
"""Bytes to send in one write, seconds to wait, or `FIN` or `RST`."""


@dataclass
class Origin:
    """An HTTP/1.1 server that sends exactly the bytes of its plan, when the plan says so.

    `sent` lists every write as (time.perf_counter() just before it, bytes), in order.
    """

    plan: Callable[[ReceivedRequest], Iterable[Step]]
    requests: list[ReceivedRequest] = field(default_factory=list)
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    port: int = 0
    """Port to listen at; 0: any free one."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Origin:
        origin = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader = self.request.makefile("rb")
                with contextlib.suppress(OSError, ValueError):
                    while (asked := read_request(reader)) is not None:
                        origin.requests.append(asked)
                        if not origin._play(asked, self.request):
                            return

        self._server = _Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _play(self, asked: ReceivedRequest, connection: socket.socket) -> bool:
        """Send the plan's answer; False once the connection is closed."""
        due = time.perf_counter()
        for step in self.plan(asked):
            if isinstance(step, bytes):
                self.sent.append((time.perf_counter(), step))
                connection.sendall(step)
            elif isinstance(step, str):
                if step == RST:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                return False
            else:
                due = max(due, time.perf_counter() - 0.5) + step  # a schedule, so that sleeps do not add up
                time.sleep(max(0.0, due - time.perf_counter()))
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512


def read_request(reader: Any) -> ReceivedRequest | None:
    """One HTTP/1.1 request from a binary file object; None at its end."""
    line = reader.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while (line := reader.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(reader.readline().split(b";")[0], 16):
            body += reader.read(size)
            reader.readline()
        reader.readline()
    else:
        body = reader.read(int(headers.get("content-length", 0)))
    return ReceivedRequest(method, target, headers, body)


def head(status: int = 200, **headers: str) -> bytes:
    """A response head; `content_type="x"` becomes ``content-type: x``."""
    lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunk(data: bytes) -> bytes:
    """One HTTP/1.1 chunk; an empty one ends the body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def chunked(pieces: Iterable[bytes], gap: float = 0.0, content_type: str = "text/event-stream") -> Iterator[Step]:
    """A whole chunked answer: its head, then each piece as a chunk, `gap` seconds apart, then the end."""
    yield head(content_type=content_type, transfer_encoding="chunked")
    for piece in pieces:
        yield gap
        yield chunk(piece)
    yield chunk(b"")


def sse(*data: str) -> list[bytes]:
    """Each text as one SSE event."""
    return [f"data: {text}\n\n".encode() for text in data]


# --- an ASGI server ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def asgi(app: Any, port: int = 0) -> Iterator[str]:
    """Serve an ASGI application with uvicorn in a thread, at a free port by default; yield its base URL."""
    import uvicorn

    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait_for(lambda: server.started, "uvicorn to start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()


# --- mitmdump ---------------------------------------------------------------------------------------------


class Mitmdump:
    """A real mitmdump process with the addon.

    `modes` are mitmproxy's, without a listen address: ``reverse:http://127.0.0.1:9000``, ``regular`` ...  `urls` are
    where they listen, in the same order.  `output` is what it printed.  It must not be silenced with ``-q``: its log
    shows when it listens.
    """

    def __init__(
        self,
        *modes: str,
        options: Sequence[str] = (),
        arguments: Sequence[str] = (),
        script: Path | None = SCRIPT,
        confdir: Path | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.command = [tool("mitmdump")]
        if script:
            self.command += ["-s", str(script)]
        if confdir:
            self.command += ["--set", f"confdir={confdir}"]
        ports = [free_port() for _ in modes]
        for mode, port in zip(modes, ports, strict=True):
            self.command += ["--mode", f"{mode}@127.0.0.1:{port}"]
        for option in options:
            self.command += ["--set", option]
        self.command += arguments
        # its log is read while it runs: Python would buffer it in blocks, since stdout is a pipe
        self.env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self.lines: list[str] = []
        self.urls = [f"http://127.0.0.1:{port}" for port in ports]

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def __enter__(self) -> Mitmdump:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=self.env
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        wait_for(lambda: self._listens() or self.process.poll() is not None, "mitmdump", 30)
        if self.process.poll() is not None:
            self._reader.join()
            raise RuntimeError(f"mitmdump ended with {self.process.returncode}:\n{self.output}")
        return self

    def _listens(self) -> bool:
        return self.output.count(" listening at ") == len(self.urls)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it as a user does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._reader.join(5)
        return code


_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago, another one each time."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def is_listening(port: int) -> bool:
    """Return whether something listens at the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tool(name: str) -> str:
    """A program of this Python environment."""
    path = Path(sys.executable).with_name(name)
    return str(path) if path.exists() else name


def wait_for(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait until `condition()` holds.

    Raises:
        TimeoutError: it did not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.005)
