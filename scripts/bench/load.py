"""Many streams at once for a long time: nothing lost or out of order, a record of each, no growth of memory.

    uv run scripts/bench/load.py [--minutes 10] [--streams 200] [--rate 50] [--seconds 60] [--bare]

Generations of `--streams` streams at a time, each of `--rate` events a second for `--seconds`, follow one another for
`--minutes`, through one mitmdump with everything kept and exported (or, with `--bare`, one that merely streams).
``--minutes 60`` is the soak.  The client checks every byte; the records are counted and their events summed; memory is
that of the mitmdump process whenever a generation of streams has ended.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, Mitmdump, wait_for
from peers import Load, load_with, serving
from processes import cpu, memory
from proxy import BARE

GROWTH = 64 << 20
"""Bytes that memory may grow by in the second half.  In the first it finds its size, since the records of streams that
have ended are made while the next ones stream."""


def told(export: Path) -> Iterator[tuple[str, int]]:
    """Yield the outcome and the number of events of each record."""
    with export.open() as lines:
        for line in lines:
            record = json.loads(line)
            yield record["outcome"], record["stream"]["events"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50, help="events a second")
    parser.add_argument("--seconds", type=float, default=60, help="of one stream")
    parser.add_argument("--bare", action="store_true", help="without streamwatch")
    args = parser.parse_args()
    load = Load(args.streams, int(args.rate * args.seconds), args.rate)
    generations = max(1, round(args.minutes * 60 / args.seconds))
    with tempfile.TemporaryDirectory() as folder, serving() as upstream:
        bare, export = Path(folder, "bare.py"), Path(folder, "out.jsonl")
        bare.write_text(BARE)
        options = () if args.bare else (f"streamwatch_export={export}",)
        script = bare if args.bare else SCRIPT
        with Mitmdump(f"reverse:http://127.0.0.1:{upstream}", script=script, options=options) as proxy:
            grown = drive(proxy, load, generations)
            count = 0 if args.bare else check(export, load, generations)
    print(f"{load.total * generations} events passed in order, {count} records, memory grew by {grown >> 20} MiB")
    return int(grown > GROWTH)


def drive(proxy: Mitmdump, load: Load, generations: int) -> int:
    """Send the whole load; return the bytes that memory grew by in the second half."""
    pid, port = proxy.process.pid, int(proxy.url.rpartition(":")[2])
    print("| generation | CPU, % of a core | delay p50, ms | p99, ms | memory, MiB |\n|---|--:|--:|--:|--:|")
    sizes = []
    for number in range(generations):
        began, before = time.monotonic(), cpu(pid)
        delays = sorted(delay for stream in load_with(port, load) for delay in stream.delays)
        share = (cpu(pid) - before) / (time.monotonic() - began)
        time.sleep(2.0)  # the last records are made
        sizes.append(memory(pid))
        p50, p99 = (delays[int(len(delays) * part)] / 1e6 for part in (0.5, 0.99))
        print(f"| {number + 1} | {share:.0%} | {p50:.2f} | {p99:.2f} | {sizes[-1] >> 20} |", flush=True)
    if "Traceback" in proxy.output:
        raise RuntimeError(proxy.output)
    return sizes[-1] - sizes[(len(sizes) - 1) // 2]


def check(export: Path, load: Load, generations: int) -> int:
    """Check that every stream has its record, and every record all events.

    Raises:
        AssertionError: one has not.
    """
    due = load.streams * generations
    wait_for(lambda: export.read_bytes().count(b"\n") >= due, "the records", 60)
    records = list(told(export))
    assert len(records) == due, f"{len(records)} records of {due}"
    assert set(records) == {("complete", load.events)}, f"other records: {set(records)}"
    return len(records)


if __name__ == "__main__":
    sys.exit(main())
