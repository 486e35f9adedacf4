"""Reka's own chat.  https://docs.reka.ai/

In: payloads that each have the text so far, or a whole answer.  Out: readings and the answer.  There is no end marker
but a finish reason.
"""

from __future__ import annotations

from ...model import Reading
from ..cumulative import MaybeCumulativeText
from ..dialect import TOOLS, Dialect, make_reading
from ..values import Object, dump, obj, objects, text


class Chat(Dialect):
    """Reka's own chat, `/v1/chat`"""

    api = "chat"
    shape = "reka"
    text_type = MaybeCumulativeText

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return any(
            {"chunk", "message"} & one.keys() and "finish_reason" in one for one in objects(value.get("responses"))
        )

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return bool(objects(value.get("responses")))

    def read_payload(self, value: Object, name: str) -> Reading:
        answer = self.answer
        bits, over = 0, False
        answer.set_identity(value.get("model"), value.get("id"))
        answer.set_usage(value.get("usage"))
        for number, one in enumerate(objects(value.get("responses"))):
            message, part = answer.message(number), obj(one.get("chunk")) or obj(one.get("message"))
            bits |= message.add_text(_words(part.get("content")))
            for call in objects(part.get("tool_calls")):
                if not message.calls.get(key := text(call.get("id"))):
                    begun = message.calls.begin(key)
                    begun.set_identity(key, call.get("name"))
                    begun.arguments.add(dump(call.get("parameters")))
                    bits |= TOOLS
            message.set_finish_reason(one.get("finish_reason"))
            over |= bool(one.get("finish_reason"))
        self.take_error(value)
        return make_reading(bits, end="finish_reason" if over else None)


def _words(content: object) -> object:
    """The text of a content, which may have parts."""
    return "".join(text(part.get("text")) for part in objects(content)) if isinstance(content, list) else content
