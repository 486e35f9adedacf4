"""Snowflake's Cortex agents.

In: events by name (``response.text.delta`` ...), of which ``response.text`` and, last, ``response`` repeat what deltas
brought; or that last one alone.  Out: readings and the answer.  Snowflake runs the tools, unless a call is marked as
the client's.  https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-agents-run
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..bounded_dict import BoundedDict
from ..dialect import TOOLS, Dialect, make_reading
from ..intent import switch
from ..values import Object, dig, dump, index, obj, objects

_DELTAS = frozenset({"response.text.delta", "response.thinking.delta"})
_WHOLE = frozenset({"response.text", "response.thinking"})


class Agents(Dialect):
    """Snowflake's Cortex agents, `agents/{name}:run`"""

    api = "agents"
    shape = "snowflake"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._told = BoundedDict[int, None](limits.events)
        """Indexes of the contents that deltas brought."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        spoken = name in _DELTAS and "content_index" in value and isinstance(value.get("text"), str)
        return spoken or (name == "response.tool_use" and "tool_use_id" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return name in ("metadata", "done") or name.startswith("response") or isinstance(value.get("content"), list)

    def read_payload(self, value: Object, name: str) -> Reading:
        bits, part = 0, index(value.get("content_index"))
        if name in _DELTAS:
            self._told[part] = None
        if name in _DELTAS or (name in _WHOLE and part not in self._told):
            bits = self._say(value.get("text"), thought="thinking" in name)
        elif name == "response.tool_use":
            bits = self._use(value)
        elif name == "response" and self.answer.message().empty:
            bits = self._content(value)
        self.take_error(value)
        return make_reading(bits, name, name if name == "response" else None)

    def read_document(self, value: Object) -> None:
        self._content(value)
        self.take_error(value)

    def _content(self, value: Object) -> int:
        """Read a whole answer."""
        bits = 0
        for part in objects(value.get("content")):
            bits |= self._say(part.get("text"), thought=False)
            bits |= self._say(dig(part, ("thinking", "text")), thought=True)
            bits |= self._use(obj(part.get("tool_use")))
        return bits

    def _say(self, words: object, *, thought: bool) -> int:
        message = self.answer.message()
        return message.add_reasoning(words) if thought else message.add_text(words)

    def _use(self, use: Object) -> int:
        if not use:
            return 0
        message = self.answer.message()
        calls = message.calls if switch(use.get("client_side_execute")) else message.server_calls
        calls.add(use.get("tool_use_id"), use.get("name"), dump(use.get("input")))
        return TOOLS
