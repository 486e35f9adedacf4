"""Data streams of Vercel's AI SDK, up to its version 4, in any app.

In: values, each under the tag of its kind.  Out: readings and the answer.  The app's server calls the model, perhaps
several times: all it says is one answer.  https://v4.ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
"""

from __future__ import annotations

from ...headers import header
from ...model import Context, Frame, Reading
from ..dialect import MEDIA, TOOLS, Dialect, make_reading
from ..values import Object, dump, obj, text

_MEMBERS = {"f": "messageId", "b": "toolCallId", "c": "argsTextDelta", "9": "toolName", "e": "isContinued"}
"""Tag -> the member that only a value of that kind has."""
_TEXT, _ERROR, _CALL, _BEGIN, _DELTA, _END, _STEP, _REASONING, _FILE = "0", "3", "9", "b", "c", "d", "f", "g", "k"


def is_data_stream(context: Context) -> bool:
    """A response header says that this is a data stream."""
    return header(context.response_headers, "x-vercel-ai-data-stream") is not None


class DataStream(Dialect):
    """Data streams of Vercel's AI SDK up to version 4 (`0:"text"`), in any app"""

    api = "data.stream"
    shape = "ai-sdk"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # text and reasoning are not objects; in other framings no event is named by a digit
        return (name in (_TEXT, _REASONING) and not value) or _MEMBERS.get(name, "") in value

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return len(name) == 1

    def read_event(self, frame: Frame) -> Reading:
        message, words = self.answer.message(), text(frame.value)
        if frame.type == _TEXT:
            return make_reading(message.add_text(words))
        if frame.type == _REASONING:
            return make_reading(message.add_reasoning(words))
        if frame.type == _ERROR:
            self.answer.set_error({"message": words or frame.data})
            return make_reading(0)
        return self.read_payload(obj(frame.value), frame.type)

    def read_payload(self, value: Object, name: str) -> Reading:
        answer, message = self.answer, self.answer.message()
        if name == _STEP:
            answer.set_identity(None, value.get("messageId"))
        if name in (_CALL, _BEGIN, _DELTA):
            return make_reading(self._call(value, name))
        if name == _END:
            message.set_finish_reason(value.get("finishReason"))
            answer.set_usage(value.get("usage"))
            return make_reading(0, end=name)
        return make_reading(MEDIA * (name == _FILE))

    def _call(self, value: Object, name: str) -> int:
        """A call begins, continues, or comes whole: after its pieces that is nothing new."""
        id_ = text(value.get("toolCallId"))
        call = self.answer.message().calls.at(id_)
        call.set_identity(id_, value.get("toolName"))
        if name == _CALL and call.arguments:
            return 0
        given = value.get("argsTextDelta") if name == _DELTA else value.get("args")
        return TOOLS * call.arguments.add(dump(given))
