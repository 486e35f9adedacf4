"""Times of one exchange -> the figures that everyone asks for: TTFT, inter-token latency, tokens per second.

In: `Signals` and the verdict's label.  Out: the record's `Timing`.  Never here: a clock, a judgement.  The names and
definitions are the field's (https://github.com/ai-dynamo/aiperf/blob/main/docs/metrics-reference.md); where tools
differ, the record contract decides: the first token is the first *generated* piece, and the wait for the first token
does not count in the rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from .model import HELD_BACK, Channel, Itl, Label, Signals, Timing

OUTPUT_CHANNELS: tuple[Channel, ...] = ("text", "tool_calls", "events")
"""Channels that are generated for the reader: all but reasoning."""
FASTEST_RATE = 6000.0
"""Tokens a second; twice the fastest single stream that any provider claims (about 3000).  Above it, the rate is that
at which something finished was copied."""


def timing(signals: Signals, label: Label) -> Timing:
    """All times and durations in seconds; None for what was not observed."""
    content = signals.content.t
    first = content[0] if content else None
    last = signals.last_content if signals.last_content is not None else (content[-1] if content else None)
    if signals.unread:
        last = None  # the last content may be in the part that was not read
    tokens = signals.usage.output_tokens if signals.usage else None
    rate = _per_second(tokens - 1 if tokens else None, first, last)
    return Timing(
        request_end=signals.request_end,
        response_start=signals.response_start,
        first_byte=next((arrival.t for arrival in signals.arrivals if arrival.size), None),
        first_event=signals.first_event,
        first_token=first,
        first_output_token=_first_output(signals),
        last_token=last,
        end=signals.end,
        ttft=between(signals.request_end, first),
        e2e=between(signals.request_end, signals.end),
        itl=inter_token_latency(content),
        output_tokens_per_second=None if label in HELD_BACK or rate is None or rate > FASTEST_RATE else rate,
        tokens_per_second_e2e=_per_second(tokens, signals.request_end, last),
        clock_lag=signals.lag,
        network=signals.network,
    )


def inter_token_latency(moments: Sequence[float]) -> Itl | None:
    """ITL: the gaps between successive content events (0 within one arrival); None for fewer than two events."""
    gaps = sorted([later - earlier for earlier, later in pairwise(moments)])
    if not gaps:
        return None
    return Itl(
        n=len(gaps),
        mean=(moments[-1] - moments[0]) / len(gaps),
        p50=percentile(gaps, 50),
        p90=percentile(gaps, 90),
        p99=percentile(gaps, 99),
        max=gaps[-1],
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """A percentile of sorted values, linear between the nearest ranks (numpy's default, Hyndman and Fan's type 7)."""
    rank = (len(ordered) - 1) * percent / 100
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def _first_output(signals: Signals) -> float | None:
    return min((m.t[0] for c in OUTPUT_CHANNELS if (m := signals.moments.get(c)) and m.t), default=None)


def between(earlier: float | None, later: float | None) -> float | None:
    """Seconds from one time to another; None where either was not observed."""
    return None if earlier is None or later is None else later - earlier


def offset(at: float, zero: float) -> float:
    """Seconds from `zero` to `at`, not negative; rounded to microseconds as they are stored, so that live and offline
    judgements rest on the same figures."""
    return round(at - zero, 6) if at > zero else 0.0


def _per_second(count: int | None, start: float | None, end: float | None) -> float | None:
    """A rate; None also where the time between start and end is zero."""
    seconds = between(start, end)
    return count / seconds if count and seconds and seconds > 0 else None


def rfc3339(seconds: float) -> str:
    """Seconds since the epoch as the record writes them (https://www.rfc-editor.org/rfc/rfc3339)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
