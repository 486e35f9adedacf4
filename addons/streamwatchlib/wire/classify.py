"""What a body is, by its declared type and its bytes together.

In: what was gathered about one body (`Facts`).  Out: its kind and format, its value if it is JSON, and a sentence if
declaration and bytes disagree.  The bytes win: the declaration counts only where they show nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..model import BodyKind
from . import STREAM_TYPES, media_types, sniff
from .jsontext import JsonError, loads
from .payload import CONSTANTS, MENDED
from .sse.deviations import BARE_JSON, UNKNOWN_FIELD
from .urlencoded import FORM, looks_like_form, short_fields

_OPEN_ENDED = (None, "text/plain", "application/octet-stream", *STREAM_TYPES)
"""Declared types under which a body without a length is a stream, if its bytes show nothing else."""

_HEAD = 4096
"""Bytes; more than enough to see how a body begins."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was gathered about one body until its end."""

    declared: str | None
    """Media type, lower case, without parameters."""
    data: bytes
    """The decoded bytes, up to the limit."""
    text: str | None = None
    """`data` as text; None if it is not text."""
    incomplete: bool = False
    """`data` is incomplete: more was received than is kept, or the transport broke off."""
    fully_kept: bool = True
    """`data` is everything that was received."""
    length_known: bool = True
    framing: str | None = None
    """The format of the framer that read the bytes as they arrived, if any."""
    events: int = 0
    parsed: int = 0
    """Events whose payload is JSON."""
    ended: int = 0
    """Events completed before the end of the body."""
    comments: int = 0
    deviations: tuple[str, ...] = ()
    deliveries: int = 0
    """Feeds that completed an event."""
    last_value: object = None
    """Value of the last event; if the body is one line of JSON, its value, which then need not be parsed again."""
    array_streams: bool = False
    """The API that was called streams JSON arrays: an array is a stream however it arrived."""


class Classification(NamedTuple):
    """The classification of a body."""

    kind: BodyKind
    format: str | None = None
    mismatch: str | None = None
    value: object = None
    """The value of a JSON document, or the short fields of a form."""
    valid: bool | None = None
    """Whether the JSON parses; None for other bodies, and where not all of it was kept."""
    error: JsonError | None = None


def classify(facts: Facts) -> Classification:
    """Classify a body by the first rule that applies."""
    if not facts.data and facts.fully_kept:
        return Classification("empty")
    found = next(found for rule in _RULES if (found := rule(facts)))
    return found._replace(mismatch=found.mismatch or media_types.mismatch(facts.declared, found.kind, found.format))


# --- the rules, in order ---


def _document(facts: Facts) -> Classification | None:
    """One JSON document from end to end, even if chunked, padded or declared as something else."""
    read_whole = facts.fully_kept or (facts.framing == "ndjson" and facts.events == 1)
    if not read_whole or not (media_types.is_json(facts.declared) or _sets_out_as_json(facts)):
        return None
    value = _value(facts)
    if isinstance(value, JsonError):
        return None
    if facts.framing == "json-array" and _is_array(facts):
        return Classification("streaming", "json-array", value=value)
    if facts.framing == "ndjson" and facts.parsed == 1 and _declares(facts, "ndjson"):
        return Classification("streaming", "ndjson", value=value)
    return Classification("json", "json", value=value, valid=True)


def _stream(facts: Facts) -> Classification | None:
    """Events that a framer found while the bytes arrived, if there are enough of them to be sure."""
    if facts.framing is None or not _BELIEVED[facts.framing](facts):
        return None
    if facts.framing == "sse" and BARE_JSON in facts.deviations and not sniff.has_sse_field(facts.data):
        return Classification("streaming", "ndjson")
    return Classification("streaming", facts.framing)


def _broken_json(facts: Facts) -> Classification | None:
    """JSON that does not parse, because its end is missing or because it is JSON only by declaration."""
    sets_out = _sets_out_as_json(facts)
    is_string = media_types.is_json(facts.declared) and facts.data.lstrip().startswith(b'"')
    if facts.incomplete and (sets_out or is_string):
        return Classification("json", "json")
    if not media_types.is_json(facts.declared) or facts.text is None or looks_like_form(facts.data):
        return None
    error = _value(facts)
    if not isinstance(error, JsonError):  # what was kept parses, as 12 does of 1234
        return Classification("json", "json")
    mismatch = None if sets_out else f"Declared as {facts.declared}, but the body is not JSON."
    value = facts.last_value if CONSTANTS in facts.deviations and facts.events == 1 else None
    return Classification("json", "json", mismatch, value, valid=False, error=error)


