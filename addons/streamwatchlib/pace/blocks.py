"""Sizes and ends of the reads -> what byte buffers on the path leave behind.

In: the arrivals and whether each ended with an event.  Out: `Blocks`.  A buffer that counts bytes hands over lots
of one size that end anywhere; a timer or a model's server hands over whole events of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, pstdev

from ..model import Arrival

QUANTA = (512, 1024, 2048, 4096, 8192, 10240, 16384, 32768, 65536)
"""Bytes that buffers are made of: pages, stdio blocks, TLS records."""
SHORTFALL = 0.93
"""A block looks smaller here than on the wire by its chunk framing and, the first, by the response's head
(16384 on the wire was 15994 behind nginx with TLS)."""
EXCESS = 1.01
EQUAL = 0.05
"""Coefficient of variation up to which sizes or gaps count as equal."""
CUT = 0.3
"""Share of lots ending with an event below which the ends lie anywhere."""
LEAST = 3
"""Lots of equal size, cut anywhere, that decide: by chance each ends with an event once in about 250 bytes."""


FULL_READ = 60_000
"""Bytes: what the proxy reads at most at once (65535), less framing; the rest of the lump follows as soon as that
has been worked through."""
WORK = 0.1
"""Seconds for which a full read may keep the proxy."""


@dataclass(frozen=True, slots=True)
class Blocks:
    aligned: float
    """Share of the lots whose last byte ended an event."""
    sizes: tuple[int, ...]
    """Bytes of each lot, as they passed."""
    size: int | None = None
    """The buffer's size, where the lots have one size and are cut anywhere; as measured where it is no usual one."""


def blocks(arrivals: Sequence[Arrival], boundary: Sequence[bool], quiet: float) -> Blocks | None:
    """The lots that silences of more than `quiet` seconds part; None where nothing came."""
    if not arrivals:
        return None
    sizes, ends, last = [0], [False], arrivals[0]
    for arrival, end in zip(arrivals, boundary, strict=False):
        if arrival.t - last.t > (WORK if last.size >= FULL_READ else quiet):
            sizes.append(0)
            ends.append(False)
        sizes[-1] += arrival.size
        ends[-1], last = end, arrival
    aligned = sum(ends) / len(ends)
    return Blocks(aligned, tuple(sizes), _size(sizes[1:-1], ends[1:-1]))


def _size(sizes: Sequence[int], ends: Sequence[bool]) -> int | None:
    """Of the lots between the first, shortened by the response's head, and the last, which is a rest."""
    if len(sizes) < LEAST or sum(ends) > CUT * len(ends) or variation(sizes) > EQUAL:
        return None
    size = median(sizes)
    return next((q for q in QUANTA if SHORTFALL * q <= size <= EXCESS * q), round(size))


def variation(values: Sequence[float]) -> float:
    """Coefficient of variation (standard deviation by mean); 0 for fewer than two values."""
    mean = fmean(values) if values else 0.0
    return pstdev(values) / mean if mean and len(values) > 1 else 0.0
