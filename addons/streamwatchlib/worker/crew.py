"""Stored exchanges worked out by several processes side by side.

In: exchanges as they lie in a file, in their order.  Out: their records, in the same.  What is under way at a time is
bounded, so that a file of any size can be read.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import get_context

from ..model import Limits, Record
from ..stored import Kept, worked_out
from .answers import Part, dumped, loaded
from .serve import collect_seldom

_AHEAD = 4
"""Exchanges a process that are under way, so that none has to wait for the one who reads the file."""
_MOST = 64 << 20
"""Bytes of bodies that are under way together, but for the last."""


def records[T](stored: Iterable[tuple[T, Kept]], limits: Limits, processes: int) -> Iterator[tuple[T, Record]]:
    """The record of each, beside what it came with."""
    # not forked: a process that has threads must not be, and not every system can
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _prepare)
    under_way: deque[tuple[T, Kept, Future[list[Part]]]] = deque()
    held = 0
    try:
        for what, kept in stored:
            under_way.append((what, kept, pool.submit(_work, kept, limits)))
            held += kept.size
            while len(under_way) > _AHEAD * processes or (held > _MOST and len(under_way) > 1):
                what, kept, done = under_way.popleft()
                held -= kept.size
                yield what, _result(kept, limits, done)
        for what, kept, done in under_way:
            yield what, _result(kept, limits, done)
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the one who reads the file to end this
    collect_seldom()


def _work(kept: Kept, limits: Limits) -> list[Part]:
    return dumped(worked_out(kept, limits))


def _result(kept: Kept, limits: Limits, done: Future[list[Part]]) -> Record:
    """Where a process has been killed, for want of memory perhaps, the rest is worked out here."""
    try:
        return loaded(done.result())
    except BrokenExecutor:
        return worked_out(kept, limits)
