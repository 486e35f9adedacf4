"""The facts of one exchange -> did the stream really stream?

In: `Signals`.  Out: a `Verdict`.  What can be said without times is said first; then every channel with enough
events is made a case of, at two ideas of how long a silence parts two lumps, and the worst ruling stands.  Never
here: a clock, a provider's name, a format's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from .causes import suspects
from .model import Channel, Label, Measures, Moments, Severity, Signals, Verdict
from .pace.blocks import Blocks, blocks
from .pace.cadence import Cadence, cadence
from .pace.clocks import Testimony, testimony
from .pace.deliveries import BURST_EVENTS, NOTICED, Path, Piece, pieces, shape
from .pace.lag import deafness
from .verdict.evidence import Evidence
from .verdict.flags import flags, length_on_stream, tokens_shown
from .verdict.rules import FEW, HELD_BACK, Case, Ruling, hold, rule, severity
from .verdict.wording import summary

PART = 0.002
"""Seconds of silence that part two lots: the several reads of one lump follow one another within this."""
SMEARED = 0.010
"""The same where a slow link draws a lump out: one 1448-byte segment takes 10 ms at 1.2 Mbit/s."""
MANY = 3
"""Lumps that make a manner of it."""
OUTSTANDING = 2.0
"""Times the usual lump of the whole stream that makes a channel's lump one of its own."""
TICK_JITTER = 0.02
"""Variation of the gaps up to which a clock made them; engines' steps vary by more."""
TICK_LOTS = 8
TICK_PERIOD = 0.15
"""Seconds; a timer that ticks faster holds nothing for long."""

_SUSPICION: dict[Label, int] = {"pseudo-streaming": 3, "bursty": 2, "inconclusive": 1}
_WEIGHT: dict[Severity | None, int] = {"severe": 3, "moderate": 2, "mild": 1}


class Finding(NamedTuple):
    """One channel's ruling with what it rests on."""

    channel: Channel
    case: Case
    ruling: Ruling
    severity: Severity | None
    blocks: Blocks | None

    @property
    def suspicion(self) -> tuple[int, int]:
        """Of two readings of one channel the more suspicious stands."""
        return _SUSPICION.get(self.ruling.label, 0), _WEIGHT.get(self.severity, 0)

    @property
    def rank(self) -> tuple[bool, int, int, float, int]:
        """Of two channels the worse stands; one that tells nothing gives way to any other."""
        shape = self.case.shape
        return self.ruling.label != "inconclusive", *self.suspicion, shape.hold, shape.events


def judge(signals: Signals) -> Verdict:
    """Label, severity, confidence, flags, figures, suspects and one sentence.  The same facts give the same verdict."""
    plain = next((ruling for applies, ruling in _WITHOUT_TIMES if applies(signals)), None)
    if plain is not None:
        return _verdict(signals, plain, None, Testimony())
    said = testimony(signals, signals.content.t[0], signals.content.t[-1])
    found = _worst(signals, said, Path(signals.request_end or 0.0, signals.content.t))
    deaf = deafness(signals.lags, signals.lag)
    if found.ruling.label in HELD_BACK and deaf is not None:
        heard = _worst(signals, said, replace(found.case.path, deaf=deaf, blocks=False))
        if heard.ruling.label not in HELD_BACK:
            heard = heard._replace(ruling=Ruling("inconclusive", "high", "lag"))
        found = heard
    return _verdict(signals, found.ruling, found, said)


# --- what needs no times --------------------------------------------------------------------------------------


def _no_stream(signals: Signals) -> bool:
    return signals.format is None or signals.whole


def _failed(signals: Signals) -> bool:
    """An error; or neither a success nor a stream (a redirect, say)."""
    status = signals.status or 0
    return signals.error or (_no_stream(signals) and not 200 <= status < 300)


def _nothing_came(signals: Signals) -> bool:
    return not any(arrival.size for arrival in signals.arrivals)


_WITHOUT_TIMES: tuple[tuple[Callable[[Signals], bool], Ruling], ...] = (
    (lambda s: s.status is None, Ruling("not-applicable", "certain", "no-answer")),
    (_failed, Ruling("not-applicable", "certain", "error")),
    (lambda s: s.whole and s.requested is True, Ruling("not-streamed", "certain", "whole")),
    (
        lambda s: _no_stream(s) and (not s.requested or _nothing_came(s)),
        Ruling("not-applicable", "certain", "not-asked"),
    ),
    (_no_stream, Ruling("not-streamed", "medium", "no-stream")),
    (lambda s: not s.recorded, Ruling("inconclusive", "certain", "unrecorded")),
    (lambda s: not s.content.t, Ruling("inconclusive", "certain", "no-content")),
)


# --- what the times say ---------------------------------------------------------------------------------------


