"""The base of every file of `dialects`, and the readings that these return.

In: frames of a stream, or one whole answer.  Out: a `Reading` a frame, and the `Llm` object at any time.  Nothing a
peer sends may raise: values are taken with the helpers of `values`, to which whatever has an unexpected type is absent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from ..model import Channel, Context, ErrorFrame, Frame, Limits, Llm, Reading
from .answer import AUDIO_CONTENT as AUDIO_CONTENT
from .answer import MEDIA as MEDIA
from .answer import REASONING as REASONING
from .answer import TEXT as TEXT
from .answer import TOOLS as TOOLS
from .answer import Answer
from .figures import error_of, lenient_error_of
from .providers import asked_model, provider_of
from .texts import Text
from .values import Object, obj, parse_json, text

_CHANNELS: tuple[tuple[int, Channel], ...] = (
    (TEXT, "text"),
    (REASONING, "reasoning"),
    (TOOLS, "tool_calls"),
    (AUDIO_CONTENT, "events"),
)
READINGS = tuple(
    Reading(tuple(name for bit, name in _CHANNELS if bits & bit), kept=not bits & (MEDIA | AUDIO_CONTENT))
    for bits in range(32)
)
"""Readings by channel bits, made once: a stream has thousands of frames."""
NOTHING = READINGS[0]


def make_reading(bits: int, type_: str | None = None, end: str | None = None, clock: float | None = None) -> Reading:
    """The reading of a frame that says more than its channels."""
    return Reading(READINGS[bits].channels, type_, end, clock, READINGS[bits].kept)


def is_done(data: str) -> bool:
    """The end marker of OpenAI and its imitators, however they spell it: padded, in quotes, in lower case."""
    return data.lstrip(' "')[:6].upper() == "[DONE]"


class Dialect(ABC):
    """One API's way to say what the model said.  Subclasses set `api` and `shape` and read payloads in
    `read_payload`."""

    api: str
    """The API's name in the record."""
    shape: str
    """Who invented the format: the provider is ``<shape>-compatible`` where no host and no payload names it."""
    terminator_due: bool = True
    """The dialect has an end marker, which a finished stream must have shown."""
    end_marker_framing: str | None = None
    """The one framing whose streams have this marker; None if all have it."""

    text_type: type[Text] = Text
    """How its texts grow: `Text` by pieces; `MaybeCumulativeText` if each piece may repeat all before it;
    `CumulativeText` if it does."""

    plain: str | None = None
    """The member of a whole answer that is sent alone, as plain text, if the client asks for that."""

    ignored_members: frozenset[str] | None = None
    """Names of members, at any depth, whose values the dialect ignores.  If it is not None: of two successive payloads
    that differ only in these and in one text, the second does what the first did (see `templates`)."""
    sequence_member: str | None = None
    """The member that numbers the events: it may differ in those two payloads, too, if the second has the next number.
    `last_sequence` is then that of the last event."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self.context, self.limits = context, limits
        self.answer = Answer(limits, self.text_type)
        self.traits: frozenset[str] = frozenset()
        """What was observed that explains the stream's pacing."""
        self.last_sequence: int | None = None

    @classmethod
    @abstractmethod
    def claims(cls, value: Object, name: str) -> bool:
        """The payload, in a frame of this name, can only be of this dialect (except for errors, which look alike)."""
        ...

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        """The payload can be of this dialect, given that the path proposes it."""
        return cls.claims(value, name)

    @abstractmethod
    def read_payload(self, value: Object, name: str) -> Reading:
        """Read one payload of a stream; `name` is the framing's name for the event."""
        ...

    def read_document(self, value: Object) -> None:
        """Read a whole answer; override if it is not shaped like a payload of the stream."""
        self.read_payload(value, "message")

    def read_event(self, frame: Frame) -> Reading:
        """Read one frame of a stream."""
        value = frame.value
        if isinstance(value, dict):
            if frame.type == "error":
                self.answer.set_error(lenient_error_of(value) or {"message": frame.data})
            return self.read_payload(value, frame.type)
        if isinstance(value, list):
            return self._each(value, frame.type)
        return self.read_non_json(frame)

    def read_error(self, frame: ErrorFrame) -> None:
        """Take an error whose name the framing tells."""
        plain = {"message": frame.data} if frame.data and frame.value is None else {}
        self.answer.set_error({"type": frame.type, **(lenient_error_of(frame.value) or plain)})

    def _each(self, values: list[object], name: str) -> Reading:
        """Read a frame that holds a list; its objects together make one reading."""
        readings = [self.read_payload(value, name) for value in values if isinstance(value, dict)]
        bits = sum(bit for bit, channel in _CHANNELS if any(channel in r.channels for r in readings))
        bits |= 0 if all(r.kept for r in readings) else MEDIA
        return make_reading(bits, end=next((r.end for r in readings if r.end), None))

    def read_non_json(self, frame: Frame) -> Reading:
        """Read a frame that holds no JSON object: audio, an end marker, a plain-text error, or nothing of meaning."""
        if frame.type == "binary" and not frame.data:
            return READINGS[AUDIO_CONTENT]
        if is_done(frame.data):
            return make_reading(0, end="[DONE]")
        if frame.type == "error" and frame.data:
            self.answer.set_error({"message": frame.data})
        return _NO_JSON if _is_amiss(frame) else NOTHING

    def read_comment(self, words: str) -> None:
        """Take an SSE comment: most are keep-alives, some tell why a stream waits."""
        if "PROCESSING" in words:
            self.traits |= {"queued"}

    def read_whole(self, value: object) -> None:
        """Read a whole answer, parsed."""
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                self.read_document(part)

    def take_error(self, value: Object) -> bool:
        """Take the payload's error, if it has one; return whether it has."""
        error = error_of(value)
        if error:
            self.answer.set_error(error)
        return error is not None

    @property
    def provider(self) -> str:
        return provider_of(self.context) or self.answer.provider or f"{self.shape}-compatible"

    def result(self) -> Llm:
        """What was said so far."""
        return self.answer.llm(self.provider, self.api, asked_model(self.context))


_NO_JSON = Reading(malformed="Not JSON, unlike the events of this API.")


def _is_amiss(frame: Frame) -> bool:
    """Prose in an event without a name, where the API's clients expect JSON; a lone word may be a keep-alive."""
    data = frame.data.strip()
    alone = data.lower() in {"", "null", *_ENDS, *_SIGNS_OF_LIFE}
    return frame.type == "message" and not alone and parse_json(data) is None


def kind(value: Object, name: str) -> str:
    """The type of a typed event: its own ``type``, else the framing's."""
    return text(value.get("type")) or name


_ENDS = frozenset({"done", "end", "close", "complete", "finish"})
_SIGNS_OF_LIFE = frozenset({"ping", "heartbeat", "keepalive", "keep-alive", "error"})


def unknown(frame: Frame) -> Reading:
    """The reading of a frame of an unknown API: an event, unless it is an end marker or a keep-alive."""
    if is_done(frame.data):
        return make_reading(0, end="[DONE]")
    event_name = text(obj(frame.value).get("type")) or frame.type
    name = event_name.lower()
    if name in _ENDS:
        return make_reading(0, end=event_name)
    return NOTHING if not frame.data or name in _SIGNS_OF_LIFE else Reading(("events",))
