"""Sizes and ends of arrivals -> the traces of byte buffers on the path.

In: the arrivals, and whether each ended with an event.  Out: `Blocks`.  A buffer that counts bytes hands over lots of
one size that end anywhere; a timer or a model's server hands over whole events, lots of any size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf
from operator import sub
from statistics import fmean, median

from ..model import Arrival
from .lag import never

QUANTA = (4096, 8192, 10240, 16384, 32768, 65536, 131072, 262144)
"""Usual sizes of buffers, bytes: pages, stdio blocks, TLS records."""
GATHERED = (*QUANTA, 8000)
"""Bytes at which buffers that keep events whole hand them on; Apache's own limit is 8000 (AP_MIN_BYTES_TO_WRITE)."""
CHUNKED = 7
"""Bytes that chunked transfer-coding adds to an event."""
SHORTFALL = 0.93
"""Least share of a buffer's size that a block shows here: chunk framing and, for the first, the response's head take
the rest (16384 on the wire was 15994 behind nginx with TLS)."""
EXCESS = 1.01
EQUAL = 0.05
"""Coefficient of variation up to which sizes count as equal."""
FILLED = 3
"""Most blocks that one write fills at once."""
CUT = 0.3
"""Share of lots ending with an event below which lots are taken to end anywhere."""
NEARLY = 0.85
"""Share of the lots that counts as nearly all."""
MIN_LOTS = 3
"""Fewest lots of equal size, cut anywhere, that prove a buffer: by chance about one in 250 ends with an event."""

FULL_READ = 60_000
"""Bytes of a full read of the proxy's (65535), less framing; the rest of the lump follows as soon as that read has been
processed."""
WORK = 0.1
"""Seconds that the proxy may take to process a full read."""
EVENT_WORK = 1e-4
"""Seconds that the proxy may take to process an event (30 µs where it has a processor to itself)."""


@dataclass(frozen=True, slots=True)
class Blocks:
    sizes: tuple[int, ...]
    """Bytes of each lot, before content-decoding."""
    ends: tuple[bool, ...]
    """Whether the last byte of each lot ended an event."""
    size: int | None = None
    """The buffer's size if the lots have one size and are cut anywhere (as measured if it is not a usual one), else
    None."""

    @property
    def aligned(self) -> float:
        """Share of the lots whose last byte ended an event."""
        return sum(self.ends) / len(self.ends)

    @property
    def cut(self) -> bool:
        """The lots end anywhere: they were gathered by bytes, not by events."""
        ends = self.ends[:-1]
        return len(ends) >= 2 and sum(ends) <= CUT * len(ends)


def blocks(
    arrivals: Sequence[Arrival],
    boundary: Sequence[bool],
    quiet: float,
    not_reading: Callable[[float, float], float] = never,
) -> Blocks:
    """Part the arrivals (at least one) into lots at silences of more than `quiet` seconds.  `not_reading`: see
    `lag`."""
    if not_reading is never and _apart(arrivals, quiet):
        each = tuple([arrival.size for arrival in arrivals])
        return Blocks(each, tuple(boundary), _size(each[1:-1], boundary[1:-1]))
    sizes, ends, last = [arrivals[0].size], [boundary[0]], arrivals[0]
    for arrival, end in zip(islice(arrivals, 1, None), islice(boundary, 1, None), strict=False):
        silence, lull = arrival.t - last.t, WORK if last.size >= FULL_READ else quiet + last.events * EVENT_WORK
        if silence > lull and silence - not_reading(last.t, arrival.t) > lull:
            sizes.append(arrival.size)
            ends.append(end)
        else:
            sizes[-1] += arrival.size
            ends[-1] = end
        last = arrival
    return Blocks(tuple(sizes), tuple(ends), _size(sizes[1:-1], ends[1:-1]))


def _apart(arrivals: Sequence[Arrival], quiet: float) -> bool:
    """Each arrival is a lot of its own, as in most streams."""
    times, sizes, events = zip(*arrivals, strict=True)
    lull = quiet + max(events) * EVENT_WORK
    return bool(max(sizes) < FULL_READ and min(map(sub, times[1:], times), default=inf) > lull)


def _size(sizes: Sequence[int], ends: Sequence[bool]) -> int | None:
    """The size of the buffer, by the lots between the first, shortened by the response's head, and the last, a rest."""
    if len(sizes) < MIN_LOTS or sum(ends) > CUT * len(ends):
        return None
    usual = next((q for q in reversed(QUANTA) if fills(sizes, q)), None)
    size = round(median(sizes))
    unusual = size > QUANTA[0] and variation(sizes) <= EQUAL  # smaller lots of one size may be TCP segments
    return usual or (size if unusual else None)


def fills(sizes: Sequence[int], q: int) -> bool:
    """Each size is that of one to `FILLED` blocks of `q` bytes, less their framing."""
    return all(
        1 <= (blocks := round(size / q)) <= FILLED and SHORTFALL * blocks * q <= size <= EXCESS * blocks * q
        for size in sizes
    )


def crossed(sizes: Sequence[int], event: float) -> int | None:
    """The limit of `GATHERED` that nearly every lot of whole events, of about `event` bytes each, reaches with its last
    one; else None.  PHP's output buffer hands on what it has once that many bytes are there, Apache counts the chunk
    framing of each event as well."""
    if len(sizes) < MIN_LOTS:
        return None
    reached = ((q, q * (1 - framing / event)) for framing in (0, CHUNKED) for q in GATHERED)
    found = (q for q, least in reached if sum(least <= size < q + event for size in sizes) >= NEARLY * len(sizes))
    return next(found, None)


def variation(values: Sequence[float]) -> float:
    """Coefficient of variation (standard deviation by mean); 0 for fewer than two values."""
    mean = fmean(values) if values else 0.0
    return math.sqrt(fmean((value - mean) ** 2 for value in values)) / mean if mean and len(values) > 1 else 0.0
