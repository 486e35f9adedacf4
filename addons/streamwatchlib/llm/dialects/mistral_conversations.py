"""Mistral conversations and agents.

In: typed events (``message.output.delta``, ``function.call.delta`` ...) or a whole conversation's outputs.  Out:
readings and the answer; connectors that Mistral runs are server tools.
https://docs.mistral.ai/api/#tag/beta.conversations
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, heard, kind
from ..parts import speak
from ..values import Object, dump, objects, text

_STEMS = ("conversation.response", "message.output", "function.call", "tool.execution", "agent.handoff")


class Conversations(Dialect):
    """``/v1/conversations``."""

    api = "conversations"
    shape = "mistral"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return text(value.get("type")).startswith(_STEMS) or value.get("object") == "conversation.response"

    def payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        ended = type_ == "conversation.response.done"
        if ended:
            self.answer.used(value.get("usage"))
        if type_ == "conversation.response.error":
            self.answer.failed({key: value[key] for key in ("code", "message") if key in value})
        self.answer.named(value.get("model"), value.get("conversation_id"))
        self.failure(value)
        return heard(self._entry(value, type_), type_, type_ if ended else None)

    def document(self, value: Object) -> None:
        self.answer.named(None, value.get("conversation_id"))
        for entry in objects(value.get("outputs")):
            self.answer.named(entry.get("model"), None)
            self._entry(entry, text(entry.get("type")))
        self.answer.used(value.get("usage"))
        self.failure(value)

    def _entry(self, value: Object, type_: str) -> int:
        """Read an entry of the conversation, or an event about one; return the channel bits."""
        message = self.answer.message()
        if type_.startswith("message.output"):
            content = value.get("content")
            return speak(message, [content] if isinstance(content, dict) else content)  # a delta has a single part
        if type_.startswith(("function.call", "tool.execution")):
            calls = message.calls if type_.startswith("function.call") else message.server_calls
            call = calls.at(text(value.get("id")) or len(calls))
            call.named(value.get("tool_call_id") or value.get("id"), value.get("name"))
            return TOOLS * call.arguments.add(dump(value.get("arguments")))
        return 0
