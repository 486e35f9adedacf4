"""Distributions of times as SVG: bars over a logarithmic axis.

In: seconds, in groups that are drawn in their own colours on top of one another.  Out: markup.  The axis is
logarithmic because the gaps of one lumpy stream span five decades; what is too short for it (pieces that came in one
read) has a bar of its own at its left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import floor, log10

from ...units import seconds
from ..show import plural
from .markup import Markup, percent, tag

_FIRST, _LAST, _PER_DECADE = -3, 2, 6
"""From 1 ms to 100 s, six bars a decade."""
_BARS = (_LAST - _FIRST) * _PER_DECADE + 1
_HEIGHT = 96


def histogram(groups: Mapping[str, Sequence[float]], what: str) -> Markup:
    """Bars of how many values lie in each range.  `groups` maps a style class to its values; `what` names one value."""
    counts = {class_: Counter(map(_bar, values)) for class_, values in groups.items()}
    highest = max(sum(each[bar] for each in counts.values()) for bar in range(_BARS)) or 1
    bars = [rect for bar in range(_BARS) for rect in _stack(bar, counts, highest, what)]
    total = sum(map(len, groups.values()))
    return tag(
        "svg",
        tag("line", x1="0", x2="100%", y1=_HEIGHT, y2=_HEIGHT, class_="axis"),
        *bars,
        *_scale(),
        class_="histogram",
        role="img",
        aria_label=f"Distribution of {plural(total, what)}",
    )


def _bar(value: float) -> int:
    """The bar that a value falls in: 0 is everything under 1 ms, the last one everything over its lower border."""
    if value < 10.0**_FIRST:
        return 0
    return min(1 + floor((log10(value) - _FIRST) * _PER_DECADE), _BARS - 1)


def _range(bar: int) -> str:
    if bar == 0:
        return f"under {seconds(10.0**_FIRST)}"
    low = 10 ** (_FIRST + (bar - 1) / _PER_DECADE)
    if bar == _BARS - 1:
        return f"over {seconds(low)}"
    return f"{seconds(low)} to {seconds(low * 10 ** (1 / _PER_DECADE))}"


def _stack(bar: int, counts: Mapping[str, Counter[int]], highest: int, what: str) -> Iterable[Markup]:
    top = float(_HEIGHT)
    for class_, each in counts.items():
        if n := each[bar]:
            height = max(1.5, n / highest * (_HEIGHT - 6))
            top -= height
            yield tag(
                "rect",
                tag("title", f"{plural(n, what)}: {_range(bar)}"),
                x=percent((bar + 0.08) / _BARS),
                width=percent(0.84 / _BARS),
                y=top,
                height=height,
                class_=class_,
            )


def _scale() -> Iterable[Markup]:
    yield tag("text", "<1 ms", x="0", y=_HEIGHT + 15, class_="tick start")
    for power in range(_FIRST + 1, _LAST + 1):
        bar = 1 + (power - _FIRST) * _PER_DECADE
        value = 10.0**power
        label = f"{value:g} s" if value >= 1 else f"{value * 1e3:g} ms"
        yield tag("line", x1=percent(bar / _BARS), x2=percent(bar / _BARS), y1=_HEIGHT, y2=_HEIGHT + 4, class_="axis")
        anchor = "end" if power == _LAST else "middle"
        yield tag("text", label, x=percent(bar / _BARS), y=_HEIGHT + 15, class_=f"tick {anchor}")
