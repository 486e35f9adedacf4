"""Stored exchanges worked out side by side are what one process makes of them, in their order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from streamwatchlib.model import Head, Limits, Opening
from streamwatchlib.stored import Kept, Observation, pack, worked_out
from streamwatchlib.worker import crew

OPENING = Opening("x", 1e9, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ())
SSE = Head(200, "HTTP/1.1", (("content-type", "text/event-stream"),))
PIECES = [b'data: {"choices":[{"index":0,"delta":{"content":"w%d"}}]}\n\n' % i for i in range(30)]
ARRIVALS = tuple((round(0.2 + 0.02 * i, 6), len(piece)) for i, piece in enumerate(PIECES))
KEPT = Kept(
    opening=OPENING,
    request=b'{"stream": true}',
    head=SSE,
    response=b"".join(PIECES),
    messages=(),
    packed=pack(Observation("complete", None, 0.001, 0.1, 1.0, (), ARRIVALS, 30)),
    plain=Observation("complete"),
)


def exchanges(count: int) -> Iterator[tuple[int, Kept]]:
    for number in range(count):
        yield number, replace(KEPT, opening=replace(OPENING, id=str(number)))


def test_every_record_comes_in_its_order_and_is_what_this_process_would_make() -> None:
    expected = [(number, worked_out(kept, Limits())) for number, kept in exchanges(40)]
    assert expected[0][1].stream is not None
    assert list(crew.records(exchanges(40), Limits(), 2)) == expected


def test_a_file_is_not_read_far_ahead_of_what_is_worked_out() -> None:
    read = []

    def reading() -> Iterator[tuple[int, Kept]]:
        for number, kept in exchanges(100):
            read.append(number)
            yield number, kept

    for done, (number, _) in enumerate(crew.records(reading(), Limits(), 2)):
        assert number == done
        assert len(read) <= done + 10


class _Deadly(str):
    """What kills the process to which it is sent, as one that wants too much memory is killed."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def test_where_a_process_is_killed_the_rest_is_worked_out_here() -> None:
    stored = [
        (number, replace(kept, packed=_Deadly(KEPT.packed)) if number == 3 else kept) for number, kept in exchanges(9)
    ]
    assert list(crew.records(stored, Limits(), 2)) == [(number, worked_out(kept, Limits())) for number, kept in stored]
