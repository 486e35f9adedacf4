"""Replicate: predictions, and the stream whose address a prediction names.

In: events named ``output`` whose data is plain text, ``logs``, ``error`` and ``done``; or a whole prediction.  Out:
readings and the answer.  https://replicate.com/docs/reference/streaming
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import Dialect, make_reading
from ..values import Object, items, obj, text

_EVENTS = frozenset({"output", "logs", "error", "done"})


class Predictions(Dialect):
    """Replicate's predictions and their streams"""

    api = "predictions"
    shape = "replicate"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "get" in obj(value.get("urls")) and "status" in value

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return name in _EVENTS or cls.claims(value, name)

    def read_event(self, frame: Frame) -> Reading:
        message = self.answer.message()
        if frame.type == "output":
            return make_reading(message.add_text(frame.data))
        if frame.type == "error":
            self.answer.set_error({"message": text(obj(frame.value).get("detail")) or frame.data})
        if frame.type == "done":
            message.set_finish_reason(obj(frame.value).get("reason") or "succeeded")
            return make_reading(0, end="done")
        return make_reading(0)

    def read_payload(self, value: Object, name: str) -> Reading:
        """Read a whole prediction; its output is a text, or the pieces of one."""
        answer, output = self.answer, value.get("output")
        message = answer.message()
        for piece in [output, *items(output)]:
            message.add_text(piece)
        message.set_finish_reason(value.get("status"))
        answer.set_identity(value.get("model"), value.get("id"))
        answer.usage = value.get("metrics")
        answer.add_server_timing(value)
        self.take_error(value)
        return make_reading(0)
