"""The arrival times of an answer's pieces -> the lots they were delivered in.

In: the times of one channel's content events.  Out: its deliveries.  A *delivery* is what arrived in one go: a burst (a
lump that no model can have generated at that moment) or, where pieces flow, what arrived within 20 ms.  Never here:
whom to blame, the name of a hop.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, compress, count, islice, pairwise, repeat
from operator import attrgetter, ne, sub
from typing import NamedTuple

from ..model import Arrival, Moments
from ..timing import FASTEST_RATE, percentile
from .blocks import FULL_READ, WORK
from .lag import TimeNotReading, never

BURST_EVENTS = 4
"""Fewest events of a burst; fewer are an engine's step: vLLM's and llama.cpp's speculative decoding accept 2 or 3."""
USUAL_RATE = 300.0
"""Events a second that a fast, not extraordinary engine makes.  Finished text is hardly ever copied slower: gateways in
Python need 0.3 to 3 ms an event."""
EXTRAORDINARY = 3500.0
"""Events a second; the fastest single streams that providers claim make about 3000."""
RECURRENT = 4
"""Fewest silences, each followed by a replay, that are a habit of the path: a model pauses to think or to call a tool
once or twice."""
ALIKE = 3.0
"""Most that the events per second of silence may differ, as a factor, if a path held them: what follows a model's pause
does not depend on its length."""
MIN_PACE_EVENTS = 16
"""Fewest events that show an engine's pace."""
SUDDEN = 3.0
"""Times its own duration that the silence before a lump lasts, at least: the lump is then four times as dense as what a
model can have made meanwhile."""
CUT = 0.3
"""Share of reads ending with an event below which they are cut anywhere, by a full link or buffer; models write whole
ones."""
FLOOD = 1_000_000
"""Bytes a second; more than any model writes, less than a link of 10 Mbit/s carries."""
NOTICED = 0.150
"""Seconds of silence before a lump that a reader sees as a jerk: above 100 ms nothing feels immediate
(https://www.nngroup.com/articles/response-times-3-important-limits/), and 10 tokens a second are slow reading."""
LONG_WAIT = 2.0
"""Seconds after which a stream in one piece has lost all that streaming is for, and very fast engines have begun."""
BIG_READ = 16
"""Events in one read of the socket that make it a lump even where what follows flows."""
BIN = 0.020
"""Seconds; pieces this close are one delivery to any reader (50 a second)."""


class Piece(NamedTuple):
    """The content events that came in one arrival."""

    t: float
    n: int
    whole: bool
    """The arrival's last byte ended an event."""
    size: int
    """Bytes of the arrival; 0 where it was not kept."""


class Delivery(NamedTuple):
    t: float
    end: float
    n: int
    reads: int
    burst: bool
    silence: float
    """Of a burst: seconds from the last content event of any channel (for the first: the request's end) to `t`, without
    the time in which the proxy was not reading.  Of pieces that flow: the silence before them if they are part of a
    replay and it is noticeable, else 0."""


_piece, _delivery = partial(tuple.__new__, Piece), partial(tuple.__new__, Delivery)


@dataclass(frozen=True, slots=True)
class Path:
    """What the statistics need to know of the exchange around one channel."""

    start: float
    """The end of the request, seconds."""
    content: Sequence[float]
    """Times of all content events of all channels, in order."""
    not_reading: TimeNotReading = never
    """Seconds between two times in which the proxy was not reading; see `lag`."""
    blocks: bool = False
    """The reads are known to be a buffer's blocks: that they are cut inside events says nothing of the link."""
    write_in_flight: TimeNotReading = never
    """Seconds between two times in which a single write was in flight; see `flights`."""

    def still(self, earlier: float, later: float) -> float:
        """Seconds between two times in which nothing could arrive, or be read."""
        return self.not_reading(earlier, later) + self.write_in_flight(earlier, later)

    def since(self, t: float) -> float:
        """Time of the last content event of any channel before `t`; the request's end if there was none."""
        before = bisect_left(self.content, t)
        return self.content[before - 1] if before else self.start

    def silence(self, t: float) -> float:
        since = self.since(t)
        return max(0.0, t - since - self.not_reading(since, t))


