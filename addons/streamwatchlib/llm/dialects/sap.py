"""SAP AI Core's orchestration: chat completions in an envelope.

In: payloads with the output of each module and, as the result, a chat completion or a chunk of one; or an error.  Out:
readings and the answer of what is inside.  https://help.sap.com/docs/sap-ai-core/sap-ai-core-service-guide/streaming
"""

from __future__ import annotations

from ...model import Reading
from ..intent import by_switch
from ..values import Object, obj
from .openai_chat import Chat

_RESULTS = ("final_result", "orchestration_result")
"""Member that holds the result: in version 2, and in version 1."""


asks = by_switch(("config", "stream", "enabled"), ("orchestration_config", "stream"))


class Orchestration(Chat):
    """SAP AI Core's orchestration: OpenAI's chat completions in an envelope"""

    shape = "sap"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "request_id" in value and any("choices" in obj(value.get(key)) for key in _RESULTS)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or ("request_id" in value and "code" in value)

    def read_payload(self, value: Object, name: str) -> Reading:
        return super().read_payload(_result(value), name)

    def read_document(self, value: Object) -> None:
        super().read_document(_result(value))


def _result(value: Object) -> Object:
    return next((result for key in _RESULTS if (result := obj(value.get(key)))), value)
