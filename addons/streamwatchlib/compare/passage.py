"""What the hop between two linked fingerprints did.

In: a `Link` and the offset of the two clocks.  Out: the record's `Passage`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from ..headers import header
from ..model import Delays, Headers, Passage, Reads, Record
from ..timing import percentile
from ..verdict.flags import LENGTH_ON_STREAM
from ..verdict.rules import MIN_HOLD, ONE_PIECE
from .align import paired_times
from .clocks import Offset
from .links import Link
from .wording import stream_request_dropped, with_summary

_TELLING = ("content-encoding", "content-length", "x-accel-buffering", "cache-control", "content-type", "server", "via")
"""Response headers that show, or decide, what a hop does to a stream."""


def passage(pair: Link, clocks: Offset | None = None) -> Passage:
    """Work out what the hop did; `clocks` is None if one clock dated both sides."""
    offset = clocks.value if clocks else 0.0
    up, down = pair.up, pair.down
    delays = sorted(later - earlier - offset for earlier, later in paired_times(up, down))

    def apart(earlier: float | None, later: float | None) -> float | None:
        return None if earlier is None or later is None else down.epoch + later - up.epoch - earlier - offset

    def added(name: str) -> float | None:
        return apart(getattr(up.record.timing, name), getattr(down.record.timing, name))

    hold = _hold(delays, added)
    sent = down.record.timing.request_end
    return with_summary(
        Passage(
            paired_with=up.record.id,
            paired_by=pair.by,
            held=_held(up.record, down.record, hold),
            hold=hold,
            request_added=None if sent is None else up.epoch - down.epoch - sent + offset,
            head_added=added("response_start"),
            first_byte_added=added("first_byte"),
            first_token_added=added("first_token"),
            last_byte_added=apart(_last_byte(up.record), _last_byte(down.record)),
            event_delay=_delays(delays),
            arrivals=Reads(_arrived(up.record), _arrived(down.record)),
            changed=tuple(_changed(up.record, down.record)),
            clock_offset=clocks.value if clocks else None,
            clock_error=clocks.error if clocks else None,
        ),
        up.record,
        down.record,
    )


def _hold(delays: Sequence[float], added: Callable[[str], float | None]) -> float | None:
    """The mean hold of the pieces; if they can't be compared, as if the hold shrank evenly from first byte to end."""
    if len(delays) > 1:
        return fmean(delays) - delays[0]
    first, last = added("first_byte"), added("end")
    return None if first is None or last is None else max(0.0, (first - last) / 2)


def _held(up: Record, down: Record, hold: float | None) -> bool | None:
    if down.response is None or down.response.status >= 300:
        return None  # the hop's own response, not one that came to it
    if up.stream is None:  # a whole response can't be held back piece by piece; but did the hop ask for it whole?
        return stream_request_dropped(up, down)
    if down.stream is None:
        return True
    if hold is None:
        return None
    if hold < MIN_HOLD:
        return _gathered(up, down)
    lag = max(map(_own_lag, (up, down)))  # a hold that our own lag may have caused proves nothing
    return True if hold - lag >= MIN_HOLD else None


def _gathered(up: Record, down: Record) -> bool | None:
    """Whether a response that came in pieces and left in one, too short to be called held, was gathered on purpose: a
    Content-Length that only the hop sent shows that it waited for the end.  None if that can't be told."""
    came, left = (record.verdict.measures.effective_deliveries for record in (up, down))
    if came is None or left is None or not left < ONE_PIECE <= came:
        return False
    return True if [LENGTH_ON_STREAM in record.verdict.flags for record in (up, down)] == [False, True] else None


def _own_lag(record: Record) -> float:
    """Seconds that a tap itself may have been late."""
    return record.timing.clock_lag.p99 if record.timing.clock_lag else 0.0


def _delays(delays: Sequence[float]) -> Delays | None:
    if not delays:
        return None
    return Delays(len(delays), fmean(delays), percentile(delays, 50), percentile(delays, 99), delays[-1])


def _last_byte(record: Record) -> float | None:
    kept = record.stream.arrivals if record.stream else None
    return kept[-1].t if kept and record.outcome == "complete" else None


def _arrived(record: Record) -> int | None:
    return record.stream.arrived if record.stream else None


# --- what else it changed -------------------------------------------------------------------------------------


def _changed(up: Record, down: Record) -> Iterator[str]:
    if up.request.http_version != down.request.http_version:
        yield f"asks by {up.request.http_version} instead of {down.request.http_version}"
    above, below = up.response, down.response
    if above is None or below is None:
        return
    if above.status != below.status:
        yield f"answers {below.status} instead of {above.status}"
    for name in _TELLING:
        before, after = _value(above.headers, name), _value(below.headers, name)
        if before != after:
            yield _change(name, before, after)


def _value(headers: Headers, wanted: str) -> str | None:
    """A header's value without backticks, since it is quoted in them."""
    value = header(headers, wanted)
    return value and value.replace("`", "'")


def _change(name: str, before: str | None, after: str | None) -> str:
    if before is None:
        return f"adds `{name}: {after}`"
    return f"removes `{name}: {before}`" if after is None else f"makes `{name}: {after}` of `{before}`"
