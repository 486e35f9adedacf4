"""Google's Discovery Engine: Gemini Enterprise's assistants and answers from search.

In: the elements of a JSON array, or a whole answer.  Out: readings and the answer.  There is no end marker: the last
state is the finish reason.  https://cloud.google.com/generative-ai-app-builder/docs/reference/rest
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import MEDIA, Dialect, heard
from ..growing import Growing
from ..values import Object, dig, obj, objects, text

_UNFINISHED = frozenset({"", "STATE_UNSPECIFIED", "IN_PROGRESS", "STREAMING"})


class Answers(Dialect):
    """Gemini Enterprise's `:streamAssist` and `:assist`, and `:streamAnswer` and `:answer` of searches"""

    api = "answer"
    shape = "vertex"
    texts = Growing
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        told = _answer(value)
        return "answerText" in told or any("groundedContent" in reply for reply in objects(told.get("replies")))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not {"answer", "sessionInfo", "assistToken", "streamAssistResponse"}.isdisjoint(value)

    def payload(self, value: Object, name: str) -> Reading:
        told, message, bits = _answer(value), self.answer.message(), 0
        for reply in objects(told.get("replies")):
            content = obj(dig(reply, ("groundedContent", "content")))
            say = message.think if content.get("thought") is True else message.say
            bits |= say(content.get("text"))
            bits |= MEDIA * ("inlineData" in content or "file" in content)
        over = text(told.get("state")) not in _UNFINISHED
        if not (over and message.said):  # the last one repeats the text
            bits |= message.say(told.get("answerText"))
        self.answer.named(None, told.get("name"))
        self.failure(value)
        if over:
            message.finished(told.get("state"))
        return heard(bits)


def _answer(value: Object) -> Object:
    """The answer in a payload, which web apps get in an envelope."""
    return obj((obj(value.get("streamAssistResponse")) or value).get("answer"))
