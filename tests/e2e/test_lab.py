"""The quick part of the lab: verdicts on real proxies and frameworks around a scripted model, checked for truth.

The whole of it is ``uv run scripts/lab``.  Nothing is installed here: a path whose program is missing is skipped, and
says so.
"""

from __future__ import annotations

import pytest
from lab import programs
from lab.paths import Topology
from lab.run import Outcome, chosen, run

pytestmark = pytest.mark.timeout(300)
TOPOLOGIES, PATTERNS = chosen(quick=True)


@pytest.fixture(scope="module")
def lab() -> tuple[list[Outcome], dict[str, str]]:
    programs.INSTALL = False
    return run(TOPOLOGIES, PATTERNS)


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.name)
def test_the_path_is_judged_as_it_is(path: Topology, lab: tuple[list[Outcome], dict[str, str]]) -> None:
    """No unbuffered path is accused, no hold of 150 ms missed, and the right suspect comes first."""
    outcomes, missing = lab
    if path.name in missing:
        pytest.skip(missing[path.name])
    mine = [outcome for outcome in outcomes if outcome.path == path]
    if any(outcome.faults for outcome in mine):  # a miss may be the busy machine's: the path is run once more, alone
        mine, _ = run([path], PATTERNS)

    assert len(mine) == len(PATTERNS)
    assert {outcome.pattern.name: (outcome.faults, outcome.verdict) for outcome in mine if outcome.faults} == {}
