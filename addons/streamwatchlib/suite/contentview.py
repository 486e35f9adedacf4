"""How mitmproxy, mitmweb and ``mitmdump --flow-detail 3`` show the body of a stream: the view ``stream``.

In: a body and its flow.  Out: text.  A response is shown with its verdict, message and times, live and from a file
alike; a request, or a body without its flow, as bare events.  While the record is in the making, which is when mitmdump
prints the flow, there is no verdict yet; mitmproxy draws it again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakSet

from mitmproxy import contentviews, http
from mitmproxy.addonmanager import Loader

from ..model import Event, Headers, Limits, Record
from ..report.transcript import events, transcript
from ..wire import STREAM_TYPES, sniff
from ..wire.bodies import BodyReader
from . import heads, offline
from .mark import STREAM, VERDICT, remark
from .options import Settings

_NONE = "No events."
"""Shown if the user chose this view for a body without events: an empty screen would mean an empty body."""
_PRIORITY = 2
"""Above JSON's 1, which claims every ``application/*json`` and cannot read several documents."""
_MAX_AUTOMATIC = 512 << 10
"""Bytes up to which the view is chosen automatically: it is drawn on the event loop, where traffic waits for it."""


class StreamContentview(contentviews.Contentview):
    """Shows a body's events and its record.  `unfinished()` gives the flows whose records are not there yet."""

    def __init__(self, unfinished: Callable[[], Iterable[http.HTTPFlow]]) -> None:
        self._unfinished = unfinished
        self.early = WeakSet[http.HTTPFlow]()
        """Flows that were shown before their records were there."""

    def render_priority(self, data: bytes, metadata: contentviews.Metadata) -> float:
        return _PRIORITY if len(data) <= _MAX_AUTOMATIC and _is_stream(data, metadata) else -1

    def prettify(self, data: bytes, metadata: contentviews.Metadata) -> str:
        flow, message = metadata.flow, metadata.http_message
        if isinstance(flow, http.HTTPFlow) and flow.response and message is flow.response:
            record = offline.record(flow, Settings())
            if record.stream and any(flow is other for other in self._unfinished()):
                self.early.add(flow)
                return transcript(record, judged=False)
            if record.stream:
                return _beyond(flow, record) + transcript(record)
        return events(_events(data, heads.fields(message.headers) if message else ())) or _NONE


def _beyond(flow: http.HTTPFlow, record: Record) -> str:
    """The flow's mark, if its verdict is not that of the exchange alone: the other side of a hop has added to it."""
    marked = remark(flow)
    return (
        f"{marked}\n\nThis exchange alone:\n" if marked and flow.metadata.get(VERDICT) != record.verdict.label else ""
    )


class Views:
    """The addon that registers the view with mitmproxy; one of the same name, of an earlier load, is replaced."""

    name = "streamwatch.views"

    def __init__(self, unfinished: Callable[[], Iterable[http.HTTPFlow]]) -> None:
        self._view = StreamContentview(unfinished)

    def load(self, _: Loader) -> None:
        contentviews.add(self._view)

    def streamwatch_record(self, record: Record) -> None:
        """Redraw a flow that was shown early: mitmproxy keeps what it has drawn until a view changes."""
        early = self._view.early
        if flow := next((flow for flow in early if flow.id == record.id), None):
            early.discard(flow)
            contentviews.registry.on_change.send(self._view)


def _is_stream(data: bytes, metadata: contentviews.Metadata) -> bool:
    """Return whether the body was recorded as a stream, is declared as one, or begins as only SSE does."""
    flow, message = metadata.flow, metadata.http_message
    if isinstance(flow, http.HTTPFlow) and STREAM in flow.metadata and message is flow.response:
        return True
    declared = (metadata.content_type or "").lower()
    return declared in STREAM_TYPES or sniff.framing(data[:1024]) == "sse"


def _events(data: bytes, headers: Headers) -> list[Event]:
    """The events of a body of which only the decoded bytes are known."""
    declared = tuple((name, value) for name, value in headers if name.lower() == "content-type")
    reader = BodyReader(declared, limits=Limits())
    frames = reader.feed(data) + reader.close()
    return [Event(None, None, f.type, f.id, f.data, False, f.malformed) for f in frames if not f.comment]
