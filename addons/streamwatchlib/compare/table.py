"""The two sides of a hop beside each other, as Markdown that can be pasted into an issue.

In: pairs with what the hop did to each, and the offset of the clocks.  Out: a text.  Never here: a conclusion that is
not in a `Passage`.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from ..report.gfm import code, prose
from ..report.show import path
from ..report.sides import beside
from ..units import counted, seconds
from .clocks import Offset
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
    return f"held back in {held} of {counted(len(pairs), 'exchange')}{first}"


def _pair(pair: Pair) -> list[str]:
    request, llm = pair.down.request, pair.down.llm
    model = f" ({code(llm.model)})" if llm and llm.model else ""
    return [
        f"{code(f'{request.method} {path(request.url)}')}{model} at {code(pair.down.started_at)}: "
        f"{prose(pair.hop.summary)}",
        beside(pair.up, pair.down, pair.hop),
    ]


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
    moved = "" if clocks.steady else " The clocks moved against each other, so each pair was computed by itself."
    return (
        f"The clock downstream is {seconds(abs(clocks.value))} {way} the one upstream, ±{seconds(clocks.error)}, "
        f"as far as {counted(clocks.pairs, 'exchange')} can tell.{moved} "
    )
