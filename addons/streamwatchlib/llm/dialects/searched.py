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
    words = (("choices", 0, "delta", "content"),)
    whole_words = (("answer",),)
    id = ("requestId",)
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
    words = (("generation_chunk",),)
    whole_words = (("answer",), ("summary",))
    id = ("turn_id",)
    ends = "end"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("generation_chunk"), str)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        told = first_text(value, cls.words + cls.whole_words) is not None
        found = kind(value, name) == "search_results"  # in a whole answer, these alone are none of a model
        return told or found or _complaint(value) is not None

    def event(self, frame: Frame) -> Reading:
        self.failure(obj(frame.value))  # first: its sentences stand where no other API has them
        return super().event(frame)

    def payload(self, value: Object, name: str) -> Reading:
        reading, type_ = super().payload(value, name), kind(value, name)
        return reading._replace(type=type_, end=self.ends if type_ == self.ends else None)

    def failure(self, value: Object) -> bool:
        told = _complaint(value)
        if told is not None:
            self.answer.failed({"message": told})
        return told is not None or super().failure(value)


def _complaint(value: Object) -> str | None:
    """What Vectara says of an error, in a list of sentences."""
    told = value.get("messages")
    return "\n".join(filter(None, map(text, told))) or None if isinstance(told, list) else None
