"""Qwen Chat, the app: OpenAI's chunks, each of which tells the phase that it is of.

In: ``response.created``, then chunks whose delta has a ``phase``.  Out: readings and the answer.  While it thinks, the
words are thoughts, or there are none and all thoughts so far stand summed up beside them; the tools of other phases
are run by the server.  There is no end marker but the last phase's ``status``.  Not documented: https://chat.qwen.ai
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..answer import Answer, Message
from ..dialect import TOOLS, heard
from ..figures import complaint_of
from ..growing import Growing
from ..parts import think
from ..values import Object, dig, items, obj, text, word
from .openai_chat import Chat

_THINKS = frozenset({"think", "thinking", "thinking_summary"})
_LAST = frozenset({"", "answer", "image", "image_gen"})
"""Phases with which an answer may end; after those of tools another comes."""


class QwenChat(Chat):
    """Qwen Chat, the app"""

    shape = "dashscope"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self.answer = Answer(limits, Growing)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "response.created" in value or "response.info" in value

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "success" in value or cls.claims(value, name) or super().accepts(value, name)

    def payload(self, value: Object, name: str) -> Reading:
        delta = obj(dig(value, ("choices", 0, "delta")))
        phase, message = text(delta.get("phase")), self.answer.message()
        if phase in _THINKS:
            bits = _thinks(message, delta)
        elif call := obj(delta.get("function_call")):
            bits = _runs(message, delta, call)
        else:
            return self._speak(value, name, phase in _LAST and word(delta.get("status")) == "finished")
        self._about(value)
        return heard(bits)

    def _speak(self, value: Object, name: str, over: bool) -> Reading:
        reading = super().payload(value, name)
        if not over:
            return reading
        self.answer.message().finished("finished")
        return reading._replace(end="finished")

    def _about(self, value: Object) -> None:
        super()._about(value)
        self.answer.named(None, value.get("response_id") or dig(value, ("response.created", "response_id")))

    def failure(self, value: Object) -> bool:
        refused = value.get("success") is False
        told = obj(value.get("data") if refused else value.get("error"))
        if "details" not in told:
            return super().failure(value)
        self.answer.failed(complaint_of({**told, "detail": told["details"]}) or {})
        return True


def _thinks(message: Message, delta: Object) -> int:
    """A thought; summed up, each time with all before it."""
    thoughts = items(dig(delta, ("extra", "summary_thought", "content")))
    words = text(delta.get("content")) or "\n".join(map(text, thoughts))
    return think(message, words) if words else 0


def _runs(message: Message, delta: Object, call: Object) -> int:
    """A tool that the server runs."""
    ran = message.server_calls.at(word(delta.get("function_id")) or "")
    ran.named(delta.get("function_id"), call.get("name"))
    return TOOLS * ran.arguments.add(text(call.get("arguments")))
