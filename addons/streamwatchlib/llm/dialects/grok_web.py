"""Grok, the app.

In: lines that each hold a ``result``: a piece, or the last one with the whole answer.  In a conversation that is
continued their members stand one level higher than in a new one.  Out: readings and the answer.  A flag beside each
piece says whether it is reasoning.
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import Dialect, heard
from ..values import Object, obj

_WHOLE = "modelResponse"
"""The member that repeats the whole answer."""


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
