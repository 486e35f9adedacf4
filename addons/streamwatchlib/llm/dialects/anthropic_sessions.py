"""Sessions of Anthropic's managed agents.

In: typed events about what an agent does (``agent.message``, ``agent.tool_use`` ...) and, if requested, pieces of a
message before it is whole.  Out: readings and the answer.  A session goes on after an answer: no end is due.
https://platform.claude.com/docs/en/managed-agents/events-and-streaming
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..bounded_dict import BoundedDict
from ..dialect import TOOLS, Dialect, make_reading
from ..parts import joined_text
from ..values import Object, dig, dump, obj, text

_STEMS = ("agent.", "session.", "span.", "user.")


class Sessions(Dialect):
    """Sessions of Anthropic's managed agents"""

    api = "sessions"
    shape = "anthropic"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._in_pieces = BoundedDict[str, None](limits.events)
        """IDs of messages that came in pieces: the whole ones say nothing new."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        type_ = text(value.get("type"))
        piece = type_ == "event_delta" and "event_id" in value
        return piece or (type_.startswith(_STEMS) and "processed_at" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or value.get("type") == "event_start"

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type"))
        answer = self.answer
        bits = 0
        message = answer.message()
        if type_ == "event_delta":
            bits = self._piece(text(value.get("event_id")), obj(dig(value, ("delta", "content"))))
        elif type_ == "agent.message" and text(value.get("id")) not in self._in_pieces:
            bits = message.add_text(joined_text(value.get("content")))
        elif type_.endswith("tool_use"):
            calls = message.calls if type_ == "agent.custom_tool_use" else message.server_calls
            calls.add(value.get("id"), value.get("name"), dump(value.get("input")))
            bits = TOOLS
        answer.add_usage(value.get("model_usage"))  # one of several model requests, between tool calls
        idle = type_ == "session.status_idle"
        if idle:
            message.set_finish_reason(dig(value, ("stop_reason", "type")))
            message.refusal.add(text(dig(value, ("stop_details", "explanation"))))
        self.take_error(value)
        return make_reading(bits, type_, type_ if idle else None)

    def _piece(self, event: str, content: Object) -> int:
        self._in_pieces[event] = None
        return self.answer.message().add_text(content.get("text"))
