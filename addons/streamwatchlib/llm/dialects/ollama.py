"""Ollama's own API: ``/api/chat`` and ``/api/generate``.

In: the lines of its NDJSON, or the one object of ``stream: false``, which has the same shape.  Out: readings with
the server's own clock (``created_at``) and the answer.  https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

from datetime import UTC, datetime

from ...model import Context, Limits, Reading
from ..dialect import AUDIO_CONTENT, TOOLS, Dialect, make_reading
from ..intent import UNSPECIFIED, StreamIntent, by_anything, by_body
from ..values import Object, dump, obj, objects, text

_STREAMS = by_body(default=True)


def asks(context: Context) -> StreamIntent:
    """Ollama streams unless told not to.  Other APIs use its paths, too; Ollama's requests name a model.

    A request without prompt or messages only loads the model, or unloads it, and gets one object.
    """
    body = obj(context.request_value)
    if not body.get("model"):
        return by_anything(context)
    return _STREAMS(context) if body.get("prompt") or body.get("messages") or "stream" in body else UNSPECIFIED


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

    def read_payload(self, value: Object, name: str) -> Reading:
        answer = self.answer
        answer.set_identity(value.get("model"), None)
        bits = self._speak(value)
        self.take_error(value)
        if not value.get("done"):
            return make_reading(bits, clock=_clock(value.get("created_at")))
        answer.message().set_finish_reason(value.get("done_reason"))
        answer.usage = value
        answer.add_server_timing(value)
        return make_reading(bits, end="done", clock=_clock(value.get("created_at")))

    def _speak(self, value: Object) -> int:
        picture = AUDIO_CONTENT * bool(text(value.get("image")))  # image models send nothing else
        return self._message(value, "response") | picture

    def _message(self, entry: Object, key: str) -> int:
        message = self.answer.message()
        bits = message.add_text(entry.get(key)) | message.add_reasoning(entry.get("thinking"))
        for call in objects(entry.get("tool_calls")):
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
