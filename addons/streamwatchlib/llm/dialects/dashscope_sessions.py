"""Sessions of DashScope's managed agents (AgentStudio).

In: events about what an agent does, each shaped as a message, and, if requested, pieces of a message before it is
whole.  Out: readings and the answer.  A session goes on after an answer: no end is due.
https://help.aliyun.com/zh/model-studio/event-sse-stream
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..answer import Message
from ..bounded_dict import BoundedDict
from ..dialect import TOOLS, Dialect, make_reading
from ..parts import joined_text
from ..values import Object, dig, dump, obj, objects, text

_OWN = frozenset({"session_status", "model_request_start", "model_request_end"})
"""Types of messages that no other API has."""
_PIECES = frozenset({"event_start", "event_delta"})
_CALLS = frozenset({"tool_call", "mcp_call", "function_call"})
_OVER = frozenset({"idle", "terminated"})


class AgentStudio(Dialect):
    """Sessions of DashScope's managed agents"""

    api = "sessions"
    shape = "dashscope"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._in_pieces = BoundedDict[str, str](limits.events)
        """ID of a message that comes in pieces -> its type; the whole message says nothing new."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return value.get("object") == "message" and value.get("type") in _OWN

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return value.get("object") == "message" or value.get("type") in _PIECES

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type"))
        answer = self.answer
        bits = 0
        message = answer.message()
        blocks = objects(value.get("content"))
        data = next(filter(None, (obj(block.get("data")) for block in blocks)), {})
        if type_ == "event_start":
            self._in_pieces.setdefault(text(dig(value, ("event", "id"))), text(dig(value, ("event", "type"))))
        elif type_ == "event_delta":
            words = text(dig(value, ("delta", "content", "text")))
            bits = _say(message, self._in_pieces.setdefault(text(value.get("event_id")), "message"), words)
        elif type_ in _CALLS:
            calls = message.calls if type_ == "function_call" else message.server_calls
            calls.add(data.get("call_id"), data.get("name"), dump(data.get("arguments")))
            bits = TOOLS
        elif value.get("role") != "user" and text(value.get("id")) not in self._in_pieces:
            bits = _say(message, type_, joined_text(blocks))
        if type_ == "model_request_end":
            answer.usage = data
        over = data.get("session_status") in _OVER
        if over:
            message.set_finish_reason(dig(data, ("stop_reason", "type")))
        error_block = next((block for block in blocks if block.get("type") == "error"), value)
        self.take_error(value if "error" in value else error_block)
        return make_reading(bits, type_, type_ if over else None)


def _say(message: Message, type_: str, words: str) -> int:
    """Add the text of a message of this type, or a piece of it."""
    if type_ == "reasoning":
        return message.add_reasoning(words)
    return message.add_text(words) if type_ == "message" else 0
