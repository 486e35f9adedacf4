"""The verdict as a mark on the flow, so that it stands out in mitmproxy's own lists.

In: a flow and its record.  Out: on the flow, a marker and a comment if something is wrong with its response, and in its
metadata the verdict's label and the stream's framing, for every flow.  ``~marker red``, ``~comment streamwatch``,
``~meta verdict:.bursty`` and ``~meta stream:.ndjson`` find them.  A user's own marker or comment stays: only what is
empty, or was put there by this module, is written.

A mark is made with the record: with ``-w`` before the flow is written (`chain`), unless the record waits for the other
side of a hop (`pairs`).  Reading such a file with streamwatch makes the mark anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mitmproxy import ctx, http
from mitmproxy.hooks import UpdateHook

from ..model import Record
from ..report.show import api_error_text, failure_label, finding, one_line

VERDICT = "streamwatch_verdict"
"""Key of `flow.metadata`: the verdict's label."""
STREAM = "streamwatch_stream"
"""Key of `flow.metadata`: the framing of a response that was a stream."""
_PUT = "streamwatch_mark"
"""Key of `flow.metadata`: the marker and comment that this module put on the flow, to recognize them."""

_MARKERS: Mapping[str, str] = {
    "pseudo-streaming": ":red_circle:",
    "bursty": ":yellow_circle:",
    "not-streamed": ":purple_circle:",
    "truncated": ":scissors:",
    "API error": ":warning:",
}
"""Labels, flags and failures behind a good status that are worth a mark, the first that applies -> mitmproxy's name of
an emoji."""


def mark(flow: http.HTTPFlow, record: Record) -> None:
    """Mark the flow, and have the screens that show it redraw it."""
    flow.metadata[VERDICT] = record.verdict.label
    if record.stream:
        flow.metadata[STREAM] = record.stream.format
    before = _before(flow)
    after = _mark(record)
    if after == before:
        return
    flow.metadata[_PUT] = list(after)
    flow.marked, flow.comment = (
        new if now in ("", old) else now
        for now, old, new in zip((flow.marked, flow.comment), before, after, strict=True)
    )
    ctx.master.addons.trigger(UpdateHook([flow]))


def remark(flow: http.HTTPFlow) -> str:
    """The comment that `mark` has put on the flow."""
    return one_line(str(_before(flow)[1]))


def _before(flow: http.HTTPFlow) -> tuple[Any, ...]:
    put = flow.metadata.get(_PUT)
    return tuple(put) if isinstance(put, list | tuple) and len(put) == 2 else ("", "")


def _mark(record: Record) -> tuple[str, str]:
    """Marker and comment; both empty if nothing is wrong."""
    verdict = record.verdict
    failed = failure_label(record)
    wrong = next((name for name in _MARKERS if name in (verdict.label, *verdict.flags, failed)), None)
    if wrong is None:
        return "", ""
    why = (api_error_text(record.llm) or record.error) if wrong == failed else finding(verdict)
    return _MARKERS[wrong], one_line(f"streamwatch: {wrong}. {why}")
