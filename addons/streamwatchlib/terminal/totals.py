"""The addon that counts the exchanges of each endpoint and model.

In: records, one by one; of each, a few numbers are kept, and of the worst its verdict.  Out: the groups, the worst
first.  Never here: how they look (`summary`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import Label, Outcome, Record, Verdict
from ..report.rank import FINE, badness
from ..report.show import model_of

_MOST_GROUPS = 200
"""Groups of one endpoint and model at most; later ones share a row, so that the table stays readable."""
_MOST_TTFTS = 10_000
"""Times to first token kept of a group: the median is that of the latest."""

type Key = tuple[str, str, str | None]
"""Method, URL and model."""
_OTHERS: Key = ("…", "others", None)


@dataclass(slots=True)
class Group:
    """The counts of one endpoint and model."""

    labels: Counter[Label] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    ttfts: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_TTFTS))
    worst: tuple[int, int, float] = (0, 0, 0.0)
    """The `badness` of the worst exchange, whatever is wrong with it."""
    told: tuple[int, int, float] = (0, 0, 0.0)
    verdict: Verdict | None = None
    """The worst verdict whose label is not fine; `told` is the `badness` of its exchange."""

    def add(self, record: Record) -> None:
        verdict = record.verdict
        self.labels[verdict.label] += 1
        self.outcomes[record.outcome if record.broke_off else "complete"] += 1
        if record.timing.ttft is not None:
            self.ttfts.append(record.timing.ttft)
        rank = badness(record)
        self.worst = max(self.worst, rank)
        if verdict.label not in FINE and rank > self.told:
            self.told, self.verdict = rank, verdict


class Totals:
    name = "streamwatch.totals"

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}
        self._count = 0
        self.forgotten: set[str] = set()
        """Ids of exchanges that had ended before the last `clear`, and were not published yet."""

    def streamwatch_record(self, record: Record) -> None:
        if record.id in self.forgotten:
            self.forgotten.discard(record.id)
            return
        self._count += 1
        url = record.request.url.partition("?")[0]
        key: Key = (record.request.method, url, record.request.model or model_of(record))
        if key not in self._groups and len(self._groups) >= _MOST_GROUPS:
            key = _OTHERS
        self._groups.setdefault(key, Group()).add(record)

    def __len__(self) -> int:
        return self._count

    def worst_first(self) -> list[tuple[Key, Group]]:
        return sorted(self._groups.items(), key=lambda item: item[1].worst, reverse=True)

    def clear(self, unpublished: Iterable[str] = ()) -> None:
        """Forget everything, and ignore the records of the exchanges `unpublished`, which are still to come."""
        self.forgotten = set(unpublished)
        self._groups.clear()
        self._count = 0
