"""The worker's loop: calls from a pipe, answers into another, until the first one ends.

A message is its length in eight bytes and that many bytes: calls are marshalled (both ends are the same Python),
answers pickled (`answers`).  Nobody else has a hand in the pipes.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
from collections.abc import Iterable
from typing import IO

from .answers import Answer, dumps, loads
from .desk import Call, Desk

_NICE = 5
"""What is read may wait a little; what passes may not."""
_GARBAGE = 20_000
"""Objects made between two searches for garbage: next to none of ours is in cycles."""


def send_calls(pipe: IO[bytes], calls: list[Call]) -> None:
    """Calls, to the worker."""
    _send(pipe, marshal.dumps(calls, 2))  # version 2 looks for nothing that stands twice: half the time


def read_answer(pipe: IO[bytes]) -> Answer | None:
    """The worker's next answer; None if there will be none."""
    data = _receive(pipe)
    return loads(data) if data else None


def serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Do what is asked for until nobody can ask any more."""
    desk = Desk()
    while data := _receive(calls):
        for call in marshal.loads(data):
            _answer(answers, desk.take(call))


def _answer(pipe: IO[bytes], answers: Iterable[Answer]) -> None:
    for answer in answers:
        _send(pipe, dumps(answer))


def _send(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(len(data).to_bytes(8))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    size = int.from_bytes(pipe.read(8))
    return pipe.read(size)


def main() -> None:
    """Serve whoever started this process, by its standard input and output."""
    # what stops the proxy stops this by the end of its input: when all that it was asked is answered
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not come between
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # the proxy has been killed: there is nobody to answer
