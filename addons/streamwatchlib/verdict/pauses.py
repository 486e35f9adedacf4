"""The longest silence of a stream, and what ended it.

In: `Evidence`.  Out: a `Pause`.
"""

from __future__ import annotations

from typing import NamedTuple

from ..pace.deliveries import BIN, Delivery
from .evidence import Evidence
from .flags import silences


class Pause(NamedTuple):
    length: float
    """Seconds between two content events of any channel, or from the last one until the transport broke off, without
    those in which this proxy was not reading."""
    lost: bool
    """The arrival that ended it had waited for a lost segment."""
    lump: Delivery | None
    """The lump that ended it."""


def longest(e: Evidence) -> Pause:
    length, end = max(silences(e.signals), default=(0.0, 0.0))
    stalls = e.signals.network.stalls if e.signals.network else ()
    lump = next((each for each in e.bursts if each.t - BIN <= end <= each.end), None)
    return Pause(length, any(t == end for t, _ in stalls), lump)
