"""A regression in what watching costs shows: CPU of mitmdump, as a ratio to one that merely streams.

A small form of ``scripts/bench/proxy.py``, whose figures stand in docs/performance.md.  The bounds are some way above
them: a busy machine slows both, but not by quite the same.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator

import pytest
from loopback import ROOT, Mitmdump

pytest.importorskip("resource", reason="CPU time is read from /proc: Linux only")
sys.path.insert(0, str(ROOT / "scripts" / "bench"))
from peers import Load, serving
from proxy import run, setups, started

LOADS = {"burst": Load(1, 10_000, 0, 2), "paced": Load(20, 100, 50)}
MOST = {
    "burst": {"content=none": (1.4, 2.0), "full, exported": (1.7, 2.7)},
    "paced": {"content=none": (1.5, 2.1), "full, exported": (1.6, 2.4)},
}
"""Of mitmdump's own CPU, and with that of the worker beside it."""


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], list[Mitmdump]]]:
    compared = setups(tmp_path_factory.mktemp("cost"))
    with serving() as port, started(compared, port) as running:
        yield [setup.name for setup in compared], running


@pytest.mark.parametrize("name", LOADS)
def test_watching_costs_a_share_of_what_passing_on_does(name: str, proxies: tuple[list[str], list[Mitmdump]]) -> None:
    setups, running = proxies
    rounds = [[run(LOADS[name], proxy) for proxy in running] for _ in range(2)]
    for i, setup in enumerate(setups[1:], 1):
        alone, together = MOST[name][setup]
        ratio = statistics.median(figures[i].cpu / figures[0].cpu for figures in rounds)
        assert ratio < alone, f"{setup}: {ratio:.2f} of bare"
        ratio = statistics.median(figures[i].all / figures[0].all for figures in rounds)
        assert ratio < together, f"{setup}, with the worker: {ratio:.2f} of bare"
