"""Reading from a server is paused while more comes than the worker can read, and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from mitmproxy.test import taddons, tflow
from streamwatchlib.suite import throttle
from streamwatchlib.suite.throttle import MAX_PAUSE, ServerThrottle


class Pausable(asyncio.ReadTransport):
    """A connection that only remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def is_reading(self) -> bool:
        return self.said[-1:] != ["pause"]

    def pause_reading(self) -> None:
        self.said.append("pause")

    def resume_reading(self) -> None:
        self.said.append("resume")


def play(
    monkeypatch: pytest.MonkeyPatch, crowded: Callable[[], bool], scene: Callable[[ServerThrottle, Pausable], None]
) -> tuple[list[tuple[float, float]], Pausable]:
    """Its rests."""
    transport = Pausable()
    monkeypatch.setattr(throttle, "transport_of", lambda _: transport)
    rests: list[tuple[float, float]] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        scene(ServerThrottle(tflow.tflow(), loop.time, crowded, lambda *rest: rests.append(rest)), transport)
        await asyncio.sleep(0.05)
        while not transport.is_reading():
            await asyncio.sleep(0.01)

    asyncio.run(run())
    return rests, transport


def test_it_is_read_from_again_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [True] * 5

    def twice(made: ServerThrottle, _: Pausable) -> None:
        made.pause()
        made.pause()

    rests, transport = play(monkeypatch, lambda: bool(left and left.pop()), twice)
    assert transport.said == ["pause", "resume"]
    ((end, length),) = rests
    assert 0 < length < MAX_PAUSE
    assert end > length


def test_it_is_read_from_again_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    rests, transport = play(monkeypatch, lambda: True, lambda made, _: made.pause())
    assert transport.said == ["pause", "resume"]
    ((_, length),) = rests
    assert length >= MAX_PAUSE


def test_who_else_has_paused_it_resumes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def scene(made: ServerThrottle, transport: Pausable) -> None:
        transport.pause_reading()
        made.pause()
        asyncio.get_running_loop().call_later(0.02, transport.resume_reading)

    rests, transport = play(monkeypatch, lambda: True, scene)
    assert transport.said == ["pause", "resume"]
    assert rests == []


def test_where_there_is_no_such_connection_nothing_is_done() -> None:
    async def run() -> None:
        with taddons.context():
            rests: list[tuple[float, float]] = []
            made = ServerThrottle(
                tflow.tflow(), asyncio.get_running_loop().time, lambda: True, lambda *rest: rests.append(rest)
            )
            made.pause()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            made.pause()
            assert rests == []

    asyncio.run(run())
