"""Which exchanges of two taps belong together.

In: traces.  Out: links, each trace in one at most.  With one clock (`partner`) the order of times decides between
equals; with two (`matched`) the clock offset that most pairs agree on is found first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from .clocks import DRIFT, Offset, agreed, offset
from .links import SLACK, Link, behind, common, detoured, earliest, link
from .trace import Trace

ALIKE = 200
"""Exchanges with the same request, on each side, that are compared with each other: the work is their product."""


def partner(down: Trace, candidates: Iterable[Trace]) -> Link | None:
    """The exchange upstream that `down` became, all of them dated by one clock.

    Likelier are those with more evidence, with the same address, and whose response that of `down` followed more
    closely; the likeliest is tried first, since comparing all times of all candidates would take too long.
    """
    likely = []
    for up in candidates:
        if earliest(up, down) <= SLACK and (by := common(up, down)) is not None:
            other = up.asked.whole != down.asked.whole
            likely.append((-len(by), other, detoured(up, down), behind(up, down), up))
    likely.sort(key=itemgetter(0, 1, 2, 3))
    links = (link(up, down) for *_, up in likely)
    return next((found for found in links if found and found.holds(0.0)), None)


def matched(up: Sequence[Trace], down: Sequence[Trace]) -> tuple[list[Link], Offset | None]:
    """The pairs in the order of `down`, and the offset of the clocks; None without a pair."""
    candidates = list(_candidates(up, down))
    estimate = agreed([each for each in candidates if each.sure])
    if estimate is None:
        return [], None
    pairs = _one_each([each for each in candidates if each.holds(estimate, DRIFT)], estimate)
    order = {each.record.id: place for place, each in enumerate(down)}
    pairs.sort(key=lambda pair: order[pair.down.record.id])
    return pairs, offset(pairs)


def _candidates(up: Sequence[Trace], down: Sequence[Trace]) -> Iterator[Link]:
    above: dict[object, list[Trace]] = defaultdict(list)
    for each in up:
        for key in _keys(each):
            above[key].append(each)
    tried = set()
    below: dict[object, int] = defaultdict(int)
    for each in down:
        for key in _keys(each):
            below[key] += 1
            for other in above[key][:ALIKE] if below[key] <= ALIKE else ():
                if (names := (other.record.id, each.record.id)) not in tried:
                    tried.add(names)
                    if found := link(other, each):
                        yield found


def _keys(each: Trace) -> Iterator[object]:
    """Yield what a trace and its counterpart may have in common."""
    yield from each.asked.texts
    yield from each.ids
    yield "size", each.asked.size


def _one_each(links: Sequence[Link], estimate: float) -> list[Link]:
    taken: set[tuple[str, str]] = set()
    found = []
    for each in sorted(links, key=lambda one: (-len(one.by), detoured(one.up, one.down), abs(estimate - one.low))):
        names = {("up", each.up.record.id), ("down", each.down.record.id)}
        if taken.isdisjoint(names):
            taken |= names
            found.append(each)
    return found
