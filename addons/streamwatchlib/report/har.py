"""HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), for browsers' network panels and HAR viewers.

In: records.  Out: one HAR document.  The times of single reads and events, which HAR has no place for, stand in
``_streamwatch``; events of an SSE stream also in ``_eventSourceMessages``, and the messages of a WebSocket in
``_webSocketMessages``, where Chrome's panel looks for them and mitmproxy writes its own.
HAR can't say "not observed" of `send`, `wait` and `receive`: they are 0 there, and a comment says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from urllib.parse import parse_qsl, quote, quote_plus

from .. import __version__, urls
from ..headers import header
from ..model import Body, Part, Record, Request, Response
from ..surrogates import well_formed
from .jsonl import escape_unsafe, to_dict
from .show import epoch

_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"
"""What may stand in a URL as it is (RFC 3986, 2.2); readers refuse one with anything else."""
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
"""A percent sign that begins no escape is refused, too (2.1): a client that sends ``100%`` means the sign."""

type Json = dict[str, object]

_UNKNOWN_TYPE = "application/octet-stream"
"""HAR wants a media type where none was declared (RFC 9110, 8.3 lets a recipient assume this one)."""


def render(records: Sequence[Record]) -> str:
    """The document, with an entry per record, in order."""
    log = {
        "version": "1.2",
        "creator": {"name": "streamwatch", "version": __version__},
        "entries": [_entry(record) for record in records],
    }
    return escape_unsafe(json.dumps({"log": log}, ensure_ascii=False)) + "\n"


def _entry(record: Record) -> Json:
    timings, comment = _timings(record)
    entry: Json = {
        "startedDateTime": record.started_at,
        "time": round(sum(ms for ms in timings.values() if ms > 0), 3),
        "request": _request(record.request),
        "response": _response(record),
        "cache": {},
        "timings": {**timings, **({"comment": comment} if comment else {})},
        "comment": f"{record.verdict.label}: {record.verdict.summary}",
        "_streamwatch": _observed(record),
    }
    if record.stream and record.stream.format == "sse" and record.events:
        entry["_eventSourceMessages"] = _events(record)
    if record.stream and record.stream.format == "websocket":
        entry["_resourceType"] = "websocket"
        entry["_webSocketMessages"] = _messages(record)
    return entry


# --- request ----------------------------------------------------------------------------------------------


def _request(request: Request) -> Json:
    out: Json = {
        "method": request.method,
        "url": _LONE_PERCENT.sub("%25", quote(well_formed(request.url), safe=_URL_CHARACTERS)),
        "httpVersion": request.http_version,
        "cookies": [],  # they are in the headers, where their values are masked
        "headers": _pairs(request.headers),
        "queryString": _pairs(request.query or _query(request.url)),
        "headersSize": -1,
        "bodySize": request.body.size,
    }
    if request.body.kind != "empty":
        out["postData"] = _post_data(request.body, header(request.headers, "content-type"))
    return out


def _post_data(body: Body, content_type: str | None) -> Json:
    """Text is always given, though the specification wants either it or `params`: readers fail without it."""
    out: Json = {"mimeType": content_type or _UNKNOWN_TYPE, "text": body.content or ""}
    if body.fields is not None:
        out["params"] = _pairs(body.fields)
        out["text"] = "&".join(_encoded(*field) for field in body.fields)
        out["comment"] = "the text is re-encoded from the fields"
    if body.parts is not None:
        out["params"] = [_part(part) for part in body.parts]
        out["comment"] = "the contents of the parts are not kept"
    return out


def _encoded(name: str, value: str | None) -> str:
    # a file from elsewhere may hold lone surrogates, which no URL can spell
    return "=".join(quote_plus(well_formed(text)) for text in (name, value) if text is not None)


def _part(part: Part) -> Json:
    known = {"fileName": part.filename, "contentType": part.content_type}
    return {"name": part.name or "", **{key: value for key, value in known.items() if value is not None}}


def _query(url: str) -> tuple[tuple[str, str | None], ...]:
    return tuple(parse_qsl(urls.split(url).query, keep_blank_values=True))


# --- response ---------------------------------------------------------------------------------------------


def _response(record: Record) -> Json:
    """Status 0 if no response came, as browsers write it; `_error` says how an exchange broke off."""
    response = record.response
    out: Json = {
        "status": response.status if response else 0,
        "statusText": "",
        "httpVersion": response.http_version if response else "",
        "cookies": [],
        "headers": _pairs(response.headers) if response else [],
        "content": _content(response),
        "redirectURL": (header(response.headers, "location") if response else None) or "",
        "headersSize": -1,
        "bodySize": response.body.size if response else -1,
    }
    if record.broke_off:
        out["_error"] = record.error or record.outcome
        out["comment"] = f"{record.outcome}: only what came before is here"
    return out


def _content(response: Response | None) -> Json:
    if response is None:
        return {"size": 0, "mimeType": _UNKNOWN_TYPE}
    body = response.body
    out: Json = {
        "size": body.size if body.decoded_size is None else body.decoded_size,
        "mimeType": header(response.headers, "content-type") or _UNKNOWN_TYPE,
    }
    if body.decoded_size is not None and body.encoding:
        out["compression"] = body.decoded_size - body.size
    if body.content is not None:
        out["text"] = body.content
    if body.truncated:
        out["comment"] = "the text is cut at streamwatch_body_limit"
    return out


# --- times ------------------------------------------------------------------------------------------------


def _timings(record: Record) -> tuple[dict[str, float], str | None]:
    """Milliseconds, and a comment on those that were not observed.  -1 is "does not apply", which only some may be."""
    timing = record.timing
    answered = timing.end if timing.response_start is None else timing.response_start
    asked = timing.request_end
    if asked is None or (answered is not None and answered < asked):
        asked = answered  # answered or broken off while the request was being sent: HAR's spans can't overlap
    spans = {
        "send": _milliseconds(0.0, asked),
        "wait": _milliseconds(asked, answered),
        "receive": _milliseconds(timing.response_start, timing.end),
    }
    unknown = [name for name, span in spans.items() if span is None]
    comment = f"not observed, 0 stands for unknown: {', '.join(unknown)}" if unknown else None
    return {
        "blocked": -1,
        "dns": -1,
        "connect": -1,
        "ssl": -1,
        **{name: ms or 0 for name, ms in spans.items()},
    }, comment


def _milliseconds(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(max(0.0, end - start) * 1e3, 3)


def _events(record: Record) -> list[Json]:
    """Events as Chrome exports them: `time` in seconds since the epoch."""
    zero = epoch(record.started_at)
    return [
        {
            "time": round(zero + (event.t or 0.0), 6),
            "eventName": event.type,
            "eventId": event.id or "",
            "data": event.data,
        }
        for event in record.events or ()
        if event.t is not None and event.data is not None
    ]


def _messages(record: Record) -> list[Json]:
    """The messages of both sides as Chrome exports them, in the order in which they passed."""
    sent = [("send", message.t, message.type, message.data) for message in record.sent]
    came = [("receive", event.t, event.type, event.data) for event in record.events or () if event.t is not None]
    zero = epoch(record.started_at)
    return [
        {
            "type": direction,
            "time": round(zero + t, 6),
            "opcode": 2 if type_ == "binary" else 1,
            "data": data or "",
            **({"comment": "its data was not kept"} if data is None else {}),
        }
        for direction, t, type_, data in sorted([*sent, *came], key=itemgetter(1))
    ]


def _observed(record: Record) -> Json:
    """The record without what the entry holds already: request and response, and the texts of events and messages."""
    bare = replace(
        record,
        events=tuple(event._replace(data=None) for event in record.events or ()),
        sent=tuple(message._replace(data=None) for message in record.sent),
    )
    out = to_dict(bare)
    return {key: value for key, value in out.items() if key not in ("request", "response")}


def _pairs(items: Sequence[tuple[str, str | None]]) -> list[Json]:
    return [{"name": name, "value": value or ""} for name, value in items]
