"""What is remarkable about an exchange whatever its label: the verdict's flags, one row of a table each.

In: `Signals`.  Out: names of flags, in the record contract's order.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from ..headers import header
from ..model import Signals, Usage
from ..pace.lag import never, time_not_reading

LENGTH_ON_STREAM = "content-length-on-stream"
"""Flag of a stream whose head declares its length: some hop has read it whole before."""
STALL = 0.5
"""Seconds of silence that a reader notices amid flowing text."""
STALL_RATIO = 10.0
"""Times the stream's usual gap that a stall lasts, at least."""
STALL_GAPS = 3
"""Fewest gaps from which a stream has a usual one."""
COARSE_TOKENS = 64
COARSE_RATIO = 8.0
"""Tokens an event: above the draft lengths and stream intervals that engines use (up to 4, rarely 8)."""
EVENT_FORMATS = frozenset({"sse", "ndjson", "json-seq", "json-array", "tagged-json", "aws-eventstream"})
"""Framings whose length nobody can know before the last event has been made."""
AGE_DIGITS = 300
"""Digits of an Age that are read: no number is that large."""
_CACHE_STATUS = re.compile(r"(^|-)(x-cache|cache-status|x-cache-hits?|helicone-cache)$")
_HIT = re.compile(r"(?<![a-z])hit(?![a-z])|^[1-9]\d*$", re.IGNORECASE)


def length_on_stream(signals: Signals) -> bool:
    """Content-Length on a stream of events: some hop had read it to its end before sending the first byte."""
    return signals.format in EVENT_FORMATS and header(signals.headers, "content-length") is not None


def cached(signals: Signals) -> bool:
    """A cache says that it answered (Age of RFC 9111, Cache-Status of RFC 9211 and their many older spellings)."""
    if _older(signals):
        return True
    return any(_CACHE_STATUS.search(name.lower()) and _HIT.search(value) for name, value in signals.headers)


def _older(signals: Signals) -> bool:
    """By its Age the answer existed before the request; a hop that reads it whole counts that time as age, too."""
    age = (header(signals.headers, "age") or "").strip()
    if not (age.isascii() and age.isdecimal()):
        return False
    return float(age[:AGE_DIGITS]) > math.ceil(signals.response_start or 0.0)


def stalled(signals: Signals) -> bool:
    """One silence amid the content, or before the transport broke off, that stands out of all others."""
    gaps = [length for length, _ in silences(signals) if length > 0]
    return len(gaps) >= STALL_GAPS and (longest := max(gaps)) >= STALL and longest >= STALL_RATIO * median(gaps)


def silences(signals: Signals) -> Sequence[tuple[float, float]]:
    """(seconds, end) of the gaps between what flows; long ones without the time in which the proxy did not read."""
    not_reading = time_not_reading(signals.lags, signals.lag) or never
    between = pairwise(flowing(signals))
    return [(gap - not_reading(since, t) if (gap := t - since) >= STALL else gap, t) for since, t in between]


def flowing(signals: Signals) -> Sequence[float]:
    """Times of the content events, and of the transport's breaking off."""
    moments = signals.content.t
    if signals.outcome == "complete" or signals.end is None or not moments:
        return moments
    return [*moments, signals.end]


def visible_tokens(usage: Usage | None, reasoned: bool) -> int | None:
    """Output tokens that the visible content stands for: without reasoning's, unless that was sent (`reasoned`)."""
    if usage is None or usage.output_tokens is None:
        return None
    return max(0, usage.output_tokens - (0 if reasoned else usage.reasoning_tokens or 0))


def visible_tokens_of(signals: Signals) -> int | None:
    return visible_tokens(signals.usage, "reasoning" in signals.moments)


def _coarse(signals: Signals) -> bool:
    if set(signals.moments) == {"events"}:
        return False  # audio or a picture is many tokens, and is sent in one piece everywhere
    tokens, events = visible_tokens_of(signals) or 0, len(signals.content.t)
    return bool(events) and tokens >= COARSE_TOKENS and tokens >= COARSE_RATIO * events


def _truncated(signals: Signals) -> bool:
    """The transport broke off before the answer was complete."""
    broke_off = signals.outcome != "complete" and signals.status is not None
    return broke_off and not (signals.entire or _left_at_the_end(signals))


def _left_at_the_end(signals: Signals) -> bool:
    """The client hung up at the API's end marker, as OpenAI's SDK does; a finish reason may be one choice's alone."""
    return signals.outcome == "client-disconnected" and signals.terminator not in (None, "finish_reason")


def _unterminated(signals: Signals) -> bool:
    return signals.outcome == "complete" and signals.terminator_due and signals.terminator is None


_FLAGS: tuple[tuple[str, Callable[[Signals], bool]], ...] = (
    ("truncated", _truncated),
    ("unterminated", _unterminated),
    ("stalled", stalled),
    ("cached", cached),
    ("mislabelled", lambda signals: signals.mislabelled),
    (LENGTH_ON_STREAM, length_on_stream),
    ("coarse-events", _coarse),
)


def flags(signals: Signals) -> list[str]:
    return [name for name, holds in _FLAGS if holds(signals)]
