"""DashScope's tasks over a WebSocket: speech recognition (Fun-ASR, Paraformer, Gummy), speech synthesis (CosyVoice,
Sambert), and text generation, which its SDKs can request this way.

In: events ``{"header": {"event": ..., "task_id": ...}, "payload": ...}``, and binary audio between them.  Out: readings
and the answer.  A recognised sentence is sent again until it is over; audio is framed, sized and dated, but not kept;
generated text has the same shape as over HTTP.
https://help.aliyun.com/zh/model-studio/websocket-for-paraformer-real-time-service
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..cumulative import Sentences
from ..dialect import TEXT, Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, obj, objects, text
from .dashscope import Generation

_END = frozenset({"task-finished", "task-failed"})
_EVENTS = frozenset({"task-started", "result-generated", *_END})


class Tasks(Dialect):
    """Tasks over a WebSocket, ``/api-ws/v1/inference``: speech recognition and synthesis, and what models generate"""

    api = "inference"
    shape = "dashscope"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._model = Generation(context, limits)
        self.answer = self._model.answer

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        header = obj(value.get("header"))
        return isinstance(header.get("task_id"), str) and text(header.get("event")) in _EVENTS

    def read_payload(self, value: Object, name: str) -> Reading:
        header = obj(value.get("header"))
        payload = obj(value.get("payload"))
        bits = 0
        type_, output = text(header.get("event")), obj(payload.get("output"))
        self.answer.set_identity(None, header.get("task_id"))
        self.answer.set_usage(payload.get("usage"))
        # Gummy sends translations beside the transcription
        for position, sentence in enumerate((output.get("transcription"), *objects(output.get("translations")))):
            bits |= self._hear(position, obj(sentence))
        bits |= self._hear(0, obj(output.get("sentence")))
        if output.get("event") == "RespondingContent":  # in a dialogue, where each reply comes like a sentence
            bits |= self._hear(0, {"text": output.get("text"), "sentence_end": output.get("finished")})
        if type_ == "task-failed":
            error = {"code": header.get("error_code"), "message": header.get("error_message") or type_}
            self.answer.set_error(lenient_error_of(error) or {})
        reading = make_reading(bits, type_ or None, type_ if type_ in _END else None)
        if objects(output.get("choices")):
            return reading._replace(channels=self._model.read_payload({"output": output}, "message").channels)
        return reading

    def _hear(self, position: int, sentence: Object) -> int:
        """Take a sentence as it is recognised by now."""
        words = text(sentence.get("text"))
        if not words or sentence.get("heartbeat") is True:
            return 0
        message = self.answer.message(position)
        if not isinstance(message.text, Sentences):
            message.text = Sentences(self.answer.budget)
        over = sentence.get("sentence_end", sentence.get("end_time") is not None)
        return TEXT * message.text.update(words, over=over is True)
