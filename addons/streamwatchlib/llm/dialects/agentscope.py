"""Agents served by AgentScope Runtime, and what is built on it (QwenPaw).

In: objects of three kinds, each with its status: a response, its messages, their contents.  Out: readings and the
answer.  A content comes in pieces and then whole, a message and the response repeat what they hold: what was read once
is not read again.  https://runtime.agentscope.io/en/protocol.html
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..bounded_dict import BoundedDict
from ..dialect import TEXT, TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, dump, index, obj, objects, parse_json, text

_CALLS = frozenset({"function_call", "plugin_call", "component_call", "mcp_call", "mcp_approval_request"})
"""Types of messages that call a tool: a function is the client's to run, the agent runs the others itself."""
_OVER = frozenset({"completed", "failed", "canceled", "rejected", "incomplete"})


class AgentScope(Dialect):
    """AgentScope's agents, in any app"""

    api = "agent"
    shape = "agentscope"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._types = BoundedDict[str, str](limits.events)
        """ID of a message -> its type."""
        self._heard = BoundedDict[tuple[str, int], None](limits.events)
        """(ID of a message, position) of each content that was read."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        ours = value.get("object") == "response" or (value.get("object") == "content" and "msg_id" in value)
        return ours and {"sequence_number", "status"} <= value.keys()

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return value.get("object") in ("response", "message", "content")

    def read_payload(self, value: Object, name: str) -> Reading:
        kind, status = text(value.get("object")), text(value.get("status"))
        self.answer.set_usage(value.get("usage"))
        self.take_error(value)
        if kind == "content":
            return make_reading(self._content(text(value.get("msg_id")), value, 0), kind)
        if kind == "message":
            return make_reading(self._message(value), kind)
        self.answer.set_identity(None, value.get("id"))
        if status not in _OVER:
            return make_reading(0, kind)
        self.answer.message().set_finish_reason(status)
        bits, unheard = 0, self.answer.message().empty
        for message in objects(value.get("output")) if unheard else ():
            bits |= self._message(message)
        return make_reading(bits, kind, status)

    def _message(self, value: Object) -> int:
        """A message begins, or is complete and repeats what it holds."""
        id_ = text(value.get("id"))
        type_ = text(value.get("type"))
        bits = 0
        if value.get("role") in ("user", "system"):
            return 0
        self._types[id_] = type_
        if type_ == "error":
            self.answer.set_error(lenient_error_of(value) or {})
        for position, content in enumerate(objects(value.get("content"))):
            bits |= self._content(id_, {**content, "delta": False}, position)
        return bits

    def _content(self, id_: str, value: Object, position: int) -> int:
        """A piece of a content, or all of it again."""
        type_, piece = self._types.get(id_, ""), value.get("delta") is True
        if type_ in _CALLS:
            return self._call(id_, type_, obj(value.get("data")), piece=piece)
        place = id_, index(value.get("index"), position)
        if not piece and place in self._heard:
            return 0
        message, bits = self.answer.message(), 0
        if type_ == "reasoning":
            bits = message.add_reasoning(value.get("text"))
        elif type_ == "message":
            bits = message.add_text(value.get("text")) | TEXT * message.refusal.add(text(value.get("refusal")))
        if bits:
            self._heard[place] = None
        return bits

    def _call(self, id_: str, type_: str, data: Object, *, piece: bool) -> int:
        """A call comes in pieces, or each time with all that is known of it; the last event has it whole."""
        message, arguments = self.answer.message(), dump(data.get("arguments"))
        calls = message.calls if type_ == "function_call" else message.server_calls
        call = calls.at(text(data.get("call_id")) or id_)
        call.set_identity(data.get("call_id"), data.get("name"))
        if piece and not isinstance(parse_json(arguments), dict):
            return TOOLS * call.arguments.add(arguments)
        return TOOLS * (bool(arguments) and call.replace_arguments(arguments))
