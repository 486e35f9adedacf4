"""Cohere chat, version 2 and version 1, and its old ``generate``.

In: v2's typed events or a whole message; v1's events (SSE or lines) by ``event_type``, the last of which repeats the
whole answer, or that alone.  Out: readings and the answer.  https://docs.cohere.com/reference/chat-stream
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TEXT, TOOLS, Dialect, kind, make_reading
from ..values import Object, dump, index, obj, objects, text

_V2 = frozenset(
    f"{what}-{step}"
    for what, steps in (
        ("message", "start end"),
        ("content", "start delta end"),
        ("tool-call", "start delta end"),
        ("tool-plan", "delta"),
        ("citation", "start end"),
    )
    for step in steps.split()
)
_V1 = frozenset(
    {
        "stream-start",
        "text-generation",
        "stream-end",
        "tool-calls-chunk",
        "tool-calls-generation",
        "citation-generation",
        "search-queries-generation",
        "search-results",
    }
)


class ChatV2(Dialect):
    """``/v2/chat``."""

    api = "v2.chat"
    shape = "cohere"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # other apps answer so as well, but not in capitals
        whole = text(value.get("finish_reason")).isupper() and isinstance(value.get("message"), dict)
        piece = kind(value, name) in _V2 and isinstance(value.get("delta"), dict)  # others name events so, too
        return piece or (whole and "choices" not in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return kind(value, name) in _V2 or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_, delta = kind(value, name), obj(value.get("delta"))
        message = obj(delta.get("message"))
        self.answer.set_identity(None, value.get("id"))
        if type_ == "message-end":
            self._end(delta)
            return make_reading(0, type_, type_)
        bits = self._say(obj(message.get("content")))
        plan = text(message.get("tool_plan"))
        bits |= self.answer.message().add_reasoning(plan)
        call = obj(message.get("tool_calls"))
        if call:
            bits |= self._call(index(value.get("index")), call)
        self.take_error(value)
        return make_reading(bits, type_)

    def read_document(self, value: Object) -> None:
        message = obj(value.get("message"))
        self.answer.set_identity(None, value.get("id"))
        self.answer.message().reasoning.add(text(message.get("tool_plan")))
        for part in objects(message.get("content")):
            self._say(part)
        for position, call in enumerate(objects(message.get("tool_calls"))):
            self._call(position, call)
        self._end(value)

    def _say(self, part: Object) -> int:
        message = self.answer.message()
        bits = message.add_text(part.get("text"))
        return bits | message.add_reasoning(part.get("thinking"))

    def _call(self, position: int, fragment: Object) -> int:
        call, function = self.answer.message().calls.at(position), obj(fragment.get("function"))
        call.set_identity(fragment.get("id"), function.get("name"))
        return TOOLS * call.arguments.add(dump(function.get("arguments")))

    def _end(self, response: Object) -> None:
        self.answer.message().set_finish_reason(response.get("finish_reason"))
        self.answer.set_usage(response.get("usage"))
        self.take_error(response)


class ChatV1(Dialect):
    """``/v1/chat``, and ``/v1/generate`` before it."""

    api = "v1.chat"
    shape = "cohere"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        whole = "generation_id" in value and "text" in value
        generated = "generations" in value and "prompt" in value
        return text(value.get("event_type")) in _V1 or whole or generated

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "is_finished" in value or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("event_type"))
        answer = self.answer
        message = answer.message(index(value.get("index")))
        bits = 0
        if type_ == "stream-end":
            self._end(value)
            return make_reading(0, type_, type_)
        if "generations" in value:  # a whole answer: Bedrock was asked for a stream, but Cohere was not
            self.read_document(value)
            return make_reading(TEXT * (not message.empty))
        answer.set_identity(None, value.get("generation_id"))
        message.set_finish_reason(value.get("finish_reason"))
        if type_ in ("text-generation", ""):  # untyped inside Bedrock
            bits = message.add_text(value.get("text"))
        elif type_ == "tool-calls-chunk":
            bits = self._chunk(obj(value.get("tool_call_delta")), text(value.get("text")))
        elif type_ == "tool-calls-generation":
            bits = self._calls(value)
        self.take_error(value)
        return make_reading(bits, type_)

    def read_document(self, value: Object) -> None:
        self.answer.set_identity(None, value.get("generation_id") or value.get("id"))
        for position, each in enumerate(objects(value.get("generations")) or [value]):
            message = self.answer.message(position)
            message.add_text(each.get("text"))
            message.set_finish_reason(each.get("finish_reason"))
        self._calls(value)
        self._finish(None, value)

    def _end(self, value: Object) -> None:
        """The last event repeats the whole answer: only its totals are new, and its calls if none came before."""
        response = obj(value.get("response"))
        self.answer.set_identity(None, response.get("generation_id") or response.get("id"))
        if self.answer.message().empty:
            self.read_document(response)
        self._finish(value.get("finish_reason") or response.get("finish_reason"), response)
        self.take_error(value)

    def _finish(self, reason: object, value: Object) -> None:
        self.answer.message().set_finish_reason(reason)
        self.answer.set_usage(value.get("meta"))

    def _chunk(self, delta: Object, plan: str) -> int:
        message = self.answer.message()
        bits = message.add_reasoning(plan)
        if not delta:
            return bits
        call = message.calls.at(index(delta.get("index")))
        call.set_identity(None, delta.get("name"))
        return bits | TOOLS * call.arguments.add(dump(delta.get("parameters")))

    def _calls(self, value: Object) -> int:
        """Calls that come whole; after chunks they are a repetition."""
        calls = self.answer.message().calls
        if calls:
            return 0
        for call in objects(value.get("tool_calls")):
            calls.add(None, call.get("name"), dump(call.get("parameters")))
        return TOOLS * bool(calls)
