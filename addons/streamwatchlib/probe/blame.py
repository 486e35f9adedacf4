"""Which of four places holds the response back: server, hop, proxy, client.

In: `LegResult` for each leg.  Out: a `Finding`.  A place is only blamed if two legs that differ in one thing, or a
verdict, show that it is to blame; what the legs can't tell is said to be so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..compare.fingerprint import fingerprint
from ..compare.links import link
from ..compare.passage import passage
from ..compare.revise import WENT_WRONG, remedy_of_hop
from ..model import Hop, Passage, Record, Suspect
from ..pace.deliveries import NOTICED
from ..units import counted, seconds
from ..verdict.culprits import REMEDY_UNCOMPRESSED
from ..verdict.flags import LENGTH_ON_STREAM
from ..verdict.rules import MIN_SEPARATE_EVENTS
from .legs import AT_END, DIRECT, ENCODED, HTTP2, PROXY, UPSTREAM, WATCHED, Leg, LegResult

MERGE_RATIO = 2
"""Times as many pieces per delivery behind a hop as from the server itself: they were merged on the way."""
_ASK = "also ask the server itself (--upstream URL)"


class Place(NamedTuple):
    name: str
    holds: bool | None
    """None: the legs do not tell."""
    why: str
    remedy: str | None = None


class Finding(NamedTuple):
    places: Sequence[Place]
    """From the model to the application."""
    held: bool | None
    """The response is held back somewhere on the way to the client; None if that can't be told."""

    @property
    def guilty(self) -> Sequence[Place]:
        """The places on the way that hold the response back: not the client, whose way of reading is its own."""
        return [place for place in self.places if place.holds and place.name != "client"]


def blame(results: Sequence[LegResult]) -> Finding:
    """Conclude from the legs, which must include the direct one."""
    ways = {result.leg: result for result in results}
    finding = Finding((_server(ways), _hop(ways), _proxy(ways), _client(ways)), _held(ways, DIRECT))
    return finding._replace(held=True) if finding.guilty else finding


type _Ways = Mapping[Leg, LegResult]


def _held(ways: _Ways, leg: Leg) -> bool | None:
    """Return whether the leg's response was held back; None: the leg was not tried, or does not tell."""
    label = ways[leg].record.verdict.label if leg in ways else None
    return True if label in WENT_WRONG else False if label == "streaming" else None


# --- the places -----------------------------------------------------------------------------------------------


def _server(ways: _Ways) -> Place:
    if (held := _held(ways, UPSTREAM)) is not None:
        record = ways[UPSTREAM].record
        if held:
            return Place("server", True, f"asked by itself, too: {_pieces(record)}", _remedy(record.verdict.suspects))
        return Place("server", False, f"asked by itself it streams: {_pieces(record)}")
    if _held(ways, DIRECT) is False:
        return Place("server", False, f"what it sends arrives as a stream: {_pieces(ways[DIRECT].record)}")
    if _held(ways, HTTP2) is False:
        return Place("server", False, f"by HTTP/2 what it sends arrives as a stream: {_pieces(ways[HTTP2].record)}")
    return _suspected(ways, "server", "model-server")


def _hop(ways: _Ways) -> Place:
    direct, upstream = ways[DIRECT].record, ways[UPSTREAM].record if UPSTREAM in ways else None
    held, held_before = _held(ways, DIRECT), _held(ways, UPSTREAM)
    if upstream and held_before is False and _merged(direct, upstream):
        held = True
    if held is False:
        return _compressor(ways)
    if held is None:
        return Place("hop", None, "the direct answer does not show it")
    if held_before is True:
        return Place("hop", None, "what reaches it is already held back")
    remedy = remedy_of_hop(direct, upstream)
    if held_before is False:
        return Place("hop", True, f"the server itself streams; behind the hop: {_pieces(direct)}", remedy)
    if _held(ways, HTTP2) is False:
        return Place(
            "hop", True, "by HTTP/2 the answer streams, by HTTP/1.1 it does not: a buffer of one of them", remedy
        )
    return _suspected(ways, "hop", "intermediary")


def _merged(direct: Record, upstream: Record) -> bool:
    """Return whether the hop merged pieces: a short response, or one in small deliveries, proves nothing by itself, but
    that of the server in more deliveries does."""
    measures, made = direct.verdict.measures, _events_per_delivery(upstream)
    if (
        (measures.content_events or 0) < MIN_SEPARATE_EVENTS
        or not made
        or _events_per_delivery(direct) < MERGE_RATIO * made
    ):
        return False
    gaps = (measures.deliveries or 1) - 1
    return (_content_span(direct) / gaps if gaps else _content_span(upstream)) >= NOTICED


