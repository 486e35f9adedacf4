"""Starts and ends the worker: a process of its own, or a thread where none can be started."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from ...worker.serve import BUFFER, serve

logger = logging.getLogger(__name__)

_GIVE_WAY = 0.0005
"""Seconds after which a thread of ours yields the GIL to the event loop, which asks for it after every read and write;
Python's default is 5 ms."""
_GRACE = 2.0
"""Seconds in which the process must end once its calls are closed."""
_MOST_WORDS = 2000
_START = "import sys; sys.path.insert(0, sys.argv[1]); from streamwatchlib.worker.serve import main; main()"
_ROOT = Path(__file__).resolve().parents[3]


class Started(NamedTuple):
    """A worker that has been started.  It ends when its `calls` are closed."""

    calls: IO[bytes]
    answers: IO[bytes]
    process: subprocess.Popen[bytes] | None = None
    stderr: IO[bytes] | None = None

    def end(self, grace: float = _GRACE) -> None:
        """Wait until the process has ended, and kill it after `grace` seconds; its calls have been closed."""
        if self.process is None:
            return
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self) -> str:
        """The last that the process wrote to its stderr."""
        if self.stderr is None:
            return ""
        self.stderr.seek(0, os.SEEK_END)
        self.stderr.seek(max(0, self.stderr.tell() - _MOST_WORDS))
        return self.stderr.read().decode(errors="replace")


def start(*, in_thread: bool) -> Started:
    """Start a worker: a process, or a thread if no process can be started or `in_thread`.

    Raises OSError or RuntimeError if there are neither files nor threads left for one.
    """
    sys.setswitchinterval(min(sys.getswitchinterval(), _GIVE_WAY))
    if in_thread or getattr(sys, "frozen", False) or not sys.executable:
        return _thread()  # the executable of a frozen program is no Python
    stderr = _file()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, str(_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr or subprocess.DEVNULL,
            bufsize=BUFFER,
            # Ctrl-C is for the proxy.  No new session: Linux would give that as much time as the proxy's, however nice
            process_group=0,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
        )
    except OSError as error:
        if stderr:
            stderr.close()
        instead = _thread()
        logger.warning("streamwatch reads in a thread because it could not start a process: %s", error)
        return instead
    assert process.stdin
    assert process.stdout
    return Started(process.stdin, process.stdout, process, stderr)


def _file() -> IO[bytes] | None:
    """A file for the worker's stderr; None where nothing can be written, as in a hardened container."""
    with suppress(OSError):
        return tempfile.TemporaryFile()
    return None


def _thread() -> Started:
    ends: list[int] = []
    try:
        for _ in range(2):
            ends += os.pipe()
        calls, to_worker, answers, from_worker = ends

        def work() -> None:
            with os.fdopen(calls, "rb", 0) as asked, os.fdopen(from_worker, "wb") as answered:
                serve(asked, answered)

        threading.Thread(target=work, name="streamwatch worker", daemon=True).start()
    except Exception:
        for end in ends:  # the traffic may need these, the last there were
            os.close(end)
        raise
    return Started(os.fdopen(to_worker, "wb"), os.fdopen(answers, "rb"))
