"""TensorZero's own inferences; its gateway offers OpenAI's API as well.

In: chunks of an inference, whose blocks of content are told apart by their IDs, or all of it.  Out: readings and the
answer.  The answer of a function with a schema is JSON, as text.
https://www.tensorzero.com/docs/gateway/guides/streaming-inference
"""

from __future__ import annotations

from ...model import Reading
from ..answer import Message
from ..dialect import TOOLS, Dialect, make_reading
from ..values import Object, dig, dump, non_empty, objects, text


class Inference(Dialect):
    """TensorZero's own `/inference`"""

    api = "inference"
    shape = "tensorzero"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return {"inference_id", "episode_id", "variant_name"} <= value.keys()

    def read_payload(self, value: Object, name: str) -> Reading:
        message = self.answer.message()
        bits = message.add_text(value.get("raw")) | message.add_text(dig(value, ("output", "raw")))
        for block in objects(value.get("content")):
            bits |= _say(message, block)
        self.answer.set_identity(None, value.get("inference_id"))
        self.answer.set_usage(value.get("usage"))
        message.set_finish_reason(value.get("finish_reason"))
        self.take_error(value)
        return make_reading(bits)


def _say(message: Message, block: Object) -> int:
    type_ = block.get("type")
    if type_ == "tool_call":
        id_ = non_empty(block.get("id"))
        call = message.calls.at(id_) if id_ else message.calls.begin()
        call.set_identity(id_, block.get("raw_name"))
        piece = text(block.get("raw_arguments")) or dump(block.get("arguments"))
        return TOOLS * (call.arguments.add(piece) or bool(block.get("raw_name")))
    return message.add_reasoning(block.get("text")) if type_ == "thought" else message.add_text(block.get("text"))
