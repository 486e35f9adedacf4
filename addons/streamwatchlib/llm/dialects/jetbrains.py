"""JetBrains AI.

In: typed pieces of text and of calls, then why it finished, and a last line that is no JSON.  Out: readings and the
answer.  A call's first event names it, those that follow bring its arguments.  Not documented:
https://www.jetbrains.com/ai/
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import TOOLS, Dialect, make_reading
from ..values import Object, non_empty, text

_END = "end"
_CALLS = frozenset({"ToolCall", "FunctionCall"})


class JetBrains(Dialect):
    """JetBrains AI, `/user/v5/llm/chat/stream/v8`"""

    api = "chat"
    shape = "jetbrains"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return value.get("type") in ("FinishMetadata", "QuotaMetadata")

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return value.get("type") in ("Content", *_CALLS) or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type"))
        message = self.answer.message()
        bits = 0
        if type_ == "Content":
            bits = message.add_text(value.get("content"))
        elif type_ in _CALLS:
            id_, called = non_empty(value.get("id")), value.get("name")
            last = message.calls.last()
            goes_on = last is not None and (id_ == last.id if id_ else not called)
            call = last if last and goes_on else message.calls.begin()
            call.set_identity(id_, called)
            bits = TOOLS * (call.arguments.add(text(value.get("content"))) or bool(called))
        elif type_ == "FinishMetadata":
            message.set_finish_reason(value.get("reason"))
        self.take_error(value)
        return make_reading(bits, type_)

    def read_non_json(self, frame: Frame) -> Reading:
        return make_reading(0, end=_END) if frame.data.strip() == _END else super().read_non_json(frame)
