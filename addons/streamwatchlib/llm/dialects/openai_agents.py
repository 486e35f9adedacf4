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
from ..dialect import REASONING, TEXT, TOOLS, Dialect, heard, kind
from ..figures import added, usage_of
from ..parts import flat
from ..remembered import Remembered
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
    indifferent = frozenset({"event_id", "obfuscation"})
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._in_pieces = Remembered[str, None](limits.events)
        """IDs of items whose text came in pieces: the whole items say nothing new."""
        self._subagents = Remembered[str, None](limits.events)
        """IDs of the turns of subagents."""
        self._used = Remembered[str, Usage](limits.events)
        """ID of a turn -> its usage as reported last."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        typed = text(value.get("type")).startswith(_STEMS) and "event_id" in value
        return typed or value.get("object") == "agent.session"

    def payload(self, value: Object, name: str) -> Reading:
        type_, turn = kind(value, name), obj(value.get("turn"))
        if turn.get("subagent_id"):
            self._subagents[text(turn.get("id"))] = None
        if text(value.get("turn_id")) in self._subagents:
            return heard(0, type_)
        bits, (what, _, step) = 0, type_.removeprefix(_TURN).rpartition(".")
        if what in _WORDS and step == "delta":
            bits = self._say(what, text(value.get("item_id")), text(value.get("delta")))
        elif what == "item":
            bits = self._item(obj(value.get("item")), done=step == "done")
        elif turn:
            self._turn(value, turn, ended=type_ in _ENDED)
        else:
            self._session(obj(value.get("session")))
            self.failure(obj(value.get("environment")))
        self.failure(value)
        rests = type_ in _RESTS and self.answer.message().finish_reason is not None  # one may be idle before it begins
        return heard(bits, type_, type_ if rests else None)

    def document(self, value: Object) -> None:
        self._session(value)
        self.answer.named(None, value.get("id"))
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
        self.answer.named(dig(session, ("agent", "model")), None)
        if session.get("status") in _WAITS:
            self.answer.message().finished(session["status"])
        self.failure(session)

    def _turn(self, value: Object, turn: Object, *, ended: bool) -> None:
        self.answer.named(None, turn.get("id"))
        if usage := usage_of(value.get("usage") or turn.get("usage")):
            self._used[text(turn.get("id"))] = usage
        if ended:
            self.answer.message().finished(turn.get("status"))
        self.failure(turn)

    def _item(self, item: Object, *, done: bool) -> int:
        """An item is added, which names a call and may hold all of it, or is done, which repeats it whole."""
        type_, id_ = text(item.get("type")), text(item.get("id"))
        if type_.endswith(_CALLS):
            message = self.answer.message()
            call = (message.calls if type_ == "function_call" else message.server_calls).at(id_)
            call.named(item.get("call_id") or id_, item.get("name") or type_)
            given = next(filter(None, map(dump, map(item.get, _GIVEN))), "")
            return 0 if call.arguments else TOOLS * call.arguments.add(given)
        if not done or id_ in self._in_pieces:
            return 0
        if type_ == "message" and item.get("role") == "assistant":
            return self._say("output_text", id_, flat(item.get("content")))
        return self._say("reasoning_summary_text", id_, flat(item.get("summary"))) if type_ == "reasoning" else 0

    def _say(self, what: str, item: str, words: str) -> int:
        self._in_pieces[item] = None
        message = self.answer.message()
        return message.say(words) if _WORDS[what] == TEXT else message.think(words)
