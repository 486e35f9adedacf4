"""The addon that counts the exchanges of each endpoint and model.

In: records, one by one; of each, a few numbers are kept, and of the worst its verdict.  Out: the groups, the worst
first.  Never here: how they look (`summary`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import Label, Outcome, Record, Verdict
from ..report.rank import OK_LABELS, badness
from ..report.show import model_of

_MAX_GROUPS = 200
"""Groups of one endpoint and model at most; later ones share a row, so that the table stays readable."""
_MAX_TTFTS = 10_000
"""Times to first token kept of a group: the median is that of the latest."""

type Key = tuple[str, str, str | None]
"""Method, URL and model."""
_OTHERS: Key = ("…", "others", None)


@dataclass(slots=True)
class Group:
    """The counts of one endpoint and model."""

    labels: Counter[Label] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    ttfts: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_TTFTS))
    worst_rank: tuple[int, int, float] = (0, 0, 0.0)
    """The `badness` of the worst exchange, whatever is wrong with it."""
    verdict_rank: tuple[int, int, float] = (0, 0, 0.0)
    verdict: Verdict | None = None
    """The worst verdict whose label is not fine; `verdict_rank` is the `badness` of its exchange."""

    def add(self, record: Record) -> None:
        verdict = record.verdict
        self.labels[verdict.label] += 1
        self.outcomes[record.outcome if record.broke_off else "complete"] += 1
        if record.timing.ttft is not None:
            self.ttfts.append(record.timing.ttft)
        rank = badness(record)
        self.worst_rank = max(self.worst_rank, rank)
        if verdict.label not in OK_LABELS and rank > self.verdict_rank:
            self.verdict_rank, self.verdict = rank, verdict


class Totals:
    name = "streamwatch.totals"

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}
        self._count = 0
        self.ignored_ids: set[str] = set()
        """Ids of exchanges that had ended before the last `clear`, and were not published yet."""

    def streamwatch_record(self, record: Record) -> None:
        if record.id in self.ignored_ids:
            self.ignored_ids.discard(record.id)
            return
        self._count += 1
        url = record.request.url.partition("?")[0]
        key: Key = (record.request.method, url, record.request.model or model_of(record))
        if key not in self._groups and len(self._groups) >= _MAX_GROUPS:
            key = _OTHERS
        self._groups.setdefault(key, Group()).add(record)

    def __len__(self) -> int:
        return self._count

    def worst_first(self) -> list[tuple[Key, Group]]:
        return sorted(self._groups.items(), key=lambda item: item[1].worst_rank, reverse=True)

    def clear(self, unpublished: Iterable[str] = ()) -> None:
        """Forget everything, and ignore the records of the exchanges `unpublished`, which are still to come."""
        self.ignored_ids = set(unpublished)
        self._groups.clear()
        self._count = 0
