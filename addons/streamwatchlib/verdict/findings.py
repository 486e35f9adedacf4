"""The content of one exchange -> the worst that its times show of any channel.

In: `Signals` with times, and what the server said.  Out: a `Finding`.  A `Case` is made of each channel with enough
events, and of all of them together; each is read with two lengths of the silence that parts two lumps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import compress, count
from operator import attrgetter, sub
from statistics import median
from typing import NamedTuple

from ..model import HELD_BACK, SEVERITY_RANK, Channel, Label, Moments, Severity, Signals
from ..pace.blocks import Blocks, blocks
from ..pace.cadence import Cadence, cadence
from ..pace.clocks import ServerTimes
from ..pace.deliveries import BURST_EVENTS, NOTICED, Path, Piece, pieces, totals
from ..pace.flights import full, writes_in_flight
from ..pace.lag import never, standstills
from ..pace.losses import is_limited_by_path
from ..pace.shape import shape
from .case import Case
from .flags import cached, length_on_stream, visible_tokens_of
from .rules import MIN_EVENTS, MODERATE, Ruling, rule, severity

QUIET_GAP = 0.002
"""Seconds of silence that part two lots: the several reads of one lump follow each other faster."""
SLOW_LINK_GAP = 0.010
"""Seconds that part two lots if a slow link stretches them: one 1448-byte segment takes 10 ms at 1.2 Mbit/s."""
MANY = 3
"""Fewest lumps that are no accident but how this stream comes."""
MERGED = 2
"""Fewest events of a burst where something shows that events were gathered: cut blocks, a timer, the server's dates."""
MIXED = 1.1
"""Times a channel's own events that all events of its lump may be; if there are more, the lump is the whole
stream's."""
OUTSTANDING = 2.0
"""Times the usual lump of the whole stream from which on a channel's lump is one of its own."""
TICK_JITTER = 0.02
"""Variation of the gaps up to which a timer made them; engines' steps vary by more."""
TICK_LOTS = 8
TICK_PERIOD = 0.15
"""Seconds; a timer that ticks faster holds nothing for long."""

_SUSPICION: dict[Label, int] = {"pseudo-streaming": 3, "bursty": 2, "inconclusive": 1}


class Finding(NamedTuple):
    """One channel's ruling with what it rests on."""

    channel: Channel
    case: Case
    ruling: Ruling
    severity: Severity | None
    blocks: Blocks

    @property
    def suspicion(self) -> tuple[int, int]:
        """By this the more suspicious of two readings of one channel is chosen."""
        return _SUSPICION.get(self.ruling.label, 0), SEVERITY_RANK[self.severity]

    @property
    def rank(self) -> tuple[bool, int, int, float, int]:
        """By this the worst of several channels is chosen; one that shows nothing gives way to any other."""
        shape = self.case.shape
        return self.ruling.label != "inconclusive", *self.suspicion, shape.hold, shape.events


def worst(signals: Signals, server_times: ServerTimes, path: Path) -> Finding:
    """The worst finding: of all content (under its largest channel's name), or of a channel with enough events."""
    if waits := writes_in_flight(signals.arrivals, signals.boundary, path.start):
        path = replace(path, write_in_flight=standstills(waits))
    lots = _lots(signals, path)
    path = replace(path, blocks=lots[0][1].size is not None)
    channels = signals.moments
    sizes: dict[Channel, int] = {channel: len(moments.t) for channel, moments in channels.items()} or {"events": 0}
    largest = max(sizes, key=sizes.__getitem__)
    whole = _finding(signals, server_times, path, lots, largest, signals.content)
    if len(channels) < 2:
        return whole
    found = [
        _finding(signals, server_times, path, lots, channel, channels[channel])
        for channel in sizes
        if sizes[channel] >= MIN_EVENTS
    ]
    return max([whole, *(finding for finding in found if _stands_out(finding, whole))], key=lambda f: f.rank)


