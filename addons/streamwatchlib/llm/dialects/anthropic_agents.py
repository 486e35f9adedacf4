"""Agents made with Anthropic's Agent SDK, Claude Code among them, in any app that passes on their messages.

In: messages of an agent (``assistant``, ``user``, ``result``) and, if requested, the API's own events
(``stream_event``) before the message that they make.  Out: readings and the answer.  An agent runs its tools itself;
what its subagents say reaches it as the result of a tool.  https://code.claude.com/docs/en/agent-sdk/agent-loop
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context, Limits, Reading
from ..answer import Calls
from ..dialect import make_reading
from ..values import Object, obj, text
from .anthropic import Messages

_HELD: Mapping[str, str] = {"stream_event": "event", "assistant": "message"}
"""Type of a message that wraps something of the API's -> the member that holds it."""
_FRAME = ("system", "result")
"""Types of the first and the last message."""


class AgentSdk(Messages):
    """Agents of Anthropic's Agent SDK, in any app"""

    api = "agent"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._in_pieces = False
        """Messages come in pieces: the whole ones say nothing new."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        type_ = text(value.get("type"))
        framed = type_ in _FRAME and {"subtype", "session_id"} <= value.keys()
        return framed or super().claims(obj(value.get(_HELD.get(type_, ""))), "")

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type"))
        held, bits = obj(value.get(_HELD.get(type_, ""))), 0
        self.answer.set_identity(value.get("model"), value.get("session_id"))
        if value.get("parent_tool_use_id"):
            return make_reading(0, type_)
        if type_ == "stream_event":
            self._in_pieces = True
            return super().read_payload(held, "")._replace(end=None)
        if type_ == "assistant" and not self._in_pieces:
            self._first = self._next
            bits = self._blocks(held)
            self._read_metadata(held, held)
        elif type_ == "result":
            bits = self._over(value)
        return make_reading(bits, type_, type_ if type_ == "result" else None)

    def read_document(self, value: Object) -> None:
        self.read_payload(value, "message")

    def _over(self, value: Object) -> int:
        """Read the end: it repeats the last text, and reports the usage of all requests."""
        message = self.answer.message()
        message.set_finish_reason(value.get("stop_reason"))
        self.answer.set_usage(value.get("usage"))
        if value.get("is_error") is True:
            self.answer.set_error({"type": text(value.get("subtype")), "message": text(value.get("result"))})
        return message.add_text(value.get("result")) if message.empty and self.answer.error is None else 0

    def _calls(self, type_: str) -> Calls | None:
        return self.answer.message().server_calls if type_.endswith("tool_use") else None
