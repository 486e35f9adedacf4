"""What each kind of culprit leaves behind: tests of the evidence, each saying how sure it makes us.

In: `Evidence`.  Out: a confidence, or None where the trace is not there.  ``high`` is for what nothing else leaves
behind; a trace that another hop may leave as well is ``medium`` at most.
"""

from __future__ import annotations

from ..model import Confidence
from ..pace.blocks import crossed, variation
from ..pace.cadence import MIN_GAPS, Cadence, jitter
from .buffers import RECORD, pages, programs, tls_record
from .evidence import FLOWED, Evidence
from .flags import cached
from .rules import MAJORITY, MIN_SEPARATE_EVENTS

PUNCTUAL = 0.15
"""Variation of the gaps between bursts up to which a timer made them."""
METRONOME = 0.05
"""Variation of the gaps that no engine keeps."""
STEP = 8
"""Most events that an engine emits a step in common set-ups (draft lengths, stream intervals)."""
UNEVEN = 0.3
"""Variation of the lumps' sizes that a timer behind a model of even pace does not reach: one event more or less of
three."""
CORK = (0.197, 0.212)
"""Least and most seconds for which Linux holds a corked packet back: 200 ms (TCP_CORK in tcp(7)), to the next 4 or 8 ms
of its clock, give or take the dating.  HAProxy corks by default while more may follow."""
CLOCK = 0.202
"""Seconds; a timer of 200 ms is punctual, a corked packet always later."""
IDLE = 0.01
"""Least variation of the gaps that an engine has, and that waiting for its next event adds, where events are `LONG`
apart; a timer that waits for nothing has less."""
LONG = 0.03
NEARLY = 0.8
"""Share of the waiting from which on all other causes may be chance."""
COMPRESSED = 8192
"""Least wire bytes of a compressor's output buffer (zlib's is 16 KiB in Node)."""
SILENT = ("br", "zstd")
"""Codings whose encoder emits nothing before its first block is full, where gzip's begins with a header of its own: a
server that waits for the body's first byte then keeps the head, too."""


def whole_body_reader(e: Evidence) -> Confidence | None:
    """An `ETag` is made of all bytes, and so is a declared length."""
    if _declared(e):
        return "high"
    if not _at_once(e):
        return None
    if e.header("etag"):
        return "medium"
    return "low" if e.bytes > RECORD and not e.behind_nginx else None


def _declared(e: Evidence) -> bool:
    return e.case is not None and e.case.length_declared and e.one_piece


def _at_once(e: Evidence) -> bool:
    """In one piece, the head held with it, no length declared, and nothing let through before."""
    held = e.whole and not e.early_head and not e.encoding and e.arrivals_while_held <= 1
    return held and not _declared(e) and not _one_channel(e)


def cache(e: Evidence) -> Confidence | None:
    return "high" if e.server_times.replayed or cached(e.signals) else None


def proxy(e: Evidence) -> Confidence | None:
    """The proxy was not reading for a good part of the silences, but not long enough to excuse the rest."""
    silence = sum(burst.silence for burst in e.bursts)
    return "low" if e.not_reading and e.not_reading >= 0.25 * (silence + e.not_reading) else None


# --- byte buffers -----------------------------------------------------------------------------------------------


def other_block(e: Evidence) -> Confidence | None:
    """Blocks of another size, of bytes of the body alone, or of a size that few lots show."""
    if e.encoding or programs(e) or pages(e) or tls_record(e) or e.blocks is None:
        return None
    if e.buffer_size or filled(e):
        return "medium"
    if lost(e) or e.window_share >= MAJORITY:  # what TCP resends, or sends window by window, is cut anywhere, too
        return None
    if e.blocks.cut:
        return "medium"
    inner = e.blocks.ends[:-1]
    return "low" if inner and not any(inner) and not e.catching_up else None


def filled(e: Evidence) -> int | None:
    """Bytes from which on whole events were handed on, if the lots are steadier in bytes than in time."""
    sizes = e.blocks.sizes[1:-1] if e.blocks else ()
    if not sizes or e.cadence is None or not e.whole_events or e.encoding or jitter(sizes) >= e.cadence.jitter:
        return None
    return crossed(sizes, e.bytes / sum(arrival.events for arrival in e.signals.arrivals))


def larger_than_answer(e: Evidence) -> Confidence | None:
    """One piece, the head held with it, no length declared: a buffer that never filled.  A large one is suspected only
    if the server's own times say that the answer was made before."""
    if not _at_once(e):
        return None
    if e.behind_nginx:
        return "medium"
    return "low" if e.bytes <= RECORD or e.held_after else None


# --- compression ------------------------------------------------------------------------------------------------


def unflushed(e: Evidence) -> Confidence | None:
    """The head early, the body late and compressed: the encoder keeps its input."""
    if not e.encoding or on_cork(e) or on_timer(e):
        return None
    if e.early_head:
        return "high" if e.one_piece or _full(e) else "medium"
    if e.one_piece:
        return "medium" if e.encoding in SILENT and not e.behind_nginx and not _declared(e) else None
    return "medium" if _full(e) or not e.whole_events else None


def _full(e: Evidence) -> bool:
    """Every lot but the last filled the compressor's output buffer."""
    return e.blocks is not None and all(size >= COMPRESSED for size in e.blocks.sizes[:-1])


def compressed_whole(e: Evidence) -> Confidence | None:
    """In one piece and compressed, the head held with it: a buffering hop that compresses."""
    if not e.encoding or not e.one_piece or e.early_head:
        return None
    return "low" if unflushed(e) else "medium"


