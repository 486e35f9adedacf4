"""Work done by several processes side by side.

In: pieces of work, in their order.  Out: what came of each, in the same.  What is under way at a time is bounded, so
that there may be any number.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import get_context

from .serve import collect_seldom

_AHEAD = 4
"""Pieces a process that are under way, so that none has to wait for the one who hands them out."""
_MOST = 64 << 20
"""What they weigh together, but for the last, in bytes."""


def mapped[A, B](
    work: Callable[[A], B], pieces: Iterable[A], processes: int, weight: Callable[[A], int]
) -> Iterator[B]:
    """`work`, which the processes find by its name, done on each piece."""
    # not forked: a process that has threads must not be, and not every system can
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _prepare)
    under_way: deque[tuple[A, Future[B]]] = deque()
    held = 0
    try:
        for piece in pieces:
            under_way.append((piece, pool.submit(work, piece)))
            held += weight(piece)
            while len(under_way) > _AHEAD * processes or (held > _MOST and len(under_way) > 1):
                piece, done = under_way.popleft()
                held -= weight(piece)
                yield _result(work, piece, done)
        for piece, done in under_way:
            yield _result(work, piece, done)
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the one who hands out to end this
    collect_seldom()


def _result[A, B](work: Callable[[A], B], piece: A, done: Future[B]) -> B:
    """Where a process has been killed, for want of memory perhaps, the rest is done here."""
    try:
        return done.result()
    except BrokenExecutor:
        return work(piece)
