"""The proxy's own lag."""

from __future__ import annotations

import asyncio
import time

from streamwatchlib.suite import heartbeat as room
from streamwatchlib.suite.heartbeat import Heartbeat

type Beats = list[tuple[float, float]]


def test_a_stalled_loop_is_seen_with_its_time_and_length() -> None:
    async def scene() -> Beats:
        beats: Beats = []
        heartbeat = Heartbeat(time.perf_counter, beats.extend)
        start = time.perf_counter()
        heartbeat.enter()
        await asyncio.sleep(0.1)
        time.sleep(0.15)
        await asyncio.sleep(0.1)
        heartbeat.leave()
        return [(at - start, late) for at, late in beats]

    at, late = max(asyncio.run(scene()), key=lambda beat: beat[1])
    assert 0.1 < late < 0.3
    assert 0.2 < at < 0.4


def test_it_beats_while_somebody_watches_and_tells_it_at_the_end() -> None:
    async def scene() -> None:
        beats: Beats = []
        heartbeat = Heartbeat(time.perf_counter, beats.extend)
        heartbeat.enter()
        heartbeat.enter()
        heartbeat.leave()
        await asyncio.sleep(0.05)
        assert not beats, "told together"
        heartbeat.enter()
        heartbeat.leave()
        told = len(beats)
        assert told >= 1, "to each who leaves"
        heartbeat.leave()
        await asyncio.sleep(0.05)
        heartbeat.flush()
        assert len(beats) == told, "nobody watches any more"

    asyncio.run(scene())


def test_a_long_watch_is_told_by_and_by() -> None:
    told: list[int] = []
    heartbeat = Heartbeat(lambda: 0.0, lambda beats: told.append(len(beats)))

    async def scene() -> None:
        for _ in range(2 * room.TOGETHER + 1):
            heartbeat._beat(0.0)
            assert heartbeat._timer
            heartbeat._timer.cancel()

    asyncio.run(scene())
    assert told == [room.TOGETHER] * 2