def _worst(signals: Signals, said: Testimony, path: Path) -> Finding:
    """Of all content together, under its largest channel's name, and of each channel with enough events."""
    channels = signals.moments
    largest: Channel = max(channels, key=lambda channel: len(channels[channel].t), default="events")
    whole = _finding(signals, said, path, largest, signals.content)
    if len(channels) < 2:
        return whole
    enough = [channel for channel, moments in channels.items() if len(moments.t) >= FEW]
    found = [_finding(signals, said, path, channel, channels[channel]) for channel in enough]
    return max([whole, *(finding for finding in found if _stands_out(finding, whole))], key=lambda f: f.rank)


def _stands_out(finding: Finding, whole: Finding) -> bool:
    """A channel that is short beside lumps in which everything comes is in one of them by chance."""
    lumps = [burst.n for burst in whole.case.shape.bursts if burst.silence >= NOTICED]
    return len(lumps) < MANY or finding.case.shape.biggest.n >= OUTSTANDING * median(lumps)


def _finding(signals: Signals, said: Testimony, path: Path, channel: Channel, moments: Moments) -> Finding:
    reads = pieces(moments, signals.arrivals, signals.boundary)
    beat = _beat(reads)
    readings = []
    for quiet in (PART, SMEARED):
        lots = blocks(signals.arrivals, signals.boundary, quiet)
        known = replace(path, blocks=lots is not None and lots.size is not None)
        least = 2 if known.blocks or _ticks(beat) else BURST_EVENTS
        case = Case(
            shape=shape(reads, quiet, known, least),
            path=known,
            testimony=said,
            cadence=beat,
            tokens=_tokens(signals, moments),
            cut=lots is not None and lots.cut,
            declared=length_on_stream(signals),
            traits=signals.traits,
        )
        ruling = rule(case)
        readings.append(Finding(channel, case, ruling, severity(case, ruling), lots))
    return max(readings, key=lambda reading: reading.suspicion)


def _beat(reads: Sequence[Piece]) -> Cadence | None:
    """Of the lots that `PART` parts."""
    times, counts = [reads[0].t], [0]
    last = reads[0].t
    for piece in reads:
        if piece.t - last > PART:
            times.append(piece.t)
            counts.append(0)
        counts[-1] += piece.n
        last = piece.t
    return cadence(times, counts)


def _ticks(beat: Cadence | None) -> bool:
    """A clock lets go whatever is there: punctual, and never the same number."""
    return (
        beat is not None
        and not beat.constant
        and beat.lots >= TICK_LOTS
        and beat.period >= TICK_PERIOD
        and beat.jitter <= TICK_JITTER
    )


def _tokens(signals: Signals, moments: Moments) -> int:
    """What is counted for the whole answer says nothing of one channel among several."""
    whole = len(moments.t) == len(signals.content.t)
    return max(len(moments.t), (tokens_shown(signals) or 0) if whole else 0)


# --- the verdict ----------------------------------------------------------------------------------------------


def _verdict(signals: Signals, ruling: Ruling, found: Finding | None, said: Testimony) -> Verdict:
    figures, remarkable = _measures(signals, found), _flags(signals, ruling, said)
    case, lots = (found.case, found.blocks) if found else (None, None)
    evidence = Evidence(signals, ruling, figures, said, remarkable, case, lots)
    accused = suspects(evidence)
    return Verdict(
        label=ruling.label,
        severity=found.severity if found and ruling.label in HELD_BACK else None,
        confidence=ruling.confidence,
        channel=found.channel if found else None,
        flags=remarkable,
        summary=summary(evidence, found.channel if found else None, accused),
        measures=figures,
        suspects=accused,
    )


def _flags(signals: Signals, ruling: Ruling, said: Testimony) -> tuple[str, ...]:
    found = flags(signals)
    if said.replayed and "cached" not in found:
        found.append("cached")
    if ruling.label == "pseudo-streaming" and "stalled" in found:
        found.remove("stalled")  # the silence before the lump is what the label says already
    if ruling.reason == "lag":
        found.append("observer-lag")
    return tuple(found)


def _measures(signals: Signals, found: Finding | None) -> Measures:
    lead = None
    if signals.arrivals and signals.response_start is not None:
        lead = max(0.0, signals.arrivals[0].t - signals.response_start)
    if found is None:
        return Measures(header_lead=lead)
    shape, start = found.case.shape, found.case.path.start
    return Measures(
        content_events=shape.events,
        deliveries=len(shape.deliveries),
        effective_deliveries=shape.effective,
        burst_share=shape.burst_share,
        burst_gap=shape.burst_gap,
        mean_hold=hold(found.case, found.ruling),
        spread=(shape.last - shape.first) / (shape.last - start) if shape.last > start else None,
        events_per_arrival=shape.events / shape.reads,
        aligned=found.blocks.aligned if found.blocks else None,
        block_size=found.blocks.size if found.blocks else None,
        header_lead=lead,
    )
