"""The summary of a session's exchanges: a table by endpoint and model, and the worst of each.

In: the counts (`totals`).  Out: rich `Text`, a line each.  Never here: printing, time, mitmproxy.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from statistics import median

from rich.console import Console
from rich.text import Text

from ..report.rank import WORST_FIRST
from ..report.show import finding
from ..units import counted
from .figures import escape_unprintable, seconds
from .grid import Column, heading, line
from .screen import DOT, LABEL_STYLES, OUTCOME_WORDS, advice, paragraph, request
from .totals import Group, Key, Totals

_WIDE = 110
"""Columns of a screen from which on verdicts stand beside their endpoint; with fewer, hosts could look alike."""

type _Item = tuple[Key, Group]


def lines(totals: Totals, console: Console) -> Iterator[Text]:
    """A row for each endpoint and model, the worst first, with the finding and advice on its worst exchange."""
    cut, width = console.is_terminal, console.width
    yield Text(f"{counted(len(totals), 'exchange')} watched", "bold")
    yield heading(_COLUMNS, width)
    for item in totals.worst_first():
        yield line(_COLUMNS, item, width, cut=cut)
        group = item[1]
        if width < _WIDE:
            yield from paragraph(_verdicts(item, width), console, 2)
        if group.verdict:
            for note in (Text(escape_unprintable(finding(group.verdict))), *advice(group.verdict)):
                yield from paragraph(note, console, 2)


def plain(totals: Totals, width: int) -> list[str]:
    """The same as plain lines of text that fit in `width` columns."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=True)
    return [text.plain for text in lines(totals, console)]


def _endpoint(item: _Item, room: int) -> Text:
    return request(*item[0], room)


def _ttft(item: _Item, room: int) -> Text:
    ttfts = item[1].ttfts
    return Text(seconds(median(ttfts)) if ttfts else "")


def _verdicts(item: _Item, room: int) -> Text:
    """``1 bursty · 8 streaming, 1 of them cut off by the server``: the worst first, in case not all have room."""
    group = item[1]
    counts = [(group.labels[label], str(label), LABEL_STYLES[label]) for label in WORST_FIRST if label in group.labels]
    verdicts = DOT.join(Text.assemble((f"{n} ", "bold"), (word, style)) for n, word, style in counts)
    ends = [(group.outcomes[end], word) for end, word in OUTCOME_WORDS.items()]
    some = [(f"{n} of them " if n < group.outcomes.total() else "") + word for n, word in ends if n]
    return Text.assemble(verdicts, *((f", {words}", "red") for words in some))


_COLUMNS: tuple[Column[_Item], ...] = (
    Column("endpoint", 0, _endpoint),
    Column("ttft p50", 8, _ttft, align_right=True),
    Column("verdicts", 44, _verdicts, min_width=_WIDE),
)
