"""Ollama's own API: ``/api/chat`` and ``/api/generate``.

In: the lines of its NDJSON, or the one object of ``stream: false``, which has the same shape.  Out: readings with
the server's own clock (``created_at``) and the answer.  https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

from datetime import UTC, datetime

from ...model import Context, Limits, Reading
from ..dialect import AUDIO_CONTENT, TOOLS, Dialect, heard
from ..intent import UNTOLD, Asked, by_anything, by_body
from ..values import Object, dump, obj, objects, text

_STREAMS = by_body(default=True)


def asks(context: Context) -> Asked:
    """Ollama streams unless told not to.  Other APIs use its paths, too; Ollama's requests name a model.

    A request without prompt or messages only loads the model, or unloads it, and gets one object.
    """
    said = obj(context.request_value)
    if not said.get("model"):
        return by_anything(context)
    return _STREAMS(context) if said.get("prompt") or said.get("messages") or "stream" in said else UNTOLD


class Generate(Dialect):
    """``/api/generate``: text at the top level of each line."""

    api = "generate"
    shape = "ollama"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self.answer.provider = "ollama"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return _is_line(value) and isinstance(value.get("response"), str)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "done" in value

    def payload(self, value: Object, name: str) -> Reading:
        answer = self.answer
        answer.named(value.get("model"), None)
        bits = self._speak(value)
        self.failure(value)
        if not value.get("done"):
            return heard(bits, clock=_clock(value.get("created_at")))
        answer.message().finished(value.get("done_reason"))
        answer.usage = value
        answer.timed(value)
        return heard(bits, end="done", clock=_clock(value.get("created_at")))

    def _speak(self, value: Object) -> int:
        picture = AUDIO_CONTENT * bool(text(value.get("image")))  # image models send nothing else
        return self._message(value, "response") | picture

    def _message(self, said: Object, key: str) -> int:
        message = self.answer.message()
        bits = message.say(said.get(key)) | message.think(said.get("thinking"))
        for call in objects(said.get("tool_calls")):
            function = obj(call.get("function"))
            message.calls.add(call.get("id"), function.get("name"), dump(function.get("arguments")))
            bits |= TOOLS
        return bits


class Chat(Generate):
    """``/api/chat``: a message on each line."""

    api = "chat"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return _is_line(value) and isinstance(value.get("message"), dict)

    def _speak(self, value: Object) -> int:
        return self._message(obj(value.get("message")), "content")


def _is_line(value: Object) -> bool:
    # many apps tell whether they are done
    return "done" in value and ("model" in value or "created_at" in value)


def _clock(date: object) -> float | None:
    """An RFC 3339 date as seconds since the epoch; None if it is not one."""
    try:
        moment = datetime.fromisoformat(text(date))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
