"""Yandex Cloud's own text generation.

In: lines that each hold all said so far, or one of them as a whole answer.  Out: readings and the answer.  Counts are
strings, as Protocol Buffers write 64-bit numbers; any status but that of an unfinished answer ends the stream.
https://yandex.cloud/en/docs/foundation-models/text-generation/api-ref/TextGeneration/completion
"""

from __future__ import annotations

from ...model import Reading
from ..answer import Message
from ..cumulative import MaybeCumulativeText
from ..dialect import TOOLS, Dialect, make_reading
from ..intent import by_switch
from ..values import Object, dig, dump, obj, objects, text

_STATUS = "ALTERNATIVE_STATUS_"
_UNFINISHED = frozenset({"", _STATUS + "PARTIAL", _STATUS + "UNSPECIFIED"})


asks = by_switch(("completionOptions", "stream"))


class Completion(Dialect):
    """Yandex Cloud's text generation, `/foundationModels/v1/completion`"""

    api = "completion"
    shape = "yandex"
    text_type = MaybeCumulativeText

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        alternatives = objects(_result(value).get("alternatives"))
        return any(text(each.get("status")).startswith(_STATUS) for each in alternatives)

    def read_payload(self, value: Object, name: str) -> Reading:
        result = _result(value)
        bits, ended = 0, False
        self.answer.set_usage(_counts(obj(result.get("usage"))))
        for position, each in enumerate(objects(result.get("alternatives"))):
            message, status = self.answer.message(position), text(each.get("status"))
            bits |= _say(message, obj(each.get("message")))
            if status not in _UNFINISHED:
                message.set_finish_reason(status)
                ended = True
        self.take_error(value)
        return make_reading(bits, end="status" if ended else None)


def _result(value: Object) -> Object:
    return obj(value.get("result")) or value


def _say(message: Message, message_part: Object) -> int:
    bits = message.add_text(message_part.get("text"))
    if message.calls:
        return bits  # the calls are repeated
    for call in objects(dig(message_part, ("toolCallList", "toolCalls"))):
        function = obj(call.get("functionCall"))
        message.calls.add(None, function.get("name"), dump(function.get("arguments")))
        bits |= TOOLS
    return bits


def _counts(usage: Object) -> Object:
    """Convert the counts to numbers."""
    details = obj(usage.get("completionTokensDetails"))
    counts = {key: _number(figure) for key, figure in usage.items()}
    return counts | {"completionTokensDetails": {key: _number(figure) for key, figure in details.items()}}


def _number(figure: object) -> object:
    digits = isinstance(figure, str) and figure.isascii() and figure.isdecimal() and len(figure) < 16
    return int(str(figure)) if digits else figure
