"""What is played of a recorded response, and when.

In: a record.  Out: a `Playback`, bytes with times.  A record keeps text, not bytes: if text and wire differ (by a
content-coding, masked credentials, what was over the limit) the playback says so, and is cut where the record says that
events ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from ..headers import joined_header
from ..model import Arrival, Body, Headers, Limits, Record, Response
from ..wire import FRAMERS
from ..wire.header_params import parameters

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Header fields about a connection, not about the response (RFC 9110, 7.6.1)."""
_CONTENT_FIELDS = frozenset({"content-encoding", "content-length"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
"""A valid field name, and characters not allowed in a field value (RFC 9110, 5.1 and 5.5): a record file may come from
anybody."""
_STEP = re.compile(rb"[^\r\n}]*(?:\r\n|[\r\n}])|[^\r\n}]+")
"""Bytes up to where an event can end: at a line's end, or at the closing brace of a JSON document."""


class Unplayable(Exception):
    """Why a record can't be played, as a clause."""


class Piece(NamedTuple):
    """What is written at one time."""

    t: float
    """Seconds after the request's end."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Playback:
    """One response.  Times are seconds after the request's end."""

    status: int | None
    """None: the connection ended before there was a response."""
    headers: Headers
    begin: float
    """When the head is sent."""
    pieces: tuple[Piece, ...]
    end: float
    whole: bool
    """False: the connection is cut at the end."""
    notes: tuple[str, ...] = ()
    """How the playback differs from what passed on the wire, a clause each."""


def playback_of(record: Record) -> Playback:
    """Make the playback of a record.

    Raises:
        Unplayable: the record does not hold what is needed.
    """
    zero, whole = record.timing.request_end or 0.0, record.outcome == "complete"
    end = _after(record.timing.end, zero)
    if record.response is None:
        return Playback(None, (), 0.0, (), end, whole=False)
    response = record.response
    if response.status < 200 or (record.stream and record.stream.format == "websocket"):
        raise Unplayable("it is no plain HTTP answer")
    data = _bytes(response)
    exact = len(data) == response.body.size and not response.body.encoding
    pieces = tuple(_pieces(record, data, zero, exact=exact))
    return Playback(
        status=response.status,
        headers=_headers(response, len(data), exact=exact, streamed=record.stream is not None, whole=whole),
        begin=min([_after(record.timing.response_start, zero), *(piece.t for piece in pieces[:1])]),
        pieces=pieces,
        end=max([end, *(piece.t for piece in pieces[-1:])]),
        whole=whole,
        notes=tuple(_notes(record, response.body, len(data), exact=exact)),
    )


def _after(t: float | None, zero: float) -> float:
    return max(0.0, t - zero) if t is not None else 0.0


# --- bytes ------------------------------------------------------------------------------------------------


def _bytes(response: Response) -> bytes:
    body = response.body
    if body.content is None and body.size:
        raise Unplayable("the record does not hold the text of the answer")
    charset = parameters(joined_header(response.headers, "content-type") or "").get("charset", "utf-8")
    return _encoded(body.content or "", charset, body.decoded_size)


def _encoded(text: str, charset: str, size: int | None) -> bytes:
    """The text in the declared charset if that is what it was sent in, else in UTF-8."""
    try:
        data = text.encode(charset)
    except (LookupError, ValueError):
        return text.encode(errors="replace")
    return data if len(data) == size else text.encode(errors="replace")


def _headers(response: Response, length: int, *, exact: bool, streamed: bool, whole: bool) -> Headers:
    """The recorded fields that still hold, with a Content-Length if there was one or the body is one document."""
    passed = tuple(
        (name, value.strip())
        for name, value in response.headers
        if name.lower() not in _HOP_BY_HOP | _CONTENT_FIELDS and _NAME.fullmatch(name) and not _CONTROL.search(value)
    )
    declared = joined_header(response.headers, "content-length")
    if declared is not None and exact and (declared == str(length) or (not whole and declared.isdecimal())):
        return (*passed, ("Content-Length", declared))
    return passed if streamed or not whole else (*passed, ("Content-Length", str(length)))


def _notes(record: Record, body: Body, length: int, *, exact: bool) -> Iterator[str]:
    if body.encoding:
        yield f"without its content-coding ({', '.join(body.encoding)})"
    if body.truncated:
        yield f"only the {length} bytes that the record kept"
    elif not exact and body.decoded_size is not None and length != body.decoded_size:
        yield f"{length} bytes instead of {body.decoded_size}, for something was masked or was no text"
    if record.stream and record.stream.arrivals is None:
        yield "at once, for when its pieces came was not recorded"
    if record.broke_off and record.outcome == "client-disconnected":
        yield "up to where its client left"


# --- times ------------------------------------------------------------------------------------------------


def _pieces(record: Record, data: bytes, zero: float, *, exact: bool) -> Iterator[Piece]:
    """The body in the pieces that it came in."""
    stream = record.stream
    if stream is None or not stream.arrivals:
        at = record.timing.first_byte if record.timing.first_byte is not None else record.timing.end
        ends: Sequence[tuple[float | None, int]] = [(at, len(data))]
    elif exact:
        ends = _by_size(stream.arrivals)
    else:
        ends = _by_events(stream.format, stream.arrivals, data) or _by_share(stream.arrivals, len(data))
    start = 0
    for index, (t, end) in enumerate(ends):
        upto = len(data) if index == len(ends) - 1 else end
        if upto > start:
            yield Piece(_after(t, zero), data[start:upto])
            start = upto


def _by_size(arrivals: Sequence[Arrival]) -> list[tuple[float | None, int]]:
    ends = accumulate(arrival.size for arrival in arrivals)
    return [(arrival.t, end) for arrival, end in zip(arrivals, ends, strict=True)]


def _by_events(format_: str, arrivals: Sequence[Arrival], data: bytes) -> list[tuple[float | None, int]]:
    """Each arrival up to the end of the last event that it completed; nothing if no such ends are found in the text."""
    ends = list(_event_ends(format_, data))
    seen = accumulate(arrival.events for arrival in arrivals)
    return [(arrival.t, ends[min(n, len(ends)) - 1]) for arrival, n in zip(arrivals, seen, strict=True) if n and ends]


def _event_ends(format_: str, data: bytes) -> Iterator[int]:
    """Yield the offset at which each event of the body is complete."""
    if format_ not in FRAMERS:
        return
    framer = FRAMERS[format_](Limits())
    for match in _STEP.finditer(data):
        for frame in framer.feed(match[0]):
            if not frame.comment:
                yield match.end()


def _by_share(arrivals: Sequence[Arrival], length: int) -> list[tuple[float | None, int]]:
    """For each arrival as large a share of the text as it had of the wire's bytes."""
    ends = _by_size(arrivals)
    total = max(ends[-1][1], 1)
    return [(t, length * end // total) for t, end in ends]
