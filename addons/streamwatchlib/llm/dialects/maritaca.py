"""Maritaca's own chat.  https://docs.maritaca.ai/

In: pieces of text, then an event `end` without data; or the whole answer.  Out: readings and the answer.
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import make_reading
from ..plain import Plain
from ..values import Object, first_text

_END = "end"


class Maritaca(Plain):
    """Maritaca's own chat, `/api/chat/inference`"""

    api = "chat"
    shape = "maritaca"
    text_paths = (("text",),)
    whole_text_paths = (("answer",),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return first_text(value, cls.text_paths + cls.whole_text_paths) is not None

    def read_non_json(self, frame: Frame) -> Reading:
        return make_reading(0, end=_END) if frame.type == _END else super().read_non_json(frame)
