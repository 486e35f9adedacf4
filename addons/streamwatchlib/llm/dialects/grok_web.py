"""Grok, the app.

In: lines that each hold a ``result``: a piece, or the last one with the whole answer.  In a conversation that is
continued their members stand one level higher than in a new one.  Out: readings and the answer.  A flag beside each
piece says whether it is reasoning.
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import Dialect, make_reading
from ..values import Object, obj

_WHOLE = "modelResponse"
"""The member that repeats the whole answer."""


class Grok(Dialect):
    """Grok, the app"""

    api = "chat"
    shape = "xai"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        response = _told(value)
        return "isThinking" in response or _WHOLE in response

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "result" in value

    def read_payload(self, value: Object, name: str) -> Reading:
        response, message = _told(value), self.answer.message()
        whole = obj(response.get(_WHOLE))
        self.answer.set_identity(whole.get("model"), response.get("responseId"))
        bits = (message.add_reasoning if response.get("isThinking") else message.add_text)(response.get("token"))
        if not message.text:
            bits |= message.add_text(whole.get("message"))
        self.take_error(value)
        return make_reading(bits, end=_WHOLE if whole else None)


def _told(value: Object) -> Object:
    result = obj(value.get("result"))
    return obj(result.get("response")) or result
