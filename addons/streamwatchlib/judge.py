"""The facts of one exchange -> did the stream really stream?

In: `Signals`.  Out: a `Verdict`.  First comes what can be said without times; then the worst that the times show of any
channel, unless the proxy's own lag could have caused it.  Never here: a clock, the name of a provider or a format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .causes import suspects
from .model import HELD_BACK, SWITCHING_PROTOCOLS, Measures, Signals, Verdict
from .pace.clocks import ServerTimes, server_times_of
from .pace.deliveries import Path
from .pace.lag import time_not_reading
from .verdict.evidence import Evidence
from .verdict.findings import Finding, worst
from .verdict.flags import flags
from .verdict.rules import MIN_HOLD, Ruling, hold
from .verdict.wording import summary, untold


def judge(signals: Signals) -> Verdict:
    """Label, severity, confidence, flags, figures, suspects and one sentence.  The same facts give the same verdict."""
    plain = next((ruling for applies, ruling in _WITHOUT_TIMES if applies(signals)), None)
    if plain is not None:
        return _verdict(signals, plain, None, ServerTimes())
    server_times = server_times_of(signals, signals.content.t[0], signals.content.t[-1])
    path = Path(signals.request_end or 0.0, signals.content.t)
    found = worst(signals, server_times, path)
    not_reading = time_not_reading(signals.lags, signals.lag)
    if not_reading is not None and (found.ruling.label != "streaming" or found.case.shape.hold >= MIN_HOLD):
        again = worst(signals, server_times, replace(path, not_reading=not_reading))
        excused = found.ruling.label in HELD_BACK and again.ruling.label not in HELD_BACK
        found = again._replace(ruling=Ruling("inconclusive", "high", "lag")) if excused else again
    if found.ruling.label in HELD_BACK and "fed" in signals.traits:
        found = found._replace(ruling=Ruling("inconclusive", "high", "fed"), severity=None)
    return _verdict(signals, found.ruling, found, server_times)


# --- what needs no times --------------------------------------------------------------------------------------


def _no_stream(signals: Signals) -> bool:
    return signals.format is None or signals.whole


def _failed(signals: Signals) -> bool:
    """An error; or neither a success (a switch to a WebSocket is one) nor a stream (a redirect, say)."""
    status = signals.status or 0
    return signals.error or (_no_stream(signals) and not (200 <= status < 300 or status == SWITCHING_PROTOCOLS))


def _nothing_came(signals: Signals) -> bool:
    """No byte of a body arrived; unknown without times: the body was held, or captured without streamwatch."""
    return signals.recorded and not any(arrival.size for arrival in signals.arrivals)


_WITHOUT_TIMES: tuple[tuple[Callable[[Signals], bool], Ruling], ...] = (
    (lambda s: s.status is None, Ruling("not-applicable", "certain", "no-answer")),
    # bytes that arrived were sent by a server, whatever an addon did to its head
    (lambda s: s.made_here and not s.arrivals, Ruling("not-applicable", "certain", "made-here")),
    (_failed, Ruling("not-applicable", "certain", "error")),
    (lambda s: s.file, Ruling("not-applicable", "certain", "file")),
    (lambda s: s.whole and s.requested is True, Ruling("not-streamed", "certain", "whole")),
    (
        lambda s: _no_stream(s) and (not s.requested or _nothing_came(s)),
        Ruling("not-applicable", "certain", "not-asked"),
    ),
    (_no_stream, Ruling("not-streamed", "medium", "no-stream")),
    (lambda s: not s.recorded, Ruling("inconclusive", "certain", "unrecorded")),
    (lambda s: not s.content.t, Ruling("inconclusive", "certain", "no-content")),
    # content without arrivals: only a hand-made file has that
    (lambda s: not s.arrivals, Ruling("inconclusive", "certain", "unrecorded")),
)


# --- the verdict ----------------------------------------------------------------------------------------------


def _verdict(signals: Signals, ruling: Ruling, found: Finding | None, server_times: ServerTimes) -> Verdict:
    figures, remarkable = _measures(signals, found), _flags(signals, ruling, server_times)
    case, lots = (found.case, found.blocks) if found else (None, None)
    channel = found.channel if found else None
    evidence = Evidence(signals, ruling, figures, server_times, remarkable, case, lots, channel)
    accused = suspects(evidence)
    return Verdict(
        label=ruling.label,
        severity=found.severity if found else None,
        confidence=ruling.confidence,
        channel=channel,
        flags=remarkable,
        summary=summary(evidence, accused),
        measures=figures,
        suspects=accused,
        untold=untold(ruling.label),
    )


def _flags(signals: Signals, ruling: Ruling, server_times: ServerTimes) -> tuple[str, ...]:
    found = flags(signals)
    if server_times.replayed and "cached" not in found:
        found.append("cached")
    # the label implies a silence before the lump; where the client feeds the answer, it may be the client's
    if "stalled" in found and (ruling.label == "pseudo-streaming" or "fed" in signals.traits):
        found.remove("stalled")
    if ruling.reason == "lag":
        found.append("observer-lag")
    return tuple(found)


def _measures(signals: Signals, found: Finding | None) -> Measures:
    lead = None
    if signals.arrivals and signals.response_start is not None:
        lead = max(0.0, signals.arrivals[0].t - signals.response_start)
    if found is None:
        return Measures(header_lead=lead)
    shape = found.case.shape
    start = min(found.case.path.start, shape.first)  # an answer may begin before the request has ended
    return Measures(
        content_events=shape.events,
        deliveries=len(shape.deliveries),
        effective_deliveries=shape.effective,
        burst_share=shape.burst_share,
        burst_gap=shape.burst_gap,
        mean_hold=None if found.ruling.reason == "fast" else hold(found.case, found.ruling),
        spread=(shape.last - shape.first) / (shape.last - start) if shape.last > start else None,
        events_per_arrival=shape.events / shape.reads,
        aligned=found.blocks.aligned if found.blocks else None,
        block_size=found.blocks.size if found.blocks else None,
        header_lead=lead,
    )
