"""The stream callable: bytes out are bytes in, blocks of one loop iteration are one arrival."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from streamwatchlib.suite.tap import Tap


class Ticking:
    """A clock that is one second later with every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


def test_blocks_of_one_iteration_are_one_arrival_at_the_first_ones_time() -> None:
    arrivals: list[tuple[bytes, float, int]] = []

    async def scene() -> None:
        tap = Tap(Ticking(), lambda *arrival: arrivals.append(arrival), lambda: None)
        assert [tap(b"a"), tap(b"b")] == [b"a", b"b"]
        assert arrivals == [], "read only after the blocks have been handed on"
        await asyncio.sleep(0)
        tap(b"c")
        await asyncio.sleep(0)

    run(scene)
    assert arrivals == [(b"ab", 1.0, 2), (b"c", 4.0, 1)], "the clock ticks for the meter, too"


def test_the_meter_gets_the_time_to_the_hand_over_and_that_of_the_reading() -> None:
    measured: list[tuple[float, float]] = []
    clock = Ticking()

    async def scene() -> None:
        tap = Tap(clock, lambda *_: clock(), lambda: None, meter=lambda *both: measured.append(both))
        tap(b"a")
        tap(b"b")
        await asyncio.sleep(0)

    run(scene)
    assert measured == [(1.0, 2.0)]


def test_the_end_comes_after_the_last_arrival() -> None:
    said: list[object] = []

    async def scene() -> None:
        tap = Tap(Ticking(), lambda data, *_: said.append(data), lambda: said.append("end"))
        tap(b"a")
        assert tap(b"") == b""
        await asyncio.sleep(0)

    run(scene)
    assert said == [b"a", "end"]


def test_flush_hands_on_once() -> None:
    arrivals: list[bytes] = []

    async def scene() -> None:
        tap = Tap(Ticking(), lambda data, *_: arrivals.append(data), lambda: None)
        tap(b"a")
        tap.flush()
        await asyncio.sleep(0)

    run(scene)
    assert arrivals == [b"a"]


def test_a_failing_watcher_costs_the_sight_of_the_stream_and_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[bytes] = []

    def failing(data: bytes, *_: object) -> None:
        calls.append(data)
        raise ValueError("ours")

    def failing_end() -> None:
        raise ValueError("ours too")

    async def scene() -> None:
        tap = Tap(Ticking(), failing, failing_end)
        for data in (b"a", b"b", b"c"):
            assert tap(data) == data
            await asyncio.sleep(0)
        assert tap(b"") == b""
        await asyncio.sleep(0)
        assert tap.broken

    run(scene)
    assert calls == [b"a"]
    assert len(caplog.records) == 1, "said once"


def test_a_failing_clock_costs_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> float:
        raise OSError("no clock")

    async def scene() -> None:
        tap = Tap(failing, lambda *_: None, lambda: None)
        assert tap(b"a") == b"a"

    run(scene)
    assert "no clock" in caplog.text


def test_another_addons_callable_still_decides_what_goes_out() -> None:
    arrivals: list[bytes] = []

    async def scene() -> None:
        tap = Tap(Ticking(), lambda data, *_: arrivals.append(data), lambda: None, lambda data: data.upper())
        assert tap(b"a") == b"A"
        await asyncio.sleep(0)

    run(scene)
    assert arrivals == [b"a"], "what the server sent is what is watched"
