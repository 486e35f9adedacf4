"""The addon that counts: what the exchanges of each endpoint and model come to.

Comes in: records, one by one; of each, a few numbers are kept, and of the worst its verdict.  Goes out: the groups, the
worst first.  Never here: how they look (`summary`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import Label, Outcome, Record, Verdict
from ..report.rank import FINE, badness
from ..report.show import model_of

_MOST_GROUPS = 200
"""Endpoints and models told apart; those that come later share a row, so that a table stays one."""
_MOST_TTFTS = 10_000
"""Times to first token kept of a group: the median is that of the latest."""

type Key = tuple[str, str, str | None]
"""Method, URL and model."""
_OTHERS: Key = ("…", "others", None)


@dataclass(slots=True)
class Group:
    """What the exchanges of one endpoint and model came to."""

    labels: Counter[Label] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    ttfts: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_TTFTS))
    worst: tuple[int, int, float] = (0, 0, 0.0)
    """Of the worst exchange, also of one that broke off: as the reports rank them."""
    told: tuple[int, int, float] = (0, 0, 0.0)
    verdict: Verdict | None = None
    """The worst one, and how bad its exchange is."""

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
        """Names of exchanges that had ended when all was forgotten, and were not told yet."""

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

    def clear(self, untold: Iterable[str] = ()) -> None:
        """Forget everything, and what will be told of these exchanges."""
        self.forgotten = set(untold)
        self._groups.clear()
        self._count = 0
