"""The worker's loop: calls from a pipe, answers into another, until the first one ends.

A message is the number of its parts and their lengths, eight bytes each, and the parts.  Calls are marshalled: both
ends are the same Python, and nobody else has a hand in the pipes.
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
from .desk import Call, Desk

_NICE = 5
"""What is read may wait a little; what passes may not."""
_PIECE = 256 << 10
"""Bytes of a long body that are sent at a time, so that copying them keeps nobody waiting."""
_LARGE = 1 << 20
"""Bytes that it takes milliseconds to fill."""
BUFFER = 64 << 10
"""Bytes written or read at a time: what a pipe holds.  Each time a thread of the proxy's takes Python's lock."""
_SIGN = 1.0
"""Seconds of work after which a sign is given, again and again, that it goes on."""
_LONGEST = 60.0
"""Seconds of one call after which no more signs are given: to mask megabytes that were made to look like credentials
takes a third of it, on a slow machine."""
_GARBAGE = 20_000
"""Objects made between two searches for garbage."""
_AHEAD = 64 << 20
"""Bytes that are read while ends wait."""


def send_calls(pipe: IO[bytes], calls: list[Call]) -> None:
    """Calls, to the worker."""
    _send(pipe, marshal.dumps(calls, 2))  # version 2 looks for nothing that stands twice: half the time


def pieces(calls: list[Call]) -> Iterator[list[Call]]:
    """The same calls, long bodies by the piece."""
    some: list[Call] = []
    for call in calls:
        what, key, *arguments = call
        if what in ("request", "whole") and len(data := arguments[0]) > _PIECE:
            yield some
            some = []
            for start in range(0, len(data), _PIECE):
                yield [(what, key, data[start : start + _PIECE])]
        else:
            some.append(call)
    yield some


def serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Do what is asked for until nobody can ask any more.  `calls` has no buffer.

    To judge and mask what has ended takes several times what it took to read, and many may end at once: until it is
    done, what the others go on to send would wait, and in the end pass unread.  So ends wait while there is more to
    read.
    """
    desk, ends, ahead = Desk(), deque[Call](), 0
    with _Answers(answers) as told:
        while parts := receive(calls):
            ahead += len(parts[0])
            for call in marshal.loads(parts[0]):
                if call[0] == "close":
                    ends.append(call)
                else:
                    told.send(desk.take(call))
            while ends and (ahead > _AHEAD or not _more(calls)):
                told.send(desk.take(ends.popleft()))
            if not ends:
                ahead = 0
        for call in ends:
            told.send(desk.take(call))


class _Answers:
    """Sends answers, and signs of life while one takes long: to whoever waits, slow work and none look the same."""

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
        """Have these answers to one call made, and send them."""
        self._since = time.monotonic()
        for answer in made:
            parts = dumps(answer)
            with self._lock:
                _send(self._pipe, *parts)
        self._since = None

    def _give_signs(self) -> None:
        with suppress(OSError, ValueError):  # nobody listens any more
            while not self._over.wait(_SIGN):
                since = self._since
                if since is not None and time.monotonic() - since < _LONGEST:
                    parts = dumps(Busy())
                    with self._lock:
                        _send(self._pipe, *parts)


def _more(calls: IO[bytes]) -> bool:
    """There is something to read; where that can't be told (on Windows), there is not."""
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
    """The parts of the next message; none if there will be none, or it breaks off."""
    try:
        (count,) = struct.unpack("<Q", _read(pipe, 8))
        sizes = struct.unpack(f"<{count}Q", _read(pipe, 8 * count))
        return [_read(pipe, size) for size in sizes]
    except EOFError:
        return []


def _read(pipe: IO[bytes], size: int) -> Part:
    """So many bytes, read into place, since joining megabytes takes its time.  A map gets its memory while
    the pipe is read, when others may go on; a bytearray is filled with zeros before.  Raises EOFError."""
    data: Part = mmap.mmap(-1, size) if size > _LARGE else bytearray(size)
    with memoryview(data) as room:
        done = 0
        while done < size:
            if not (count := pipe.readinto(room[done:])):  # type: ignore[attr-defined]  # IO lacks it, pipes don't
                raise EOFError
            done += count
    return data


def collect_seldom() -> None:
    """Search for garbage seldom, and not among what is there now: next to none of ours is in cycles."""
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def main() -> None:
    """Serve whoever started this process, by its standard input and output."""
    collect_seldom()
    # what stops the proxy stops this by the end of its input: when all that it was asked is answered
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", BUFFER)
    sys.stdout = sys.stderr  # whatever prints must not come between
    try:
        serve(open(sys.stdin.fileno(), "rb", buffering=0), answers)  # noqa: SIM115 - until this process ends
    except BrokenPipeError:
        os._exit(0)  # the proxy has been killed: there is nobody to answer
