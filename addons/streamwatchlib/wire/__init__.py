"""Bytes to events: framings, content-codings, body classes.  Knows no provider.

Each framing is one file with one class, a `Framer`; a new one is a file and a line in `FRAMERS`, and one in
`STREAM_TYPES` for each media type that declares it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from ..model import Frame, Limits
from .eventstream import EventStreamFramer
from .jsonarray import JsonArrayFramer
from .jsonseq import JsonSeqFramer
from .ndjson import NdjsonFramer
from .sse import SseFramer
from .tagged import TaggedFramer


class Framer(Protocol):
    """Finds the events in the bytes of one body.  Nothing it is fed makes it raise, and what it holds is bounded."""

    format: str
    """The name of the framing: a key of `FRAMERS`."""

    @property
    def pending(self) -> bool:
        """Bytes of an unfinished event are held: the last byte fed did not end an event."""
        ...

    @property
    def deviations(self) -> tuple[str, ...]:
        """Where the bytes left the framing's rules: sentences, each once."""
        ...

    def feed(self, data: bytes) -> list[Frame]:
        """The events that these bytes completed, each at the earliest byte that proves it."""
        ...

    def close(self) -> list[Frame]:
        """What is left at the end of the body."""
        ...


FRAMERS: Mapping[str, Callable[[Limits], Framer]] = {
    "sse": SseFramer,
    "ndjson": NdjsonFramer,
    "json-seq": JsonSeqFramer,
    "tagged-json": TaggedFramer,
    "json-array": JsonArrayFramer,
    "aws-eventstream": EventStreamFramer,
}

STREAM_TYPES: Mapping[str, str] = {
    "text/event-stream": "sse",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonl": "ndjson",
    "application/jsonlines": "ndjson",
    "application/x-jsonlines": "ndjson",
    "application/json-lines": "ndjson",
    "application/x-json-stream": "ndjson",
    "application/stream+json": "ndjson",
    "text/ndjson": "ndjson",
    "text/x-ndjson": "ndjson",
    "text/jsonl": "ndjson",
    "application/json-seq": "json-seq",
    "application/geo+json-seq": "json-seq",
    "application/vnd.amazon.eventstream": "aws-eventstream",
}
"""Media types that declare a stream of events, and how it is framed.

Only SSE, json-seq (RFC 7464; of maps RFC 8142) and the AWS event stream are registered or specified; newline-delimited
JSON goes by many names.
"""