def _form(facts: Facts) -> Classification | None:
    silent = facts.declared is None or media_types.is_json(facts.declared)
    if facts.declared == FORM or (silent and facts.length_known and looks_like_form(facts.data)):
        return Classification("form", "urlencoded", value=short_fields(facts.data))
    return None


def _binary(facts: Facts) -> Classification | None:
    format_ = sniff.magic(facts.data)
    if format_ and (facts.text is None or format_ == "pdf"):
        return Classification("binary", format_)
    return Classification("binary") if facts.text is None and not _is_open_ended(facts) else None


def _open_ended(facts: Facts) -> Classification | None:
    return Classification("streaming", "unknown") if _is_open_ended(facts) else None


def _unkept(facts: Facts) -> Classification | None:
    """No byte was kept: believe the declaration."""
    if facts.data:
        return None
    match media_types.expected(facts.declared or ""):
        case "json":
            return Classification("json", "json")
        case "urlencoded":
            return Classification("form", "urlencoded")
        case expected:
            return Classification("binary" if expected == "binary" else "text")


def _text(facts: Facts) -> Classification:
    return Classification("text", media_types.subtype(facts.declared))


_RULES = (_document, _stream, _unkept, _broken_json, _form, _binary, _open_ended, _text)


# --- conditions of the rules ---


def _value(facts: Facts) -> object:
    """The body as one JSON document, or the `JsonError` that says why it is not one."""
    if facts.framing == "ndjson" and facts.events == facts.parsed == 1 and MENDED.isdisjoint(facts.deviations):
        return facts.last_value
    try:
        return loads(facts.data if facts.text is None else facts.text)
    except JsonError as error:
        return error


def _sets_out_as_json(facts: Facts) -> bool:
    return (facts.text or "").removeprefix("\ufeff").lstrip()[:1] in ("{", "[")


def _declares(facts: Facts, format_: str) -> bool:
    return media_types.framing(facts.declared) == format_


def _is_open_ended(facts: Facts) -> bool:
    if facts.length_known:
        return False
    return facts.declared in _OPEN_ENDED or sniff.is_rpc_stream(facts.declared, facts.data)


def _is_sse(facts: Facts) -> bool:
    if _declares(facts, "sse"):
        silent = sniff.framing(facts.data) is None if facts.incomplete else not facts.data.strip()
        return bool(facts.events or facts.comments) or silent or sniff.has_sse_field(facts.data)
    return facts.parsed > 0 or (facts.ended > 0 and UNKNOWN_FIELD not in facts.deviations)


def _is_ndjson(facts: Facts) -> bool:
    if _declares(facts, "ndjson"):
        return facts.parsed > 0 or _sets_out_as_json(facts)
    return facts.parsed >= (1 if facts.incomplete else 2) and facts.events >= 2 and 2 * facts.parsed >= facts.events


def _is_array(facts: Facts) -> bool:
    """A JSON array is a stream if the API streams arrays, or if it arrived in several deliveries and holds objects:
    embeddings are rows of numbers, and one document however they arrive."""
    came_as_one = not facts.length_known and facts.deliveries > 1 and facts.parsed >= facts.events - facts.incomplete
    return facts.array_streams or (came_as_one and _holds_objects(facts.data[:_HEAD]))


def _holds_objects(head: bytes) -> bool:
    """The first element of the array that begins in `head` is an object."""
    return head.partition(b"[")[2].lstrip().startswith(b"{")


def _is_aws_eventstream(facts: Facts) -> bool:
    return facts.parsed > 0 or (_declares(facts, "aws-eventstream") and facts.events > 0)


_BELIEVED: Mapping[str, Callable[[Facts], bool]] = {
    "sse": _is_sse,
    "ndjson": _is_ndjson,
    "json-seq": lambda facts: facts.parsed > 0,
    "json-array": _is_array,
    "tagged-json": lambda facts: facts.declared in _OPEN_ENDED and facts.parsed == facts.events > 0,
    "aws-eventstream": _is_aws_eventstream,
    "unknown": lambda facts: facts.events > 0,
}
