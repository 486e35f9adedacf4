"""RAGFlow's chats with documents, and its agents.

In: from chats an envelope with a piece of the answer (older versions: all so far); from agents events about their
components.  Out: readings and the answer.  Flags mark where reasoning begins and ends; the last piece of a chat may
repeat the whole answer, with references.  https://ragflow.io/docs/dev/http_api_reference
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..cumulative import MaybeCumulativeText
from ..dialect import Dialect, make_reading
from ..figures import lenient_error_of
from ..texts import Text
from ..values import Object, dig, first, obj, text

_WORDS = (("data", "answer"), ("data", "content"), ("data", "data", "content"))
"""Where the text of a chat stands, of an agent, and of an agent's whole answer."""
_OVER = "workflow_finished"


class RagFlow(Dialect):
    """RAGFlow's chats and agents"""

    api = "chat"
    shape = "ragflow"
    text_type = MaybeCumulativeText

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._thinks = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        data = obj(value.get("data"))
        chat = "code" in value and isinstance(data.get("answer"), str) and "reference" in data
        agent = {"event", "task_id", "message_id", "data"} <= value.keys()
        return chat or (agent and {"conversation_id", "workflow_run_id"}.isdisjoint(value))  # unlike Dify's

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "data" in value and not {"code", "event"}.isdisjoint(value)

    def read_payload(self, value: Object, name: str) -> Reading:
        data, event = obj(value.get("data")), text(value.get("event"))
        self.answer.set_identity(None, data.get("id") or value.get("message_id"))
        if value.get("code"):
            self.answer.set_error(lenient_error_of(value) or {})
        is_message = event in ("", "message")
        bits = self._say(data, text(first(value, _WORDS))) if is_message else 0
        end = event if event == _OVER else "data" if value.get("data") is True else None
        return make_reading(bits, event or None, end)

    def _say(self, data: Object, words: str) -> int:
        message = self.answer.message()
        self._thinks = (self._thinks or data.get("start_to_think") is True) and data.get("end_to_think") is not True
        if self._thinks:
            return message.add_reasoning(words)
        if data.get("final") is True and words and message.text:
            message.text = Text(self.answer.budget)
            message.text.add(words)
            return 0
        return message.add_text(words)

    def read_document(self, value: Object) -> None:
        self.read_payload({**value, "event": ""}, "message")
        self.answer.set_identity(None, dig(value, ("data", "message_id")))
