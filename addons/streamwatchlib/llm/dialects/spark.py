"""iFlytek Spark's own chat over a WebSocket; its HTTP API is OpenAI's.

In: frames ``{"header": ..., "payload": {"choices": ..., "usage": ...}}``, the last with ``status`` 2.  Out: readings
and the answer.  https://www.xfyun.cn/doc/spark/Web.html
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, dig, index, obj, objects, text

_LAST = 2


class Spark(Dialect):
    """iFlytek Spark's chat over a WebSocket"""

    api = "chat"
    shape = "spark"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return cls.accepts(value, name) and "text" in obj(dig(value, ("payload", "choices")))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return {"code", "sid"} <= obj(value.get("header")).keys()

    def read_payload(self, value: Object, name: str) -> Reading:
        header = obj(value.get("header"))
        answer = self.answer
        bits = 0
        answer.set_identity(None, header.get("sid"))
        answer.set_usage(dig(value, ("payload", "usage", "text")))
        for choice in objects(dig(value, ("payload", "choices", "text"))):
            message = answer.message(index(choice.get("index")))
            bits |= message.add_text(choice.get("content")) | message.add_reasoning(choice.get("reasoning_content"))
            if called := obj(choice.get("function_call")):
                message.calls.add(None, called.get("name"), text(called.get("arguments")))
                bits |= TOOLS
        if header.get("code"):
            answer.set_error(lenient_error_of(header) or {})
        over = header.get("status") == _LAST or bool(header.get("code"))
        return make_reading(bits, end="status" if over else None)
