"""Our SSE framer against the parsers that people use, on the same bytes.

    uv run --with httpx-sse --with sseclient-py scripts/bench/parsers.py [--megabytes 8] [--rounds 7]

Every parser gets chat chunks in pieces as a socket gives them and must find the same payloads; one that is not
installed (eventsource-parser by npm, with Node) is left out, with a note.  Ours is timed twice: framing only, and also
parsing each payload as JSON and noting whether an event came in pieces, which the others leave to their users.
Figures are CPU time, the best of the rounds, and ratios to the fastest Python parser but ours.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "addons"))
from streamwatchlib.model import Limits
from streamwatchlib.wire.sse import SseFramer

EVENT = (
    'data: {"id":"chatcmpl-9aBc","object":"chat.completion.chunk","created":1760000000,"model":"bench",'
    '"choices":[{"index":0,"delta":{"content":" wörd%d"},"finish_reason":null}]}\n\n'
)
PIECE = 16384
"""Bytes per read: the most that a TLS record holds."""

type Parser = Callable[[Sequence[bytes]], Iterator[str]]


class Framing(SseFramer):
    """Our framer, without what the others leave to their users."""

    def _values(self, payloads: Sequence[str]) -> tuple[Iterable[object], Iterable[str | None]]:
        return repeat(None), repeat(None)


def ours(pieces: Sequence[bytes]) -> Iterator[str]:
    framer = Framing(Limits())
    return (frame.data for piece in pieces for frame in framer.feed(piece))


def ours_with_json(pieces: Sequence[bytes]) -> Iterator[str]:
    framer = SseFramer(Limits())
    return (frame.data for piece in pieces for frame in framer.feed(piece))


def httpx_sse(pieces: Sequence[bytes]) -> Iterator[str]:
    import httpx_sse

    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(pieces))
    return (event.data for event in httpx_sse.EventSource(response).iter_sse())


def sseclient(pieces: Sequence[bytes]) -> Iterator[str]:
    import sseclient

    return (event.data for event in sseclient.SSEClient(iter(pieces)).events())


def openai_sdk(pieces: Sequence[bytes]) -> Iterator[str]:
    from openai._streaming import SSEDecoder

    return (event.data for event in SSEDecoder().iter_bytes(iter(pieces)))


PYTHON: dict[str, tuple[str, Parser]] = {
    "httpx-sse": ("httpx_sse", httpx_sse),
    "sseclient-py": ("sseclient", sseclient),
    "openai SDK": ("openai", openai_sdk),
}
"""Name of a parser -> the module it needs, and the function that runs it."""

NODE = """
import { createParser } from "eventsource-parser";
import { readFileSync } from "node:fs";
const [, , path, size, rounds] = process.argv;
const body = readFileSync(path);
let best = Infinity, count = 0;
for (let round = 0; round < rounds; round++) {
  count = 0;
  const decoder = new TextDecoder();
  const parser = createParser({ onEvent: () => { count++; } });
  const before = process.cpuUsage();
  for (let at = 0; at < body.length; at += +size)
    parser.feed(decoder.decode(body.subarray(at, at + +size), { stream: true }));
  const used = process.cpuUsage(before);
  best = Math.min(best, (used.user + used.system) / 1e6);
}
console.log(JSON.stringify([best, count]));
"""


def cost(parser: Parser, pieces: Sequence[bytes], due: Sequence[str], rounds: int) -> float:
    """Seconds of CPU time that a parser takes, the best of the rounds.

    Raises:
        AssertionError: it found other events than `due`.
    """
    assert list(parser(pieces)) == due, "other events were found"
    best = float("inf")
    for _ in range(rounds):
        before = time.process_time()
        deque(parser(pieces), maxlen=0)  # events are not kept: that would time memory, the same for all
        best = min(best, time.process_time() - before)
    return best


def node(body: bytes, events: int, rounds: int) -> float:
    """The same for eventsource-parser.

    Raises:
        OSError: it can't be installed.
        subprocess.SubprocessError: it can't be installed.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        raise OSError("node and npm are not installed")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "install", "eventsource-parser"], cwd=folder, check=True, capture_output=True, timeout=120
        )
        script, data = Path(folder, "bench.mjs"), Path(folder, "body")
        script.write_text(NODE)
        data.write_bytes(body)
        command = ["node", str(script), str(data), str(PIECE), str(rounds)]
        best, count = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert count == events, f"{count} events of {events}"
        return float(best)


def figures(megabytes: float, rounds: int) -> Iterator[tuple[str, float | str]]:
    """Yield name and seconds of each parser, or why it was left out."""
    count = int(megabytes * (1 << 20) / len((EVENT % 10_000).encode()))
    body = "".join(EVENT % i for i in range(count)).encode()
    due = [(EVENT % i)[6:-2] for i in range(count)]
    pieces = [body[at : at + PIECE] for at in range(0, len(body), PIECE)]
    yield "streamwatch", cost(ours, pieces, due, rounds)
    yield "streamwatch, payloads parsed as JSON", cost(ours_with_json, pieces, due, rounds)
    for name, (module, parser) in PYTHON.items():
        there = importlib.util.find_spec(module)
        yield name, cost(parser, pieces, due, rounds) if there else f"{module} is not installed"
    try:
        yield "eventsource-parser (Node)", node(body, count, rounds)
    except (OSError, subprocess.SubprocessError) as error:
        yield "eventsource-parser (Node)", f"left out: {error}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    found = list(figures(args.megabytes, args.rounds))
    fastest = min((seconds for name, seconds in found if name in PYTHON and isinstance(seconds, float)), default=None)
    print("| parser | MiB/s | times as fast as the fastest other in Python |\n|---|--:|--:|")
    for name, seconds in found:
        if isinstance(seconds, str):
            print(f"| {name} | {seconds} | |")
        else:
            ratio = f"{fastest / seconds:.2f}" if fastest else ""
            print(f"| {name} | {args.megabytes / seconds:.0f} | {ratio} |")


if __name__ == "__main__":
    main()