def _stands_out(finding: Finding, whole: Finding) -> bool:
    """The channel has a lump of its own: not one that brought other channels as well, nor one of many in which
    everything came.  What was too fast as a whole is no slower in parts."""
    if whole.ruling.reason == "fast" and finding.ruling.label not in HELD_BACK:
        return False
    lump, content = finding.case.shape.biggest, finding.case.path.content
    if bisect_right(content, lump.end) - bisect_left(content, lump.t) > MIXED * lump.n:
        return False
    lumps = [burst.n for burst in whole.case.shape.bursts if burst.silence >= NOTICED]
    return len(lumps) < MANY or lump.n >= OUTSTANDING * median(lumps)


def _lots(signals: Signals, path: Path) -> tuple[tuple[float, Blocks], ...]:
    """The bytes as each of the two silences parts them; only as the shorter one does if no gap lies in between."""
    times = [arrival.t for arrival in signals.arrivals]
    between = any(QUIET_GAP < gap <= SLOW_LINK_GAP for gap in map(sub, times[1:], times))
    not_reading = path.not_reading if path.write_in_flight is never else path.still
    return tuple(
        (quiet, blocks(signals.arrivals, signals.boundary, quiet, not_reading))
        for quiet in ((QUIET_GAP, SLOW_LINK_GAP) if between else (QUIET_GAP,))
    )


def _finding(
    signals: Signals,
    server_times: ServerTimes,
    path: Path,
    lots: Sequence[tuple[float, Blocks]],
    channel: Channel,
    moments: Moments,
) -> Finding:
    """The more suspicious of the two silences' readings; of two alike the one that shows a block size."""
    reads = pieces(moments, signals.arrivals, signals.boundary)
    beat = _cadence(reads)
    gathered = _ticks(beat) or (server_times.hold or 0.0) >= MODERATE
    case_of = partial(  # what is the same whichever silence parts the lumps
        Case,
        path=path,
        server_times=server_times,
        cadence=beat,
        tokens=_tokens(signals, moments),
        link_full=full(signals.arrivals, signals.boundary) or is_limited_by_path(signals.network, signals.arrivals),
        length_declared=length_on_stream(signals),
        replayed=server_times.replayed or cached(signals),
        traits=signals.traits,
    )
    readings = []
    for quiet, parted in lots:
        merged = gathered or parted.cut or parted.size is not None
        figures = shape(reads, quiet, path, MERGED if merged else BURST_EVENTS)
        case = case_of(shape=figures, cut=parted.cut, follows_event_end=_follows_event_end(signals, figures.biggest.t))
        ruling = rule(case)
        readings.append(Finding(channel, case, ruling, severity(case, ruling), parted))
    return max(readings, key=lambda reading: (reading.suspicion, reading.blocks.size is not None))


def _follows_event_end(signals: Signals, t: float) -> bool:
    """The arrival before that at `t` ended with an event."""
    before = bisect_left(signals.arrivals, t, key=attrgetter("t"))
    return before == 0 or signals.boundary[before - 1]


def _cadence(reads: Sequence[Piece]) -> Cadence | None:
    """The beat of the lots that silences of `QUIET_GAP` part."""
    times, counts, _, _ = zip(*reads, strict=True)
    starts = [0, *compress(count(1), map(QUIET_GAP.__lt__, map(sub, times[1:], times)))]
    return cadence([times[start] for start in starts], totals(counts, starts))


def _ticks(beat: Cadence | None) -> bool:
    """A timer hands on whatever is there: punctual, and never the same number."""
    return (
        beat is not None
        and not beat.constant
        and beat.lots >= TICK_LOTS
        and beat.period >= TICK_PERIOD
        and beat.jitter <= TICK_JITTER
    )


def _tokens(signals: Signals, moments: Moments) -> int:
    """The channel's tokens, at least its events: the whole answer's count says nothing of one channel of several."""
    whole = len(moments.t) == len(signals.content.t)
    return max(len(moments.t), (visible_tokens_of(signals) or 0) if whole else 0)