def _events_per_delivery(record: Record) -> float:
    measures = record.verdict.measures
    return measures.content_events / measures.deliveries if measures.content_events and measures.deliveries else 0.0


def _content_span(record: Record) -> float:
    """Seconds from the first content to the last."""
    first, last = record.timing.first_token, record.timing.last_token
    return 0.0 if first is None or last is None else last - first


def _compressor(ways: _Ways) -> Place:
    if _held(ways, ENCODED):
        record = ways[ENCODED].record
        return Place(
            "hop",
            True,
            "the answer streams, but not if the client accepts compression: whatever compresses it does not flush",
            remedy_of_hop(record, usual=REMEDY_UNCOMPRESSED),
        )
    return Place("hop", False, "the answer streams through everything between here and the server")


def _suspected(ways: _Ways, name: str, hop: Hop) -> Place:
    """Judge a place by the suspects of the direct response's verdict, if they are more than a guess."""
    verdict = ways[DIRECT].record.verdict
    if _held(ways, DIRECT) and verdict.suspects:
        first = verdict.suspects[0]
        alone = {suspect.hop for suspect in verdict.suspects} == {first.hop}
        declares_length = LENGTH_ON_STREAM in verdict.flags  # it may be the server's own middleware that gathers it
        proven = verdict.confidence == "certain" and alone and not declares_length
        if first.hop == hop and (proven or first.confidence != "low"):
            why = f"{first.cause} ({first.evidence}; {first.confidence} confidence)"
            return Place(name, None if declares_length else True, why, first.remedy)
        if first.hop != hop and proven:
            return Place(name, False, f"the answer itself shows where: {first.evidence}")
    asked = "nor does the server's own: ask for a longer one" if UPSTREAM in ways else _ASK
    return Place(name, None, f"the answer does not show which place it is; {asked}")


def _proxy(ways: _Ways) -> Place:
    direct, through = _held(ways, DIRECT), _held(ways, PROXY)
    if through is not None and direct is False:
        record = ways[PROXY].record
        if through:
            why = f"directly the answer streams; through it: {_pieces(record)}"
            return Place("proxy", True, why, "exclude this host from it, or switch off its body filters and scanning")
        return Place("proxy", False, f"the answer streams through it, too: {_pieces(record)}")
    if PROXY in ways:
        return Place("proxy", None, ways[PROXY].record.error or "the answer is held back without it, too")
    added = _added(ways.get(WATCHED))
    if added and added.event_delay and added.held is False:
        delay = added.event_delay
        why = f"streamwatch's own adds {seconds(delay.mean)} on average to each event; no other was tested (--proxy)"
        return Place("proxy", False, why)
    return Place("proxy", None, "none was tested (--proxy)")


def _client(ways: _Ways) -> Place:
    live, at_end = ways.get(WATCHED), ways.get(AT_END)
    first, whole = _first(live), _first(at_end)
    if _held(ways, WATCHED):
        return Place("client", None, "how it reads makes no difference while the answer is held back upstream")
    if _held(ways, WATCHED) is None or first is None or whole is None or whole <= first:
        return Place("client", None, "the answer does not show it")
    return Place(
        "client",
        True,
        f"read as it comes, the first piece arrives after {seconds(first)}; read at its end, as `requests` without "
        f"`stream=True` and `response.text()` do, nothing arrives before {seconds(whole)}",
        "read the answer as it comes (`stream=True` and `iter_lines()`, `curl -N`, `response.body.getReader()`)",
    )


# --- in words -------------------------------------------------------------------------------------------------


def _first(result: LegResult | None) -> float | None:
    """Seconds from the request's end to the first event that the application could have read."""
    if result is None or result.record.timing.first_event is None:
        return None
    return result.record.timing.first_event - (result.record.timing.request_end or 0.0)


def _added(result: LegResult | None) -> Passage | None:
    """What happened between the mitmdump and the client of a watched leg."""
    if result is None or result.proxy_record is None:
        return None
    found = link(fingerprint(result.proxy_record, "proxy"), fingerprint(result.record, "client"))
    return passage(found) if found else None


def _pieces(record: Record) -> str:
    stream, hold = record.stream, record.verdict.measures.mean_hold
    if stream is None:
        return "one whole document"
    held = f", held back by up to {seconds(hold)} on average" if hold else ""
    return f"{stream.events} events in {counted(stream.arrived or 0, 'arrival')}{held}"


def _remedy(suspects: Sequence[Suspect]) -> str | None:
    """The remedy for the server; that for a hop only if it is more than a guess."""
    mine = (suspect for suspect in suspects if suspect.hop == "model-server" or suspect.confidence != "low")
    return next((suspect.remedy for suspect in mine), None)
