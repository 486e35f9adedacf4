"""Events of Google's Agent Development Kit, as its servers and Vertex AI's Agent Engine stream them.

In: events that hold a piece of content, or all of it once more when it is complete.  Out: readings and the answer.  A
run may call models several times: what they say is one answer; what tools return is no part of it.  Agent engines spell
the same names with underscores.  https://google.github.io/adk-docs/events/
"""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce

from ...model import Context, Limits, Reading, Usage
from ..answer import Message
from ..bounded_dict import BoundedDict
from ..dialect import make_reading
from ..figures import added, usage_of
from ..values import Object, dig, dump, obj, objects, text
from .gemini import GenerateContent


class Events(GenerateContent):
    """Runs of Google's Agent Development Kit"""

    api = "run"
    shape = "adk"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._partial_said = BoundedDict[str, None](limits.events)
        """Agents that have said pieces of a text that is yet to come whole."""
        self._used = BoundedDict[str, Usage](limits.events)
        """Agent -> usage of its latest request to the model; several events may report it."""
        self._used_before = Usage()
        """Usage of the requests whose tool calls have been answered since."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        invoked = "invocationId" in value or "invocation_id" in value
        return invoked and "author" in value and ("content" in value or "actions" in value)

    def read_payload(self, value: Object, name: str) -> Reading:
        value = _camel(value)
        answer = self.answer
        message = answer.message()
        bits = 0
        author, piece = text(value.get("author")), value.get("partial") is True
        answer.set_identity(value.get("modelVersion"), value.get("invocationId"))
        self._count(author, value)
        if dig(value, ("content", "role")) != "user":
            for part in map(_camel, objects(dig(value, ("content", "parts")))):
                if _is_new(part, piece, author in self._partial_said):
                    bits |= self._part(message, part)
        self._keep_in_mind(author, piece=piece, message=message)
        message.set_finish_reason(value.get("finishReason"))
        if value.get("errorCode"):
            answer.set_error({"code": dump(value["errorCode"]), "message": text(value.get("errorMessage"))})
        self.take_error(value)
        return make_reading(bits)

    def _count(self, author: str, value: Object) -> None:
        if dig(value, ("content", "role")) == "user":  # a tool's result, with which the model is called again
            self._used_before = added(self._used_before, self._used.pop(author, Usage()))
        if usage := usage_of(value.get("usageMetadata")):
            self._used[author] = usage
            self.answer.usage = asdict(reduce(added, self._used.values(), self._used_before))

    def _keep_in_mind(self, author: str, *, piece: bool, message: Message) -> None:
        if not piece:
            self._partial_said.pop(author, None)
        elif not message.empty:
            self._partial_said[author] = None


def _is_new(part: Object, piece: bool, repeats: bool) -> bool:
    """Text comes in pieces and then again whole; a call counts when it is whole."""
    return not (piece if "functionCall" in part else repeats and "text" in part and not piece)


def _camel(value: Object) -> Object:
    """The object with its names spelled as in Gemini's API."""
    return {_humped(key) if "_" in key else key: each for key, each in obj(value).items()}


def _humped(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
