"""Models inside Bedrock's InvokeModel that send just a text.

In: payloads as InvokeModel wraps them; the whole answer has the same shape.  Out: readings and the answer.
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from __future__ import annotations

from ..plain import Plain
from ..values import Object, objects
from .cohere import ChatV1


class Titan(Plain):
    """Amazon Titan, inside Bedrock's InvokeModel."""

    api = "invoke"
    shape = "bedrock"
    text_paths = (("outputText",), ("results", 0, "outputText"))
    finish_paths = (("completionReason",), ("results", 0, "completionReason"))
    usage_paths = ((),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "outputText" in value or any("outputText" in result for result in objects(value.get("results")))


class Llama(Plain):
    """Meta Llama, inside Bedrock's InvokeModel."""

    api = "invoke"
    shape = "bedrock"
    text_paths = (("generation",),)
    finish_paths = (("stop_reason",),)
    usage_paths = ((),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # a guardrail's own words have no reason to stop
        return "generation" in value and not {"stop_reason", "amazon-bedrock-guardrailAction"}.isdisjoint(value)


class MistralText(Plain):
    """Mistral's text completion, inside Bedrock's InvokeModel."""

    api = "invoke"
    shape = "bedrock"
    text_paths = (("outputs", 0, "text"),)
    finish_paths = (("outputs", 0, "stop_reason"),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return any("text" in output for output in objects(value.get("outputs")))


class ClaudeText(Plain):
    """Claude's text completion, inside Bedrock's InvokeModel."""

    api = "invoke"
    shape = "bedrock"
    text_paths = (("completion",),)
    finish_paths = (("stop_reason",),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "completion" in value and "stop_reason" in value


class Command(ChatV1):
    """Cohere's Command, inside Bedrock's InvokeModel: its events have no type."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return cls.accepts(value, name)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "is_finished" in value or ChatV1.claims(value, name)
