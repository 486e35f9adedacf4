"""LibreChat's agents.

In: events about the steps of a run, and a last one with the whole message.  Out: readings and the answer.  The server
runs the tools.  https://www.librechat.ai/docs/features/agents
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, make_reading
from ..values import Object, dump, index, obj, objects, text

_SAYS = frozenset({"on_message_delta", "on_reasoning_delta"})
_STEPS = frozenset({"on_run_step", "on_run_step_delta", "on_run_step_completed"})


class LibreChat(Dialect):
    """LibreChat's agents"""

    api = "chat"
    shape = "librechat"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        step = text(value.get("event")) in _SAYS | _STEPS and isinstance(value.get("data"), dict)
        return step or (value.get("final") is True and "responseMessage" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or not {"created", "sync", "error"}.isdisjoint(value)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("event")) or name
        data = obj(value.get("data"))
        bits = 0
        self.take_error(value)
        if type_ in _SAYS:
            bits = self._say(obj(data.get("delta")).get("content"))
        elif type_ in _STEPS:
            bits = self._step(data)
        final = value.get("final") is True
        if final:
            bits = self._conclude(obj(value.get("responseMessage")))
        return make_reading(bits, type_, "final" if final else None)

    def _say(self, content: object) -> int:
        message, bits = self.answer.message(), 0
        for part in objects(content if isinstance(content, list) else [content]):
            bits |= message.add_text(part.get("text")) | message.add_reasoning(part.get("think"))
        return bits

    def _step(self, data: Object) -> int:
        """Read tool calls: from a step that begins, a delta to it, or its result."""
        result = obj(data.get("result"))
        details = obj(data.get("stepDetails")) or obj(data.get("delta")) or {"tool_calls": [result.get("tool_call")]}
        calls, bits = self.answer.message().server_calls, 0
        for position, entry in enumerate(objects(details.get("tool_calls"))):
            place = f"{text(data.get('id') or result.get('id'))} {index(entry.get('index'), position)}"
            call, piece = calls.at(place), dump(entry.get("args"))
            call.set_identity(entry.get("id"), entry.get("name"))
            if result and call.arguments:
                continue  # the whole call, which came in pieces before
            bits |= TOOLS * (call.arguments.add(piece) or bool(entry.get("name")))
        return bits

    def _conclude(self, response: Object) -> int:
        """Read the last event, which repeats the whole message."""
        message = self.answer.message()
        self.answer.set_identity(response.get("model"), response.get("messageId"))
        if response.get("error") is True:
            self.answer.set_error({"message": text(response.get("text"))})
            return 0
        return 0 if message.text else self._say(response.get("content") or {"text": response.get("text")})
