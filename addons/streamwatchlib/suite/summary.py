"""What a session's exchanges come to: a table by endpoint and model, and the worst of each.

Comes in: records, one by one; of each, a few numbers are kept, and of the worst its verdict.  Goes out: rich `Text`, a
line each.  Never here: printing, time, mitmproxy.
"""

from __future__ import annotations

import io
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console
from rich.text import Text

from ..model import Label, Outcome, Record, Verdict
from ..report.rank import badness
from ..report.show import finding, model_of
from .figures import counted, harmless, seconds
from .grid import Column, heading, line
from .screen import DOT, FINE, LABEL_STYLES, OUTCOME_WORDS, advice, paragraph, request

_MOST_GROUPS = 200
"""Endpoints and models told apart; those that come later share a row, so that a table stays one."""
_MOST_TTFTS = 10_000
"""Times to first token kept of a group: the median is that of the latest."""
_WIDE = 110
"""Columns of a screen from which on verdicts stand beside their endpoint: two hosts must be told apart first."""
_LABELS: tuple[Label, ...] = (
    "pseudo-streaming", "bursty", "not-streamed", "inconclusive", "streaming", "not-applicable",
)  # fmt: skip
"""Worst first."""

type _Key = tuple[str, str, str | None]
_OTHERS: _Key = ("…", "others", None)


@dataclass(slots=True)
class _Group:
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
        self.outcomes[record.outcome] += 1
        if record.timing.ttft is not None:
            self.ttfts.append(record.timing.ttft)
        rank = badness(record)
        self.worst = max(self.worst, rank)
        if verdict.label not in FINE and rank > self.told:
            self.told, self.verdict = rank, verdict


type _Item = tuple[_Key, _Group]


class Summary:
    """Counts records as they come."""

    def __init__(self) -> None:
        self._groups: dict[_Key, _Group] = {}
        self._count = 0

    def add(self, record: Record) -> None:
        self._count += 1
        url = record.request.url.partition("?")[0]
        key: _Key = (record.request.method, url, record.request.model or model_of(record))
        if key not in self._groups and len(self._groups) >= _MOST_GROUPS:
            key = _OTHERS
        self._groups.setdefault(key, _Group()).add(record)

    def __len__(self) -> int:
        return self._count

    def lines(self, console: Console) -> Iterator[Text]:
        """A row for each endpoint and model, the worst first, with what is said of the worst that happened there."""
        cut, width = console.is_terminal, console.width
        yield Text(f"{counted(len(self), 'exchange')} watched", "bold")
        yield heading(_COLUMNS, width)
        for item in sorted(self._groups.items(), key=lambda item: item[1].worst, reverse=True):
            yield line(_COLUMNS, item, width, cut=cut)
            group = item[1]
            if width < _WIDE:
                yield from paragraph(_verdicts(item, width), console, 2)
            if group.verdict:
                for note in (Text(harmless(finding(group.verdict))), *advice(group.verdict)):
                    yield from paragraph(note, console, 2)

    def plain(self, width: int) -> list[str]:
        """The summary as lines of text without colours that fit in `width`."""
        console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=True)
        return [text.plain for text in self.lines(console)]


def _endpoint(item: _Item, room: int) -> Text:
    return request(*item[0], room)


def _ttft(item: _Item, room: int) -> Text:
    ttfts = item[1].ttfts
    return Text(seconds(median(ttfts)) if ttfts else "")


def _verdicts(item: _Item, room: int) -> Text:
    """``1 bursty · 8 streaming, 1 of them cut off by the server``: the worst first, where not all have room."""
    group = item[1]
    counts = [(group.labels[label], str(label), LABEL_STYLES[label]) for label in _LABELS if label in group.labels]
    verdicts = DOT.join(Text.assemble((f"{n} ", "bold"), (word, style)) for n, word, style in counts)
    ends = [(group.outcomes[end], word) for end, word in OUTCOME_WORDS.items()]
    some = [(f"{n} of them " if n < group.outcomes.total() else "") + word for n, word in ends if n]
    return Text.assemble(verdicts, *((f", {words}", "red") for words in some))


_COLUMNS: tuple[Column[_Item], ...] = (
    Column("endpoint", 0, _endpoint),
    Column("ttft p50", 8, _ttft, right=True),
    Column("verdicts", 44, _verdicts, since=_WIDE),
)
