"""The memory that streamwatch takes: one endless stream, and thousands of exchanges.

    uv run scripts/bench/memory.py [--gigabytes 1] [--exchanges 10000]

Memory is that of the mitmdump process, with everything kept and exported.  The stream's growth is the highest that
was seen while it passed, from where the process stood after some exchanges.  Exchanges leave garbage that Python
clears away from time to time: their growth is from the least behind the first three tenths of them to the least
behind the last.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, Mitmdump, Origin, ReceivedRequest, Step, chunk, head, sse, wait_for
from processes import memory

EVENT = sse('{"choices":[{"index":0,"delta":{"content":"a word and another "}}]}')[0]
LUMP = chunk(EVENT * (65536 // len(EVENT)))
HEAD = head(content_type="text/event-stream", transfer_encoding="chunked")
SHORT = [HEAD, *(chunk(EVENT) for _ in range(20)), chunk(b"")]
STREAM_GROWTH, EXCHANGES_GROWTH = 64 << 20, 16 << 20
"""Bytes of growth that are allowed."""


def plan(asked: ReceivedRequest) -> Iterator[Step]:
    """Send as many bytes as the path says; a short stream if it says none."""
    size = int(asked.target.rpartition("/")[2] or 0)
    if not size:
        yield from SHORT
        return
    yield HEAD
    for _ in range(size // len(LUMP)):
        yield LUMP
    yield chunk(b"")


def stream(proxy: Mitmdump, size: int) -> int:
    """Pass `size` bytes through one stream; return the most that memory grew by."""
    before = most = memory(proxy.process.pid)
    with ThreadPoolExecutor(1) as pool:
        passing = pool.submit(drain, proxy, size)
        while not passing.done():
            most = max(most, memory(proxy.process.pid))
            time.sleep(0.05)
        assert passing.result() > size * 0.99, "not all came"
    return most - before


def drain(proxy: Mitmdump, size: int) -> int:
    """Read a stream of `size` bytes and discard it; return how many came."""
    came, buffer = 0, bytearray(1 << 18)
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /%d HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n" % size)
        while count := connection.recv_into(buffer):
            came += count
    return came


def exchanges(proxy: Mitmdump, export: Path, count: int) -> int:
    """Run `count` short streams, four at a time; return how much more memory is needed at their end than at first."""
    sessions = threading.local()

    def ask(_: int) -> None:
        if not hasattr(sessions, "one"):
            sessions.one = requests.Session()
        body = sessions.one.post(f"{proxy.url}/v1/chat/completions/", json={"stream": True}, timeout=60).content
        assert body == EVENT * 20

    def have(number: int) -> int:
        due = export.read_bytes().count(b"\n") + number
        list(pool.map(ask, range(number)))
        wait_for(lambda: export.read_bytes().count(b"\n") >= due, "the records", 60)
        return memory(proxy.process.pid)

    with ThreadPoolExecutor(4) as pool:
        seen = [have(count // 10) for _ in range(10)]
    return min(seen[-3:]) - min(seen[:3])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1)
    parser.add_argument("--exchanges", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Origin(plan) as origin:
        (export := Path(folder, "out.jsonl")).touch()
        options = [f"streamwatch_export={export}"]
        with Mitmdump(f"reverse:{origin.url}", script=SCRIPT, options=options) as proxy:
            many = exchanges(proxy, export, args.exchanges)
            one = stream(proxy, int(args.gigabytes * (1 << 30)))
    print("| what passed | memory grew by, MiB | allowed |\n|---|--:|--:|")
    print(f"| {args.exchanges} exchanges | {many / (1 << 20):.1f} | {EXCHANGES_GROWTH >> 20} |")
    print(f"| {args.gigabytes:g} GiB in one stream | {one / (1 << 20):.1f} | {STREAM_GROWTH >> 20} |")
    return int(one > STREAM_GROWTH or many > EXCHANGES_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
