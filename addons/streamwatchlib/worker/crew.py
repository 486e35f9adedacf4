"""Work done by several processes side by side.

In: pieces of work.  Out: their results, in the same order.  The pieces under way at a time are bounded, so that there
may be any number of them.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import get_context

from .serve import collect_seldom

_MAX_AHEAD = 4
"""Pieces under way per process, so that none has to wait for the next."""
_MAX_WEIGHT = 64 << 20
"""Bytes that the pieces under way may weigh together, not counting the last."""


def mapped[A, B](
    work: Callable[[A], B], pieces: Iterable[A], processes: int, weight: Callable[[A], int]
) -> Iterator[B]:
    """Yield `work(piece)` of each piece; `work` must be importable by name, `weight(piece)` is in bytes."""
    # not forked: a process that has threads must not be, and not every system can
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _prepare)
    under_way: deque[tuple[A, Future[B]]] = deque()
    held = 0
    try:
        for piece in pieces:
            under_way.append((piece, pool.submit(work, piece)))
            held += weight(piece)
            while len(under_way) > _MAX_AHEAD * processes or (held > _MAX_WEIGHT and len(under_way) > 1):
                piece, done = under_way.popleft()
                held -= weight(piece)
                yield _result(work, piece, done)
        for piece, done in under_way:
            yield _result(work, piece, done)
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all processes: the parent ends this one
    collect_seldom()


def _result[A, B](work: Callable[[A], B], piece: A, done: Future[B]) -> B:
    """The result of a piece; if a process was killed, perhaps for want of memory, the work is done here."""
    try:
        return done.result()
    except BrokenExecutor:
        return work(piece)
