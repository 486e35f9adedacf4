"""Which exchanges deserve a look first, and how the verdicts are spread.

In: records.  Out: the same records in another order, or counts of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from ..model import SEVERITY_RANK, Label, Record
from ..units import counted
from .show import host, path

LABELS: tuple[Label, ...] = get_args(Label)
"""Every label, in the order of the contract: from a real stream to nothing to judge."""
OK_LABELS: tuple[Label, ...] = ("streaming", "not-applicable")
"""Labels that need no sentence, unless something is flagged or a limit or refusal explains the response."""

_BADNESS: dict[Label, int] = {
    "pseudo-streaming": 6,
    "not-streamed": 5,
    "bursty": 4,
    "inconclusive": 1,
    "streaming": 0,
    "not-applicable": 0,
}
WORST_FIRST: tuple[Label, ...] = tuple(_BADNESS)
"""Every label, as the reports rank them."""
_FAILED = 3
"""An exchange that broke off or got no answer is worse than one that can't be judged."""
_FLAGGED = 2


def badness(record: Record) -> tuple[int, int, float]:
    """A sort key: the higher, the sooner a person should look."""
    verdict = record.verdict
    rank = max(_BADNESS[verdict.label], _FAILED * record.broke_off, _FLAGGED * bool(verdict.flags))
    return rank, SEVERITY_RANK[verdict.severity], verdict.measures.mean_hold or 0.0


def worst_first(records: Iterable[Record]) -> list[Record]:
    """The records, the worst first; equals stay in their order."""
    return sorted(records, key=badness, reverse=True)


def with_problems(records: Iterable[Record]) -> list[Record]:
    """The records that something is wrong with, the worst first."""
    return [record for record in worst_first(records) if badness(record)[0] >= _FLAGGED]


def group_similar(records: Sequence[Record]) -> list[list[Record]]:
    """Group the records that went wrong in the same way at one endpoint, in the order of the first of each group."""
    groups: dict[object, list[Record]] = {}
    for record in records:
        url, verdict = record.request.url, record.verdict
        cause = verdict.suspects[0].cause if verdict.suspects else record.outcome
        groups.setdefault((verdict.label, host(url), path(url).partition("?")[0], cause), []).append(record)
    return list(groups.values())


def count_labels(records: Sequence[Record]) -> list[tuple[Label, int]]:
    """How many exchanges have each label; labels that none has are left out."""
    counts = Counter(record.verdict.label for record in records)
    return [(label, counts[label]) for label in LABELS if counts[label]]


def headline(records: Sequence[Record]) -> str:
    """One line: ``7 exchanges: 4 streaming, 2 bursty, 1 pseudo-streaming``."""
    if not records:
        return "No exchanges"
    return f"{counted(len(records), 'exchange')}: " + ", ".join(f"{n} {label}" for label, n in count_labels(records))
