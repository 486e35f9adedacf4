"""Qwen's two apps.

In: from Qwen Chat ``response.created``, then OpenAI's chunks, each with the phase it belongs to; from Qianwen events
with messages of several kinds, that of the answer with all so far.  Out: readings and the answer.  In Qwen Chat's
thinking phases the text is reasoning, or there is none and a summary of all thoughts so far stands beside it; the
server runs the tools of other phases.  There is no end marker but the last phase's ``status``.  Not documented:
https://chat.qwen.ai, https://www.qianwen.com
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..answer import Message
from ..cumulative import CumulativeText, MaybeCumulativeText
from ..dialect import TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, dig, items, non_empty, obj, objects, text
from .openai_chat import Chat

_THINKS = frozenset({"think", "thinking", "thinking_summary"})
_LAST = frozenset({"", "answer", "image", "image_gen"})
"""Phases with which an answer may end; a phase of tools is followed by another."""
_ANSWERS = frozenset({"multi_load/iframe", "text/plain"})
"""Kinds of Qianwen's messages that are the answer; others report what it does meanwhile."""


class QwenChat(Chat):
    """Qwen Chat, the app"""

    shape = "dashscope"
    text_type = MaybeCumulativeText

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "response.created" in value or "response.info" in value

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "success" in value or cls.claims(value, name) or super().accepts(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        delta = obj(dig(value, ("choices", 0, "delta")))
        phase, message = text(delta.get("phase")), self.answer.message()
        if phase in _THINKS:
            bits = _thinks(message, delta)
        elif call := obj(delta.get("function_call")):
            bits = _runs(message, delta, call)
        else:
            return self._speak(value, name, phase in _LAST and non_empty(delta.get("status")) == "finished")
        self._read_metadata(value)
        return make_reading(bits)

    def _speak(self, value: Object, name: str, over: bool) -> Reading:
        reading = super().read_payload(value, name)
        if not over:
            return reading
        self.answer.message().set_finish_reason("finished")
        return reading._replace(end="finished")

    def _read_metadata(self, value: Object) -> None:
        super()._read_metadata(value)
        self.answer.set_identity(None, value.get("response_id") or dig(value, ("response.created", "response_id")))

    def take_error(self, value: Object) -> bool:
        refused = value.get("success") is False
        error = obj(value.get("data") if refused else value.get("error"))
        if "details" not in error:
            return super().take_error(value)
        self.answer.set_error(lenient_error_of({**error, "detail": error["details"]}) or {})
        return True


class Qianwen(Dialect):
    """Qianwen, the app"""

    api = "chat"
    shape = "dashscope"
    text_type = CumulativeText

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "communication" in value and "error_code" in value

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "communication" in value or "error_code" in value

    def read_event(self, frame: Frame) -> Reading:
        reading = super().read_event(frame)
        return reading._replace(end="complete") if frame.type == "complete" else reading

    def read_payload(self, value: Object, name: str) -> Reading:
        self.answer.set_identity(None, dig(value, ("communication", "reqid")))
        message, bits = self.answer.message(), 0
        for part in objects(dig(value, ("data", "messages"))):
            if text(part.get("mime_type")) in _ANSWERS:
                words = text(part.get("content")) or text(dig(part, ("meta_data", "multi_load", 0, "content")))
                bits |= message.add_text(words)
        if dig(value, ("data", "status")) == "complete":
            message.set_finish_reason("complete")
        self.take_error(value)
        return make_reading(bits)


def _thinks(message: Message, delta: Object) -> int:
    """Add a thought, or the summary, which repeats all thoughts before it."""
    thoughts = items(dig(delta, ("extra", "summary_thought", "content")))
    words = text(delta.get("content")) or "\n".join(map(text, thoughts))
    return message.add_reasoning(words) if words else 0


def _runs(message: Message, delta: Object, call: Object) -> int:
    """Add a tool call that the server runs."""
    ran = message.server_calls.at(non_empty(delta.get("function_id")) or "")
    ran.set_identity(delta.get("function_id"), call.get("name"))
    return TOOLS * ran.arguments.add(text(call.get("arguments")))
