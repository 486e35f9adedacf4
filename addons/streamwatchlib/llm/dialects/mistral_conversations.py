"""Mistral conversations and agents.

In: typed events (``message.output.delta``, ``function.call.delta`` ...) or a whole conversation's outputs.  Out:
readings and the answer; connectors that Mistral runs are server tools.
https://docs.mistral.ai/api/#tag/beta.conversations
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, kind, make_reading
from ..parts import add_content
from ..values import Object, dump, objects, text

_STEMS = ("conversation.response", "message.output", "function.call", "tool.execution", "agent.handoff")


class Conversations(Dialect):
    """``/v1/conversations``."""

    api = "conversations"
    shape = "mistral"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return text(value.get("type")).startswith(_STEMS) or value.get("object") == "conversation.response"

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        ended = type_ == "conversation.response.done"
        if ended:
            self.answer.set_usage(value.get("usage"))
        if type_ == "conversation.response.error":
            self.answer.set_error({key: value[key] for key in ("code", "message") if key in value})
        self.answer.set_identity(value.get("model"), value.get("conversation_id"))
        self.take_error(value)
        return make_reading(self._entry(value, type_), type_, type_ if ended else None)

    def read_document(self, value: Object) -> None:
        self.answer.set_identity(None, value.get("conversation_id"))
        for entry in objects(value.get("outputs")):
            self.answer.set_identity(entry.get("model"), None)
            self._entry(entry, text(entry.get("type")))
        self.answer.set_usage(value.get("usage"))
        self.take_error(value)

    def _entry(self, value: Object, type_: str) -> int:
        """Read an entry of the conversation, or an event about one; return the channel bits."""
        message = self.answer.message()
        if type_.startswith("message.output"):
            content = value.get("content")
            # a delta has a single part
            return add_content(message, [content] if isinstance(content, dict) else content)
        if type_.startswith(("function.call", "tool.execution")):
            calls = message.calls if type_.startswith("function.call") else message.server_calls
            call = calls.at(text(value.get("id")) or len(calls))
            call.set_identity(value.get("tool_call_id") or value.get("id"), value.get("name"))
            return TOOLS * call.arguments.add(dump(value.get("arguments")))
        return 0
