"""What the hop between two taps on two machines did to each exchange.

In: the records of either side.  Out: a `Comparison`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..model import Passage, Record
from .clocks import Offset, of_pair
from .fingerprint import fingerprint
from .matching import match_exchanges
from .passage import passage
from .revise import revised


class Pair(NamedTuple):
    up: Record
    down: Record
    """With what the hop did, and its verdict revised by that."""
    hop: Passage


class Comparison(NamedTuple):
    pairs: Sequence[Pair]
    clocks: Offset | None
    """None if there was no pair."""
    unpaired: tuple[int, int]
    """Exchanges upstream and downstream that had no counterpart."""


def compare_records(up: Sequence[Record], down: Sequence[Record]) -> Comparison:
    """The exchanges that were seen on both sides, in the order of `down`."""
    links, clocks = match_exchanges(
        [fingerprint(each, "upstream") for each in up], [fingerprint(each, "downstream") for each in down]
    )
    above, below = ({each.id: each for each in side} for side in (up, down))
    pairs = []
    for link in links:
        one, other = above[link.up.record.id], below[link.down.record.id]
        if other.hop and other.hop.paired_with == one.id:  # one proxy with one clock watched both, and compared them
            pairs.append(Pair(one, other, other.hop))
            continue
        hop = passage(link, of_pair(link, clocks) if clocks else None)
        pairs.append(Pair(one, revised(other, hop, one), hop))
    return Comparison(pairs, clocks, (len(up) - len(pairs), len(down) - len(pairs)))
