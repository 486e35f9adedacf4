"""Gemini and Vertex ``generateContent``.

In: ``GenerateContentResponse`` payloads, the same streamed (SSE or the elements of a JSON array) and whole.  Out:
readings and the answer.  Parts marked ``thought`` are reasoning; function calls come whole; code and tools that Google
runs itself are server tool calls.  There is no end marker: the stream ends with a finish reason.
https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from ...model import Context, Limits, Llm, Reading
from ..answer import Call, Message
from ..cumulative import Sentences
from ..dialect import AUDIO_CONTENT, MEDIA, REASONING, TEXT, TOOLS, Dialect, make_reading
from ..partial_arguments import PartialArguments
from ..providers import asked_model
from ..values import Object, dig, dump, index, obj, objects, text

_STREAMS = (":streamGenerateContent", ":templateStreamGenerateContent", "treamAssist", ":streamAnswer")
"""How the paths of streams end, also those of templates in Firebase and of the Discovery Engine."""


def array_stream(context: Context) -> bool:
    """The requested stream comes as one JSON array, element by element: Google's way unless ``alt=sse``."""
    return context.path.endswith(_STREAMS) and dict(context.query).get("alt") != "sse"


class GenerateContent(Dialect):
    """``:generateContent`` and ``:streamGenerateContent``."""

    api = "generateContent"
    shape = "gemini"
    sound = AUDIO_CONTENT
    """The channel bit of audio: here only models that speak a given text send it."""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._partial: tuple[Call, PartialArguments] | None = None
        """The call whose arguments are coming in pieces."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        value = obj(value.get("response")) or value
        counted = "usageMetadata" in value and "modelVersion" in value
        candidates = objects(value.get("candidates"))
        spoken = any(isinstance(one.get("content"), dict) or "finishReason" in one for one in candidates)
        return spoken or counted or "promptFeedback" in value

    def read_payload(self, value: Object, name: str) -> Reading:
        value = obj(value.get("response")) or value  # Code Assist wraps each payload
        answer = self.answer
        bits, end = 0, None
        answer.set_identity(value.get("modelVersion"), value.get("responseId"))
        answer.set_usage(value.get("usageMetadata"))
        for candidate in objects(value.get("candidates")):
            message = answer.message(index(candidate.get("index")))
            for part in objects(dig(candidate, ("content", "parts"))):
                bits |= self._part(message, part)
            reason = candidate.get("finishReason")
            if reason:
                message.set_finish_reason(dump(reason))
                end = "finishReason"
                self._explain(dump(reason), candidate.get("finishMessage"))
        feedback = obj(value.get("promptFeedback"))
        if blocked := feedback.get("blockReason"):
            answer.note(f"the prompt was blocked: {dump(blocked)}")
            self._explain(dump(blocked), feedback.get("blockReasonMessage"))
            end = "promptFeedback"
        self.take_error(value)
        return make_reading(bits, end=end)

    def _explain(self, reason: str, words: object) -> None:
        """A reason may come with a message, which says nothing for a normal end."""
        if isinstance(words, str) and words and reason != "STOP":
            self.answer.note(f"{reason}: {words}")

    def _part(self, message: Message, part: Object) -> int:
        words = text(part.get("text")) or _transcribed(message, obj(part.get("audioTranscription")))
        if words:
            (message.reasoning if part.get("thought") else message.text).add(words)
            return REASONING if part.get("thought") else TEXT
        message.has_text_channel |= "text" in part and not part.get("thought")
        call = part.get("functionCall")
        if isinstance(call, dict):
            return self._call(message, call)
        code = part.get("executableCode")
        if isinstance(code, dict):
            message.server_calls.add(code.get("id"), "code_execution", dump(code.get("code")))
            return TOOLS
        tool = part.get("toolCall")
        if isinstance(tool, dict):  # one of Google's own, sent if the client asks to see them
            message.server_calls.add(tool.get("id"), tool.get("toolType"), dump(obj(tool.get("args"))))
            return TOOLS
        if text(dig(part, ("inlineData", "mimeType"))).startswith("audio/"):
            return self.sound
        return MEDIA * ("inlineData" in part)

    def _call(self, message: Message, call: Object) -> int:
        """A call comes whole; Vertex can send its arguments piece by piece, each with its JSON path."""
        if not call and self._partial is None:
            return 0  # just says that the call before is complete
        pieces = objects(call.get("partialArgs"))
        if self._partial and call.get("name") not in (None, self._partial[0].name if pieces else None):
            self._spell()  # another call: the one before may not have been marked as complete
            self._partial = None
        if not pieces and not call.get("willContinue") and self._partial is None:
            message.calls.add(call.get("id"), call.get("name"), dump(obj(call.get("args"))))
            return TOOLS
        if self._partial is None:
            self._partial = message.calls.begin(), PartialArguments(self.answer.budget.left)
            self._partial[0].set_identity(call.get("id"), call.get("name"))
        for piece in pieces:
            self._partial[1].put(piece)
        self.answer.budget.overdrawn |= self._partial[1].full
        if not call.get("willContinue"):
            self._spell()
            self._partial = None
        return TOOLS

    def _spell(self) -> None:
        """Set the partial call's arguments to what has come of them."""
        if self._partial:
            begun, arguments = self._partial
            begun.replace_arguments(arguments.value())

    def result(self) -> Llm:
        self._spell()
        return super().result()


def _transcribed(message: Message, turn: Object) -> str:
    """What one speaker said without a break, as a line of its own."""
    words = text(turn.get("text"))
    return "\n" * bool(words and message.text) + words


_LIVE = ("serverContent", "toolCall", "setupComplete", "toolCallCancellation", "goAway", "sessionResumptionUpdate")


class Live(GenerateContent):
    """Gemini's Live API, ``BidiGenerateContent`` over a WebSocket.  https://ai.google.dev/api/live"""

    api = "live"
    sound = MEDIA
    """The spoken text comes beside the audio."""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._heard = Sentences(self.answer.budget)
        self._listens = "-transcribe-" in (asked_model(context) or "")
        """The model is for speech recognition: what the client said is the answer.

        https://ai.google.dev/gemini-api/docs/live-api/live-transcribe
        """
        if self._listens:
            self.answer.message().text = self._heard

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        called = "functionCalls" in obj(value.get("toolCall"))
        return called or isinstance(value.get("serverContent"), dict) or value.get("setupComplete") is not None

    def read_payload(self, value: Object, name: str) -> Reading:
        content = obj(value.get("serverContent"))
        answer = self.answer
        bits = 0
        message = answer.message()
        for part in objects(dig(content, ("modelTurn", "parts"))):
            bits |= self._part(message, part)
        # the model's speech as text
        bits |= message.add_text(dig(content, ("outputTranscription", "text")))
        bits |= TEXT * (self._listens and self._recognise(content))
        calls = objects(dig(value, ("toolCall", "functionCalls")))
        for call in calls:
            bits |= self._call(message, call)
        message.set_finish_reason("interrupted" if content.get("interrupted") else content.get("turnCompleteReason"))
        answer.set_usage(value.get("usageMetadata"))
        self.take_error(value)
        end = "turnComplete" if content.get("turnComplete") else "toolCall" if calls else None
        return make_reading(bits, next((key for key in _LIVE if key in value), None), end)

    def _recognise(self, content: Object) -> bool:
        """Take a sentence as recognised by now, which may still change, or finally; return whether it changed."""
        news = False
        for name, sure in (("interimInputTranscription", False), ("inputTranscription", True)):
            if words := text(dig(content, (name, "text"))):
                news |= self._heard.update(words, over=sure)
        return news
