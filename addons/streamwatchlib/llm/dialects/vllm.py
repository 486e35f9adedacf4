"""Where vLLM differs from OpenAI: its demonstration server, and streamed transcripts.

In: from the demonstration server (``vllm.entrypoints.api_server``, which benchmarks and old deployments use), lines
that each hold, for each sequence, the prompt and all that was generated so far, or one of them as a whole answer; for
transcripts, chunks shaped like a chat's.  Out: readings and the answer, without the prompt.  The demonstration server
has neither an end marker nor a finish reason.
https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/api_server.py
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..cumulative import MaybeCumulativeText
from ..dialect import Dialect, make_reading
from ..values import Object, items, obj, text
from .openai_chat import Chat


class Demo(Dialect):
    """The `/generate` of vLLM's demo server"""

    api = "generate"
    shape = "vllm"
    terminator_due = False
    text_type = MaybeCumulativeText

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._prompt = text(obj(context.request_value).get("prompt"))

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        texts = items(value.get("text"))
        return len(value) == 1 and bool(texts) and all(isinstance(each, str) for each in texts)

    def read_payload(self, value: Object, name: str) -> Reading:
        bits = 0
        for position, words in enumerate(map(text, items(value.get("text")))):
            message = self.answer.message(position)
            bits |= message.add_text(words.removeprefix(self._prompt))
        self.take_error(value)
        return make_reading(bits)


class Transcripts(Chat):
    """Transcriptions and translations streamed by vLLM"""

    api = "audio.transcriptions"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return text(value.get("object")) in ("transcription.chunk", "translation.chunk")
