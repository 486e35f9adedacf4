"""What comes within one turn of the event loop has one number, whatever the loop."""

from __future__ import annotations

import asyncio
import selectors

import pytest
from streamwatchlib.suite.iterations import LoopIterations


class Closed(selectors.DefaultSelector):
    """A selector in whose place nothing can be put, as one written in C."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "select":
            raise AttributeError(name)
        super().__setattr__(name, value)


@pytest.mark.parametrize("selector", [selectors.DefaultSelector, selectors.SelectSelector, Closed])
def test_each_turn_has_its_number(selector: type[selectors.BaseSelector]) -> None:
    async def scene() -> None:
        turns = LoopIterations()
        seen = []
        for _ in range(5):
            first = turns.now()
            assert turns.now() == first
            seen.append(first)
            await asyncio.sleep(0)
        assert seen == sorted(set(seen))

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector())) as runner:
        runner.run(scene())


def test_a_read_of_a_socket_is_a_turn_of_its_own() -> None:
    async def scene() -> None:
        turns = LoopIterations()
        seen: list[int] = []

        class Server(asyncio.Protocol):
            def data_received(self, data: bytes) -> None:
                seen.append(turns.now())
                seen.append(turns.now())

        loop = asyncio.get_running_loop()
        server = await loop.create_server(Server, "127.0.0.1", 0)
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for due in (2, 4, 6):
                writer.write(b"x")
                while len(seen) < due:
                    await asyncio.sleep(0)
            writer.close()
        assert seen[::2] == seen[1::2] == sorted(set(seen))

    asyncio.run(scene())
