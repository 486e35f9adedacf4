"""Services that search, then let a model answer: Exa and Vectara.

In: what was found, then pieces of text; or the whole answer.  Out: readings and the answer.
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import kind
from ..plain import Plain
from ..values import Object, first_text, obj, text


class Exa(Plain):
    """Exa's `/answer`, whose pieces look like OpenAI's.  https://docs.exa.ai/reference/answer"""

    api = "answer"
    shape = "exa"
    text_paths = (("choices", 0, "delta", "content"),)
    whole_text_paths = (("answer",),)
    id_path = ("requestId",)
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not {"answer", "citations", "choices"}.isdisjoint(value)


class Vectara(Plain):
    """Vectara's queries and chats, `/v2/query` and `/v2/chats`.  https://docs.vectara.com/docs/rest-api/"""

    api = "query"
    shape = "vectara"
    text_paths = (("generation_chunk",),)
    whole_text_paths = (("answer",), ("summary",))
    id_path = ("turn_id",)
    end_marker = "end"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("generation_chunk"), str)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        has_text = first_text(value, cls.text_paths + cls.whole_text_paths) is not None
        has_results = kind(value, name) == "search_results"  # in a whole answer, these alone are none of a model
        return has_text or has_results or _error_message(value) is not None

    def read_event(self, frame: Frame) -> Reading:
        self.take_error(obj(frame.value))  # first: its sentences stand where no other API has them
        return super().read_event(frame)

    def read_payload(self, value: Object, name: str) -> Reading:
        reading, type_ = super().read_payload(value, name), kind(value, name)
        return reading._replace(type=type_, end=self.end_marker if type_ == self.end_marker else None)

    def take_error(self, value: Object) -> bool:
        message = _error_message(value)
        if message is not None:
            self.answer.set_error({"message": message})
        return message is not None or super().take_error(value)


def _error_message(value: Object) -> str | None:
    """What Vectara says of an error, in a list of sentences."""
    sentences = value.get("messages")
    return "\n".join(filter(None, map(text, sentences))) or None if isinstance(sentences, list) else None
