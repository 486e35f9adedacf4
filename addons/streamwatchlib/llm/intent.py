"""Did the client ask for a stream, and by what?

In: the exchange's `Context`.  Out: the answer and its evidence.  Each API has its own way to ask: a switch in the body,
a header, a verb in the URL, or a default; a row of `table` names the rule.  If the request doesn't tell, or leaves it
to the server, the answer is None: a guess here would accuse a server of not streaming.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..headers import header_values, joined_header
from ..model import Context
from .values import Path, dig, obj

type StreamIntent = tuple[bool | None, str | None]
type IntentRule = Callable[[Context], StreamIntent]

UNSPECIFIED: StreamIntent = (None, None)
_YES, _NO = frozenset({"true", "1", "yes", "on", "enable"}), frozenset({"false", "0", "no", "off", "disable"})
_SWITCHES = ("stream", "streaming")
"""Names of the switch in unknown APIs."""
_STREAM_TYPES = (
    "text/event-stream",
    "application/x-ndjson",
    "application/jsonl",
    "application/stream+json",
    "application/vnd.amazon.eventstream",
)

_FILE = re.compile(r"/files/[^/]+/content$|/files/[^/]+:download$|/batches/[^/]+/results$")
"""Where OpenAI, Gemini, Anthropic and their imitators serve uploaded files, and the results of a batch."""


def fetches_file(context: Context, requested: bool | None) -> bool:
    """A stored file was fetched, such as the answers of a batch: none of its lines was generated while it came.

    Its path tells so or, unless a stream was requested, its head: it is an attachment (RFC 6266), or has a
    Last-Modified (RFC 9110, 8.8.2), as storage buckets send.
    """
    if context.method == "GET" and _FILE.search(context.path):
        return True
    stored = context.method == "GET" and any(header_values(context.response_headers, "last-modified"))
    dispositions = header_values(context.response_headers, "content-disposition")
    return not requested and (stored or any(value.strip().lower().startswith("attachment") for value in dispositions))


def header(context: Context, name: str) -> str:
    """A request header's values, joined, in lower case."""
    return (joined_header(context.request_headers, name) or "").lower()


def switch(value: object) -> bool | None:
    """A switch as clients spell it: a boolean, 0 or 1, or a word."""
    if isinstance(value, bool | int):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _YES else False if word in _NO else None


def by_body(default: bool, name: str = "stream") -> IntentRule:
    """A switch in the JSON body; where it is absent the API's default."""
    return by_switch((name,), default=default)


def by_switch(*paths: Path, default: bool = False) -> IntentRule:
    """A switch at the first of these places in the JSON body that has one, or else the API's default."""

    def asks(context: Context) -> StreamIntent:
        if not isinstance(context.request_value, dict):
            return by_accept(context)
        for path in paths:
            asked = switch(dig(context.request_value, path))
            if asked is not None:
                return asked, ".".join(("body", *map(str, path)))
        return default, "default"

    return asks


def by_url(stream: bool) -> IntentRule:
    """The URL's verb says whether."""
    return lambda context: (stream, "url")


def by_field(name: str, *streams: object) -> IntentRule:
    """A field of the JSON body has one of the values that ask for a stream."""

    def asks(context: Context) -> StreamIntent:
        body = context.request_value
        return (body.get(name) in streams, f"body.{name}") if isinstance(body, dict) and name in body else UNSPECIFIED

    return asks


def by_query(context: Context) -> StreamIntent:
    """A ``stream`` in the query, else False."""
    asked = switch(dict(context.query).get("stream"))
    return (asked, "url") if asked is not None else (False, "default")


def is_resumed(context: Context) -> bool:
    """An answer that was begun before is requested again as a stream: from its start, or from an event it names."""
    return context.method == "GET" and "stream" in dict(context.query)


def by_header(name: str, stream: str, default: IntentRule) -> IntentRule:
    """A header of the API's own asks for a stream, or else `default` decides."""

    def asks(context: Context) -> StreamIntent:
        return (True, f"header.{name}") if header(context, name) == stream else default(context)

    return asks


def by_accept(context: Context) -> StreamIntent:
    """``Accept`` names a stream's media type, and not JSON's as well."""
    accept = header(context, "accept")
    if any(type_ in accept for type_ in _STREAM_TYPES) and "application/json" not in accept:
        return True, "header.accept"
    return UNSPECIFIED


def by_anything(context: Context) -> StreamIntent:
    """Rule of unknown APIs: only what the request says itself."""
    body = obj(context.request_value)
    for key in _SWITCHES:
        asked = switch(body.get(key))
        if asked is not None:
            return asked, f"body.{key}"
    for key, value in context.query:
        asked = switch(value) if key in _SWITCHES else True if (key, value) == ("alt", "sse") else None
        if asked is not None:
            return asked, "url"
    return by_accept(context)


def left_to_server(context: Context) -> StreamIntent:
    """The server chooses."""
    return UNSPECIFIED
