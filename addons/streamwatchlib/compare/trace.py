"""One record -> a `Trace`: all that is needed to know its request again on the far side of a hop, and to compare.

In: a `Record` and the place it was watched at.  Out: its moments, and digests instead of its texts, so that many can
be kept.  Digests are only good within one process.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from .. import urls
from ..model import Body, Headers, Llm, Record
from ..report.show import epoch

READABLE = 256 << 10
"""Characters of a body that are read as JSON, which takes milliseconds; a longer one is only compared as it is."""
PROMPTS = ("messages", "prompt", "input", "contents", "inputs", "message")
"""What a gateway that rewrites the rest of a request (model, options, order of keys) still passes on."""
REQUEST_IDS = frozenset(
    {"x-request-id", "request-id", "x-correlation-id", "traceparent", "x-b3-traceid", "x-amzn-trace-id", "cf-ray"}
)
"""Headers that name one request on all of its way: https://www.w3.org/TR/trace-context/ and older customs."""
SHORTEST_ID = 8
_T, _DATA = attrgetter("t"), attrgetter("data")


class Claims(NamedTuple):
    """What one body says.  Two bodies agree if they have a text in common."""

    texts: frozenset[int]
    """Digests of the body and of what is in it; empty where texts were not kept."""
    size: int
    """Bytes after decoding: all there is to go by without texts."""
    whole: int | None = None
    """Digest of the body as it is; None where it was not kept."""

    def agree(self, other: Claims) -> bool:
        if self.texts and other.texts:
            return not self.texts.isdisjoint(other.texts)
        return self.size == other.size


class Trace(NamedTuple):
    record: Record
    """Without texts and events."""
    place: str
    """Where it was watched: a listener and a host, or a file.  The two sides of a hop differ in it."""
    at: float
    """Zero of the record's time axis, seconds since the epoch."""
    asked: Claims
    answered: Claims | None
    """None where no answer came."""
    ids: frozenset[str]
    moments: tuple[float | None, ...]
    """When each kept event was complete; seconds from `at`."""
    marks: tuple[int, ...]
    """Digest of each kept event's data."""

    @property
    def weight(self) -> int:
        """Numbers kept: what holding it costs."""
        stream = self.record.stream
        return 2 * len(self.marks) + 3 * len((stream and stream.arrivals) or ())


def trace(record: Record, place: str) -> Trace:
    events = record.events or ()
    split = urls.split(record.request.url)
    response = record.response
    return Trace(
        record=_slim(record),
        place=place,
        at=epoch(record.started_at),
        asked=_asked(record.request.body, record.request.method, split.path, split.query),
        answered=_answered(response.body, record.llm) if response else None,
        ids=frozenset((*_ids(record.request.headers), *_ids(response.headers if response else ()))),
        moments=tuple(map(_T, events)),
        marks=tuple([_digest(data) if data and len(data) > READABLE else hash(data) for data in map(_DATA, events)]),
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


def _asked(body: Body, method: str, path: str, query: str) -> Claims:
    if not body.size:  # the question is in the address, of which a hop may change the front
        return Claims(frozenset({hash((method, path.rpartition("/")[2], query))}), 0)
    whole = None if body.content is None else _digest(body.content)
    return Claims(frozenset(_texts(body)), body.decoded_size or body.size, whole)


def _digest(text: str) -> int:
    """Of a long text by its length and ends: to hash megabytes takes milliseconds."""
    return hash(text if len(text) <= READABLE else (len(text), text[:READABLE], text[-READABLE:]))


def _texts(body: Body) -> Iterator[int]:
    if body.fields or body.parts:
        yield hash((body.fields, tuple((part.name, part.filename, part.size) for part in body.parts or ())))
    if body.content is None:
        return
    yield _digest(body.content)
    value = _json(body.content)
    if isinstance(value, dict):
        yield hash(_canonical(value))
        yield from (hash((key, _canonical(value[key]))) for key in PROMPTS if value.get(key))


def _answered(body: Body, llm: Llm | None) -> Claims:
    texts = {_digest(body.content)} if body.content else set()
    if llm:
        said = (llm.text, llm.reasoning, *(call.arguments for call in llm.tool_calls))
        if said != (None, None):
            texts.add(hash(tuple(_digest(text or "") for text in said)))
    return Claims(frozenset(texts), body.decoded_size or body.size)


def _json(text: str) -> object:
    if len(text) > READABLE:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _ids(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        if name.lower() in REQUEST_IDS and len(value) >= SHORTEST_ID:
            # of a traceparent each hop rewrites all but the trace's id
            yield value.split("-")[1] if name.lower() == "traceparent" and value.count("-") == 3 else value
