"""One channel's shape and the server's own times -> a label: a table of rules, the first that applies.

In: a `Case`.  Out: a `Ruling`.  Every threshold stands here with its reason; figures without a source were chosen on
streams through real nginx, HAProxy, Apache, Caddy, Starlette and Express and on simulated ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Literal, NamedTuple

from ..model import HELD_BACK, Confidence, Label, Severity
from ..pace.deliveries import BIN, BURST_EVENTS, EXTRAORDINARY, LONG_WAIT, NOTICED, SUDDEN, USUAL_RATE, Delivery
from ..pace.shape import Shape
from .case import Case

MIN_EVENTS = 16
"""Events below which a lump proves nothing: engines may emit 10 tokens a step (vLLM's stream interval)."""
MIN_SEPARATE_EVENTS = 8
"""Fewest events that, coming one by one, show that the path lets them through."""
SURE_EVENTS = 64
"""Fewest events for which one test alone is worth medium confidence."""
MAJORITY = 0.5
"""Share of the events that makes a feature the stream's manner rather than an accident in it."""
LARGE_SHARE = 0.25
"""Share of the events from which on a lump matters."""
ONE_PIECE = 2.0
"""Effective deliveries below which more than half came in one."""
HARMLESS_WAIT = 0.5
"""Seconds after the request within which an answer all at once harms nobody; caches and mocks answer so."""
TELLING = 0.15
"""Seconds that the answer should have taken at `USUAL_RATE` for its coming at once to be worth high confidence."""
PROVEN = 0.8
"""Share of the server's own generation time that, if missing here, proves a hold; its way of counting explains less."""
MIN_HOLD = 0.075
"""Seconds of mean hold: half of `NOTICED`, what a timer of that period does to the average event."""
SEVERE, MODERATE = 0.5, 0.15
"""Least seconds of mean hold of these severities."""
SLOW_STEP = 0.3
"""Seconds between lots of two or three from which on these would be held `MODERATE` on average."""
PACED = 4.0
"""Times the pace so far: a denser lump cannot have been generated since the piece before it."""

Reason = Literal[
    "no-answer", "made-here", "error", "file", "not-asked", "whole", "no-stream", "unrecorded", "no-content", "lag",
    "resumed", "measured", "whole-body", "short", "separate", "replay", "one-lump", "lumps", "fast", "head-lump",
    "steps", "full", "flow", "fed",
]  # fmt: skip


class Ruling(NamedTuple):
    label: Label
    confidence: Confidence
    reason: Reason


def rule(case: Case) -> Ruling:
    return next(ruling for test in RULES if (ruling := test(case)) is not None)


def severity(case: Case, ruling: Ruling) -> Severity | None:
    if ruling.label not in HELD_BACK:
        return None
    lost = ruling.label == "pseudo-streaming" and case.elapsed >= LONG_WAIT
    return "severe" if lost else severity_of(hold(case, ruling))


def severity_of(hold: float) -> Severity:
    """The severity of a mean hold in seconds."""
    return "severe" if hold >= SEVERE else "moderate" if hold >= MODERATE else "mild"


def hold(case: Case, ruling: Ruling) -> float:
    """Seconds by which the average event was held: as measured if the label rests on the server's times; for one lump,
    by the silence before what came with it."""
    measured, shape = case.server_times.hold, case.shape
    if ruling.reason == "measured":
        return max(shape.hold, 0.5 * case.missing) if measured is None else measured
    if ruling.reason != "one-lump":
        return shape.hold
    first, n = case.lump_run[0], sum(each.n for each in case.lump_run)
    return max(shape.hold, 0.5 * case.path.silence(first.t) * (n - 1) / shape.events)


# --- the rules ------------------------------------------------------------------------------------------------


def _resumed(case: Case) -> Ruling | None:
    """A resumed or replayed answer comes as fast as it can: its pace says nothing."""
    return Ruling("inconclusive", "high", "resumed") if "replayed" in case.traits else None


def _measured(case: Case) -> Ruling | None:
    """The server's own times show a hold, and the arrivals have the shape of one."""
    shape, hold, deficit = case.shape, case.server_times.hold or 0.0, case.server_times.deficit or 0.0
    if shape.events < MIN_SEPARATE_EVENTS or (hold < MODERATE and deficit <= MAJORITY):
        return None
    confidence: Confidence = "certain" if hold >= MODERATE or deficit > PROVEN else "high"
    copied = shape.sudden_share >= MAJORITY
    if shape.effective < ONE_PIECE or (copied and SUDDEN * case.span <= case.elapsed):
        return Ruling("pseudo-streaming", confidence, "measured")
    return Ruling("bursty", confidence, "measured") if copied or shape.burst_share >= MAJORITY else None


def _whole_body(case: Case) -> Ruling | None:
    """The length was declared before the first byte, and the answer came in one piece.  That is to be expected of a
    stored answer that came at once, and of any while the proxy was not reading."""
    if (case.replayed and case.elapsed < HARMLESS_WAIT) or case.not_reading > case.elapsed:
        return None
    if case.length_declared and case.shape.events > 1 and case.shape.effective < ONE_PIECE:
        return Ruling("pseudo-streaming", "certain", "whole-body")
    return None


def _short(case: Case) -> Ruling | None:
    shape = case.shape
    if shape.events >= MIN_EVENTS:
        return None
    if shape.events >= MIN_SEPARATE_EVENTS and shape.effective >= shape.events / 2 and shape.burst_share < MAJORITY:
        return Ruling("streaming", "medium", "separate")
    return Ruling("inconclusive", "high", "short")


def _one_lump(case: Case) -> Ruling | None:
    shape, lump = case.shape, case.shape.biggest
    if shape.effective >= ONE_PIECE or not lump.burst or lump.n < MIN_EVENTS or not case.lump_run or _in_pace(case):
        return None
    if case.elapsed < HARMLESS_WAIT:
        return Ruling("inconclusive", "medium", "replay")
    telling = (case.tokens - 1) / USUAL_RATE >= TELLING
    return Ruling("pseudo-streaming", "high" if telling else "low", "one-lump")


def _in_pace(case: Case) -> bool:
    """The lump may just as well have been generated since the content before it: at the pace of that content, or by a
    very fast model.  A hop that pours out what was all there cuts it anywhere, or takes no time."""
    lump, content = case.shape.biggest, case.path.content
    before = bisect_left(content, lump.t)
    if not before or lump.silence >= NOTICED:
        return False
    if case.follows_event_end and lump.n <= EXTRAORDINARY * lump.silence:
        return True
    taken = content[before - 1] - content[0]
    if before < MIN_SEPARATE_EVENTS or taken < BIN:  # a lump has no pace
        return False
    pace = (before - 1) / taken
    return lump.n <= PACED * pace * lump.silence


def _lumps(case: Case) -> Ruling | None:
    """Most of it came in lumps after noticeable silences.  One silence in a flow is no manner, unless the lumps are
    blocks of bytes, which no model's pause makes."""
    shape = case.shape
    proven = case.cut and shape.burst_share >= MAJORITY and shape.hold >= MIN_HOLD
    if shape.noticed_share < MAJORITY and not proven:
        return None
    sure = (shape.events >= SURE_EVENTS) + (shape.hold >= MIN_HOLD) + 2 * case.path.blocks
    return Ruling("bursty", ("low", "medium", "high")[min(sure, 2)], "lumps")


def _fast(case: Case) -> Ruling | None:
    """Too fast: a very fast model cannot be told from a hop that copies something already made."""
    shape = case.shape
    if shape.effective < ONE_PIECE or shape.events > EXTRAORDINARY * case.span or _may_be_copied(case):
        return Ruling("inconclusive", "medium", "fast")
    return None


def _may_be_copied(case: Case) -> bool:
    """Most came, after silences, faster than usual engines make it, and the server's times do not confirm that."""
    server_times = case.server_times
    return (
        case.shape.sudden_share >= MAJORITY
        and server_times.made is None
        and (server_times.deficit is None or server_times.deficit > LARGE_SHARE)
    )


def _head_lump(case: Case) -> Ruling | None:
    """So much came at once after the first wait, as a share or by what it would have taken at the pace of the rest,
    that it may have been held: how much of the wait was the model's own cannot be told."""
    first = case.shape.deliveries[0]
    if not head_lump(first):
        return None
    much = first.n >= LARGE_SHARE * case.shape.events or _head_held(case.shape) >= MIN_HOLD
    return Ruling("inconclusive", "medium", "head-lump") if much else None


def head_lump(first: Delivery) -> bool:
    """Many events came at once when the stream began."""
    return first.burst and first.n >= MIN_EVENTS and first.silence >= HARMLESS_WAIT


def _head_held(shape: Shape) -> float:
    """Seconds by which the average event was held if the first delivery was made at the pace of the rest."""
    first, rest = shape.deliveries[0], shape.events - shape.deliveries[0].n
    made = first.n * (shape.last - first.end) / rest if rest else first.silence
    return 0.5 * min(made, first.silence) * first.n / shape.events


def _steps(case: Case) -> Ruling | None:
    """Twos and threes at long intervals: an engine's steps if their number is constant, else perhaps lumps."""
    beat = case.cadence
    if beat is None or beat.constant or not 2 <= beat.count < BURST_EVENTS or beat.period < SLOW_STEP:
        return None
    return None if "speculative-decoding" in case.traits else Ruling("inconclusive", "low", "steps")


def _link_full(case: Case) -> Ruling | None:
    """After a wait it came as fast as the link carries: that is the link's pace, whatever was there before.  If the
    server dates its pieces, these dates decide."""
    waited = case.path.silence(case.path.content[0])
    if not case.link_full or case.server_times.made is not None or waited < HARMLESS_WAIT:
        return None
    return Ruling("inconclusive", "medium", "full")


def _flow(case: Case) -> Ruling:
    """It streamed; certain where the server's own dates show that nothing was held after it."""
    if case.server_times.made is not None and (case.server_times.hold or 0.0) < MIN_HOLD:
        return Ruling("streaming", "certain", "flow")
    sure = case.shape.events >= SURE_EVENTS or case.shape.effective >= MIN_EVENTS
    return Ruling("streaming", "high" if sure else "medium", "flow")


RULES: tuple[Callable[[Case], Ruling | None], ...] = (
    _resumed,
    _measured,
    _whole_body,
    _short,
    _one_lump,
    _lumps,
    _fast,
    _head_lump,
    _steps,
    _link_full,
    _flow,
)
