"""What streamwatch costs: mitmdump with it against mitmdump that merely streams.

    uv run scripts/bench/proxy.py [--rounds 10] [--load burst|paced|calm|short]

Every figure is compared with that of a bare mitmdump, which runs ``flow.response.stream = True`` and nothing else, and
gets the same load in the same round, so that a slow or busy machine changes little.  The order is random in each
round, since each finds the machine as the one before has left it.  A second bare one shows the noise: all that it
differs by is chance.  Origin and client are processes of their own.

CPU is that of the mitmdump process (user and system), alone and with that of streamwatch's worker beside it, from the
first request to the last record; an event's delay is from the origin's write to the client's read; TTFT is from before
the client connects to its read of the first event.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from operator import sub, truediv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, Mitmdump
from peers import Load, load_with, serving
from processes import cpu, family

BARE = "def responseheaders(flow):\n    flow.response.stream = True\n"
LOADS = {
    "burst": Load(1, 20_000, 0, 2),
    "paced": Load(50, 250, 50, 2),
    "calm": Load(4, 250, 50, 2),
    "short": Load(20, 1, 0, 50),
}
"""*calm* leaves the processors idle most of the time, so that delays are not those of a queue; *short* are exchanges of
one event, each with a connection of its own: the cost of an exchange as such."""


@dataclass(frozen=True)
class Setup:
    """One mitmdump to compare."""

    name: str
    script: Path
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """Microseconds."""

    cpu: float
    """mitmdump's CPU time per event."""
    worker: float
    """Its children's CPU time per event."""
    p50: float
    p99: float
    """Delay of an event."""

    ttft: float
    """The median of the streams."""

    @property
    def all(self) -> float:
        """The CPU time of both processes per event."""
        return self.cpu + self.worker


def setups(folder: Path) -> list[Setup]:
    """The set-ups to compare, the bare one first; `folder` is for their files."""
    bare = folder / "bare.py"
    bare.write_text(BARE)
    return [
        Setup("bare", bare),
        Setup("content=none", SCRIPT, ("streamwatch_content=none",)),
        Setup("full, exported", SCRIPT, (f"streamwatch_export={folder}/out.jsonl",)),
    ]


@contextmanager
def started(compared: Sequence[Setup], upstream: int) -> Iterator[list[Mitmdump]]:
    """Start a mitmdump for each, side by side and warmed up: one that is idle costs the others nothing."""
    with ExitStack() as running:
        url = f"reverse:http://127.0.0.1:{upstream}"
        proxies = [running.enter_context(Mitmdump(url, script=each.script, options=each.options)) for each in compared]
        for proxy in proxies:
            run(Load(2, 200, 0), proxy)
        yield proxies


def run(load: Load, proxy: Mitmdump) -> Figures:
    pids = family(proxy.process.pid)
    before = [cpu(pid) for pid in pids]
    streams = load_with(int(proxy.url.rpartition(":")[2]), load)
    time.sleep(1.0)  # the last records are made
    used, *others = [(cpu(pid) - start) / load.total * 1e6 for pid, start in zip(pids, before, strict=True)]
    if "Traceback" in proxy.output:
        raise RuntimeError(proxy.output)
    delays = sorted(delay / 1000 for stream in streams for delay in stream.delays)
    ttft = statistics.median(stream.ttft / 1000 for stream in streams)
    return Figures(used, sum(others), delays[len(delays) // 2], delays[int(len(delays) * 0.99)], ttft)


def rounds(load: Load, proxies: Sequence[Mitmdump], count: int) -> Iterator[list[Figures]]:
    """Yield the figures of all mitmdumps, `count` times."""
    for _ in range(count):
        found = {i: run(load, proxies[i]) for i in random.sample(range(len(proxies)), len(proxies))}
        yield [found[i] for i in range(len(proxies))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--load", choices=LOADS, nargs="*", default=list(LOADS))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        compared = setups(Path(folder))
        compared.append(replace(compared[0], name="bare, again"))
        with started(compared, port) as proxies:
            print("| load | setup | CPU an event, µs | ratio | with the worker's | ratio ", end="")
            print("| delay p50, µs | more than bare | p99, µs | ratio | TTFT, µs | ratio |")
            print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
            for name in args.load:
                found = [*rounds(LOADS[name], proxies, args.rounds)]
                for i, setup in enumerate(compared):
                    figures = row([each[i] for each in found], [each[0] for each in found])
                    print(f"| {name} | {setup.name} | {figures} |", flush=True)


def row(figures: Sequence[Figures], bare: Sequence[Figures]) -> str:
    """A row of medians; comparisons with the bare one are made round by round."""

    def median(key: str) -> float:
        return statistics.median(getattr(each, key) for each in figures)

    def against(key: str, compare: Callable[[float, float], float]) -> float:
        return statistics.median(compare(getattr(a, key), getattr(b, key)) for a, b in zip(figures, bare, strict=True))

    cells = (
        f"{median('cpu'):.1f}",
        f"{against('cpu', truediv):.2f}",
        f"{median('all'):.1f}",
        f"{against('all', truediv):.2f}",
        f"{median('p50'):.0f}",
        f"{against('p50', sub):+.0f}",
        f"{median('p99'):.0f}",
        f"{against('p99', truediv):.2f}",
        f"{median('ttft'):.0f}",
        f"{against('ttft', truediv):.2f}",
    )
    return " | ".join(cells)


if __name__ == "__main__":
    main()
