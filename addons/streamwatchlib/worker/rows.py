"""Thousands of small tuples on their way from one process to the other, made again only when they are used.

In: a record's events or arrivals.  Out: batches of plain values, and a sequence made of these.  mitmproxy's process
publishes and writes nearly all records without a look at a single event.
"""

from __future__ import annotations

import marshal
from collections.abc import Buffer, Iterator, Sequence
from functools import partial
from itertools import batched, chain
from typing import Any, overload

_TOGETHER = 500
"""Tuples per batch, which is then read from the pipe in a fraction of a millisecond."""


def batches(rows: Sequence[tuple[object, ...]]) -> list[bytes]:
    """Marshal the values of rows, `_TOGETHER` rows a batch; no value may be of a class of ours."""
    return [marshal.dumps([tuple(row) for row in some]) for some in batched(rows, _TOGETHER)]


class Rows[T: tuple[Any, ...]](Sequence[T]):
    """The rows that were given to `batches`, as tuples of `kind`; behaves like a tuple of them."""

    __slots__ = ("_batches", "_count", "_kind", "_rows")

    def __init__(self, kind: type[T], count: int, batches: Sequence[Buffer]) -> None:
        self._kind, self._count, self._batches = kind, count, batches
        self._rows: tuple[T, ...] | None = None

    def _made(self) -> tuple[T, ...]:
        batches = self._batches  # read before `_rows`: another thread may be making them
        if self._rows is None:
            make = partial(tuple.__new__, self._kind)
            self._rows = tuple(map(make, chain.from_iterable(map(marshal.loads, batches))))
            self._batches = ()
        return self._rows

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._made()[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self._made())

    def __eq__(self, other: object) -> bool:
        return self._made() == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._made())

    def __repr__(self) -> str:
        return repr(self._made())

    def __reduce__(self) -> tuple[object, ...]:
        return tuple, (self._made(),)