def pieces(moments: Moments, arrivals: Sequence[Arrival], boundary: Sequence[bool]) -> list[Piece]:
    """Group one channel's content events by arrival; of an arrival that was not kept only the time is known."""
    t, index = moments.t, moments.arrival
    starts = [0, *compress(count(1), map(ne, index, islice(index, 1, None)))]
    counts = map(sub, [*starts[1:], len(t)], starts)
    brought = [index[start] for start in starts]
    kept = brought[: bisect_left(brought, len(boundary))]
    whole = chain(map(boundary.__getitem__, kept), repeat(True))
    sizes = chain([arrivals[arrival].size for arrival in kept], repeat(0))
    return [*map(_piece, zip(map(t.__getitem__, starts), counts, whole, sizes))]  # noqa: B905 - two of these have no end


def deliveries(reads: Sequence[Piece], quiet: float, path: Path, least: int = BURST_EVENTS) -> tuple[Delivery, ...]:
    """Group the pieces (at least one) into deliveries; silences of up to `quiet` seconds do not part a lump."""
    return _joined(_deliveries(reads, quiet, path, least))


def _deliveries(reads: Sequence[Piece], quiet: float, path: Path, least: int) -> list[Delivery]:
    times, counts, _, _ = zip(*reads, strict=True)
    starts = _starts(reads, times, quiet, path)
    lone = [*map(_delivery, zip(times, times, counts, repeat(1), repeat(False), repeat(0.0)))]
    if len(starts) == len(reads) and max(counts) < least:  # as most streams are
        return lone
    runs = [reads[start:end] for start, end in pairwise((*starts, len(reads)))]
    sizes = totals(counts, starts)
    kinds = [_kind(run, n, path) if n >= least else "flow" for run, n in zip(runs, sizes, strict=True)]
    replays = [run for run, kind in zip(runs[1:], kinds[1:], strict=True) if kind == "replay"]
    lumps = {"lump", "replay"} if _is_habit(replays, path) else {"lump"}
    doubtful = "replay" in kinds and not _is_very_fast(runs, sizes, kinds, path)
    delivered: list[Delivery] = []
    for start, run, kind in zip(starts, runs, kinds, strict=True):
        if kind in lumps:
            delivered.append(_burst(run, path))
        elif len(run) == 1:
            delivered.append(lone[start])
        else:
            silence = path.silence(run[0].t) if doubtful and kind == "replay" else 0.0
            noticed = silence >= (NOTICED if delivered else LONG_WAIT)
            delivered += [each._replace(silence=silence) if noticed else each for each in _flow(run, path)]
    return delivered


def totals(counts: Sequence[int], starts: Sequence[int]) -> Sequence[int]:
    """The sums of `counts` from each start, the first of which is 0, to the next."""
    if len(starts) == len(counts):
        return counts
    before = [*accumulate(counts, initial=0)]
    each = [*map(before.__getitem__, starts), before[-1]]
    return [*map(sub, each[1:], each)]


def _is_very_fast(runs: Sequence[Sequence[Piece]], sizes: Sequence[int], kinds: Sequence[str], path: Path) -> bool:
    """Some run shows that the engine is: a usual one cannot have made as many events since the content before."""
    for run, n, kind in zip(runs, sizes, kinds, strict=True):
        taken = run[-1].t - run[0].t
        if kind != "lump" and n >= MIN_PACE_EVENTS and n > USUAL_RATE * (path.silence(run[0].t) + taken):
            return True
    return False


def _is_habit(replays: Sequence[Sequence[Piece]], path: Path) -> bool:
    """The replays brought what had been made in the silences before, as much a second: a habit of the path."""
    if len(replays) < RECURRENT:
        return False
    made = sorted(sum(piece.n for piece in run) / path.silence(run[0].t) for run in replays)
    return percentile(made, 90) <= ALIKE * percentile(made, 10)


