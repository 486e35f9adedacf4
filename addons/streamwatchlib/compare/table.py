"""The two sides of a hop beside each other, as Markdown that can be pasted into an issue.

In: pairs with what the hop did to each, and what is known of the clocks.  Out: a text.  Never here: a conclusion that
is not in a `Passage`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from ..model import Passage, Record
from ..report.markdown import code, prose
from ..report.show import NOTHING, count, path, seconds
from .clocks import Offset
from .passage import arrivals
from .sides import Comparison, Pair

SHOWN = 5
"""Pairs shown side by side: those that the hop held back the longest."""


def render(found: Comparison) -> str:
    """The finding, the pairs held back the longest side by side, and what is known of the clocks."""
    worst = sorted(found.pairs, key=lambda pair: -(pair.hop.hold or 0.0))[:SHOWN]
    blocks = [
        f"### streamwatch · upstream against downstream of a hop · {_headline(found.pairs)}",
        *(block for pair in worst for block in _pair(pair)),
        f"*{len(found.pairs) - SHOWN} more pairs, held back no longer than these, are not shown.*"
        if len(found.pairs) > SHOWN
        else "",
        _footing(found),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _headline(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return "no exchange was seen on both sides"
    held = sum(pair.hop.held is True for pair in pairs)
    times = [pair.hop.first_byte_added for pair in pairs if pair.hop.first_byte_added is not None]
    first = f", {seconds(median(times))} (median) added to the first byte" if times else ""
    return f"held back in {held} of {len(pairs)} exchange{'s' if len(pairs) > 1 else ''}{first}"


def _pair(pair: Pair) -> list[str]:
    request, llm = pair.down.request, pair.down.llm
    model = f" ({code(llm.model)})" if llm and llm.model else ""
    rows = ["| | upstream of the hop | through the hop | the hop added |", "| --- | --: | --: | --: |"]
    rows += [
        f"| {name} | {show(pair.up)} | {show(pair.down)} | {seconds(added(pair.hop))} |"
        for name, show, added in _ROWS
        if not show(pair.up) == show(pair.down) == NOTHING
    ]
    changes = "".join(f"\n- The hop {prose(change)}." for change in pair.hop.changed)
    return [
        f"{code(f'{request.method} {path(request.url)}')}{model} at {code(pair.down.started_at)}: "
        f"{prose(pair.hop.summary)}",
        "\n".join(rows),
        changes.removeprefix("\n"),
    ]


def _arrivals(record: Record) -> str:
    return count(arrivals(record))


def _events(record: Record) -> str:
    return count(record.stream.events if record.stream else None)


def _last_byte(record: Record) -> str:
    kept = record.stream.arrivals if record.stream else None
    return seconds(kept[-1].t if kept else None)


def _gaps(record: Record) -> str:
    itl = record.timing.itl
    return f"{seconds(itl.p50)} / {seconds(itl.p99)}" if itl else NOTHING


def _http(record: Record) -> str:
    return prose(record.response.http_version).replace("|", "&#124;") if record.response else NOTHING


def _delay(hop: Passage) -> float | None:
    return hop.event_delay.mean if hop.event_delay else None


def _nothing(_: Passage) -> None:
    return None


type _Row = tuple[str, Callable[[Record], str], Callable[[Passage], float | None]]
_ROWS: tuple[_Row, ...] = (
    ("verdict", lambda side: f"**{side.verdict.label}**", _nothing),
    ("request complete", lambda side: seconds(side.timing.request_end), lambda hop: hop.request_added),
    ("head of the answer", lambda side: seconds(side.timing.response_start), lambda hop: hop.head_added),
    ("first byte", lambda side: seconds(side.timing.first_byte), lambda hop: hop.first_byte_added),
    ("first token", lambda side: seconds(side.timing.first_token), lambda hop: hop.first_token_added),
    ("last byte", _last_byte, lambda hop: hop.last_byte_added),
    ("events; delay of the average one", _events, _delay),
    ("arrivals", _arrivals, _nothing),
    ("gaps between events, p50 / p99", _gaps, _nothing),
    ("held back, on average", lambda side: seconds(side.verdict.measures.mean_hold), lambda hop: hop.hold),
    ("HTTP", _http, _nothing),
)
"""What is shown of a side, and what the hop added to it."""


def _footing(found: Comparison) -> str:
    up, down = found.unpaired
    alone = [f"{n} {side}" for n, side in ((up, "upstream"), (down, "downstream")) if n]
    unpaired = f" Without a counterpart: {' and '.join(alone)}." if alone else ""
    legend = "Times count from the moment a side had read the request's head. – : not observed."
    return f"<sub>{_clocks(found.clocks)}{legend}{unpaired}</sub>"


def _clocks(clocks: Offset | None) -> str:
    if clocks is None:
        return ""
    way = "ahead of" if clocks.value >= 0 else "behind"
    basis = "1 exchange" if clocks.pairs == 1 else f"{clocks.pairs} exchanges"
    moved = "" if clocks.steady else " The clocks moved against each other, so each pair was reckoned by itself."
    return (
        f"The clock downstream is {seconds(abs(clocks.value))} {way} the one upstream, ±{seconds(clocks.error)}, "
        f"as far as {basis} can tell.{moved} "
    )
