"""What a hop did, in one sentence with its figures.

In: a `Passage` without its summary, and both records.  Out: the `Passage` with its summary.
"""

from __future__ import annotations

from dataclasses import replace

from ..model import Passage, Record
from ..pace.deliveries import NOTICED
from ..units import counted, seconds

HOP = "The hop between the two taps"


def with_summary(found: Passage, up: Record, down: Record) -> Passage:
    return replace(found, summary=f"{_sentence(found, up, down)}{_error(found)}.")


def stream_request_dropped(up: Record, down: Record) -> bool:
    """Return whether the hop was asked for a stream and did not ask its server for one."""
    return down.request.stream_requested is True and up.request.stream_requested is not True


def _sentence(found: Passage, up: Record, down: Record) -> str:
    if found.held and up.stream is None:
        return f"{HOP} was asked for a stream and passed the request on without that wish"
    if found.held and down.stream is None:
        return f"{HOP} makes one whole answer of a stream that came to it in {_reads(found.arrivals.upstream)}"
    if found.held:
        return f"{HOP} holds the stream back: {_merged(found)}; it adds {_added(found)}"
    if found.held is None:
        return f"It is unclear what the hop between the two taps holds back; it adds {_added(found)}"
    if up.stream is None:
        return f"{HOP} is innocent: what reached it was not a stream; it adds {_added(found)}"
    if (least := _least(found)) >= NOTICED:
        return f"{HOP} delays every piece alike, by {seconds(least)} or more, but merges none: it adds {_added(found)}"
    return f"{HOP} is innocent: it adds {_added(found)}"


def _least(found: Passage) -> float:
    delay = found.event_delay
    return 0.0 if delay is None or found.hold is None else delay.mean - found.hold


def _merged(found: Passage) -> str:
    reads = found.arrivals
    return f"what reached it in {_reads(reads.upstream)} left it in {_reads(reads.downstream)}"


def _reads(n: int | None) -> str:
    return "an unknown number of arrivals" if n is None else counted(n, "arrival")


def _added(found: Passage) -> str:
    delay = found.event_delay
    parts = [f"{seconds(found.first_byte_added)} to the first byte"] if found.first_byte_added is not None else []
    if delay:
        parts.append(
            f"{seconds(delay.mean)} on average to each event (median {seconds(delay.p50)}, most {seconds(delay.max)})"
        )
    if not parts and found.head_added is not None:
        parts.append(f"{seconds(found.head_added)} to the head of the answer")
    return " and ".join(parts) or "a delay that was not observed"


def _error(found: Passage) -> str:
    if found.clock_error is None:
        return ""
    return f"; the two clocks are known to ±{seconds(found.clock_error)}"