# --- timers -----------------------------------------------------------------------------------------------------


def _punctual(e: Evidence, jitter: float) -> Cadence | None:
    beat = e.cadence
    return beat if beat is not None and beat.jitter <= jitter and e.buffer_size is None else None


def on_cork(e: Evidence) -> Confidence | None:
    """Never sooner than 200 ms, and then with the next event; a timer waits for none."""
    beat = None if holding_above(e) else _punctual(e, PUNCTUAL)
    if beat is None or not beat.count:
        return None
    interval = beat.period / beat.count
    if beat.shortest < CORK[0] or not CLOCK <= beat.period <= CORK[1] + interval:
        return None
    another = (beat.jitter < IDLE and not beat.constant and interval > LONG) or _drafted(e, beat)
    return "medium" if (e.whole_events or e.encoding) and _is_established(beat) and not another else "low"


def on_timer(e: Evidence) -> Confidence | None:
    if not e.whole_events or e.buffer_size or e.catching_up or holding_above(e):
        return None
    if e.cadence is None:
        return "low" if len(e.bursts) > 1 and len(e.deliveries) <= MIN_GAPS else None
    beat = _punctual(e, PUNCTUAL)
    if beat is None:
        return None
    likely = not filled(e) and (not beat.constant or beat.jitter <= (IDLE if _stepping(beat) else METRONOME))
    return "medium" if likely and _is_established(beat) and not _drafted(e, beat) else "low"


def _is_established(beat: Cadence) -> bool:
    """The beat is that of more than a few lots."""
    return beat.lots > MIN_GAPS


def _stepping(beat: Cadence) -> bool:
    return beat.constant and beat.count <= STEP


def _drafted(e: Evidence, beat: Cadence) -> bool:
    """From one event to a step's worth, at no timer's pace: a timer brings what was made in one period, about the same
    each time, an engine that speculates as many as it guessed right."""
    counts = [delivery.n for delivery in e.deliveries[:-1]]
    return beat.jitter > METRONOME and max(counts) <= STEP and variation(counts) >= UNEVEN


# --- the model's server -----------------------------------------------------------------------------------------


def engine_step(e: Evidence) -> Confidence | None:
    beat = e.cadence
    if beat is None or not e.whole_events or e.label != "bursty" or e.catching_up:
        return None
    if e.sent_bunched or "speculative-decoding" in e.signals.traits:
        return "high" if beat.count <= STEP else None
    if not _is_established(beat):
        return None
    if not _stepping(beat):
        return "low" if _drafted(e, beat) else None
    return "low" if on_cork(e) == "medium" or on_timer(e) == "medium" else "medium"


def moderation(e: Evidence) -> Confidence | None:
    """A content filter is there, and whole events are released at its own pace."""
    if "content-filter" not in e.signals.traits or not e.whole_events or e.one_piece:
        return None
    return "medium" if _punctual(e, METRONOME) else "high"


def window(e: Evidence) -> Confidence | None:
    """A constant number of events, too many for an engine's step, at no timer's pace."""
    beat = e.cadence
    if beat is None or not e.whole_events or not beat.constant or beat.count <= STEP or not _is_established(beat):
        return None
    return "medium" if beat.jitter > METRONOME and not filled(e) else "low"


def sent_bunched(e: Evidence) -> Confidence | None:
    return "high" if e.sent_bunched else None


def arguments(e: Evidence) -> Confidence | None:
    """Only the arguments of tool calls came in one piece, or in one for each value, and other bytes got through before:
    many servers emit arguments when they are whole."""
    if e.encoding or _declared(e):
        return None
    if e.arguments_alone:
        return "medium"
    if e.channel != "tool_calls" or not e.whole:
        return None
    alone = set(e.signals.moments) == {"tool_calls"} and (
        (e.early_head and e.arrivals_while_held) or e.arrivals_while_held > 1
    )
    return "medium" if alone or e.flowed_before >= FLOWED else None


def selective(e: Evidence) -> Confidence | None:
    """One channel came in one piece after another had flowed: whoever held it reads the content that passes."""
    return "medium" if e.whole and e.flowed_before >= FLOWED and not arguments(e) else None


def _one_channel(e: Evidence) -> bool:
    return bool(arguments(e) or selective(e))


def generated_first(e: Evidence) -> Confidence | None:
    """In one piece, and not by a hop that holds bytes; surer if other bytes got through meanwhile."""
    if not e.whole or e.encoding or _declared(e) or _one_channel(e):
        return None
    return "medium" if e.early_head or e.arrivals_while_held > 1 else "low"


def holding_above(e: Evidence) -> Confidence | None:
    """Keep-alives and the like came on time during the silences: no hop that counts bytes can be the one."""
    return "medium" if e.silences_with_arrivals > len(e.bursts) / 2 and not e.one_piece and not e.catching_up else None


# --- the network ------------------------------------------------------------------------------------------------


def lost(e: Evidence) -> Confidence | None:
    """The kernel has counted segments out of order in the silences: nothing else causes them."""
    if e.loss_share < MAJORITY:
        return None
    return "high" if e.loss_share >= NEARLY else "medium"


def caught_up(e: Evidence) -> Confidence | None:
    """Medium if enough flowed besides to show the pace."""
    if e.catching_up is None or lost(e):
        return None
    return "medium" if e.flowed >= MIN_SEPARATE_EVENTS else "low"
