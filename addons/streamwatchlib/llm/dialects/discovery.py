"""Google's Discovery Engine: Gemini Enterprise's assistants and answers from search.

In: the elements of a JSON array, or a whole answer.  Out: readings and the answer.  There is no end marker: the last
state is the finish reason.  https://cloud.google.com/generative-ai-app-builder/docs/reference/rest
"""

from __future__ import annotations

from ...model import Reading
from ..cumulative import MaybeCumulativeText
from ..dialect import MEDIA, Dialect, make_reading
from ..values import Object, dig, obj, objects, text

_UNFINISHED = frozenset({"", "STATE_UNSPECIFIED", "IN_PROGRESS", "STREAMING"})


class Answers(Dialect):
    """Gemini Enterprise's `:streamAssist` and `:assist`, and `:streamAnswer` and `:answer` of searches"""

    api = "answer"
    shape = "vertex"
    text_type = MaybeCumulativeText
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        answer = _answer(value)
        return "answerText" in answer or any("groundedContent" in reply for reply in objects(answer.get("replies")))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not {"answer", "sessionInfo", "assistToken", "streamAssistResponse"}.isdisjoint(value)

    def read_payload(self, value: Object, name: str) -> Reading:
        answer = _answer(value)
        message = self.answer.message()
        bits = 0
        for reply in objects(answer.get("replies")):
            content = obj(dig(reply, ("groundedContent", "content")))
            say = message.add_reasoning if content.get("thought") is True else message.add_text
            bits |= say(content.get("text"))
            bits |= MEDIA * ("inlineData" in content or "file" in content)
        is_final = text(answer.get("state")) not in _UNFINISHED
        if not (is_final and message.has_text_channel):  # the last one repeats the text
            bits |= message.add_text(answer.get("answerText"))
        self.answer.set_identity(None, answer.get("name"))
        self.take_error(value)
        if is_final:
            message.set_finish_reason(answer.get("state"))
        return make_reading(bits)


def _answer(value: Object) -> Object:
    """The answer in a payload, which web apps get in an envelope."""
    return obj((obj(value.get("streamAssistResponse")) or value).get("answer"))
