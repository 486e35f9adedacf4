"""The stream callable: bytes out are bytes in, blocks of one loop iteration are one arrival."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import pytest
from streamwatchlib.suite.backlog import HURRY, PERIOD, Backlog
from streamwatchlib.suite.tap import FEW, TIMED, Arrival, Tap
from streamwatchlib.suite.turns import Turns


class Ticking:
    """A clock that is one second later with every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


class Watcher:
    """What a tap is told, and a tap that tells it."""

    def __init__(self, clock: Callable[[], float] | None = None, inner: Callable[[bytes], bytes] | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.gone: list[tuple[float, float]] = []
        self.wants_more = True
        self.by_steps = False
        self.said: list[object] = []
        self.error: Exception | None = None
        clock = clock or Ticking()
        self.backlog = Backlog(clock)
        self.tap = Tap(
            self.backlog,
            Turns(),
            clock,
            self.read,
            self.steps,
            self.end,
            inner,
            self.handed,
        )

    def read(self, arrivals: Sequence[Arrival]) -> bool:
        if self.by_steps:
            return False
        for arrival in arrivals:
            self.take(arrival)
        return True

    def steps(self, arrival: Arrival) -> Iterator[None]:
        yield
        self.take(arrival)

    def take(self, arrival: Arrival) -> None:
        self.said.append(arrival[0])
        self.arrivals.append(arrival)
        if self.error:
            raise self.error

    def handed(self, at: float, now: float) -> bool:
        self.gone.append((at, now))
        return self.wants_more

    def end(self) -> None:
        self.said.append("end")
        if self.error:
            raise self.error


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


def test_blocks_of_one_iteration_are_one_arrival_at_the_first_ones_time() -> None:
    async def scene() -> None:
        watcher = Watcher()
        tap = watcher.tap
        assert [tap(b"a"), tap(b"b")] == [b"a", b"b"]
        await asyncio.sleep(0)
        tap(b"c")
        await asyncio.sleep(0)
        assert watcher.arrivals == [], "read when nobody waits for it"
        assert tap.unread == b"abc"
        await asyncio.sleep(2 * PERIOD)
        assert watcher.arrivals == [(b"ab", 1.0, 2), (b"c", 2.0, 1)]
        assert tap.unread == b""

    run(scene)


def test_much_is_read_at_once() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.tap(b"x" * HURRY)
        assert watcher.arrivals == [], "but not before it has been handed on"
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(watcher.arrivals) == 1
        assert watcher.backlog.bytes == 0

    run(scene)


def test_when_an_arrival_is_gone_is_told_of_one_every_few_bytes() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.wants_more = False
        for size in (1, FEW - 1, 1, FEW // 2, FEW // 2):
            watcher.tap(b"x" * size)
            await asyncio.sleep(0)
        assert len(watcher.gone) == 2, "the second and the last"
        watcher.wants_more = True
        for _ in range(4):
            watcher.tap(b"x" * (FEW // 2))
        assert len(watcher.gone) == 2, "not before it has been handed on"
        await asyncio.sleep(0)
        assert len(watcher.gone) == 3, "once for all of one arrival"
        watcher.tap(b"x")
        await asyncio.sleep(0)
        assert len(watcher.gone) == 4, "the next one, too, where that is wanted"

    run(scene)


def test_of_many_arrivals_few_are_timed() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.wants_more = False
        for _ in range(20 * TIMED):
            watcher.tap(b"x")
            await asyncio.sleep(0)
        assert 15 <= len(watcher.gone) <= 25

    run(scene)


def test_the_end_waits_for_nothing() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.tap(b"a")
        assert watcher.tap(b"") == b""
        await asyncio.sleep(0)
        assert watcher.said == ["end"]

    run(scene)


@pytest.mark.parametrize("by_steps", [False, True])
def test_whoever_goes_on_reading_each_arrival_is_read_once_and_in_order(by_steps: bool) -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.by_steps = by_steps
        tap = watcher.tap
        tap(b"a")
        await asyncio.sleep(0)
        tap(b"b")
        next(tap.reading())
        assert watcher.said == [b"a"][: not by_steps]
        await asyncio.sleep(0)
        tap(b"c")
        for _ in tap.reading():
            pass
        await asyncio.sleep(2 * PERIOD)
        assert watcher.said == [b"a", b"b", b"c"]
        for data in (b"d", b"e", b"f"):
            tap(data)
            await asyncio.sleep(0)
        assert tap.unread == b"def"
        next(tap.reading())
        assert b"".join(map(bytes, watcher.said[3:])) + tap.unread == (b"ef" if by_steps else b"def")
        watcher.backlog.finish()
        assert watcher.said == [b"a", b"b", b"c", b"d", b"e", b"f"]
        assert watcher.backlog.bytes == 0

    run(scene)


def test_a_failing_watcher_costs_the_sight_of_the_stream_and_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.error = ValueError("ours")
        tap = watcher.tap
        for data in (b"a", b"b", b"c"):
            assert tap(data) == data
            await asyncio.sleep(2 * PERIOD)
        assert tap(b"") == b""
        await asyncio.sleep(0)
        assert tap.broken
        assert watcher.said == [b"a", "end"]
        assert watcher.backlog.bytes == 0

    run(scene)
    assert len(caplog.records) == 1, "said once"


def test_a_failing_clock_costs_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> float:
        raise OSError("no clock")

    async def scene() -> None:
        assert Watcher(failing).tap(b"a") == b"a"

    run(scene)
    assert "no clock" in caplog.text


def test_another_addons_callable_still_decides_what_goes_out() -> None:
    async def scene() -> None:
        watcher = Watcher(inner=bytes.upper)
        assert watcher.tap(b"a") == b"A"
        watcher.backlog.finish()
        assert watcher.arrivals == [(b"a", 1.0, 1)], "what the server sent is what is watched"

    run(scene)
