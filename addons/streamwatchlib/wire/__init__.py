"""Bytes to events: content-codings, framings, body classes.

In: the headers of one message and the bytes of its body.  Out: `Frame`s and the record's `Body`.  Never here: a
provider.

Each framing is one file with one class, a `Framer`.  A new one takes the file, a line in `FRAMERS`, and a line in
`STREAM_TYPES` for each media type that declares it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from ..model import Frame, Limits
from .aws_eventstream import AwsEventStreamFramer
from .jsonarray import JsonArrayFramer
from .jsonseq import JsonSeqFramer
from .ndjson import NdjsonFramer
from .sse import SseFramer
from .tagged import TaggedFramer


class Framer(Protocol):
    """Finds the events in the bytes of one body.  Never raises, whatever it is fed; its buffer is bounded."""

    format: str
    """The name of the framing: a key of `FRAMERS`."""

    @property
    def pending(self) -> bool:
        """Bytes of an unfinished event are buffered: the last byte fed did not end an event."""
        ...

    @property
    def deviations(self) -> tuple[str, ...]:
        """How the bytes broke the framing's rules: sentences, each once."""
        ...

    def feed(self, data: bytes) -> list[Frame]:
        """Return the events that `data` completed, each at the earliest byte that proves it complete."""
        ...

    def close(self) -> list[Frame]:
        """Return what is left unfinished at the end of the body."""
        ...


FRAMERS: Mapping[str, Callable[[Limits], Framer]] = {
    "sse": SseFramer,
    "ndjson": NdjsonFramer,
    "json-seq": JsonSeqFramer,
    "tagged-json": TaggedFramer,
    "json-array": JsonArrayFramer,
    "aws-eventstream": AwsEventStreamFramer,
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
"""Media types that declare a stream of events, and the framing of each.

Only SSE, json-seq (RFC 7464; for GeoJSON RFC 8142) and the AWS event stream are registered or specified;
newline-delimited JSON goes by many names.
"""
