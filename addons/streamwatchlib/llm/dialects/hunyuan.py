"""Tencent Hunyuan's own API: ``ChatCompletions``, and further actions that answer in the same shape.

In: events with ``Choices`` of ``Delta``, or a whole answer inside ``Response`` with ``Choices`` of ``Message``.  Out:
readings and the answer.  There is no end marker but a finish reason; errors come with status 200.
https://cloud.tencent.com/document/product/1729/105701
"""

from __future__ import annotations

from ...model import Reading
from ..answer import Calls, Message
from ..dialect import TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, index, non_empty, obj, objects, text


class ChatCompletions(Dialect):
    """Tencent Cloud's action ``ChatCompletions``, named in a header."""

    api = "ChatCompletions"
    shape = "hunyuan"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        choices = objects(_said(value).get("Choices"))
        return any("Delta" in choice or "Message" in choice for choice in choices)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not {"Choices", "Error", "ErrorMsg"}.isdisjoint(_said(value))

    def read_payload(self, value: Object, name: str) -> Reading:
        response = _said(value)
        bits, ended = 0, False
        self.answer.set_identity(response.get("Model"), response.get("Id"))
        self.answer.set_usage(response.get("Usage"))
        for choice in objects(response.get("Choices")):
            message = self.answer.message(index(choice.get("Index")))
            bits |= _say(message, obj(choice.get("Delta")) or obj(choice.get("Message")))
            reason = non_empty(choice.get("FinishReason"))
            message.set_finish_reason(reason)
            ended = ended or reason is not None
        self._complain(obj(response.get("Error")) or obj(response.get("ErrorMsg")))
        return make_reading(bits, end="finish_reason" if ended else None)

    def _complain(self, error: Object) -> None:
        """Take an error: ``Error`` instead of an answer, ``ErrorMsg`` inside a stream."""
        body = {"code": error.get("Code"), "message": error.get("Message") or error.get("Msg")}
        if complaint := lenient_error_of(body):
            self.answer.set_error(complaint)


def _said(value: Object) -> Object:
    """The payload without the envelope of whole answers, and of errors before a stream begins."""
    return obj(value.get("Response")) or value


def _say(message: Message, delta: Object) -> int:
    """Add what a delta, or a message, says."""
    bits = message.add_text(delta.get("Content"))
    bits |= message.add_reasoning(delta.get("ReasoningContent"))
    for fragment in objects(delta.get("ToolCalls")):
        bits |= _call(message.calls, fragment)
    return bits


def _call(calls: Calls, fragment: Object) -> int:
    """Add a fragment of a tool call: it belongs to the call of its ID, else of its index, else to the last one."""
    id_, function = non_empty(fragment.get("Id")), obj(fragment.get("Function"))
    keys = [key for key in (id_, fragment.get("Index")) if isinstance(key, int | str)]
    call = (calls.get(keys[0]) if keys else calls.last()) or calls.begin(*keys)
    call.set_identity(id_, function.get("Name"))
    return TOOLS * (call.arguments.add(text(function.get("Arguments"))) or bool(text(function.get("Name"))))
