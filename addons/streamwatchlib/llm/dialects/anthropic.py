"""Anthropic messages, and everyone who imitates them.

In: typed events (``message_start``, ``content_block_delta`` ...) or a whole message.  Out: readings and the answer.
Blocks are told apart by index and added to their channel in order; tools that the provider runs are kept separately.
https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..answer import Calls
from ..dialect import TOOLS, Dialect, kind, make_reading
from ..values import Object, dig, index, non_empty, obj, objects, text

_EVENTS = frozenset(
    f"{what}_{step}"
    for what, steps in (("message", "start delta stop"), ("content_block", "start delta stop"))
    for step in steps.split()
)
_BRINGS = {
    "message_start": ("message", "content"),
    "message_delta": ("delta", "stop_reason"),
    "content_block_start": ("content_block", "type"),
    "content_block_delta": ("delta", "type"),
}
"""Event -> the member that it brings, and a key in that; other APIs use the same event names."""
_WHOLE = frozenset({"model", "stop_reason", "usage"})
"""Keys of a whole message, any of which tells it from other APIs' messages."""


class Messages(Dialect):
    """``/v1/messages``."""

    api = "messages"
    shape = "anthropic"
    ignored_members = frozenset()

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._first = self._next = 0
        """Position of the first block of the current message, and of the next block that may begin."""
        self._again = False
        """A message has started, and no block has begun since."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        type_ = text(value.get("type"))
        if (brought := _BRINGS.get(type_)) is not None:
            member, key = brought
            return key in obj(value.get(member))
        return type_ == "message" and isinstance(value.get("content"), list) and not _WHOLE.isdisjoint(value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return text(value.get("type")) in ("message", *_EVENTS) or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        message, bits = obj(value.get("message")), 0
        self._again |= type_ == "message_start"
        position = self._position(value, begins=type_ == "content_block_start" or bool(message.get("content")))
        if type_ == "content_block_delta":
            return make_reading(self._delta(position, obj(value.get("delta"))), type_)
        if type_ == "content_block_start":
            return make_reading(self._start(position, obj(value.get("content_block"))), type_)
        if type_ == "content_block_stop":
            self.answer.message().finish_call(position)
        elif type_ in ("message_start", "message_delta"):
            bits = self._blocks(message)  # a program that is continued may have made calls by then
            self._read_metadata(message or obj(value.get("delta")), value)
        self.answer.add_server_timing(value)
        self.take_error(value)
        return make_reading(bits, type_, type_ if type_ == "message_stop" else None)

    def read_document(self, value: Object) -> None:
        self._blocks(value)
        self._read_metadata(value, value)
        self.take_error(value)

    def _position(self, value: Object, *, begins: bool) -> int:
        """Position of the block that an event is about.  Servers that start a message again count from 0 again; Kimi's
        announce a new start, too, but count on."""
        place = index(value.get("index"))
        if begins and self._again and self._first + place < self._next:
            self._first = self._next
        self._again = self._again and not begins
        return self._first + place

    def _blocks(self, message: Object) -> int:
        """Read the blocks that a message brings with it."""
        bits = 0
        for position, block in enumerate(objects(message.get("content")), self._first):
            bits |= self._start(position, block)
            self.answer.message().finish_call(position)
        return bits

    def _read_metadata(self, message: Object, value: Object) -> None:
        """Take names, the stop reason, and usage, whose parts come at the start and, cumulative, at the end."""
        answered = self.answer.message()
        self.answer.set_identity(message.get("model"), message.get("id"))
        answered.set_finish_reason(message.get("stop_reason"))
        why = obj(message.get("stop_details"))
        if not answered.refusal:
            answered.refusal.add(text(why.get("explanation")))
        if category := non_empty(why.get("category")):
            self.answer.note(f"refusal: {category}")
        counted = obj(message.get("usage")) or obj(value.get("usage"))
        known = {key: figure for key, figure in counted.items() if figure is not None}
        if known:
            self.answer.usage = {**obj(self.answer.usage), **known}

    def _calls(self, type_: str) -> Calls | None:
        """Where a block of this type is kept as a call; None if it is not a call."""
        message = self.answer.message()
        if type_ == "tool_use":
            return message.calls
        return message.server_calls if type_.endswith("_tool_use") else None

    def _start(self, position: int, block: Object) -> int:
        """A block begins; in a whole answer this is all of it."""
        self._next = max(self._next, position + 1)
        type_ = text(block.get("type"))
        calls = self._calls(type_)
        if calls is not None:
            call = calls.get(position)
            if call is None or call.id != non_empty(block.get("id")):  # gateways count blocks wrongly
                call = calls.begin(position)
            call.set_identity(block.get("id"), block.get("name"))
            call.set_initial_arguments(block.get("input"))
            return TOOLS * bool(block.get("input"))
        if type_ == "fallback":  # the requested model declined, and another continues
            self.answer.model = non_empty(dig(block, ("to", "model"))) or self.answer.model
        return self._speak(block) if type_ in ("text", "thinking", "compaction") else 0

    def _delta(self, position: int, delta: Object) -> int:
        piece = text(delta.get("partial_json"))
        if not piece:
            return self._speak(delta)
        message = self.answer.message()
        (message.call(position) or message.calls.begin(position)).arguments.add(piece)
        return TOOLS

    def _speak(self, part: Object) -> int:
        message = self.answer.message()
        if text(part.get("type")).startswith("compaction") and part.get("content"):
            # a summary of what the client had sent: it takes time, but is no part of the answer
            self.answer.note("the conversation was summed up before the answer: the summary is not shown")
        return message.add_text(part.get("text")) | message.add_reasoning(part.get("thinking"))
