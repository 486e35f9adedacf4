"""Digests of a record's texts, by which two sides of a hop are compared without keeping the texts.

In: a `Record`.  Out: `Digests`, the same in every process.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from operator import attrgetter
from typing import NamedTuple
from zlib import crc32

from .. import urls
from ..model import Body, Llm, Record

READABLE = 256 << 10
"""Characters up to which a body is parsed as JSON, which takes milliseconds; a longer one is compared as a whole."""
PROMPTS = ("messages", "prompt", "input", "contents", "inputs", "message")
"""Keys that a gateway which rewrites the rest of a request (model, options, order of keys) still passes on."""
_T, _DATA = attrgetter("t"), attrgetter("data")
_TEXT_KEYS = ("content", "parts", "text", "prompt", "messages")
"""Keys under which a message or an input has its words: a text, or a list of parts ..."""
_TEXT_TYPES = ("text", "input_text", "message")
"""... of these types, if they have one: other types hold pictures or the results of tools."""


class BodyDigests(NamedTuple):
    """Digests of one body.  Two bodies agree if they have one in common."""

    texts: frozenset[int]
    """Digests of the body and of what is in it; empty if texts were not kept."""
    size: int
    """Bytes after decoding: all that can be compared without texts."""
    whole: int | None = None
    """Digest of the body as it is; None if it was not kept."""

    def agree(self, other: BodyDigests) -> bool:
        if self.texts and other.texts:
            return not self.texts.isdisjoint(other.texts)
        return self.size == other.size


class Digests(NamedTuple):
    """Digests of one exchange."""

    request_digests: BodyDigests
    response_digests: BodyDigests | None
    """None if no response came."""
    times: tuple[float | None, ...]
    """When each kept event was complete; seconds from the exchange's beginning."""
    checksums: tuple[int, ...]
    """Checksum of each kept event's data."""
    content_times: tuple[float | None, ...]
    """Those of `times` at which events brought content."""


def digests(record: Record) -> Digests:
    events, response = record.events or (), record.response
    return Digests(
        request_digests=_request_digests(record),
        response_digests=_response_digests(response.body, record.llm) if response else None,
        times=tuple(map(_T, events)),
        checksums=tuple([crc32(_bytes(data)) if data else 0 for data in map(_DATA, events)]),
        content_times=tuple([event.t for event in events if event.content]),
    )


def _request_digests(record: Record) -> BodyDigests:
    body = record.request.body
    if not body.size:  # the request is in its URL, of which a hop may change all but the last segment and the query
        split = urls.split(record.request.url)
        return BodyDigests(frozenset({_digest(record.request.method, split.path.rpartition("/")[2], split.query)}), 0)
    whole = None if body.content is None else _digest(body.content)
    return BodyDigests(frozenset(_texts(body)), body.decoded_size or body.size, whole)


def _texts(body: Body) -> Iterator[int]:
    if body.fields or body.parts:
        parts = [(part.name, part.filename, part.size) for part in body.parts or ()]
        yield _digest(repr((body.fields, parts)))
    if body.content is None:
        return
    yield _digest(body.content)
    value = _json(body.content)
    if isinstance(value, dict):
        yield _digest(_canonical(value))
        prompts = {key: value[key] for key in PROMPTS if value.get(key)}
        yield from (_digest(key, _canonical(prompt)) for key, prompt in prompts.items())
        # a gateway that translates one API into another keeps what the user said last
        last = (list(_user_words(prompt))[-1:] for prompt in prompts.values())
        yield from (_digest("user", *words) for words in last if words)


def _user_words(prompt: object, depth: int = 6) -> Iterator[str]:
    """Yield the user's texts in a prompt of any API, in order, but not those of the model or of a tool."""
    if isinstance(prompt, str):
        yield prompt
    elif isinstance(prompt, list) and depth:
        for each in prompt:
            yield from _user_words(each, depth - 1)
    elif (
        isinstance(prompt, dict)
        and depth
        and prompt.get("role", "user") == "user"
        and prompt.get("type", "text") in _TEXT_TYPES
    ):
        yield from _user_words(next((prompt[key] for key in _TEXT_KEYS if prompt.get(key)), None), depth - 1)


def _response_digests(body: Body, llm: Llm | None) -> BodyDigests:
    texts = {_digest(body.content)} if body.content else set()
    if llm:  # a hop may leave out reasoning, and serialize the arguments of tool calls differently
        calls = "".join(_respelt(call.arguments) for call in llm.tool_calls)
        channels = {"text": llm.text, "reasoning": llm.reasoning, "calls": calls}
        texts.update(_digest(channel, words) for channel, words in channels.items() if words)
    return BodyDigests(frozenset(texts), body.decoded_size or body.size)


def _respelt(text: str) -> str:
    value = _json(text)
    return text if value is None else _canonical(value)


def _digest(*texts: str) -> int:
    """Digest of texts and their lengths; of a long text only its ends count (`_bytes`)."""
    made = blake2b(digest_size=8)
    for text in texts:
        made.update(b"%d:" % len(text))
        made.update(_bytes(text))
    return int.from_bytes(made.digest())


def _bytes(text: str) -> bytes:
    """The bytes that identify a text: all of it or, since megabytes take milliseconds, its length and ends."""
    identifying = text if len(text) <= READABLE else f"{len(text)}:{text[:READABLE]}{text[-READABLE:]}"
    return identifying.encode("utf-8", "surrogatepass")


def _json(text: str) -> object:
    if len(text) > READABLE:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)
