"""Letta's agents.

In: messages, whole or in pieces, each with its ``message_type``; or all of them in a list.  Out: readings and the
answer.  The server runs the tools, except those that it asks the client to approve.
https://docs.letta.com/guides/agents/streaming
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..parts import joined_text
from ..values import Object, dump, non_empty, obj, objects, text

_TYPES = frozenset(
    {
        "reasoning_message",
        "hidden_reasoning_message",
        "assistant_message",
        "tool_call_message",
        "tool_return_message",
        "approval_request_message",
        "usage_statistics",
        "stop_reason",
    }
)
_FAILED = "error_message"


class Letta(Dialect):
    """Letta's agents"""

    api = "messages"
    shape = "letta"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        messages = [value, *objects(value.get("messages"))]
        return any(text(each.get("message_type")) in _TYPES for each in messages)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "message_type" in value or "messages" in value

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("message_type"))
        message = self.answer.message()
        bits = 0
        if type_ == "reasoning_message":
            bits = message.add_reasoning(value.get("reasoning"))
        elif type_ == "assistant_message":
            self.answer.set_identity(None, value.get("id"))
            bits = message.add_text(joined_text(value.get("content")))
        elif type_ in ("tool_call_message", "approval_request_message"):
            bits = self._call(value, asked=type_ == "approval_request_message")
        elif type_ == "usage_statistics":
            self.answer.set_usage(value)
        elif type_ == "stop_reason":
            message.set_finish_reason(value.get("stop_reason"))
        elif type_ == _FAILED:
            self.answer.set_error(lenient_error_of(value) or {})
        self.take_error(value)
        return make_reading(bits, type_ or None)

    def read_document(self, value: Object) -> None:
        for message in objects(value.get("messages")):
            self.read_payload(message, "message")
        self.answer.set_usage(value.get("usage"))
        self.answer.message().set_finish_reason(obj(value.get("stop_reason")).get("stop_reason"))
        self.take_error(value)

    def _call(self, value: Object, *, asked: bool) -> int:
        """Read a tool call, or a piece of its arguments."""
        message, bits = self.answer.message(), 0
        calls = message.calls if asked else message.server_calls
        for entry in objects(value.get("tool_calls")) or [obj(value.get("tool_call"))]:
            id_ = non_empty(entry.get("tool_call_id"))
            call = calls.at(id_) if id_ else calls.last() or calls.begin()
            call.set_identity(id_, entry.get("name"))
            bits |= TOOLS * (call.arguments.add(dump(entry.get("arguments"))) or bool(entry.get("name")))
        return bits
