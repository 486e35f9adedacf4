"""Codex, OpenAI's agent, in any app that passes on the events of ``codex exec --json`` or of its SDK.

In: events of a thread, its turns, and the items in them, each of which may be sent again as it changes.  Out: readings
and the answer.  The agent runs its tools itself.  https://developers.openai.com/codex/noninteractive
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context, Limits, Reading
from ..cumulative import PartedText
from ..dialect import REASONING, TEXT, TOOLS, Dialect, make_reading
from ..values import Object, dig, obj, text

_CALLS: Mapping[str, str] = {
    "command_execution": "command",
    "mcp_tool_call": "arguments",
    "file_change": "changes",
    "web_search": "query",
}
"""Type of an item that is a call -> the member that holds its arguments."""
_ITEMS = frozenset({"agent_message", "reasoning", "todo_list", *_CALLS})
_ENDS = frozenset({"turn.completed", "turn.failed"})


class Codex(Dialect):
    """Codex, OpenAI's agent, in any app"""

    api = "agent"
    shape = "openai"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        message, budget = self.answer.message(), self.answer.budget
        self._parts = {"agent_message": PartedText(budget), "reasoning": PartedText(budget)}
        message.text, message.reasoning = self._parts["agent_message"], self._parts["reasoning"]

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        type_, item = text(value.get("type")), obj(value.get("item"))
        changed = type_.startswith("item.") and "id" in item and text(item.get("type")) in _ITEMS
        return changed or (type_ == "thread.started" and "thread_id" in value)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type"))
        self.answer.set_identity(None, value.get("thread_id"))
        self.answer.set_usage(value.get("usage"))
        if type_ in _ENDS:
            self.answer.message().set_finish_reason(type_.removeprefix("turn."))
        self.take_error(value)
        return make_reading(self._item(obj(value.get("item"))), type_, type_ if type_ in _ENDS else None)

    def _item(self, item: Object) -> int:
        type_, id_ = text(item.get("type")), text(item.get("id"))
        if type_ in self._parts:
            news = self._parts[type_].replace(id_, text(item.get("text")))
            return news * (TEXT if type_ == "agent_message" else REASONING)
        if type_ not in _CALLS:
            return 0
        call = self.answer.message().server_calls.at(id_)
        call.set_identity(id_, item.get("tool") or type_)
        return TOOLS * call.replace_arguments(dig(item, (_CALLS[type_],)))
