"""The kernel's counts of a connection, read from a real one; and which silences they explain."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from mitmproxy.test import tflow
from streamwatchlib.model import Network
from streamwatchlib.suite import segments
from streamwatchlib.suite.segments import Counted, Segments, counted

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it counts")


@pytest.fixture
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            yield client, accepted


@linux
def test_the_kernel_tells_the_way_and_what_came(connected: tuple[socket.socket, socket.socket]) -> None:
    client, server = connected
    before = counted(client)
    for data in (b"x" * 200, b"y" * 300):
        server.sendall(data)
        assert client.recv(1000) == data
    after = counted(client)

    assert before
    assert after
    assert (before.received, before.segments) == (0, 0)
    assert (after.received, after.segments, after.out_of_order) == (500, 2, 0)
    assert after.rtt is not None
    assert 0 < after.rtt < 1
    assert 300 <= after.mss <= 65_536


def test_of_a_connection_that_is_gone_nothing_is_known(connected: tuple[socket.socket, socket.socket]) -> None:
    client, _ = connected
    client.close()

    assert counted(client) is None


def test_what_is_no_tcp_is_not_asked() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert counted(one) is None


class Kernel:
    """Says what it is told to say."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count: Counted | None = Counted(0.1, 1448, 0, 0, 0)
        monkeypatch.setattr(segments, "counted", lambda _: self.count)
        monkeypatch.setattr(segments, "_socket", lambda _: self)

    def receives(self, segments: int, out_of_order: int = 0) -> None:
        assert self.count
        rtt, mss, received, before, disordered = self.count
        self.count = Counted(rtt, mss, received + 300 * segments, before + segments, disordered + out_of_order)


def network(scene: Any) -> Network | None:
    """What is known after a scene is played, on an axis that begins at 100."""

    async def run() -> Network | None:
        seen = Segments(tflow.tflow(), lambda at: at - 100)
        await scene(seen)
        return seen.network()

    return asyncio.run(run())


def test_a_silence_in_which_segments_came_out_of_order_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(monkeypatch)
    kernel.receives(7, out_of_order=2)  # before the response

    async def scene(seen: Segments) -> None:
        kernel.receives(3)
        seen.silence(101.0)
        kernel.receives(6, out_of_order=4)
        seen.silence(102.0)

    assert network(scene) == Network(0.1, 1448, 2700, 9, 4, ((2.0, 4),))


def test_what_comes_out_of_order_amid_a_lump_is_not_the_next_silences(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(monkeypatch)

    async def scene(seen: Segments) -> None:
        kernel.receives(4)
        seen.silence(101.0)
        kernel.receives(10, out_of_order=3)
        await asyncio.sleep(2 * segments.SETTLED)
        seen.silence(103.0)

    found = network(scene)

    assert found
    assert (found.out_of_order, found.stalls) == (3, ())


def test_of_a_connection_that_ended_first_what_was_told_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(monkeypatch)

    async def scene(seen: Segments) -> None:
        kernel.receives(4, out_of_order=3)
        seen.silence(101.0)
        kernel.count = None
        seen.silence(102.0)

    assert network(scene) == Network(rtt=0.1, stalls=((1.0, 3),))


def test_where_nothing_is_told_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(seen: Segments) -> None:
        seen.silence(101.0)

    assert network(scene) is None, "a flow without a connection"
