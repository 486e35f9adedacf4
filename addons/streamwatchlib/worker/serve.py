"""The worker's loop: calls from a pipe, answers into another, until the first one ends.

A message is the number of its parts and their lengths, eight bytes each, and the parts.  Calls are marshalled: both
ends are the same Python, and nobody else has a hand in the pipes.
"""

from __future__ import annotations

import gc
import marshal
import mmap
import os
import signal
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import IO

from .answers import Answer, Part, dumps
from .desk import Call, Desk

_NICE = 5
"""What is read may wait a little; what passes may not."""
_PIECE = 256 << 10
"""Bytes of a long body that are sent at a time, so that copying them keeps nobody waiting."""
_LARGE = 1 << 20
"""Bytes that it takes milliseconds to fill."""
BUFFER = 64 << 10
"""Bytes written or read at a time: what a pipe holds.  Each time a thread of the proxy's takes Python's lock."""
_GARBAGE = 20_000
"""Objects made between two searches for garbage."""


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
    """Do what is asked for until nobody can ask any more."""
    desk = Desk()
    while parts := receive(calls):
        for call in marshal.loads(parts[0]):
            _answer(answers, desk.take(call))


def _answer(pipe: IO[bytes], answers: Iterable[Answer]) -> None:
    for answer in answers:
        _send(pipe, *dumps(answer))


def _send(pipe: IO[bytes], *parts: Part) -> None:
    pipe.write(struct.pack(f"<{1 + len(parts)}Q", len(parts), *map(len, parts)))
    for part in parts:
        pipe.write(part)
    pipe.flush()


def receive(pipe: IO[bytes]) -> list[Part]:
    """The parts of the next message; none if there will be none, or it breaks off."""
    try:
        (count,) = struct.unpack("<Q", pipe.read(8))
        sizes = struct.unpack(f"<{count}Q", pipe.read(8 * count))
        return [_read(pipe, size) for size in sizes]
    except (EOFError, struct.error):
        return []


def _read(pipe: IO[bytes], size: int) -> Part:
    """So many bytes, read into their place, for to put megabytes together takes its time.  A map gets its memory while
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
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # the proxy has been killed: there is nobody to answer
