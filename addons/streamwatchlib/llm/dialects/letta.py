"""Letta's agents.

In: messages, whole or in pieces, each with its ``message_type``; or all of them in a list.  Out: readings and the
answer.  The server runs the tools, except those that it asks the client to approve.
https://docs.letta.com/guides/agents/streaming
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, heard
from ..figures import complaint_of
from ..parts import flat
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
        told = [value, *objects(value.get("messages"))]
        return any(text(each.get("message_type")) in _TYPES for each in told)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "message_type" in value or "messages" in value

    def payload(self, value: Object, name: str) -> Reading:
        type_, message, bits = text(value.get("message_type")), self.answer.message(), 0
        if type_ == "reasoning_message":
            bits = message.think(value.get("reasoning"))
        elif type_ == "assistant_message":
            self.answer.named(None, value.get("id"))
            bits = message.say(flat(value.get("content")))
        elif type_ in ("tool_call_message", "approval_request_message"):
            bits = self._call(value, asked=type_ == "approval_request_message")
        elif type_ == "usage_statistics":
            self.answer.used(value)
        elif type_ == "stop_reason":
            message.finished(value.get("stop_reason"))
        elif type_ == _FAILED:
            self.answer.failed(complaint_of(value) or {})
        self.failure(value)
        return heard(bits, type_ or None)

    def document(self, value: Object) -> None:
        for message in objects(value.get("messages")):
            self.payload(message, "message")
        self.answer.used(value.get("usage"))
        self.answer.message().finished(obj(value.get("stop_reason")).get("stop_reason"))
        self.failure(value)

    def _call(self, value: Object, *, asked: bool) -> int:
        """Read a tool call, or a piece of its arguments."""
        message, bits = self.answer.message(), 0
        calls = message.calls if asked else message.server_calls
        for told in objects(value.get("tool_calls")) or [obj(value.get("tool_call"))]:
            id_ = non_empty(told.get("tool_call_id"))
            call = calls.at(id_) if id_ else calls.last() or calls.begin()
            call.named(id_, told.get("name"))
            bits |= TOOLS * (call.arguments.add(dump(told.get("arguments"))) or bool(told.get("name")))
        return bits
