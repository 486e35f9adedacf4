"""What was seen, in words and figures: the evidence of a suspicion.

In: `Evidence`.  Out: one clause or sentence each, in English, figures rounded for reading.
"""

from __future__ import annotations

from statistics import median

from ..pace.cadence import MIN_GAPS
from ..units import counted, seconds
from .detectors import filled
from .evidence import Evidence


def steps(e: Evidence) -> str:
    cadence = e.cadence
    assert cadence is not None
    each = [delivery.n for delivery in e.deliveries[:-1]]
    count = f"{cadence.count:g}" if cadence.constant else f"{min(each)} to {max(each)}"
    return (
        f"{cadence.lots} lumps of {count} events every {seconds(cadence.period)} (gaps vary by {cadence.jitter:.0%}), "
        f"{_whole(e)}{_dates(e)}"
    )


def cadence(e: Evidence) -> str:
    cadence = e.cadence
    if cadence is None or cadence.lots <= MIN_GAPS:
        apart = f"{_first(e, cadence.lots)} about {seconds(cadence.period)} apart" if cadence else ""
        return f"{_lumps(e)}{apart}, {_whole(e)}{_dates(e)}"
    counts = (
        f"{cadence.count:g} events each"
        if cadence.constant
        else f"{cadence.count:g} events each (median), not constant"
    )
    return (
        f"a lump every {seconds(cadence.period)} (gaps vary by {cadence.jitter:.0%}), {counts}, {_whole(e)}{_dates(e)}"
    )


def _first(e: Evidence, lots: int) -> str:
    """Says how many lumps count: the last of a few is a rest, and comes when the answer ends."""
    return f", the first {lots}" if lots < len(e.bursts) else ""


def server_dates(e: Evidence) -> str:
    server_times = e.server_times
    return (
        f"the server's own timestamps of the pieces span {seconds(server_times.made or 0)}, their arrivals "
        f"{seconds(server_times.seen or 0)}: nothing was held back after it"
    )


def _dates(e: Evidence) -> str:
    if e.held_after and e.server_times.hold is not None:
        return f"; by the server's own timestamps held back {seconds(e.server_times.hold)} after the model on average"
    return "; the server's own timestamps come in the same lumps" if e.sent_bunched else ""


def cache(e: Evidence) -> str:
    if e.server_times.replayed:
        return "the server's own times span longer than this exchange lasted"
    names = ("age", "x-cache", "cf-cache-status", "cache-status", "x-cache-status", "cf-aig-cache-status")
    return ", ".join(f"`{name}: {value}`" for name in names if (value := e.header(name)) is not None) or "cache headers"


def whole_body(e: Evidence) -> str:
    if e.case is None or not e.case.length_declared:
        tag = e.header("etag")
        return (f"`ETag: {tag}`, which is computed from the whole body; " if tag else "") + one_piece(e)
    return (
        f"`Content-Length: {e.header('content-length')}` on a stream of {e.measures.content_events} events: its length "
        f"was known before its first byte was sent, {seconds(e.lump_wait)} after the request"
    )


def block(e: Evidence) -> str:
    assert e.blocks is not None
    sizes = e.blocks.sizes
    middle = sizes[1:-1] or sizes[:1]  # the first is shortened by the head, the last is a rest
    of = f"{median(middle):.0f} bytes ({'median' if len(sizes) > 2 else 'the first'})"
    size, enough = f", a buffer of {e.buffer_size} less framing" if e.buffer_size else "", filled(e)
    if not size and enough:
        framed = ", framing included" if min(middle) < enough else ""
        size = f", passed on with the event that made it {enough} or more{framed}"
    whole = f"{e.blocks.aligned:.0%} of them end with an event"
    return f"{len(sizes)} blocks of {of}{size}, {whole}{_server(e)}{_dates(e)}"


def compressed(e: Evidence) -> str:
    early = f", the head {seconds(e.lead)} before the first event" if e.early_head else ""
    sizes = e.blocks.sizes if e.blocks else ()
    return f"`Content-Encoding: {e.encoding}`, {max(sizes, default=0)} bytes in the largest block{early}{_dates(e)}"


def stall(e: Evidence) -> str:
    burst = e.catching_up
    assert burst is not None
    return f"one silence of {seconds(burst.silence)}, then {burst.n} events at once, the rest flowed{_dates(e)}"


def lost(e: Evidence) -> str:
    network, stalled = e.signals.network, e.stalled
    assert network is not None
    waiting = sum(segments for _, segments in stalled)
    trip = f"; the round trip takes {seconds(network.rtt)}" if network.rtt else ""
    return (
        f"before {len(stalled)} of {_lumps(e)} segments had come out of order, {waiting} together, and waited for one "
        f"that was lost (counted by this machine's kernel on its connection to the next hop){trip}{_dates(e)}"
    )


def passing(e: Evidence) -> str:
    return f"{e.arrivals_while_held} arrivals without content came amid the silences before the lumps{_dates(e)}"


def one_piece(e: Evidence) -> str:
    head = "the head came early" if e.early_head else "the head came with the body"
    return f"{e.lump.n} events in one piece {seconds(e.lump_wait)} after the request, {head}{_server(e)}{_dates(e)}"


def selective(e: Evidence) -> str:
    return (
        f"{e.flowed_before} deliveries of other content before, then {e.lump.n} events in one piece after "
        f"{seconds(e.lump.silence)} of silence{_dates(e)}"
    )


def arguments(e: Evidence) -> str:
    if not e.whole:
        return f"{_lumps(e)} that brought nothing but arguments, beside {e.flowed_beside} deliveries of what flowed"
    return selective(e) if e.flowed_before else one_piece(e)


def not_reading(e: Evidence) -> str:
    return f"its event loop stood still for {seconds(e.not_reading)} of the silences before lumps"


def unknown(e: Evidence) -> str:
    share = e.measures.burst_share or 0.0
    return f"{share:.0%} of the events came in {_lumps(e)}, {_whole(e)}{_server(e)}{_dates(e)}"


def answered_whole(e: Evidence) -> str:
    asked = f" (`{e.signals.requested_by}`)" if e.signals.requested_by else ""
    server = e.header("server")
    return f"a stream was asked for{asked}, one document came" + (f" from `server: {server}`" if server else "")


def _lumps(e: Evidence) -> str:
    return counted(len(e.bursts), "lump")


def _whole(e: Evidence) -> str:
    aligned = e.measures.aligned
    return "ends of blocks unknown" if aligned is None else f"{aligned:.0%} of the blocks end with an event"


def _server(e: Evidence) -> str:
    server = e.header("server")
    return f", `server: {server}`" if server else ""
