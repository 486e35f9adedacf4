"""DashScope's own API: Qwen text and multimodal generation, and applications.

In: ``{"output": ..., "usage": ..., "request_id": ...}``, the same shape streamed and whole; text format, message
format, content as lists of parts.  Out: readings and the answer.  Unless ``incremental_output`` was requested, each
event may repeat everything so far: the texts find out (see `cumulative`).  There is no end marker but a finish reason
other than the string ``"null"``.  https://help.aliyun.com/zh/model-studio/text-generation-api
"""

from __future__ import annotations

import re

from ...model import Context, Limits, Llm, Reading
from ..answer import Answer, Message
from ..cumulative import CumulativeText, MaybeCumulativeText
from ..dialect import AUDIO_CONTENT, TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..intent import StreamIntent, by_anything, by_header
from ..texts import Text
from ..tool_calls import add_function_fragment
from ..values import Object, dig, dump, index, non_empty, obj, objects, parse_json, text


def asks(context: Context) -> StreamIntent:
    """A header of DashScope's own, or ``Accept``; the body has no switch."""
    asked = by_header("x-dashscope-sse", "enable", by_anything)(context)
    return asked if asked[1] else (False, "default")


_STATUS = re.compile(r"HTTP_STATUS/(\d{3})\b", re.ASCII)
_OUTPUT_KEYS = frozenset({"text", "choices", "message", "workflow_message", "finish_reason"})
_COUNTS = frozenset({"input_tokens", "output_tokens", "total_tokens", "models"})
_REASONS = ("finish_reason", "finished_reason", "fininshed_reason")
"""Where the finish reason stands: of deep research under the last, for which its documentation has the second.
https://help.aliyun.com/zh/model-studio/qwen-deep-research-api"""


class Generation(Dialect):
    """``/api/v1/services/aigc/*/generation``, ``/api/v1/services/audio/tts/*`` and ``/api/v1/apps/*/completion``."""

    api = "generation"
    shape = "dashscope"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        asked = dig(context.request_value, ("parameters", "incremental_output"))
        self.answer = Answer(limits, Text if asked is True else MaybeCumulativeText)
        self.answer.provider = "dashscope"
        self._status: int | None = None
        self._steps: Text | None = None
        """The text of a workflow's steps, once one has sent some."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        counted = not _COUNTS.isdisjoint(obj(value.get("usage")))
        return ("request_id" in value or counted) and not _OUTPUT_KEYS.isdisjoint(obj(value.get("output")))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        output = obj(value.get("output"))
        return "audio" in output or not _OUTPUT_KEYS.isdisjoint(output) or ("request_id" in value and "code" in value)

    def read_payload(self, value: Object, name: str) -> Reading:
        answer, output = self.answer, obj(value.get("output"))
        answer.set_identity(value.get("model"), value.get("request_id"))
        usage = obj(value.get("usage"))
        answer.set_usage(next(iter(objects(usage.get("models"))), usage))
        choices, step = objects(output.get("choices")), obj(output.get("workflow_message"))
        bits = AUDIO_CONTENT * bool(dig(output, ("audio", "data")))
        ended = False
        bits |= _ran(answer.message(), output.get("tool_info"))
        for choice in choices or [output]:
            message = answer.message(index(choice.get("index")))
            if "sentence_end" in obj(output.get("sentence")):
                self._hears(message)
            if step:
                bits |= self._step(message, step)
            elif self._steps is not None:
                self._conclude(message, text(output.get("text")))
            else:
                bits |= _say(message, obj(choice.get("message")) or choice)
            reason = next(filter(None, map(non_empty, map(choice.get, _REASONS))), None)
            message.set_finish_reason(reason)
            ended = ended or reason is not None or _answered(obj(choice.get("message")))
        holder = output or value  # a failed task has its error in its output
        if non_empty(holder.get("code")) or (name == "error" and not output):
            answer.set_error(lenient_error_of(holder) or {})
        return make_reading(bits, end="finish_reason" if ended else None)

    def _hears(self, message: Message) -> None:
        """Speech is recognised: each event has all so far, corrected where it was misheard, and none is marked as the
        last.

        https://help.aliyun.com/zh/model-studio/fun-asr-flash-recorded-speech-recognition-http-api
        """
        self.terminator_due = False
        if not isinstance(message.text, CumulativeText):
            message.text = CumulativeText(self.answer.budget)

    def _step(self, message: Message, step: Object) -> int:
        """Read a piece from a step of a workflow.  What a model generates in it is wrapped in an object of its own."""
        content = text(dig(step, ("message", "content")))
        if not content or step.get("node_type") == "Start":  # it repeats the request
            return 0
        if self._steps is None:
            self._steps = message.text = Text(self.answer.budget)
        made = obj(parse_json(content))
        by_model = isinstance(made.get("result"), str)
        bits = message.add_text(text(made.get("result")) if by_model else content)
        return bits | message.add_reasoning(made.get("reasoningContent"))

    def _conclude(self, message: Message, words: str) -> None:
        """Read the end, which repeats what of the steps' text is the workflow's answer."""
        if words:
            message.text = Text(self.answer.budget)
            message.text.add(words)

    def read_comment(self, words: str) -> None:
        """Take ``:HTTP_STATUS/400``: the status of an error in a stream whose own status was 200 already."""
        found = _STATUS.search(words)
        if found and int(found[1]) >= 400:
            self._status = int(found[1])

    def result(self) -> Llm:
        if self._status is not None:
            self.answer.error = {"status": self._status, **(self.answer.error or {})}
        return super().result()


def _say(message: Message, delta: Object) -> int:
    """Add what a message, or an output in text format, says."""
    bits = 0
    for words in _texts(delta.get("content")) or _texts(delta.get("text")):
        bits |= message.add_text(words)
    if words := text(delta.get("reasoning_content")) or _thoughts(delta.get("thoughts")):
        bits |= message.add_reasoning(words)
    for position, fragment in enumerate(objects(delta.get("tool_calls"))):
        call = message.calls.at(index(fragment.get("index"), position))
        call.set_identity(fragment.get("id"), None)
        bits |= add_function_fragment(call, obj(fragment.get("function")))
    return bits


def _answered(delta: Object) -> bool:
    """Deep research ends with its last phase, with or without a finish reason."""
    return delta.get("phase") == "answer" and delta.get("status") == "finished"


def _ran(message: Message, tools: object) -> int:
    """Add what the model's own interpreter ran, which each event repeats.

    https://help.aliyun.com/zh/model-studio/qwen-code-interpreter
    """
    bits = 0
    for position, tool in enumerate(objects(tools)):
        call, type_ = message.server_calls.at(position), text(tool.get("type"))
        call.set_identity(None, type_)
        if not call.arguments:
            bits |= TOOLS * call.arguments.add(dump(dig(tool, (type_, "code")) or tool.get(type_)))
    return bits


def _texts(content: object) -> list[str]:
    """The texts of a content: the content itself, or those of its parts."""
    if isinstance(content, str):
        return [content]
    return [words for part in objects(content) if isinstance(words := part.get("text"), str)]


def _thoughts(steps: object) -> str:
    """The reasoning among an application's thoughts, which also list what it did."""
    thoughts = (thought for thought in objects(steps) if thought.get("action_type") == "reasoning")
    return "".join(text(thought.get("thought")) or text(thought.get("response")) for thought in thoughts)
