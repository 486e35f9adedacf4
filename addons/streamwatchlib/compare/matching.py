"""Which exchanges of two taps belong together.

In: fingerprints.  Out: links, each fingerprint in one at most.  With one clock (`find_upstream`) the order of times
decides between equals; with two (`match_exchanges`) the clock offset that most pairs agree on is found first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from .clocks import DRIFT, Offset, estimate_offset, offset
from .fingerprint import Fingerprint
from .links import SLACK, Link, common, link, min_offset, response_lag, url_differs

ALIKE = 200
"""Exchanges with the same request, on each side, that are compared with each other: the work is their product."""


def find_upstream(down: Fingerprint, candidates: Iterable[Fingerprint]) -> Link | None:
    """The exchange upstream that `down` became, all of them dated by one clock.

    Likelier are those with more evidence, with the same address, and whose response that of `down` followed more
    closely; the likeliest is tried first, since comparing all times of all candidates would take too long.
    """
    likely = []
    for up in candidates:
        if min_offset(up, down) <= SLACK and (by := common(up, down)) is not None:
            other = up.request_digests.whole != down.request_digests.whole
            likely.append((-len(by), other, url_differs(up, down), response_lag(up, down), up))
    likely.sort(key=itemgetter(0, 1, 2, 3))
    links = (link(up, down) for *_, up in likely)
    return next((found for found in links if found and found.allows(0.0)), None)


def match_exchanges(up: Sequence[Fingerprint], down: Sequence[Fingerprint]) -> tuple[list[Link], Offset | None]:
    """The pairs in the order of `down`, and the offset of the clocks; None without a pair."""
    candidates = list(_candidates(up, down))
    estimate = estimate_offset([each for each in candidates if each.sure])
    if estimate is None:
        return [], None
    pairs = _one_each([each for each in candidates if each.allows(estimate, DRIFT)], estimate)
    order = {each.record.id: place for place, each in enumerate(down)}
    pairs.sort(key=lambda pair: order[pair.down.record.id])
    return pairs, offset(pairs)


def _candidates(up: Sequence[Fingerprint], down: Sequence[Fingerprint]) -> Iterator[Link]:
    above: dict[object, list[Fingerprint]] = defaultdict(list)
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


def _keys(each: Fingerprint) -> Iterator[object]:
    """Yield what a fingerprint and its counterpart may have in common."""
    yield from each.request_digests.texts
    yield from each.ids
    yield "size", each.request_digests.size


def _one_each(links: Sequence[Link], estimate: float) -> list[Link]:
    taken: set[tuple[str, str]] = set()
    found = []
    for each in sorted(links, key=lambda one: (-len(one.by), url_differs(one.up, one.down), abs(estimate - one.low))):
        names = {("up", each.up.record.id), ("down", each.down.record.id)}
        if taken.isdisjoint(names):
            taken |= names
            found.append(each)
    return found
