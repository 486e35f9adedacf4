"""Naver's CLOVA Studio: HyperCLOVA X in its own shape.

In: events ``token`` with what is new, ``result``, which repeats the whole answer, and ``signal``; or that answer alone,
under ``result``.  Out: readings and the answer.  https://api.ncloud-docs.com/docs/en/clovastudio-chatcompletionsv3
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import make_reading
from ..plain import Plain
from ..tool_calls import add_fragment
from ..values import Object, dig, obj, objects


class ClovaStudio(Plain):
    """CLOVA Studio's own chat, ``/chat-completions``"""

    api = "chat"
    shape = "naver"
    text_paths = (("message", "content"),)
    reasoning_path = ("message", "thinkingContent")
    finish_paths = (("finishReason",), ("stopReason",))
    usage_paths = (("usage",), ())  # earlier versions count beside the message

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        held = obj(value.get("result")) or (value if name == "token" else {})
        return isinstance(held.get("message"), dict) and not {"finishReason", "stopReason"}.isdisjoint(held)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return name in ("token", "result", "signal") or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        if name == "signal":
            return make_reading(0, end="[DONE]")
        message = self.answer.message()
        if name == "result" and not message.empty:
            return super().read_payload({**value, "message": None}, name)
        reading = super().read_payload(value, name)
        bits = 0
        for fragment in objects(dig(value, ("message", "toolCalls"))):
            function = obj(fragment.get("function"))
            piece = function.get("partialJson", function.get("arguments"))
            bits |= add_fragment(message.calls, {**fragment, "function": {**function, "arguments": piece}})
        return reading._replace(channels=reading.channels + make_reading(bits).channels)

    def read_document(self, value: Object) -> None:
        self.read_payload(obj(value.get("result")), "token")
