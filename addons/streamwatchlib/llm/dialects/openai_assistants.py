"""OpenAI assistants: the streamed run of a thread.

In: events named ``thread.*`` with the object they concern.  Out: readings and the answer: what the messages of the run
say, functions to call, and the input of the hosted tools.
https://platform.openai.com/docs/api-reference/assistants-streaming/events
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TEXT, TOOLS, Dialect, make_reading
from ..figures import error_of
from ..values import Object, dig, dump, index, non_empty, obj, objects, text

_ENDED = frozenset(f"thread.run.{how}" for how in ("completed", "failed", "incomplete", "cancelled", "expired"))


class Runs(Dialect):
    """``/v1/threads/{id}/runs``."""

    api = "threads.runs"
    shape = "openai"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        about = text(value.get("object"))  # other agents' events have such names as well, but no such object
        return about == "thread.run" or (name.startswith("thread.") and about.startswith("thread"))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return name.startswith("thread.") or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        bits, delta = 0, obj(value.get("delta"))
        if name == "thread.message.delta":
            content = delta.get("content")
            for part in objects(content) or [obj(content)]:  # DashScope sends a single part, not a list
                bits |= self._say(part)
        elif name == "thread.run.step.delta":
            for call in objects(dig(delta, ("step_details", "tool_calls"))):
                bits |= self._call(text(value.get("id")), call)
        elif value.get("object") == "thread.run":
            self._read_metadata(value, name)
        self.take_error(value)
        return make_reading(bits, name)

    def read_document(self, value: Object) -> None:
        self._read_metadata(value, f"thread.run.{value.get('status')}")
        for call in objects(dig(value, ("required_action", "submit_tool_outputs", "tool_calls"))):
            self._call("", call)

    def _say(self, part: Object) -> int:
        message = self.answer.message()
        refusal = text(part.get("refusal"))
        words = text(dig(part, ("text", "value")))
        return TEXT * (message.text.add(words) | message.refusal.add(refusal))

    def _call(self, step: str, call: Object) -> int:
        """A function is the client's to run; everything else runs at OpenAI."""
        message, type_ = self.answer.message(), text(call.get("type"))
        function = obj(call.get("function"))
        calls = message.calls if type_ == "function" else message.server_calls
        kept = calls.at(f"{step} {index(call.get('index'), len(calls))}")
        kept.set_identity(call.get("id"), function.get("name") if type_ == "function" else type_)
        given = function.get("arguments") or dig(call, (type_, "input"))
        return TOOLS * kept.arguments.add(dump(given))

    def _read_metadata(self, run: Object, name: str) -> None:
        self.answer.set_identity(run.get("model"), run.get("id"))
        self.answer.set_usage(run.get("usage"))
        if name in _ENDED or name == "thread.run.requires_action":
            self.answer.message().set_finish_reason(run.get("status"))
        error = error_of({"error": run.get("last_error")})
        if error and non_empty(run.get("status")) == "failed":
            self.answer.set_error(error)
