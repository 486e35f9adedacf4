"""The worker's loop: read calls from one pipe and write answers to another, until the first one is closed.

A message is the number of its parts and their lengths, eight bytes each, and the parts.  Calls are marshalled: both
ends run the same Python, and no other process has access to the pipes.
"""

from __future__ import annotations

import gc
import marshal
import mmap
import os
import select
import signal
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Self

from .answers import Answer, Busy, Part, dumps
from .handler import Call, CallHandler

_NICE = 5
"""Niceness of the worker: reading traffic may wait a little, passing it on may not."""
_PIECE = 256 << 10
"""Bytes of a long body that are sent at a time, so that copying them blocks nobody for long."""
_LARGE = 1 << 20
"""Bytes from which on filling a buffer with zeros takes milliseconds."""
BUFFER = 64 << 10
"""Bytes written or read at a time: what a pipe holds.  Each time, a thread of the proxy's process takes the GIL."""
_SIGN_INTERVAL = 1.0
"""Seconds between two signs of life during the work on one call."""
_MAX_CALL_TIME = 60.0
"""Seconds of work on one call after which signs of life cease: masking megabytes that were crafted to look like
credentials takes a third of that on a slow machine."""
_GARBAGE = 20_000
"""Objects made between two garbage collections."""
_MAX_AHEAD = 64 << 20
"""Bytes of calls that are read while the ends of exchanges wait."""


def send_calls(pipe: IO[bytes], calls: list[Call]) -> None:
    """Send calls to the worker."""
    _send(pipe, marshal.dumps(calls, 2))  # version 2 does not look for repeated objects: half the time


def pieces(calls: list[Call]) -> Iterator[list[Call]]:
    """Yield the same calls with long bodies cut into pieces."""
    some: list[Call] = []
    for call in calls:
        method, key, *arguments = call
        if method in ("request_body", "response_body") and len(data := arguments[0]) > _PIECE:
            yield some
            some = []
            for start in range(0, len(data), _PIECE):
                yield [(method, key, data[start : start + _PIECE])]
        else:
            some.append(call)
    yield some


def serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer calls until the pipe `calls`, which must be unbuffered, is closed.

    Judging and masking an exchange that has ended takes several times as long as reading it, and many may end at once:
    meanwhile the data of others would pile up, and in the end pass unread.  So ends wait while there is more to read.
    """
    handler, ends, ahead = CallHandler(), deque[Call](), 0
    with _Answers(answers) as sender:
        while parts := receive(calls):
            ahead += len(parts[0])
            for call in marshal.loads(parts[0]):
                if call[0] == "close":
                    ends.append(call)
                else:
                    sender.send(handler.take(call))
            while ends and (ahead > _MAX_AHEAD or not _more(calls)):
                sender.send(handler.take(ends.popleft()))
            if not ends:
                ahead = 0
        for call in ends:
            sender.send(handler.take(call))


class _Answers:
    """Sends answers, and signs of life while one takes long, without which slow work would look like a dead worker."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._lock = pipe, threading.Lock()
        self._since: float | None = None
        """When the work on one call began."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._give_signs, name="streamwatch signs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def send(self, made: Iterable[Answer]) -> None:
        """Send the answers to one call, which are made while `made` is iterated over."""
        self._since = time.monotonic()
        for answer in made:
            parts = dumps(answer)
            with self._lock:
                _send(self._pipe, *parts)
        self._since = None

    def _give_signs(self) -> None:
        with suppress(OSError, ValueError):  # nobody listens any more
            while not self._over.wait(_SIGN_INTERVAL):
                since = self._since
                if since is not None and time.monotonic() - since < _MAX_CALL_TIME:
                    parts = dumps(Busy())
                    with self._lock:
                        _send(self._pipe, *parts)


def _more(calls: IO[bytes]) -> bool:
    """Return whether there is something to read; False where that can't be told (on Windows)."""
    try:
        return bool(select.select([calls], [], [], 0.0)[0])
    except (OSError, ValueError):
        return False


def _send(pipe: IO[bytes], *parts: Part) -> None:
    pipe.write(struct.pack(f"<{1 + len(parts)}Q", len(parts), *map(len, parts)))
    for part in parts:
        pipe.write(part)
    pipe.flush()


def receive(pipe: IO[bytes]) -> list[Part]:
    """Return the parts of the next message; none if the pipe is closed or the message breaks off."""
    try:
        (count,) = struct.unpack("<Q", _read(pipe, 8))
        sizes = struct.unpack(f"<{count}Q", _read(pipe, 8 * count))
        return [_read(pipe, size) for size in sizes]
    except EOFError:
        return []


def _read(pipe: IO[bytes], size: int) -> Part:
    """Read `size` bytes, in place, since joining megabytes takes time.  An mmap gets its memory while the pipe is read,
    with the GIL released; a bytearray is filled with zeros before.  Raises EOFError if the pipe ends before."""
    data: Part = mmap.mmap(-1, size) if size > _LARGE else bytearray(size)
    with memoryview(data) as room:
        done = 0
        while done < size:
            if not (count := pipe.readinto(room[done:])):  # type: ignore[attr-defined]  # IO lacks it, pipes don't
                raise EOFError
            done += count
    return data


def collect_seldom() -> None:
    """Collect garbage seldom, and never among the objects alive now: next to none of ours are in cycles."""
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def main() -> None:
    """Serve the parent process over standard input and output."""
    collect_seldom()
    # signals that stop the proxy stop this process only by closing its input, once all calls are answered
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", BUFFER)
    sys.stdout = sys.stderr  # nothing printed may get between the answers
    try:
        serve(open(sys.stdin.fileno(), "rb", buffering=0), answers)  # noqa: SIM115 - until this process ends
    except BrokenPipeError:
        os._exit(0)  # the proxy has been killed: there is nobody to answer
