"""The proxy's own lag."""

from __future__ import annotations

import asyncio
import time

from streamwatchlib.model import Clocks
from streamwatchlib.suite.heartbeat import Heartbeat


def test_a_stalled_loop_is_seen_with_its_time_and_length() -> None:
    async def scene() -> Clocks:
        heartbeat = Heartbeat(time.perf_counter)
        start = time.perf_counter()
        heartbeat.enter()
        await asyncio.sleep(0.1)
        time.sleep(0.15)
        await asyncio.sleep(0.1)
        clocks = heartbeat.since(start)
        heartbeat.leave()
        return clocks

    clocks = asyncio.run(scene())
    assert clocks.lag is not None
    assert 0.1 < clocks.lag.max < 0.3
    stall = max(clocks.lags, key=lambda pair: pair[1])
    assert 0.2 < stall[0] < 0.4


def test_nothing_beats_while_nobody_watches() -> None:
    async def scene() -> int:
        heartbeat = Heartbeat(time.perf_counter)
        heartbeat.enter()
        heartbeat.enter()
        heartbeat.leave()
        await asyncio.sleep(0.05)
        beating = len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
        heartbeat.leave()
        assert heartbeat.since(0.0) == Clocks(), "nothing is known of a time nobody watched"
        return beating

    assert asyncio.run(scene()) > 0


def test_what_a_short_exchange_costs_does_not_grow_with_how_long_others_have_been_watched() -> None:
    def seconds(beats: int) -> float:
        heartbeat = Heartbeat(lambda: 0.0)
        heartbeat._samples.extend((0.02 * i, 0.001) for i in range(beats))

        def one() -> float:
            began = time.perf_counter()
            assert heartbeat.since(0.02 * beats - 0.5).lag is not None
            return time.perf_counter() - began

        return min(one() for _ in range(20))

    assert seconds(90_000) < 5 * seconds(100)
