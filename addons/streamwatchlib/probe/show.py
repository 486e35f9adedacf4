"""The result of a probe as Markdown: what was measured on each leg, then the four places.

In: the legs' records, and the finding.  Out: a text.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import redact
from ..model import Record
from ..report.gfm import code, prose, table
from ..report.show import count
from ..units import seconds
from .blame import Finding, Place
from .legs import LegResult, ProbeRequest

_HEADS = ("way", "seen by", "verdict", "head", "first byte", "first token", "last token", "events", "arrivals")
_STATES = {True: "holds it back", False: "innocent", None: "unclear"}


def render(probe_request: ProbeRequest, results: Sequence[LegResult], finding: Finding) -> str:
    rows = []
    for result in results:
        rows.append(_row(result.leg.name, "client", result.record))
        if result.proxy_record:
            rows.append(_row("", "proxy", result.proxy_record))
    blocks = [
        f"### streamwatch probe · {_conclusion(finding)}",
        code(f"{probe_request.method} {redact.url(probe_request.url)}"),
        prose(results[0].record.verdict.summary) if finding.held is None else "",
        table(_HEADS, "lllrrrrrr", rows),
        "\n".join(map(_place, finding.places)),
        "<sub>Times count from the request's end. – : not observed.</sub>",
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _conclusion(finding: Finding) -> str:
    if guilty := finding.guilty:
        return "held back by the " + " and the ".join(place.name for place in guilty)
    if finding.held is None:
        return "the answer does not show whether it is held back"
    if finding.held:
        return "held back, but it is unclear by whom"
    return "held back by nobody on the path: only the way the client reads can delay it"


def _row(way: str, side: str, record: Record) -> list[str]:
    timing, stream = record.timing, record.stream
    moments = (timing.response_start, timing.first_byte, timing.first_token, timing.last_token)
    start = timing.request_end or 0.0
    return [
        way,
        side,
        f"**{record.verdict.label}**" + ("" if record.error is None else f" ({prose(record.error)})"),
        *(seconds(None if moment is None else moment - start) for moment in moments),
        count(stream.events if stream else None),
        count(stream.arrived if stream else None),
    ]


def _place(place: Place) -> str:
    state = "may hold it back" if place.name == "client" and place.holds else _STATES[place.holds]
    sentence = f"- **{place.name}**: {state}: {prose(place.why)}."
    return sentence + (f"\n  **Remedy:** {prose(place.remedy)}." if place.holds is not False and place.remedy else "")
