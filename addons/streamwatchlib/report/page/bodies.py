"""Request and response: headers, and the body by its class.

In: the heads and bodies of a record.  Out: markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from ...model import Body, BodyKind, Headers, Part, Request, Response
from ...units import NOTHING, size
from ..show import count, plural
from .markup import Markup, clipped, join, table, tag


def request(request: Request, max_chars: int) -> Markup:
    """What the client sent; `max_chars` characters of its body."""
    asked = {True: "asked for a stream", False: "did not ask for a stream", None: "did not say whether to stream"}
    by = f" ({request.stream_requested_by})" if request.stream_requested_by else ""
    return join(
        [
            tag("p", tag("code", f"{request.method} {request.url} {request.http_version}"), class_="start"),
            tag("p", asked[request.stream_requested] + by, class_="note"),
            join([tag("h4", "Query"), _pairs(request.query, max_chars)]) if request.query else None,
            body(request.body, max_chars),
            _upload(request),
            _headers(request.headers),
        ]
    )


def response(response: Response, max_chars: int) -> Markup:
    """What came back; `max_chars` characters of its body."""
    return join(
        [
            tag("p", tag("code", f"{response.status} {response.http_version}"), class_="start"),
            body(response.body, max_chars),
            _headers(response.headers),
        ]
    )


def body(body: Body, max_chars: int) -> Markup:
    """A line that says what the body is, what is odd about it, and its content according to its class."""
    show = _CONTENT.get(body.kind, _content)
    return join(
        [
            tag("p", _described(body), class_="note"),
            *(tag("p", oddity, class_="warning") for oddity in (body.mismatch, *body.notes) if oddity),
            show(body, max_chars),
        ]
    )


def _described(body: Body) -> str:
    if body.kind == "empty":
        return "No body."
    coding = f", {size(body.decoded_size)} after decoding {', '.join(body.encoding)}" if body.encoding else ""
    name = body.kind if body.format in (None, body.kind) else f"{body.kind} ({body.format})"
    declared = "" if body.format == "websocket" else f"; declared as {body.declared or 'nothing'}"
    return f"{name}, {size(body.size)}{coding}{declared}."


# --- by class ---------------------------------------------------------------------------------------------


def _form(body: Body, max_chars: int) -> Markup:
    return _pairs(body.fields or (), max_chars)


def _multipart(body: Body, _: int) -> Markup:
    ending = {True: None, False: "The closing boundary is missing: the body is cut off.", None: None}[body.complete]
    return join(
        [
            tag("p", ending, class_="warning") if ending else None,
            table(("name", "file", "type", "size", "headers"), map(_part, body.parts or ())),
        ]
    )


def _part(part: Part) -> Markup:
    headers = join((tag("code", f"{name}: {value}") for name, value in part.headers), " ")
    names = (name or NOTHING for name in (part.name, part.filename, part.content_type))
    return tag("tr", *(tag("td", cell) for cell in (*names, size(part.size), headers)))


def _json(body: Body, max_chars: int) -> Markup:
    problem = None
    if body.valid is False:
        where = ", ".join(f"{key} {value}" for key, value in (body.error or {}).items() if key != "message")
        problem = f"Not valid JSON: {(body.error or {}).get('message', 'unknown')} ({where})"
    content = body.content
    if content is not None and body.valid and not body.truncated and len(content) <= max_chars:
        content = _laid_out(content, max_chars)
    return join([tag("p", problem, class_="warning") if problem else None, _text(content, body, max_chars)])


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_OPENS, _CLOSES = ("[", "{"), ("]", "}")


def _laid_out(content: str, max_chars: int) -> str:
    """The same JSON with one key per line, and each number and repeated key as it was sent; unchanged if indentation,
    which grows with the depth, would make more than `max_chars` characters of it."""
    try:
        json.loads(content)  # a record file from elsewhere may call anything valid
    except (ValueError, RecursionError):
        return content
    out, length, depth, before = [], 0, 0, ""
    for token in _TOKEN.findall(content):
        closes = token in _CLOSES
        depth -= closes
        begins = before not in _OPENS if closes else before == "," or before in _OPENS
        out.append((f"\n{'  ' * depth}" if begins else "") + (": " if token == ":" else _readable(token)))
        length += len(out[-1])
        if length > max_chars:
            return content
        depth += token in _OPENS
        before = token
    return "".join(out)


def _readable(token: str) -> str:
    return json.dumps(json.loads(token), ensure_ascii=False) if "\\u" in token else token


def _content(body: Body, max_chars: int) -> Markup:
    return _text(body.content, body, max_chars)


def _nothing(body: Body, _: int) -> Markup:
    return Markup()


_CONTENT: Mapping[BodyKind, Callable[[Body, int], Markup]] = {
    "form": _form,
    "multipart": _multipart,
    "json": _json,
    "empty": _nothing,
}


def _text(content: str | None, body: Body, max_chars: int) -> Markup:
    if not content:
        return Markup()
    cut = tag("p", "The text is cut at streamwatch_body_limit.", class_="note") if body.truncated else None
    shown = tag("pre", clipped(content, max_chars), tabindex=0)
    if body.kind == "streaming":  # its events say the same, with their times
        shown = tag("details", tag("summary", "The bytes as text"), shown, class_="fold")
    return join([shown, cut])


_WHOLE = 64 << 10
"""Characters shown of a header field: hardly any server accepts longer ones."""


# --- parts of both ----------------------------------------------------------------------------------------


def _upload(request: Request) -> Markup | None:
    if request.arrivals is None:
        return None
    return tag("p", f"Passed through as it arrived, in {count(len(request.arrivals))} reads.", class_="note")


def _headers(headers: Headers) -> Markup:
    return tag("details", tag("summary", plural(len(headers), "header")), _pairs(headers, _WHOLE), class_="fold")


def _pairs(pairs: Sequence[tuple[str, str | None]], max_chars: int) -> Markup:
    rows = (
        tag("tr", tag("th", clipped(name, max_chars), scope="row"), tag("td", clipped(value or "", max_chars)))
        for name, value in pairs
    )
    return tag("table", *rows, class_="pairs")
