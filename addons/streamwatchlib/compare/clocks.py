"""The offset of two machines' clocks.

In: links between exchanges that the two machines dated, each with the least and the most by which the clocks can differ
if it is one request: that cannot have reached the hop's far side before its near side, nor a response the other way
round.  Out: the offset that most of them allow.  As in NTP (RFC 5905, section 8), the middle of what is possible is
taken, and half of its width is the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

from .links import Link

DRIFT = 0.1
"""Seconds by which two undisciplined clocks may move against each other during a capture (50 ppm, half an hour)."""


class Offset(NamedTuple):
    value: float
    """Seconds that the clock downstream is ahead of the one upstream."""
    error: float
    """Plus or minus."""
    pairs: int
    """Number of exchanges that the offset rests on."""
    steady: bool = True
    """One offset suits all of them; otherwise the clocks moved, and each pair has an offset of its own."""


def estimate_offset(links: Sequence[Link]) -> float | None:
    """An offset that as many of the links as possible allow, give or take `DRIFT`; None without any."""
    bounded = [link for link in links if isfinite(link.high)]
    edges = sorted(
        [(link.low - DRIFT, 0) for link in bounded] + [(link.high + DRIFT, 1) for link in bounded],
    )
    best: tuple[int, float] | None = None
    found, open_links = None, 0
    for (at, closes), (following, _) in pairwise(edges):
        open_links += -1 if closes else 1
        middle = (at + following) / 2
        score = (open_links, -abs(middle))  # of offsets that suit as many links, the smallest
        if best is None or score > best:
            best, found = score, middle
    return found


def offset(links: Sequence[Link]) -> Offset:
    """The offset that follows from links of one comparison, of which there is at least one."""
    low, high = max(link.low for link in links), min(link.high for link in links)
    if low <= high:
        return Offset((low + high) / 2, (high - low) / 2, len(links))
    own = [_own(link) for link in links]
    middle = sum(each.value for each in own) / len(own)
    spread = max(abs(each.value - middle) + each.error for each in own)
    return Offset(middle, spread, len(links), steady=False)


def of_pair(pair: Link, overall: Offset) -> Offset:
    """The offset of the clocks during one exchange."""
    return overall if overall.steady else _own(pair)


def _own(link: Link) -> Offset:
    high = link.high if isfinite(link.high) else link.low
    return Offset((link.low + high) / 2, abs(high - link.low) / 2, 1)
