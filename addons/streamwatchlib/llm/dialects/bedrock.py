"""AWS Bedrock: Converse, and InvokeModel with the formats of its models.

In: event-stream frames (their event type is the frame's name) or whole answers.  Out: readings and the answer.
InvokeModel wraps the model's own payload as base64: it is unwrapped and read by that model's dialect.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from __future__ import annotations

from ...model import Context, Frame, Limits, Llm, Reading
from ..dialect import MEDIA, TOOLS, Dialect, make_reading
from ..figures import usage_of
from ..providers import provider_of
from ..values import Object, decode_base64, dig, dump, index, obj, objects, parse_json, text
from .anthropic import Messages
from .bedrock_models import ClaudeText, Command, Llama, MistralText, Titan
from .embeddings import Embeddings
from .openai_chat import Chat
from .openai_completions import Completions
from .text_apis import Jurassic

_EVENTS = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)

_TELLING = _EVENTS - {"metadata"}
"""Names that only Converse uses."""


class Converse(Dialect):
    """``/model/{id}/converse`` and ``/converse-stream``; also Nova's answers inside InvokeModel."""

    api = "converse"
    shape = "bedrock"
    _first = _next = 0
    """Position of the first block of the current message, and of the next block that may begin."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        whole = "stopReason" in value and "message" in obj(value.get("output"))
        held = not _TELLING.isdisjoint(value) or not _TELLING.isdisjoint(obj(value.get("event")))
        return whole or name in _TELLING or held

    def read_payload(self, value: Object, name: str) -> Reading:
        if name not in _EVENTS:
            held = obj(value.get("event")) or value  # agents of Strands pass on the events they get
            inner = next((key for key in _EVENTS if key in held), None)
            if inner is not None:  # Nova names the event inside the payload
                return self.read_payload(obj(held[inner]), inner)
        if name == "messageStart":
            self._first = self._next  # an agent's messages each count from 0
        position, bits = self._first + index(value.get("contentBlockIndex")), 0
        self._next = max(self._next, position + 1)
        if name == "contentBlockStart":
            self._block(position, obj(value.get("start")))
        elif name == "contentBlockDelta":
            bits = self._block(position, obj(value.get("delta")))
        self.answer.add_usage(value.get("usage"))  # each of an agent's requests has its own
        self._read_metadata(value)
        self.take_error(value)  # as an agent's server reports an error
        return make_reading(bits, None, name if name == "messageStop" else None)

    def read_document(self, value: Object) -> None:
        for position, block in enumerate(objects(dig(value, ("output", "message", "content")))):
            self._block(position, block)
        self.answer.set_usage(value.get("usage"))
        self._read_metadata(value)
        self.take_error(value)

    def _block(self, position: int, block: Object) -> int:
        """Read a content block, or what a start or a delta adds to one."""
        message, bits = self.answer.message(), 0
        cited = obj(block.get("citationsContent"))  # in whole answers; in streams citations stand beside the text
        for part in (block, *objects(cited.get("content"))):
            bits |= message.add_text(part.get("text"))
        reasoning = obj(block.get("reasoningContent"))
        words = text(reasoning.get("text")) or text(dig(reasoning, ("reasoningText", "text")))
        bits |= message.add_reasoning(words)
        use = block.get("toolUse")
        if isinstance(use, dict):
            calls = message.server_calls if use.get("type") == "server_tool_use" else message.calls
            call = message.call(position) or calls.begin(position)
            call.set_identity(use.get("toolUseId"), use.get("name"))
            bits |= TOOLS * call.arguments.add(dump(use.get("input")))
        return bits | MEDIA * bool(dig(block, ("image", "source", "bytes")))

    def _read_metadata(self, value: Object) -> None:
        self.answer.message().set_finish_reason(value.get("stopReason"))
        self.answer.add_server_timing(value)
        if dig(value, ("trace", "guardrail")):
            self.traits |= {"content-filter"}


_NATIVE: tuple[type[Dialect], ...] = (
    Messages,
    Chat,
    Completions,
    Converse,
    Titan,
    Llama,
    MistralText,
    ClaudeText,
    Jurassic,
    Command,
)
"""Dialects that models use inside InvokeModel, in order of precedence."""
_WORDLESS = frozenset({"embedding", "embeddings", "results", "images", "artifacts"})
"""Members that hold vectors, a ranking or pictures."""
_COUNTED = ("input", "output")


class Invoke(Dialect):
    """``/model/{id}/invoke`` and ``/invoke-with-response-stream``."""

    api = "invoke"
    shape = "bedrock"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._native: Dialect | None = None

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return name == "chunk" and isinstance(value.get("bytes"), str)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        inner = _unwrapped(value)
        return cls.claims(value, name) or _native(inner) is not None

    def read_payload(self, value: Object, name: str) -> Reading:
        inner = _unwrapped(value)
        native = self._speaker(inner)
        reading = native.read_event(Frame(type="message", value=inner))
        native.answer.add_server_timing(inner)
        self.traits |= native.traits
        if "amazon-bedrock-guardrailAction" in inner or dig(inner, ("amazon-bedrock-trace", "guardrail")):
            self.traits |= {"content-filter"}
        self._counted(inner.get("amazon-bedrock-invocationMetrics"))
        return reading

    def read_document(self, value: Object) -> None:
        native = self._speaker(value)
        native.read_whole(value)
        sent = {name.lower(): count for name, count in self.context.response_headers}
        self._counted({f"{key}_tokens": _count(sent.get(f"x-amzn-bedrock-{key}-token-count")) for key in _COUNTED})

    def _counted(self, usage: object) -> None:
        """Take Bedrock's own count, if the model reports none, or only a part in its last payload."""
        known, counted = usage_of(self.answer.usage), usage_of(usage)
        if counted and (known is None or known.input_tokens is None or known.output_tokens is None):
            self.answer.usage = {**obj(self.answer.usage), **obj(usage)}

    def _speaker(self, value: Object) -> Dialect:
        """The model's dialect, chosen by the first payload that shows it."""
        if self._native:
            return self._native
        native = _native(value)
        speaker = (native or Titan)(self.context, self.limits)
        self.answer, self._native = speaker.answer, speaker if native else None
        return speaker

    def result(self) -> Llm:
        self.answer.provider = provider_of(self.context) or "bedrock"
        return super().result()


def _native(value: Object) -> type[Dialect] | None:
    """The dialect of this payload; what has no words is not specific to a model."""
    claiming = next((native for native in _NATIVE if native.claims(value, "")), None)
    return claiming or (None if _WORDLESS.isdisjoint(value) else Embeddings)


def _unwrapped(value: Object) -> Object:
    """The model's own payload: what the chunk's base64 holds, or the value itself."""
    chunk = value.get("bytes")
    return obj(parse_json(decode_base64(chunk) or "")) if isinstance(chunk, str) else value


def _count(figure: str | None) -> int | None:
    return int(figure) if figure and figure.isdecimal() and len(figure) < 16 else None
