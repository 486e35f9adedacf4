"""Work done side by side gives the results that one process would give, in the same order."""

from __future__ import annotations

import os
from collections.abc import Iterator

from streamwatchlib.worker import crew


def pieces(count: int, taken: list[int]) -> Iterator[int]:
    """Numbers, each of them noted as it is taken."""
    for number in range(count):
        taken.append(number)
        yield number


def test_every_result_comes_in_its_order() -> None:
    assert list(crew.mapped(abs, range(-40, 0), 2, lambda _: 1)) == [*range(40, 0, -1)]


def test_what_is_handed_out_is_not_far_ahead_of_what_is_done() -> None:
    taken: list[int] = []
    for done, number in enumerate(crew.mapped(abs, pieces(100, taken), 2, lambda _: 1)):
        assert number == done
        assert len(taken) <= done + 10


def test_what_is_heavy_is_not_handed_out_together() -> None:
    taken: list[int] = []
    for done, _ in enumerate(crew.mapped(abs, pieces(10, taken), 2, lambda _: 40 << 20)):
        assert len(taken) <= done + 2


class _Deadly(str):
    """What kills the process to which it is sent, as one that wants too much memory is killed."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def test_where_a_process_is_killed_the_rest_is_done_here() -> None:
    words = [_Deadly(number) if number == 3 else str(number) for number in range(9)]
    assert list(crew.mapped(len, words, 2, lambda _: 1)) == [1] * 9
