"""LangGraph's event streaming: what happens on a thread, in one subscription.

In: events, each of a channel, from a graph or from one inside it.  Out: readings and the answer.  Messages come block
by block; each event of a call has all of its arguments so far.  If no channel of messages was requested, what was said
is read from the states of the graph.  A subscription outlives the run, which ends when the outermost graph does.
https://docs.langchain.com/langsmith/event-streaming
"""

from __future__ import annotations

from typing import NamedTuple

from ...model import Context, Limits, Reading
from ..bounded_dict import BoundedDict
from ..dialect import TOOLS, make_reading
from ..figures import lenient_error_of
from ..values import Object, dump, index, items, obj, objects, text
from .langchain import Runs

_CHANNELS = ("messages", "values", "updates", "lifecycle", "tools", "tasks", "checkpoints", "input.requested", "custom")
_ENDS = frozenset({"completed", "failed", "interrupted"})
_OTHERS = frozenset({"human", "user", "system", "tool"})
"""Roles of messages that no model writes."""
_CALLS = ("tool_call_chunk", "tool_call", "server_tool_call_chunk", "server_tool_call")


class _AtHand(NamedTuple):
    """The current message at one place in the graph."""

    key: str = ""
    answers: bool = True
    """A model writes it."""


class Events(Runs):
    """LangGraph's event streaming, `/threads/{id}/stream/events`"""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._messages = 0
        self._at_hand = BoundedDict[str, _AtHand](limits.events)
        """Place in the graph -> its current message."""
        self._told = BoundedDict[str, None](limits.events)
        """Blocks of which some text has come."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        is_event = value.get("type") == "event" and value.get("method") in _CHANNELS
        return is_event and isinstance(obj(value.get("params")).get("namespace"), list)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        method, params = value.get("method"), obj(value.get("params"))
        place = "|".join(map(text, items(params.get("namespace"))))
        # some send a list: the message, then its metadata
        data = obj(params.get("data")) or next(iter(objects(params.get("data"))), {})
        event_name = text(data.get("event"))
        if method == "messages":
            return make_reading(self._goes_on(place, event_name, data), event_name)
        if method == "lifecycle":
            return make_reading(0, event_name, self._lives(place, event_name, data))
        return make_reading(self._state(data) if method == "values" else 0, text(method))

    def _lives(self, place: str, event_name: str, data: Object) -> str | None:
        """A graph begins or ends; the end of the outermost graph is that of the run."""
        if place or event_name not in _ENDS:
            return None
        self.answer.message().set_finish_reason(event_name)
        if data.get("error"):
            self.answer.set_error(lenient_error_of(data) or {})
        return event_name

    def _goes_on(self, place: str, event_name: str, data: Object) -> int:
        """A message begins, continues, or is complete."""
        at_hand, about = self._at_hand.get(place, _AtHand()), obj(data.get("metadata"))
        self.answer.set_identity(about.get("model") or about.get("model_name"), None)
        if event_name == "message-start":
            self._streamed["messages"] = None
            self._messages += 1
            self._at_hand[place] = _AtHand(f"{self._messages}", data.get("role") not in _OTHERS)
        elif event_name == "message-finish":
            self.answer.message().set_finish_reason(data.get("reason"))
            self._count(at_hand.key, obj(data.get("usage")), whole=True)
        elif event_name == "error":
            self.answer.set_error(lenient_error_of(data) or {})
        elif event_name.startswith("content-block-") and at_hand.answers:
            return self._block(f"{at_hand.key} {index(data.get('index'))}", data, over=event_name.endswith("-finish"))
        return 0

    def _block(self, key: str, data: Object, *, over: bool) -> int:
        """A block begins or continues; when it is complete, all of it comes again."""
        delta = obj(data.get("delta"))
        block = obj(delta.get("fields")) or delta or obj(data.get("content"))
        message, type_ = self.answer.message(), text(block.get("type"))
        if type_ in _CALLS:
            calls = message.server_calls if type_.startswith("server") else message.calls
            call = calls.at(key)
            call.set_identity(block.get("id"), block.get("name"))
            known, given = bool(call.arguments), dump(block.get("args"))
            return TOOLS * bool(given and call.replace_arguments(given) and not (over and known))
        if over and key in self._told:
            return 0
        bits = message.add_text(block.get("text")) | message.add_reasoning(block.get("reasoning"))
        if bits:
            self._told[key] = None
        return bits
