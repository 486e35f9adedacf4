"""The demonstration server of vLLM, ``vllm.entrypoints.api_server``: what benchmarks and old deployments ask.

In: lines that each hold the prompt and all that was generated so far, of each sequence; or one of them as a whole
answer.  Out: readings and the answer, without the prompt.  There is neither an end marker nor a finish reason.
https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/api_server.py
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..answer import Answer
from ..dialect import Dialect, heard
from ..growing import Growing
from ..values import Object, items, obj, text


class Demo(Dialect):
    """The `/generate` of vLLM's demonstration server"""

    api = "generate"
    shape = "vllm"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self.answer = Answer(limits, Growing)
        self._prompt = text(obj(context.request_value).get("prompt"))

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        texts = items(value.get("text"))
        return len(value) == 1 and bool(texts) and all(isinstance(each, str) for each in texts)

    def payload(self, value: Object, name: str) -> Reading:
        bits = 0
        for position, said in enumerate(map(text, items(value.get("text")))):
            message = self.answer.message(position)
            bits |= message.say(said.removeprefix(self._prompt))
        self.failure(value)
        return heard(bits)
