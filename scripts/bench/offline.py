"""A large flow file read again: mitmdump with streamwatch, and the command, against mitmdump alone.

    uv run scripts/bench/offline.py [--megabytes 1000] [--events 400] [--rounds 3]

The file holds streamed chat answers of `--events` events, as ``mitmdump -w`` writes them with streamwatch.  Figures are
seconds of CPU time and of waiting, medians of the rounds, and the most memory that a process took.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow, tutils

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, tool

sys.path.insert(0, str(SCRIPT.parent))
from streamwatchlib.stored import Observation, pack
from streamwatchlib.suite.exchange import METADATA

EVENT = (
    b'data: {"id":"chatcmpl-1","model":"bench","choices":[{"index":0,"delta":{"content":"a word %d "},'
    b'"finish_reason":null}]}\n\n'
)


@dataclass(frozen=True)
class Cost:
    """Times in seconds, memory in bytes."""

    cpu: float
    wall: float
    memory: int


def make(path: Path, size: int, events: int) -> int:
    """Write a flow file of about `size` bytes; return how many flows it holds."""
    pieces = [EVENT % i for i in range(events)]
    arrivals = tuple((round(0.2 + 0.02 * i, 6), len(piece)) for i, piece in enumerate(pieces))
    seen = Observation("complete", None, 0.001, 0.1, arrivals[-1][0], (), arrivals, events)
    count = 0
    with path.open("wb") as file:
        writer = FlowWriter(file)
        while file.tell() < size:
            headers = ((b"content-type", b"text/event-stream"),)
            flow = tflow.tflow(
                req=tutils.treq(method=b"POST", path=b"/v1/chat/completions", content=b'{"stream": true}'),
                resp=tutils.tresp(headers=headers, content=b"".join(pieces)),
            )
            flow.id = f"flow-{count}"
            flow.metadata[METADATA] = pack(seen)
            writer.add(flow)
            count += 1
    return count


def run(command: Sequence[str]) -> Cost:
    """Run a command and return what it costs.

    Raises:
        RuntimeError: it failed.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    output = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command[0]}: {output}")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss << 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        flows, out = Path(folder, "flows.mitm"), Path(folder, "out.jsonl")
        count = make(flows, args.megabytes * 1_000_000, args.events)
        bare = [tool("mitmdump"), "-q", "-n", "-r", str(flows)]
        ours = [*bare, "-s", str(SCRIPT), "--set"]
        commands = {
            "mitmdump -nr": bare,
            "with streamwatch, content=none": [*ours, "streamwatch_content=none"],
            "with streamwatch, exported": [*ours, f"streamwatch_export={out}"],
            "streamwatch report": [tool("streamwatch"), "report", str(flows), str(Path(folder, "report.csv"))],
        }
        print(f"{count} flows, {flows.stat().st_size / 1e6:.0f} MB\n")
        print("| | CPU, s | waited, s | times as long | memory, MiB |\n|---|--:|--:|--:|--:|")
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(args.rounds):
            for name, command in commands.items():
                out.unlink(missing_ok=True)
                costs[name].append(run(command))
    for name, found in costs.items():
        cpu, wall, memory = (statistics.median(getattr(c, key) for c in found) for key in ("cpu", "wall", "memory"))
        ratio = statistics.median(c.cpu / b.cpu for c, b in zip(found, costs["mitmdump -nr"], strict=True))
        print(f"| {name} | {cpu:.1f} | {wall:.1f} | {ratio:.2f} | {memory / (1 << 20):.0f} |")


if __name__ == "__main__":
    main()
