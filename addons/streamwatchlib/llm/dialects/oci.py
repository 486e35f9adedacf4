"""Oracle Cloud's generative AI.

In: events that each hold what is new of a message (or of a text if the model is Cohere's, whose last event repeats
all); or a whole answer in an envelope.  Out: readings and the answer.
https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/latest/ChatResult/Chat
"""

from __future__ import annotations

from ...model import Reading
from ..answer import Message
from ..dialect import TOOLS, Dialect, heard
from ..figures import complaint_of
from ..intent import by_switch
from ..parts import speak
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

    def payload(self, value: Object, name: str) -> Reading:
        said = obj(value.get("chatResponse")) or value
        self.answer.named(value.get("modelId"), None)
        self.answer.used(said.get("usage"))
        bits, ended = 0, False
        for choice in objects(said.get("choices")) or [said]:
            message, reason = self.answer.message(index(choice.get("index"))), non_empty(choice.get("finishReason"))
            repeats = reason is not None and not message.empty and "message" not in choice
            bits |= 0 if repeats else _say(message, obj(choice.get("message")) or choice)
            message.finished(reason)
            ended = ended or reason is not None
        if not self.failure(value) and non_empty(value.get("code")) and "message" in value:
            self.answer.failed(complaint_of(value) or {})
        return heard(bits, end="finishReason" if ended else None)


def _is_message(value: Object) -> bool:
    return text(dig(value, ("message", "role"))).isupper()


def _say(message: Message, said: Object) -> int:
    """Add what a message, or an event of Cohere's, says."""
    bits = speak(message, said.get("content") or said.get("text") or [])
    bits |= message.think(said.get("reasoningContent"))
    message.said |= "content" in said or "text" in said
    for fragment in objects(said.get("toolCalls")):
        id_, name = non_empty(fragment.get("id")), fragment.get("name")
        call = message.calls.get(id_) if id_ else None if name else message.calls.last()
        call = call or message.calls.begin(*filter(None, [id_]))
        call.named(id_, name)
        given = fragment.get("arguments") or fragment.get("parameters")
        bits |= TOOLS * (call.arguments.add(dump(given)) or bool(name))
    return bits
