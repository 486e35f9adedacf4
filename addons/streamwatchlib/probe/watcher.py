"""A mitmdump with streamwatch between the probe's client and the server, for as long as a ``with`` block lasts.

In: the server's origin.  Out: the URL at which it listens, and its records.  It listens on loopback only, and what it
writes (a configuration, records) is deleted at the end of the block.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model import Record
from ..report import jsonl

START_TIMEOUT = 30.0
"""Seconds within which mitmdump must answer."""
RECORD_TIMEOUT = 10.0
"""Seconds after an exchange within which its record must be there."""


class ProbeProxy:
    """The running mitmdump; `url` is where it listens."""

    def __init__(self, url: str, export: Path) -> None:
        self.url = url
        self._export = export

    def record(self, number: int) -> Record:
        """The record of its `number`-th exchange, from 0.

        Raises:
            ValueError: the record did not come in time.
        """
        _wait(lambda: len(self._records()) > number, RECORD_TIMEOUT, "streamwatch's record")
        return self._records()[number]

    def _records(self) -> list[Record]:
        if not self._export.exists():
            return []
        with self._export.open(encoding="utf-8", newline="\n") as lines:
            return jsonl.read(lines)


@contextmanager
def run_proxy(script: Path, origin: str, *, insecure: bool, keep_host: bool) -> Iterator[ProbeProxy]:
    """Run a mitmdump in front of `origin` (``https://host:port``).  The server gets `origin` as the Host or, with
    `keep_host`, the client's own Host.

    Raises:
        ValueError: mitmdump can't be found or does not start.
    """
    with tempfile.TemporaryDirectory(prefix="streamwatch-probe-") as folder:
        export, port = Path(folder) / "records.jsonl", _free_port()
        command = [
            _mitmdump(), "-q", "-s", str(script),
            "--mode", f"reverse:{origin}@127.0.0.1:{port}",
            "--set", f"confdir={folder}",
            "--set", f"streamwatch_export={export}",
            "--set", f"ssl_insecure={str(insecure).lower()}",
            "--set", f"keep_host_header={str(keep_host).lower()}",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            _wait(lambda: process.poll() is not None or _answers(port), START_TIMEOUT, "mitmdump")
            if process.poll() is not None:
                output = process.stdout.read().strip().splitlines() if process.stdout else []
                raise ValueError(f"mitmdump did not start: {output[-1] if output else process.returncode}")
            yield ProbeProxy(f"http://127.0.0.1:{port}", export)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def _mitmdump() -> str:
    beside = Path(sys.executable).with_name("mitmdump")
    found = str(beside) if beside.exists() else shutil.which("mitmdump")
    if found is None:
        raise ValueError("mitmdump is not installed beside this Python")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    """mitmproxy answers: here to what is no request, which does not go to the server.  Most of a second passes between
    its listening and its first answer, which must not be taken for the server's."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_TIMEOUT) as probe:
            probe.sendall(b"?\r\n\r\n")
            return bool(probe.recv(1))
    except OSError:
        return False


def _wait(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ValueError(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)
