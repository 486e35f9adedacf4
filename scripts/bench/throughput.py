"""How long large responses take: bodies that come as fast as possible, far faster than any model sends.

    uv run scripts/bench/throughput.py [--megabytes 100] [--rounds 5]

Figures are medians of the rounds, milliseconds from the request to the last byte of the answer, through mitmdump with
streamwatch (everything kept and exported) and through one that merely streams.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, Mitmdump, Origin, ReceivedRequest, Step, head
from proxy import BARE

CHAT = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"a word "},"finish_reason":null}]}\n\n'
KINDS: dict[str, tuple[str, bytes]] = {
    "chat chunks": ("text/event-stream", CHAT),
    "events of 8 bytes": ("text/event-stream", b"data:1\n\n"),
    "lines of NDJSON": ("application/x-ndjson", b'{"response":"word","done":false}\n'),
    "JSON": ("application/json", b'"aGVsbG8gd29ybGQ=",'),
    "a file": ("application/octet-stream", bytes(range(256))),
}
"""For each kind of body, its media type and the bytes that it repeats."""
_LUMP = 1 << 20


def answer(kind: str, size: int) -> Iterator[Step]:
    type_, piece = KINDS[kind]
    lump = piece * (_LUMP // len(piece))
    count = size // len(lump)
    yield head(content_type=type_, content_length=str(count * len(lump)))
    yield from (lump for _ in range(count))


def took(proxy: Mitmdump, number: int) -> float:
    """Milliseconds until all of the response had come."""
    began = time.perf_counter()
    with requests.post(f"{proxy.url}/{number}", json={"stream": True}, stream=True, timeout=300) as response:
        for _ in response.raw.stream(_LUMP, decode_content=False):
            pass
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()

    def plan(asked: ReceivedRequest) -> Iterable[Step]:
        return answer(list(KINDS)[int(asked.target.strip("/"))], args.megabytes * 1_000_000)

    with tempfile.TemporaryDirectory() as folder, Origin(plan) as origin:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        mode, export = f"reverse:{origin.url}", f"streamwatch_export={folder}/out.jsonl"
        with Mitmdump(mode, script=bare) as without, Mitmdump(mode, script=SCRIPT, options=[export]) as ours:
            print(f"| {args.megabytes} MB of | bare, ms | streamwatch, ms |\n|---|--:|--:|")
            for number, name in enumerate(KINDS):
                rounds = []
                for _ in range(args.rounds):
                    rounds.append([took(proxy, number) for proxy in (without, ours)])
                    time.sleep(2.0)  # the worker reads what has come
                figures = [statistics.median(column) for column in zip(*rounds, strict=True)]
                print(f"| {name} | {figures[0]:.0f} | {figures[1]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
