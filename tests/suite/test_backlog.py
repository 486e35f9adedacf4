"""What waits is read in turn, a little at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest
from streamwatchlib.suite.backlog import LONGER, MANY, MOST, PERIOD, SLICE, Backlog


def steps(count: int, seconds: float, done: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Work of so many steps, each so long."""
    for _ in range(count):
        time.sleep(seconds)
        yield
    done()


def test_reading_keeps_the_loop_for_a_slice_at_a_time_and_gives_each_its_turn() -> None:
    order: list[str] = []
    kept: list[float] = []

    async def scene() -> None:
        backlog = Backlog(time.perf_counter, kept.append)
        backlog.add(steps(50, SLICE / 4, lambda: order.append("long")))
        backlog.add(steps(1, SLICE / 4, lambda: order.append("short")))
        turns = 0
        while len(order) < 2:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= 8, "others had their turns"

    asyncio.run(scene())
    assert order == ["short", "long"]
    assert sorted(kept)[len(kept) // 2] < 2 * SLICE


def test_when_too_much_waits_nothing_else_is_done() -> None:
    async def scene() -> None:
        backlog = Backlog(time.perf_counter)
        backlog.bytes = MOST + 1

        def reading() -> Iterator[None]:
            for _ in range(20):
                time.sleep(SLICE / 4)
                yield
            backlog.bytes = 0
            yield from steps(20, SLICE / 4)

        backlog.add(reading())
        await asyncio.sleep(0)
        assert backlog.bytes == 0

    asyncio.run(scene())


def test_a_job_that_fails_is_told_of_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    done: list[bool] = []

    def failing() -> Iterator[None]:
        yield
        raise ValueError("ours")

    async def scene() -> None:
        backlog = Backlog(time.perf_counter)
        backlog.add(failing())
        backlog.add(steps(1, 0.0, lambda: done.append(True)))
        await asyncio.sleep(PERIOD / 10)

    asyncio.run(scene())
    assert done == [True]
    assert "ours" in caplog.text


@pytest.mark.parametrize(("jobs", "pauses"), [(MANY // 2, True), (2 * MANY, False)])
def test_between_slices_is_a_pause_unless_many_wait(jobs: int, pauses: bool) -> None:
    async def scene() -> None:
        backlog = Backlog(time.perf_counter)
        for _ in range(jobs):
            backlog.add(steps(2, SLICE))
        await asyncio.sleep(0)
        began = time.perf_counter()
        for _ in range(5):
            await asyncio.sleep(0)
        took = time.perf_counter() - began
        assert took < SLICE if pauses else took >= 4 * LONGER
        backlog.finish()

    asyncio.run(scene())
