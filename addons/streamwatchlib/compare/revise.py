"""The verdict downstream of a hop, revised by what was seen on both sides: was it that hop, or one upstream of it?

In: the record downstream of the hop, its `Passage`, and the record upstream.  Out: the record downstream; if something
was held back its suspects are what was proven, and a verdict that one side's times alone did not allow is made.
"""

from __future__ import annotations

from dataclasses import replace

from ..causes import of_hop
from ..model import HELD_BACK, Headers, Label, Passage, Record, Suspect, Verdict
from ..verdict.culprits import REMEDY_WHOLE_ANSWER
from ..verdict.gateways import Gateway, named_gateways
from ..verdict.rules import MIN_HOLD, ONE_PIECE, severity_of
from ..verdict.wording import suspicion

WENT_WRONG: frozenset[Label] = frozenset({*HELD_BACK, "not-streamed"})
"""Labels of streams that did not stream."""
REMEDY = (
    "switch off buffering, compression and body filters for this path on that hop (nginx: `proxy_buffering off;` or "
    "`X-Accel-Buffering: no` from upstream; HAProxy: `option http-no-delay`; a program: pass on each event as it "
    "comes), then compare again"
)


def revised(record: Record, found: Passage, upstream: Record) -> Record:
    """Revise the verdict of `record`; `upstream` is the record of the same exchange on the hop's far side."""
    verdict, timing = record.verdict, record.timing
    if found.held and _lacks_hold(verdict, found):
        verdict = _with_hold(verdict, found)
        timing = replace(timing, output_tokens_per_second=None)  # a lump has no rate
    if verdict.label not in WENT_WRONG or found.held is None:
        verdict = replace(verdict, summary=f"{verdict.summary} {found.summary}")
    elif found.held:
        verdict = _blamed(replace(record, verdict=verdict), found, upstream)
    else:
        verdict = _acquitted(verdict, found, upstream.verdict)
    return replace(record, verdict=verdict, timing=timing, hop=found)


def _lacks_hold(verdict: Verdict, found: Passage) -> bool:
    """Return whether the verdict lacks the hold: it is ``inconclusive``, or ``streaming`` although the hop held the
    median event, not just a part of them (a single stall does not count)."""
    if verdict.label == "streaming":
        return _usually(found) >= MIN_HOLD
    return verdict.label == "inconclusive" and "observer-lag" not in verdict.flags


def _usually(found: Passage) -> float:
    """Seconds by which the median event was held."""
    delay = found.event_delay
    return 0.0 if delay is None or found.hold is None else delay.p50 - delay.mean + found.hold


def _with_hold(verdict: Verdict, found: Passage) -> Verdict:
    """Judge a hold that one side alone did not prove (few pieces, small lumps, a gathered response let out bit by bit):
    the pieces came to the hop one by one."""
    effective = verdict.measures.effective_deliveries
    lump = effective is not None and effective < ONE_PIECE
    return replace(verdict, label="pseudo-streaming" if lump else "bursty", severity=severity_of(found.hold or 0.0))


def _blamed(record: Record, found: Passage, upstream: Record) -> Verdict:
    """Blame the hop, which is certain; which of its settings it is stays as sure as its traces make it."""
    behind, likely = upstream.verdict.suspects, _likely(record, upstream)
    hop = Suspect(
        hop="intermediary",
        cause="the hop between the two taps" + (f"; {_by_its_traces(likely)}" if likely else ""),
        evidence=found.summary.removesuffix(".") + (f"; {likely.evidence}" if likely else ""),
        remedy=remedy_of_hop(record, upstream),
        confidence="certain",
    )
    summary = f"{found.summary.removesuffix('.')}{suspicion([hop])}."
    return replace(record.verdict, confidence="certain", suspects=(hop, *behind), summary=summary, untold=None)


def remedy_of_hop(record: Record, upstream: Record | None = None, usual: str = REMEDY) -> str:
    """The remedy for a hop known to have held back the response of `record`; `upstream` is the record on its far side,
    if there is one, whose suspects are not that hop."""
    if likely := _likely(record, upstream):
        return likely.remedy
    if record.verdict.label == "not-streamed":
        return REMEDY_WHOLE_ANSWER
    product = _product(record, upstream) if upstream else None
    return f"{product.name}: {product.remedy}; or else {usual}" if product else usual


def _likely(record: Record, upstream: Record | None) -> Suspect | None:
    known = {suspect.cause for suspect in upstream.verdict.suspects} if upstream else set()
    return of_hop(suspect for suspect in record.verdict.suspects if suspect.cause not in known)


def _product(record: Record, upstream: Record) -> Gateway | None:
    """A gateway that holds responses back and that is named in the response's head, but not on the hop's far side."""
    accused = {suspect.cause for suspect in record.verdict.suspects}
    beyond = {gateway.name for gateway, _ in named_gateways(_head(upstream))}
    mine = (gateway for gateway, _ in named_gateways(_head(record)) if gateway.name not in beyond)
    return next((gateway for gateway in mine if gateway.cause in accused), None)


def _head(record: Record) -> Headers:
    return record.response.headers if record.response else ()


def _by_its_traces(likely: Suspect) -> str:
    return f"by its traces ({likely.confidence} confidence) {likely.cause}"


def _acquitted(verdict: Verdict, found: Passage, upstream: Verdict) -> Verdict:
    """Acquit the hop: the response was held back on its far side already, whose suspects are taken."""
    others = tuple(suspect for suspect in verdict.suspects if suspect.hop != "intermediary")
    summary = f"{found.summary} Upstream of it: {upstream.summary}"
    if upstream.label == "inconclusive" and "observer-lag" not in upstream.flags:  # so this side is inconclusive, too
        return replace(
            verdict, label="inconclusive", severity=None, confidence=upstream.confidence, suspects=(), summary=summary
        )
    return replace(verdict, suspects=upstream.suspects or others, summary=summary)
