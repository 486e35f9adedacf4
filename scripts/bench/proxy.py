"""What streamwatch costs: mitmdump with it against mitmdump that merely streams.

    uv run scripts/bench/proxy.py [--rounds 5] [--markdown]

Every figure is a ratio between two mitmdumps run in turn on the same machine, so that a slow machine changes
little: the bare one runs ``flow.response.stream = True`` and nothing else.  Origin and clients are processes of
their own.  CPU is that of the mitmdump process (user and system), start-up taken off; the delay of an event is from
the origin's write to the client's read, on one monotonic clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, Mitmdump

BARE = "def responseheaders(flow):\n    flow.response.stream = True\n"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """`streams` at a time, each of `events`, `rate` a second (0: as fast as it goes), `times` over."""

    name: str
    streams: int
    events: int
    rate: float
    times: int = 1

    @property
    def total(self) -> int:
        return self.streams * self.events * self.times


LOADS = [Load("burst", 1, 20_000, 0, 5), Load("paced", 50, 250, 50)]


@dataclass(frozen=True)
class Figures:
    cpu: float
    """Microseconds of CPU an event."""
    p50: float
    p99: float
    """Delay of an event, microseconds."""
    first: float
    """Delay of the first event of a stream, median, microseconds."""


# --- origin and client, each in a process of its own ------------------------------------------------------------


def event(i: int) -> bytes:
    """A chat chunk of about 150 bytes that carries when it was sent."""
    delta = {"index": 0, "delta": {"content": f" word{i}"}, "finish_reason": None}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": time.perf_counter_ns(),
        "choices": [delta],
    }
    data = b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


async def origin() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            events, rate = (float(x) for x in line.split()[1].strip(b"/").split(b"-"))
            while (await reader.readline()).strip():
                pass
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            due = time.perf_counter()
            for i in range(int(events)):
                if rate:
                    due += 1 / rate
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                writer.write(event(i))
                if not rate and i % 64 == 0:
                    await writer.drain()
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def client(port: int, load: Load) -> None:
    """Print every event's delay in nanoseconds, a JSON list a stream."""

    async def one() -> list[int]:
        delays: list[int] = []
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(b"GET /%d-%g HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n" % (load.events, load.rate))
        left = b""
        while data := await reader.read(1 << 18):
            now = time.perf_counter_ns()
            *lines, left = (left + data).split(b"\n")
            for line in lines:
                if line.startswith(b"data: {"):
                    at = line.index(b'"created":') + 10
                    delays.append(now - int(line[at : line.index(b",", at)]))
        writer.close()
        assert len(delays) == load.events, f"{len(delays)} of {load.events} events came"
        return delays

    for _ in range(load.times):
        for delays in await asyncio.gather(*(one() for _ in range(load.streams))):
            print(json.dumps(delays))


# --- measuring --------------------------------------------------------------------------------------------------


def cpu(pid: int) -> float:
    """Seconds of CPU a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def helper(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run(load: Load, script: Path, options: tuple[str, ...], upstream: int) -> Figures:
    mode = f"reverse:http://127.0.0.1:{upstream}"
    with Mitmdump(
        mode, script=script, options=options, arguments=("--set", "termlog_verbosity=info", "--set", "flow_detail=0")
    ) as proxy:
        port = proxy.url.rpartition(":")[2]
        with helper("client", port, json.dumps([1, 200, 0, 1])) as warm:
            warm.communicate()
        before = cpu(proxy.process.pid)
        with helper("client", port, json.dumps([load.streams, load.events, load.rate, load.times])) as sent:
            out, _ = sent.communicate()
        time.sleep(0.3)
        used = cpu(proxy.process.pid) - before
    streams = [json.loads(line) for line in out.splitlines()]
    assert len(streams) == load.streams * load.times
    delays = sorted(delay / 1000 for stream in streams for delay in stream)
    first = statistics.median(stream[0] / 1000 for stream in streams)
    return Figures(used / load.total * 1e6, delays[len(delays) // 2], delays[int(len(delays) * 0.99)], first)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--load", choices=[load.name for load in LOADS])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, helper("origin") as server:
        assert server.stdout
        port = int(server.stdout.readline())
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        setups: dict[str, tuple[Path, tuple[str, ...]]] = {
            "bare": (bare, ()),
            "content=none": (SCRIPT, ("streamwatch_content=none",)),
            "full, exported": (SCRIPT, (f"streamwatch_export={folder}/out.jsonl",)),
        }
        print("| load | setup | CPU an event, µs | ratio | delay p50, µs | p99, µs | ratio of p99 | first event, µs |")
        print("|---|---|--:|--:|--:|--:|--:|--:|")
        for load in LOADS:
            if asked.load in (None, load.name):
                table(load, setups, port, asked.rounds)


def table(load: Load, setups: dict[str, tuple[Path, tuple[str, ...]]], port: int, rounds: int) -> None:
    """All setups in turn, round after round; ratios pair by pair, medians of all."""
    figures: dict[str, list[Figures]] = {name: [] for name in setups}
    for _ in range(rounds):
        for name, (script, options) in setups.items():
            figures[name].append(run(load, script, options, port))
    for name, rows in figures.items():
        ratio = statistics.median(row.cpu / bare.cpu for row, bare in zip(rows, figures["bare"], strict=True))
        tail = statistics.median(row.p99 / bare.p99 for row, bare in zip(rows, figures["bare"], strict=True))
        middle = [statistics.median(getattr(row, key) for row in rows) for key in ("cpu", "p50", "p99", "first")]
        print(
            f"| {load.name} | {name} | {middle[0]:.1f} | {ratio:.2f} | {middle[1]:.0f} | {middle[2]:.0f} | {tail:.2f} | "
            f"{middle[3]:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["origin"]:
        asyncio.run(origin())
    elif sys.argv[1:2] == ["client"]:
        asyncio.run(client(int(sys.argv[2]), Load("", *json.loads(sys.argv[3]))))
    else:
        main()
