"""Grok, the app.

In: lines that each hold a ``result``: a piece, or one with all of the answer at its end; where a conversation goes on
they stand one level higher than where it begins.  Out: readings and the answer.  Whether a piece is thought stands
beside it.
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import Dialect, heard
from ..values import Object, obj

_WHOLE = "modelResponse"
"""The member that repeats all of the answer."""


class Grok(Dialect):
    """Grok, the app"""

    api = "chat"
    shape = "xai"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        told = _told(value)
        return "isThinking" in told or _WHOLE in told

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "result" in value

    def payload(self, value: Object, name: str) -> Reading:
        told, message = _told(value), self.answer.message()
        whole = obj(told.get(_WHOLE))
        self.answer.named(whole.get("model"), told.get("responseId"))
        bits = (message.think if told.get("isThinking") else message.say)(told.get("token"))
        if not message.text:
            bits |= message.say(whole.get("message"))
        self.failure(value)
        return heard(bits, end=_WHOLE if whole else None)


def _told(value: Object) -> Object:
    result = obj(value.get("result"))
    return obj(result.get("response")) or result
