"""How a heavy exchange affects other streams: the longest delay of a steady stream's events meanwhile.

    uv run scripts/bench/stalls.py [--rounds 5]

A steady stream of 200 events a second runs through the same mitmdump beside each heavy exchange, with streamwatch
(everything kept and exported) and with a mitmdump that merely streams.  Figures are medians of the rounds: the longest
delay of one event of the steady stream, milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, Mitmdump, Origin, ReceivedRequest, Step, chunk, head
from peers import Load, load_with, serving
from proxy import BARE

EVENT = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"a word %d "},"finish_reason":null}]}\n\n'
EVENTS = [EVENT % i for i in range(20_000)]
JSON = json.dumps([{"name": f"item {i}", "value": i / 7, "text": "word " * 20} for i in range(40_000)]).encode()
STEADY = Load(1, 1200, 200)

type Plan = list[bytes]


def stream(pieces: Iterable[bytes]) -> Plan:
    return [head(content_type="text/event-stream", transfer_encoding="chunked"), *map(chunk, pieces), chunk(b"")]


def lumps(data: bytes, size: int = 60_000) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


HEAVY: dict[str, Plan] = {
    "nothing else": stream([b"data: 1\n\n"]),
    "20,000 events, one chunk each": stream(EVENTS),
    "20 MB of events in large pieces": stream(lumps(b"".join(EVENTS * 10))),
    "one event of 20 MB": stream(lumps(b'data: {"content":"' + b"word " * 4_000_000 + b'"}\n\n')),
    "a JSON document of 6 MB": [head(content_type="application/json", content_length=str(len(JSON))), JSON],
    "1,000,000 events of 8 bytes": stream(lumps(b"data:1\n\n" * 1_000_000)),
}


def plan(asked: ReceivedRequest) -> Iterable[Step]:
    return HEAVY[list(HEAVY)[int(asked.target.strip("/"))]]


def delay(proxy: Mitmdump, number: int) -> float:
    """Milliseconds: the longest delay of the steady stream while the heavy exchange passes."""
    heavy, steady = proxy.urls
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(load_with, int(steady.rpartition(":")[2]), STEADY)
        time.sleep(1.0)
        requests.post(f"{heavy}/{number}/", json={"stream": True}, timeout=60)
        (steadily,) = future.result()
    return max(steadily.delays[100:]) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, serving() as port, Origin(plan) as origin:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        modes = f"reverse:{origin.url}", f"reverse:http://127.0.0.1:{port}"
        export = f"streamwatch_export={folder}/out.jsonl"
        with Mitmdump(*modes, script=bare) as without, Mitmdump(*modes, script=SCRIPT, options=[export]) as ours:
            print("| beside the steady stream | bare, ms | streamwatch, ms |")
            print("|---|--:|--:|")
            for number, name in enumerate(HEAVY):
                found = [[delay(proxy, number) for proxy in (without, ours)] for _ in range(rounds)]
                figures = [statistics.median(column) for column in zip(*found, strict=True)]
                print(f"| {name} | {figures[0]:.1f} | {figures[1]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
