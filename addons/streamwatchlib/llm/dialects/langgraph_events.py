"""LangGraph's event streaming: what happens on a thread, in one subscription.

In: events, each of a channel, from a graph or from one inside it.  Out: readings and the answer.  Messages come block
by block; each event of a call has all of its arguments so far.  If no channel of messages was requested, what was said
is read from the states of the graph.  A subscription outlives the run, which ends when the outermost graph does.
https://docs.langchain.com/langsmith/event-streaming
"""

from __future__ import annotations

from typing import NamedTuple

from ...model import Context, Limits, Reading
from ..dialect import TOOLS, heard
from ..figures import complaint_of
from ..remembered import Remembered
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
        self._at_hand = Remembered[str, _AtHand](limits.events)
        """Place in the graph -> its current message."""
        self._told = Remembered[str, None](limits.events)
        """Blocks of which some text has come."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        told = value.get("type") == "event" and value.get("method") in _CHANNELS
        return told and isinstance(obj(value.get("params")).get("namespace"), list)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name)

    def payload(self, value: Object, name: str) -> Reading:
        method, params = value.get("method"), obj(value.get("params"))
        place = "|".join(map(text, items(params.get("namespace"))))
        # some send a list: the message, then its metadata
        data = obj(params.get("data")) or next(iter(objects(params.get("data"))), {})
        called = text(data.get("event"))
        if method == "messages":
            return heard(self._goes_on(place, called, data), called)
        if method == "lifecycle":
            return heard(0, called, self._lives(place, called, data))
        return heard(self._state(data) if method == "values" else 0, text(method))

    def _lives(self, place: str, called: str, data: Object) -> str | None:
        """A graph begins or ends; the end of the outermost graph is that of the run."""
        if place or called not in _ENDS:
            return None
        self.answer.message().finished(called)
        if data.get("error"):
            self.answer.failed(complaint_of(data) or {})
        return called

    def _goes_on(self, place: str, called: str, data: Object) -> int:
        """A message begins, continues, or is complete."""
        at_hand, about = self._at_hand.get(place, _AtHand()), obj(data.get("metadata"))
        self.answer.named(about.get("model") or about.get("model_name"), None)
        if called == "message-start":
            self._streamed["messages"] = None
            self._messages += 1
            self._at_hand[place] = _AtHand(f"{self._messages}", data.get("role") not in _OTHERS)
        elif called == "message-finish":
            self.answer.message().finished(data.get("reason"))
            self._count(at_hand.key, obj(data.get("usage")), whole=True)
        elif called == "error":
            self.answer.failed(complaint_of(data) or {})
        elif called.startswith("content-block-") and at_hand.answers:
            return self._block(f"{at_hand.key} {index(data.get('index'))}", data, over=called.endswith("-finish"))
        return 0

    def _block(self, key: str, data: Object, *, over: bool) -> int:
        """A block begins or continues; when it is complete, all of it comes again."""
        delta = obj(data.get("delta"))
        said = obj(delta.get("fields")) or delta or obj(data.get("content"))
        message, type_ = self.answer.message(), text(said.get("type"))
        if type_ in _CALLS:
            calls = message.server_calls if type_.startswith("server") else message.calls
            call = calls.at(key)
            call.named(said.get("id"), said.get("name"))
            known, given = bool(call.arguments), dump(said.get("args"))
            return TOOLS * bool(given and call.spell(given) and not (over and known))
        if over and key in self._told:
            return 0
        bits = message.say(said.get("text")) | message.think(said.get("reasoning"))
        if bits:
            self._told[key] = None
        return bits
