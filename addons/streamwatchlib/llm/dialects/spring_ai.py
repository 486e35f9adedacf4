"""Chat responses of Spring AI, as apps pass them on: a controller that returns `Flux<ChatResponse>`.

In: each chunk as the bean it is in the app, a whole answer in the same shape.  Out: readings and the answer.  If a
model's own API is cumulative (DashScope's), so is this.  There is no end marker; usage that is unknown is 0.
https://docs.spring.io/spring-ai/reference/api/chatmodel.html
"""

from __future__ import annotations

from ...model import Reading
from ..cumulative import MaybeCumulativeText
from ..dialect import TOOLS, Dialect, make_reading
from ..values import Object, dig, dump, non_empty, obj, objects, text


class SpringAi(Dialect):
    """Spring AI's chat responses, in any app"""

    api = "chat"
    shape = "spring-ai"
    terminator_due = False
    text_type = MaybeCumulativeText

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return any(isinstance(dig(result, ("output", "messageType")), str) for result in objects(value.get("results")))

    def read_payload(self, value: Object, name: str) -> Reading:
        about = obj(value.get("metadata"))
        bits, ended = 0, False
        self.answer.set_identity(about.get("model"), about.get("id"))
        if dig(about, ("usage", "totalTokens")):
            self.answer.set_usage(about.get("usage"))
        for index, result in enumerate(objects(value.get("results"))):
            bits |= self._say(index, obj(result.get("output")))
            reason = non_empty(dig(result, ("metadata", "finishReason")))
            self.answer.message(index).set_finish_reason(reason)
            ended = ended or reason is not None
        return make_reading(bits, end="finish_reason" if ended else None)

    def _say(self, index: int, output: Object) -> int:
        message = self.answer.message(index)
        bits = message.add_text(output.get("text") or output.get("content"))  # its name before version 1
        if words := text(output.get("reasoningContent")) or text(dig(output, ("metadata", "reasoningContent"))):
            bits |= message.add_reasoning(words)
        for made in objects(output.get("toolCalls")):
            call = message.calls.at(text(made.get("id")))
            call.set_identity(made.get("id"), made.get("name"))
            bits |= TOOLS * call.arguments.add(dump(made.get("arguments")))
        return bits
