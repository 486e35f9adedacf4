"""OpenAI's agent sessions.

In: typed events about what an agent does in its turns (``agent.session.turn.*``), or the session itself.  Out: readings
and the answer: what is said in the turns that the client began, and which calls are made.  What subagents do meanwhile
is no part of it, nor is it for OpenAI's own clients.  A session goes on after an answer: no end is due.
https://developers.openai.com/api/docs/guides/agents-api/sessions/events
"""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce

from ...model import Context, Limits, Llm, Reading, Usage
from ..bounded_dict import BoundedDict
from ..dialect import REASONING, TEXT, TOOLS, Dialect, kind, make_reading
from ..figures import added, usage_of
from ..parts import joined_text
from ..values import Object, dig, dump, obj, objects, text

_STEMS = ("agent.session.", "agent.output.")
_TURN = "agent.session.turn."
_ENDED = frozenset(f"{_TURN}{how}" for how in ("completed", "failed", "cancelled"))
_RESTS = frozenset({"agent.session.idle", "agent.session.failed"})
_WAITS = ("requires_action", "failed")
"""States of a session in which the answer does not continue by itself."""

_WORDS = {"output_text": TEXT, "reasoning_summary_text": REASONING}
"""Middle of the names of events that bring text (between `_TURN` and the step) -> its channel bit."""
_CALLS = ("_call", "_execution")
"""How types of items end that are calls: only functions are the client's to run."""
_GIVEN = ("arguments", "command", "action", "content")
"""Members that may hold a call's arguments, depending on its type."""


class AgentSessions(Dialect):
    """OpenAI's agent sessions"""

    api = "agents.sessions"
    shape = "openai"
    ignored_members = frozenset({"event_id", "obfuscation"})
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._in_pieces = BoundedDict[str, None](limits.events)
        """IDs of items whose text came in pieces: the whole items say nothing new."""
        self._subagents = BoundedDict[str, None](limits.events)
        """IDs of the turns of subagents."""
        self._used = BoundedDict[str, Usage](limits.events)
        """ID of a turn -> its usage as reported last."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        typed = text(value.get("type")).startswith(_STEMS) and "event_id" in value
        return typed or value.get("object") == "agent.session"

    def read_payload(self, value: Object, name: str) -> Reading:
        type_, turn = kind(value, name), obj(value.get("turn"))
        if turn.get("subagent_id"):
            self._subagents[text(turn.get("id"))] = None
        if text(value.get("turn_id")) in self._subagents:
            return make_reading(0, type_)
        bits, (what, _, step) = 0, type_.removeprefix(_TURN).rpartition(".")
        if what in _WORDS and step == "delta":
            bits = self._say(what, text(value.get("item_id")), text(value.get("delta")))
        elif what == "item":
            bits = self._item(obj(value.get("item")), done=step == "done")
        elif turn:
            self._turn(value, turn, ended=type_ in _ENDED)
        else:
            self._session(obj(value.get("session")))
            self.take_error(obj(value.get("environment")))
        self.take_error(value)
        rests = type_ in _RESTS and self.answer.message().finish_reason is not None  # one may be idle before it begins
        return make_reading(bits, type_, type_ if rests else None)

    def read_document(self, value: Object) -> None:
        self._session(value)
        self.answer.set_identity(None, value.get("id"))
        self.answer.usage = value.get("usage")
        for action in objects(value.get("required_actions")):
            if action.get("type") == "function_call":
                self.answer.message().calls.add(
                    action.get("call_id"), action.get("name"), dump(action.get("arguments"))
                )

    def result(self) -> Llm:
        if self._used:
            self.answer.usage = asdict(reduce(added, self._used.values()))
        return super().result()

    def _session(self, session: Object) -> None:
        self.answer.set_identity(dig(session, ("agent", "model")), None)
        if session.get("status") in _WAITS:
            self.answer.message().set_finish_reason(session["status"])
        self.take_error(session)

    def _turn(self, value: Object, turn: Object, *, ended: bool) -> None:
        self.answer.set_identity(None, turn.get("id"))
        if usage := usage_of(value.get("usage") or turn.get("usage")):
            self._used[text(turn.get("id"))] = usage
        if ended:
            self.answer.message().set_finish_reason(turn.get("status"))
        self.take_error(turn)

    def _item(self, item: Object, *, done: bool) -> int:
        """An item is added, which names a call and may hold all of it, or is done, which repeats it whole."""
        type_, id_ = text(item.get("type")), text(item.get("id"))
        if type_.endswith(_CALLS):
            message = self.answer.message()
            call = (message.calls if type_ == "function_call" else message.server_calls).at(id_)
            call.set_identity(item.get("call_id") or id_, item.get("name") or type_)
            given = next(filter(None, map(dump, map(item.get, _GIVEN))), "")
            return 0 if call.arguments else TOOLS * call.arguments.add(given)
        if not done or id_ in self._in_pieces:
            return 0
        if type_ == "message" and item.get("role") == "assistant":
            return self._say("output_text", id_, joined_text(item.get("content")))
        return self._say("reasoning_summary_text", id_, joined_text(item.get("summary"))) if type_ == "reasoning" else 0

    def _say(self, what: str, item: str, words: str) -> int:
        self._in_pieces[item] = None
        message = self.answer.message()
        return message.add_text(words) if _WORDS[what] == TEXT else message.add_reasoning(words)
