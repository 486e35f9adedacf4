"""Streams of assistant-ui's own protocol, "assistant transport", in any app.

In: chunks, each with the path of the part of a message that it belongs to, or with operations on a state that holds all
messages.  Out: readings and the answer.  https://www.assistant-ui.com/docs/runtimes/assistant-transport
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context, Limits
from ..answer import Call
from ..dialect import TEXT, TOOLS
from ..named import Named
from ..values import Object, Path, dig, index, items, obj, objects, text


class Transport(Named):
    """assistant-ui's own streams ("assistant transport"), in any app"""

    api = "assistant.transport"
    shape = "assistant-ui"
    text_events: Mapping[str, Path] = {}
    own_events = frozenset({"part-start", "text-delta", "update-state"})
    finals = frozenset({"message-finish"})
    usage_paths: tuple[Path, ...] = (("usage",),)
    id_path: Path = ("messageId",)

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._parts: list[str | Call] = []
        """Of each part its type, or the call that it is.  Bounded."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # the AI SDK has deltas of this name, without a path
        return cls.event_name(value, name) in cls.own_events and isinstance(value.get("path"), list)

    def read_extra(self, event_name: str, value: Object) -> int:
        if event_name == "part-start":
            return self._begin(obj(value.get("part")))
        if event_name == "text-delta":
            return self._delta(index(dig(value, ("path", 0)), -1), text(value.get("textDelta")))
        if event_name == "update-state":
            return max(map(self._operation, objects(value.get("operations"))), default=0)
        return 0

    def _begin(self, part: Object) -> int:
        """A part begins; chunks that follow refer to it by its position."""
        kind: str | Call = text(part.get("type"))
        if kind == "tool-call":
            kind = self.answer.message().calls.begin()
            kind.set_identity(part.get("toolCallId"), part.get("toolName"))
        if len(self._parts) < self.limits.events:
            self._parts.append(kind)
        return TOOLS * isinstance(kind, Call)

    def _delta(self, position: int, words: str) -> int:
        message = self.answer.message()
        kind = self._parts[position] if 0 <= position < len(self._parts) else "text"
        if isinstance(kind, Call):
            return TOOLS * kind.arguments.add(words)
        if kind == "reasoning":
            return message.add_reasoning(words)
        return message.add_text(words)

    def _operation(self, operation: Object) -> int:
        """A text in the app's state grows; only the app knows which text it is."""
        grows = operation.get("type") == "append-text" and bool(items(operation.get("path")))
        return TEXT * (grows and self.answer.message().text.add(text(operation.get("value"))))
