"""What is needed of a record to recognize its request on the far side of a hop, and to compare the two sides.

In: a `Record`, the place it was watched at, and digests of its texts.  Out: a `Trace` with its times, and the digests
instead of the texts, so that many can be kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ..model import Body, Headers, Llm, Record
from ..report.show import epoch
from .digests import Claims, Digests, digests

REQUEST_IDS = frozenset(
    {"x-request-id", "request-id", "x-correlation-id", "traceparent", "x-b3-traceid", "x-amzn-trace-id", "cf-ray"}
)
"""Headers that identify a request across hops: https://www.w3.org/TR/trace-context/ and older conventions."""
SHORTEST_ID = 8


class Trace(NamedTuple):
    record: Record
    """Without texts and events."""
    place: str
    """Where it was watched: a listener and a host, or a file.  The two sides of a hop differ in it."""
    at: float
    """Zero of the record's time axis, seconds since the epoch."""
    ids: frozenset[str]
    said: Digests

    @property
    def asked(self) -> Claims:
        return self.said.asked

    @property
    def answered(self) -> Claims | None:
        return self.said.answered

    @property
    def weight(self) -> int:
        """The count of numbers kept: what holding the trace costs."""
        stream = self.record.stream
        return 2 * len(self.said.marks) + len(self.said.pieces) + 3 * len((stream and stream.arrivals) or ())


def trace(record: Record, place: str, said: Digests | None = None) -> Trace:
    """Make a trace; `said`: the digests, if they have been made already (the record may then lack its texts)."""
    response = record.response
    return Trace(
        record=_slim(record),
        place=place,
        at=epoch(record.started_at),
        ids=frozenset((*_ids(record.request.headers), *_ids(response.headers if response else ()))),
        said=said or digests(record),
    )


def _slim(record: Record) -> Record:
    response, llm = record.response, record.llm
    return replace(
        record,
        events=None,
        request=replace(record.request, body=_bare(record.request.body)),
        response=replace(response, body=_bare(response.body)) if response else None,
        llm=Llm(llm.provider, llm.api, llm.model, llm.response_id) if llm else None,
    )


def _bare(body: Body) -> Body:
    return replace(body, content=None, fields=None, parts=None, keys=None)


def _ids(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        if name.lower() in REQUEST_IDS and len(value) >= SHORTEST_ID:
            # each hop rewrites all of a traceparent but the trace id
            yield value.split("-")[1] if name.lower() == "traceparent" and value.count("-") == 3 else value
