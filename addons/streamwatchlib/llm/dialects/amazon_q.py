"""Amazon Q Developer and Kiro: the service that both stream from.

In: event-stream frames (their event type is the frame's name).  Out: readings and the answer.  There is neither an end
marker nor a finish reason; only the last piece of each call is marked as such.
https://github.com/aws/aws-toolkit-vscode (the client that AWS generates from the service's model)
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..dialect import TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, dump, obj, text

_SAID, _CODE, _THOUGHT, _CALLED = "assistantResponseEvent", "codeEvent", "reasoningContentEvent", "toolUseEvent"
_ASIDE = frozenset({"messageMetadataEvent", "metadataEvent", "invalidStateEvent", "meteringEvent"})


class Assistant(Dialect):
    """Amazon Q Developer and Kiro"""

    api = "generateAssistantResponse"
    shape = "amazon-q"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self.answer.provider = "amazon-q"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return name in (_SAID, _CALLED, _THOUGHT)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or name in _ASIDE or name == _CODE

    def read_payload(self, value: Object, name: str) -> Reading:
        answer = self.answer
        message = answer.message()
        bits = 0
        answer.set_identity(value.get("modelId"), value.get("conversationId"))
        if name in (_SAID, _CODE):
            bits = message.add_text(value.get("content"))
        elif name == _THOUGHT:
            bits = message.add_reasoning(value.get("text"))
        elif name == _CALLED:
            id_ = text(value.get("toolUseId"))
            call = message.calls.at(id_) if id_ else message.calls.last() or message.calls.begin()
            begins = call.name is None and bool(value.get("name"))
            call.set_identity(id_, value.get("name"))
            bits = TOOLS * (call.arguments.add(dump(value.get("input"))) or begins)
        elif name == "metadataEvent":
            answer.set_usage(obj(value.get("tokenUsage")))
        elif name == "invalidStateEvent":
            answer.set_error({"type": text(value.get("reason")) or name, **(lenient_error_of(value) or {})})
        return make_reading(bits)
