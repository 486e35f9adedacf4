"""What a media type declares a body to be, and whether the body is that.

In: the declared media type, lower case, without parameters; None if there was no Content-Type.  Out: the kind or
framing it declares, and a sentence if the body contradicts it.
"""

from __future__ import annotations

from ..model import BodyKind
from . import STREAM_TYPES, sniff
from .urlencoded import FORM

_UNFRAMED = ("multipart/", "image/", "audio/", "video/", "font/")
"""Media types whose bodies are not searched for events."""
_JSON_TYPES = (
    "application/json",
    "text/json",
    "application/x-json",
    "application/x-amz-json-1.0",
    "application/x-amz-json-1.1",
)

_NAMES = {
    "json": "a JSON document",
    "urlencoded": "a URL-encoded form",
    "sse": "a stream of server-sent events",
    "ndjson": "newline-delimited JSON",
    "json-seq": "a JSON text sequence",
    "json-array": "a JSON array",
    "tagged-json": "a sequence of tagged JSON lines",
    "aws-eventstream": "an AWS event stream",
    "text": "text",
    "binary": "binary data",
    "unknown": "not a stream of events",
}
_COMPATIBLE = {("json-array", "json"), ("tagged-json", "text"), ("unknown", "text"), ("unknown", "binary")}
"""Pairs (what the body is, what was declared) that differ without contradicting each other."""


def framing(declared: str | None) -> str | None:
    """The framing that a media type declares; None if it declares no stream of events."""
    return STREAM_TYPES.get(declared or "")


def is_json(declared: str | None) -> bool:
    """The media type declares one JSON document."""
    if declared is None or declared in STREAM_TYPES or sniff.is_rpc(declared):
        return False
    return declared in _JSON_TYPES or declared[-5:] == "+json"


def may_hold_events(declared: str | None) -> bool:
    return declared is None or not (declared.startswith(_UNFRAMED) or declared == FORM)


def declares_text(declared: str | None) -> bool:
    return declared is not None and (declared.startswith("text/") or is_json(declared) or declared in STREAM_TYPES)


def subtype(declared: str | None) -> str | None:
    """``plain`` of ``text/plain``: the format of a body whose bytes show only that it is text."""
    return declared[5:] if declared and declared.startswith("text/") and declared not in STREAM_TYPES else None


def expected(declared: str) -> str | None:
    """What a media type declares the body to be, as a key of `_NAMES`; None if it declares none of them."""
    if declared in STREAM_TYPES:
        return STREAM_TYPES[declared]
    if is_json(declared):
        return "json"
    if declared == FORM:
        return "urlencoded"
    family = "text" if declared.endswith("+xml") else declared.partition("/")[0]
    return {"text": "text", "image": "binary", "audio": "binary", "video": "binary"}.get(family)


def mismatch(declared: str | None, kind: BodyKind, format_: str | None) -> str | None:
    """A sentence if a body of this kind and format contradicts its declared type, else None."""
    actual = format_ if format_ in _NAMES else kind
    name = _NAMES[actual]
    silent = actual in ("text", "binary", "unknown")
    if declared is None:
        return None if silent else f"{name[0].upper()}{name[1:]} was sent without a Content-Type."
    due = expected(declared)
    if actual == due or (silent and due is None) or (actual, due) in _COMPATIBLE:
        return None
    return f"Declared as {declared}, but the body is {name}."
