"""The two ends of a benchmark, each a process of its own: an origin of paced events and a client that checks them.

The origin answers ``GET /EVENTS-RATE`` with EVENTS chat chunks, RATE a second (0: as fast as possible), one HTTP chunk
each.  Every event carries its number and the time it was sent; the client removes the framing, checks that no event is
missing, corrupted or out of order, and prints their delays: one JSON list per stream.  Both read the machine's
monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import IO

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":%d,"model":"bench",'
    b'"choices":[{"index":0,"delta":{"content":" word%d"},"finish_reason":null}]}\n\n'
)
START, MIDDLE, END = b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":', b" word", b'"'


@dataclass(frozen=True)
class Load:
    """`streams` at a time, each of `events`, `rate` a second (0: as fast as it goes), `times` over."""

    streams: int
    events: int
    rate: float
    times: int = 1

    @property
    def total(self) -> int:
        return self.streams * self.events * self.times


async def origin() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            events, rate = (float(x) for x in line.split()[1].strip(b"/").split(b"-"))
            while (await reader.readline()).strip():
                pass
            writer.write(HEAD)
            due = time.perf_counter()
            for i in range(int(events)):
                if rate and i:
                    due += 1 / rate
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                data = EVENT % (time.perf_counter_ns(), i)
                writer.write(b"%x\r\n%s\r\n" % (len(data), data))
                if not rate and i % 64 == 0:
                    await writer.drain()
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@dataclass(frozen=True)
class Passed:
    """A stream as its client got it; times are nanoseconds."""

    ttft: int
    """From before the client connected to the first event."""
    delays: list[int]
    """For each event, from the origin's write to the client's read."""


async def client(port: int, load: Load) -> None:
    for _ in range(load.times):
        for passed in await asyncio.gather(*(_ask(port, load) for _ in range(load.streams))):
            print(json.dumps(astuple(passed)))


async def _ask(port: int, load: Load) -> Passed:
    """Read one stream to its end."""
    delays: list[int] = []
    began, first = time.perf_counter_ns(), 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(b"GET /%d-%g HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n" % (load.events, load.rate))
    await reader.readuntil(b"\r\n\r\n")
    framed, body = b"", b""
    while data := await reader.read(1 << 18):
        now = time.perf_counter_ns()
        piece, framed = _unframed(framed + data)
        *events, body = (body + piece).split(b"\n\n")
        for event in events:
            sent, _, rest = event.removeprefix(START).partition(b",")
            assert b" word%d" % len(delays) + END in rest, f"event {len(delays)} is {event!r}"
            first = first or now
            delays.append(now - int(sent))
    writer.close()
    assert framed == b"0\r\n\r\n", f"ended by {framed!r}"
    assert body == b"", f"an unfinished event: {body!r}"
    assert len(delays) == load.events, f"{len(delays)} of {load.events} events came"
    return Passed(first - began, delays)


def _unframed(data: bytes) -> tuple[bytes, bytes]:
    """The content of the complete HTTP chunks, and the rest."""
    pieces, at = [], 0
    while (mark := data.find(b"\r\n", at)) > 0:
        size = int(data[at:mark], 16)
        end = mark + 2 + size
        if size == 0 or end + 2 > len(data):
            break
        pieces.append(data[mark + 2 : end])
        at = end + 2
    return b"".join(pieces), data[at:]


# --- as processes -----------------------------------------------------------------------------------------------


@contextmanager
def serving() -> Iterator[int]:
    """Run the origin; yield its port."""
    with _started("origin") as process:
        yield int(_output(process).readline())


def load_with(port: int, load: Load) -> list[Passed]:
    """Run a client and return each of its streams.

    Raises:
        RuntimeError: not every event came intact and in order.
    """
    with _started("client", str(port), json.dumps(astuple(load))) as process:
        lines = _output(process).readlines()
        if process.wait():
            raise RuntimeError("the client did not get what was sent")
    return [Passed(*json.loads(line)) for line in lines]


@contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout
    return process.stdout


if __name__ == "__main__":
    if sys.argv[1] == "origin":
        asyncio.run(origin())
    else:
        asyncio.run(client(int(sys.argv[2]), Load(*json.loads(sys.argv[3]))))
