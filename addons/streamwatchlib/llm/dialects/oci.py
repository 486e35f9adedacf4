"""Oracle Cloud's generative AI.

In: events that each hold what is new of a message (or of a text if the model is Cohere's, whose last event repeats
all); or a whole answer in an envelope.  Out: readings and the answer.
https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/latest/ChatResult/Chat
"""

from __future__ import annotations

from ...model import Reading
from ..answer import Message
from ..dialect import TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..intent import by_switch
from ..parts import add_content
from ..values import Object, dig, dump, index, non_empty, obj, objects, text

asks = by_switch(("chatRequest", "isStream"))


class Chat(Dialect):
    """Oracle Cloud's generative AI, `/20231130/actions/chat`"""

    api = "chat"
    shape = "oci"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        whole = "apiFormat" in obj(value.get("chatResponse"))
        return whole or ("pad" in value and (_is_message(value) or "apiFormat" in value))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return _is_message(value) or not {"apiFormat", "chatResponse", "finishReason"}.isdisjoint(value)

    def read_payload(self, value: Object, name: str) -> Reading:
        response = obj(value.get("chatResponse")) or value
        self.answer.set_identity(value.get("modelId"), None)
        self.answer.set_usage(response.get("usage"))
        bits, ended = 0, False
        for choice in objects(response.get("choices")) or [response]:
            message, reason = self.answer.message(index(choice.get("index"))), non_empty(choice.get("finishReason"))
            repeats = reason is not None and not message.empty and "message" not in choice
            bits |= 0 if repeats else _say(message, obj(choice.get("message")) or choice)
            message.set_finish_reason(reason)
            ended = ended or reason is not None
        if not self.take_error(value) and non_empty(value.get("code")) and "message" in value:
            self.answer.set_error(lenient_error_of(value) or {})
        return make_reading(bits, end="finishReason" if ended else None)


def _is_message(value: Object) -> bool:
    return text(dig(value, ("message", "role"))).isupper()


def _say(message: Message, delta: Object) -> int:
    """Add what a message, or an event of Cohere's, says."""
    bits = add_content(message, delta.get("content") or delta.get("text") or [])
    bits |= message.add_reasoning(delta.get("reasoningContent"))
    message.has_text_channel |= "content" in delta or "text" in delta
    for fragment in objects(delta.get("toolCalls")):
        id_, name = non_empty(fragment.get("id")), fragment.get("name")
        call = message.calls.get(id_) if id_ else None if name else message.calls.last()
        call = call or message.calls.begin(*filter(None, [id_]))
        call.set_identity(id_, name)
        given = fragment.get("arguments") or fragment.get("parameters")
        bits |= TOOLS * (call.arguments.add(dump(given)) or bool(name))
    return bits
