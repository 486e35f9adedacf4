"""Meta's Llama API.

In: events that hold a delta, or a whole message; usage comes as a list of metrics.  Out: readings and the answer.
https://github.com/meta-llama/llama-api-python
"""

from __future__ import annotations

from ...model import Reading
from ..answer import Message
from ..dialect import TOOLS, Dialect, make_reading
from ..values import Object, dig, dump, non_empty, obj, objects, text


class Chat(Dialect):
    """Meta's Llama API, `/v1/chat/completions` in its own shape"""

    api = "chat.completions"
    shape = "llama"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "event_type" in obj(value.get("event")) or isinstance(value.get("completion_message"), dict)

    def read_payload(self, value: Object, name: str) -> Reading:
        event, message = obj(value.get("event")), self.answer.message()
        delta = obj(event.get("delta"))
        self.answer.set_identity(value.get("model"), value.get("id"))
        bits = _call(message, delta) if delta.get("type") == "tool_call" else _say(message, delta)
        self._count(event.get("metrics"))
        message.set_finish_reason(event.get("stop_reason"))
        self.take_error(value)
        return make_reading(bits, end="complete" if event.get("event_type") == "complete" else None)

    def read_document(self, value: Object) -> None:
        completion, message = obj(value.get("completion_message")), self.answer.message()
        self.answer.set_identity(value.get("model"), value.get("id"))
        content = completion.get("content")
        _say(message, {"text": content} if isinstance(content, str) else obj(content))
        for call in objects(completion.get("tool_calls")):
            _call(message, call)
        self._count(value.get("metrics"))
        message.set_finish_reason(completion.get("stop_reason"))
        self.take_error(value)

    def _count(self, metrics: object) -> None:
        """Take usage from metrics such as ``num_prompt_tokens`` and ``num_completion_tokens``."""
        counted = {text(each.get("metric")).removeprefix("num_"): each.get("value") for each in objects(metrics)}
        self.answer.set_usage(counted)


def _say(message: Message, content: Object) -> int:
    return message.add_text(content.get("text"))


def _call(message: Message, fragment: Object) -> int:
    """Add a call, or a piece of one: it belongs to the call of its ID, else to the last one."""
    id_, name = non_empty(fragment.get("id")), dig(fragment, ("function", "name"))
    call = (message.calls.get(id_) if id_ else message.calls.last()) or message.calls.begin(*filter(None, [id_]))
    call.set_identity(id_, name)
    return TOOLS * (call.arguments.add(dump(dig(fragment, ("function", "arguments")))) or bool(name))