def _joined(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Add to a burst what follows it faster than any engine: a lump takes several reads, as far apart as the proxy
    needs to process each."""
    if not any(delivery.burst for delivery in deliveries):
        return tuple(deliveries)
    joined: list[Delivery] = []
    for delivery in deliveries:
        if not joined or not joined[-1].burst:
            joined.append(delivery)
            continue
        last = joined[-1]
        n, reads = last.n + delivery.n, last.reads + delivery.reads
        if _rate(n, reads, delivery.end - last.t) > FASTEST_RATE:
            joined[-1] = last._replace(end=delivery.end, n=n, reads=reads)
        else:
            joined.append(delivery)
    return tuple(joined)


def _starts(reads: Sequence[Piece], times: Sequence[float], quiet: float, path: Path) -> list[int]:
    """Indices of the reads that begin a run, each after a silence."""
    starts = [*compress(count(1), map(quiet.__lt__, map(sub, times[1:], times)))]
    if (
        path.not_reading is not never
        or path.write_in_flight is not never
        or max(map(attrgetter("size"), reads)) >= FULL_READ
    ):
        starts = [start for start in starts if _parted(reads[start - 1], reads[start], quiet, path)]
    return [0, *starts]


def _parted(before: Piece, after: Piece, quiet: float, path: Path) -> bool:
    silence, lull = after.t - before.t, WORK if before.size >= FULL_READ else quiet
    return silence > lull and silence - path.still(before.t, after.t) > lull


def _kind(run: Sequence[Piece], n: int, path: Path) -> str:
    """``lump``: not generated as it came.  ``replay``: perhaps not, a lump if it recurs.  ``flow``: as models do."""
    rate = _rate(n, len(run), run[-1].t - run[0].t)
    if rate > FASTEST_RATE or path.write_in_flight(run[0].t, run[-1].t):
        return "lump"
    if path.silence(run[0].t) < SUDDEN * (run[-1].t - run[0].t):
        return "flow"
    if not path.blocks and _poured(run, rate):
        return "lump"
    return "replay" if rate >= USUAL_RATE else "flow"


def _poured(run: Sequence[Piece], rate: float) -> bool:
    """It came as fast as the link carries, cut anywhere: all of it was there before."""
    inner = run[:-1]
    if sum(piece.whole for piece in inner) > CUT * len(inner):
        return False
    return rate > EXTRAORDINARY or sum(piece.size for piece in inner) > FLOOD * (run[-1].t - run[0].t)


def _rate(n: int, reads: int, seconds: float) -> float:
    """Events a second over the gaps between the reads; infinite for a single read."""
    if reads == 1 or seconds <= 0:
        return math.inf
    return n * (reads - 1) / reads / seconds


def _flow(run: Sequence[Piece], path: Path) -> list[Delivery]:
    """Bins of 20 ms; a read that is a lump by itself, where most are not, is a delivery of its own."""
    big = max(BIG_READ, BURST_EVENTS * sum([piece.n for piece in run]) / len(run))
    return [_burst(part, path) if part[0].n >= big else _bin(part) for part in _parts(run, big)]


def _parts(run: Sequence[Piece], big: float) -> Iterator[Sequence[Piece]]:
    start = 0
    for i in range(1, len(run)):
        if run[i].n >= big or run[start].n >= big or run[i].t - run[start].t >= BIN:
            yield run[start:i]
            start = i
    yield run[start:]


def _bin(run: Sequence[Piece]) -> Delivery:
    n = run[0].n if len(run) == 1 else sum([piece.n for piece in run])
    return _delivery((run[0].t, run[-1].t, n, len(run), False, 0.0))


def _burst(run: Sequence[Piece], path: Path) -> Delivery:
    return _bin(run)._replace(burst=True, silence=path.silence(run[0].t))
