"""LobeChat's own stream, from its server to its page.

In: events named by what their data is: a piece of text, fragments of tool calls like OpenAI's, usage.  Out: readings
and the answer.  Usage and speed are reported after the stop reason.  https://github.com/lobehub/lobe-chat
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import Dialect, make_reading
from ..figures import lenient_error_of
from ..tool_calls import add_fragment
from ..values import Object, obj, objects, parse_json

_NAMES = frozenset({"data", "text", "reasoning", "tool_calls", "stop", "usage", "error"})


class LobeChat(Dialect):
    """LobeChat's chats"""

    api = "chat"
    shape = "lobechat"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False  # its names of events are common

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return name in _NAMES

    def read_event(self, frame: Frame) -> Reading:
        value = parse_json(frame.data) if frame.value is None else frame.value  # frames of a lone word have no value
        message, bits = self.answer.message(), 0
        if frame.type == "text":
            bits = message.add_text(value)
        elif frame.type == "reasoning":
            bits = message.add_reasoning(value)
        elif frame.type == "tool_calls":
            for fragment in objects(value):
                bits |= add_fragment(message.calls, fragment)
        elif frame.type == "stop":
            message.set_finish_reason(value)
        elif frame.type == "usage":
            self.answer.set_usage(value)
        elif frame.type == "error":
            self.answer.set_error(lenient_error_of(value) or {"message": frame.data})
        elif frame.type == "data":
            self.answer.set_identity(obj(value).get("model"), obj(value).get("id"))
        return make_reading(bits, end="stop" if frame.type == "stop" else None)

    def read_payload(self, value: Object, name: str) -> Reading:
        """Read a whole answer, which is always an error."""
        self.take_error(value)
        return make_reading(0)
