"""What lost segments did to the pace.

In: what the kernel counted on the connection to the server, and the lumps or the arrivals.  Out: the lumps that waited
for a lost segment, or for the window; whether everything came as fast as the path carries what is there at the start.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import log2

from ..model import Arrival, Network
from .deliveries import Delivery
from .flights import SPARE, WINDOW

RESENT, RETURNS = 0.4, 4
"""Seconds, and round trips besides, that a lost segment delays others at most: it is resent after one round trip, or by
a timer of 200 ms and more (RFC 6298; Linux's minimum), and may be lost again."""
FILLED = 0.9
"""Share of their capacity that is filled in full segments."""


def stalled(lumps: Sequence[Delivery], network: Network | None) -> list[tuple[Delivery, int]]:
    """The lumps before which segments had come out of order, and how many.  A loss explains no longer silence."""
    if network is None:
        return []
    times = [t for t, _ in network.stalls]
    longest = RESENT + RETURNS * (network.rtt or 0.0)
    short = [lump for lump in lumps if lump.silence <= longest]
    ended = [(lump, bisect_left(times, lump.t), bisect_right(times, lump.end)) for lump in short]
    return [(lump, sum(n for _, n in network.stalls[start:end])) for lump, start, end in ended if start < end]


def windowed(lumps: Sequence[Delivery], network: Network | None) -> list[Delivery]:
    """The lumps of full segments that came within a round trip: nothing comes until those before are acknowledged."""
    if network is None or not filled(network):
        return []
    return [lump for lump in lumps if lump.silence < (network.rtt or 0.0)]


def share(lumps: Sequence[Delivery], of: Sequence[Delivery]) -> float:
    """What the events of `lumps` waited, as a share of what those of all lumps (`of`) did."""
    waited = sum(lump.n * lump.silence for lump in of)
    return sum(lump.n * lump.silence for lump in lumps) / waited if waited else 0.0


def filled(network: Network) -> bool:
    """The segments were full: there was always more to send than the path took."""
    most = (network.mss or 0) * (network.segments or 0)
    return most > 0 and (network.received or 0) >= FILLED * most


def is_limited_by_path(network: Network | None, arrivals: Sequence[Arrival]) -> bool:
    """Everything came in full segments, in no more time than the path takes for what is there at the start."""
    if network is None or not (network.rtt and network.received and arrivals and filled(network)):
        return False
    times = [arrival.t for arrival in arrivals]
    ends = {t for t, _ in network.stalls}
    waited = sum(later - earlier for earlier, later in pairwise(times) if later in ends)
    trips = log2(1 + network.received / WINDOW[1]) + SPARE
    return times[-1] - times[0] - waited <= trips * network.rtt
