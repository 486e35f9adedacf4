"""What is needed of a record to recognize its request on the far side of a hop, and to compare the two sides.

In: a `Record`, the place it was watched at, and digests of its texts.  Out: a `Fingerprint` with its times, and the
digests instead of the texts, so that many can be kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ..model import Body, Headers, Llm, Record
from ..report.show import epoch
from .digests import BodyDigests, Digests, digests

REQUEST_IDS = frozenset(
    {"x-request-id", "request-id", "x-correlation-id", "traceparent", "x-b3-traceid", "x-amzn-trace-id", "cf-ray"}
)
"""Headers that identify a request across hops: https://www.w3.org/TR/trace-context/ and older conventions."""
SHORTEST_ID = 8


class Fingerprint(NamedTuple):
    record: Record
    """Without texts and events."""
    place: str
    """Where it was watched: a listener and a host, or a file.  The two sides of a hop differ in it."""
    epoch: float
    """Zero of the record's time axis, seconds since the epoch."""
    ids: frozenset[str]
    digests: Digests

    @property
    def request_digests(self) -> BodyDigests:
        return self.digests.request_digests

    @property
    def response_digests(self) -> BodyDigests | None:
        return self.digests.response_digests

    @property
    def weight(self) -> int:
        """The count of numbers kept: what holding the fingerprint costs."""
        stream = self.record.stream
        return (
            2 * len(self.digests.checksums)
            + len(self.digests.content_times)
            + 3 * len((stream and stream.arrivals) or ())
        )


def fingerprint(record: Record, place: str, known: Digests | None = None) -> Fingerprint:
    """Make a fingerprint; `known`: the digests, if they have been made already (the record may then lack its texts)."""
    response = record.response
    return Fingerprint(
        record=_slim(record),
        place=place,
        epoch=epoch(record.started_at),
        ids=frozenset((*_ids(record.request.headers), *_ids(response.headers if response else ()))),
        digests=known or digests(record),
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
