"""Gemini and Vertex ``generateContent``.

In: ``GenerateContentResponse`` payloads, the same streamed (SSE or the elements of a JSON array) and whole.  Out:
readings and the answer.  Parts marked ``thought`` are reasoning, function calls come whole, code that Google runs
itself is a server tool.  There is no end marker: the finish reason is the last word.
https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from ..model import Context, Reading
from .answer import Message
from .dialect import REASONING, TEXT, TOOLS, Dialect, heard
from .values import Object, dig, dump, index, obj, objects, text


def array_stream(context: Context) -> bool:
    """The stream asked for comes as one JSON array, element by element: Gemini's way unless ``alt=sse``."""
    return context.path.endswith(":streamGenerateContent") and dict(context.query).get("alt") != "sse"


class GenerateContent(Dialect):
    """``:generateContent`` and ``:streamGenerateContent``."""

    api = "generateContent"
    shape = "gemini"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        value = obj(value.get("response")) or value
        counted = "usageMetadata" in value and "modelVersion" in value
        return counted or isinstance(value.get("candidates"), list) or "promptFeedback" in value

    def payload(self, value: Object, name: str) -> Reading:
        value = obj(value.get("response")) or value  # Code Assist wraps each payload
        answer, bits, end = self.answer, 0, None
        answer.named(value.get("modelVersion"), value.get("responseId"))
        answer.usage = value.get("usageMetadata") or answer.usage
        for candidate in objects(value.get("candidates")):
            message = answer.message(index(candidate.get("index")))
            for part in objects(dig(candidate, ("content", "parts"))):
                bits |= _part(message, part)
            reason = candidate.get("finishReason")
            if reason:
                message.finished(dump(reason))
                end = "finishReason"
        blocked = dig(value, ("promptFeedback", "blockReason"))
        if blocked:
            answer.note(f"the prompt was blocked: {dump(blocked)}")
            end = "promptFeedback"
        self.failure(value)
        return heard(bits, end=end)


def _part(message: Message, part: Object) -> int:
    words = text(part.get("text"))
    if words:
        (message.reasoning if part.get("thought") else message.text).add(words)
        return REASONING if part.get("thought") else TEXT
    message.said = message.said or ("text" in part and not part.get("thought"))
    call = part.get("functionCall")
    if isinstance(call, dict):
        return _call(message, call)
    code = part.get("executableCode")
    if isinstance(code, dict):
        message.server_calls.add(code.get("id"), "code_execution", dump(code.get("code")))
        return TOOLS
    return 0


def _call(message: Message, call: Object) -> int:
    message.calls.add(call.get("id"), call.get("name"), dump(obj(call.get("args"))))
    return TOOLS
