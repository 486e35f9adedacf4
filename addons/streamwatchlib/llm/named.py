"""APIs whose events are named, and some of these bring words: each is a few names and paths.

In: payloads that name themselves, or that the framing names; the whole answer is one of them, or its own.  Out:
readings and the answer.  What stands in an event that is not listed here is no content.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Reading
from .dialect import MEDIA, REASONING, TEXT, TOOLS, Dialect, heard
from .figures import complaint_of
from .values import Object, Path, dig, dump, obj, objects, text


class Named(Dialect):
    """Named events.  Subclasses tell their names, and where the words stand."""

    key = "type"
    """The member that names the event; where there is none, the framing does."""
    says: Mapping[str, Path]
    """Name of an event that brings text -> where that stands."""
    thinks: Mapping[str, Path] = {}
    """The same for reasoning."""
    others: frozenset[str] = frozenset()
    """Names of events that only this API has."""
    finals: frozenset[str]
    usage: tuple[Path, ...]
    finish: Path = ("finishReason",)
    """Where the reason to stop stands in the last event."""
    id: Path = ("id",)

    @classmethod
    def called(cls, value: Object, name: str) -> str:
        return text(value.get(cls.key)) or name

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        called = cls.called(value, name)
        return called in cls.others or called in cls.says or called in cls.thinks or called in cls.finals

    def payload(self, value: Object, name: str) -> Reading:
        called, answer = self.called(value, name), self.answer
        message, final = answer.message(), called in self.finals
        message.said = message.said or called in self.says
        bits = TEXT * message.text.add(text(dig(value, self.says.get(called, ("",)))))
        bits |= REASONING * message.reasoning.add(text(dig(value, self.thinks.get(called, ("",)))))
        bits |= self.more(called, value)
        answer.named(None, dig(value, self.id))
        answer.usage = next((found for path in self.usage if (found := dig(value, path))), answer.usage)
        if final:
            message.finished(dig(value, self.finish))
        self.failure(value)
        return heard(bits, called, called if final else None)

    def more(self, called: str, value: Object) -> int:
        """What this API says besides; the channels it says it on."""
        return 0


class LmStudio(Named):
    """LM Studio's own ``/api/v1/chat``.  https://lmstudio.ai/docs/developer/rest/streaming-events"""

    api = "chat"
    shape = "lmstudio"
    says: Mapping[str, Path] = {"message.delta": ("content",)}
    thinks: Mapping[str, Path] = {"reasoning.delta": ("content",)}
    others = frozenset({"chat.start", "model_load.start", "prompt_processing.start", "prompt_processing.progress"})
    finals = frozenset({"chat.end"})
    usage: tuple[Path, ...] = (("result", "stats"), ("stats",))
    id: Path = ("response_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return super().claims(value, name) or ("model_instance_id" in value and "output" in value)

    def more(self, called: str, value: Object) -> int:
        self.answer.named(value.get("model_instance_id"), None)
        if called == "chat.end":
            result = obj(value.get("result"))
            self.answer.timed(result)
            self.answer.named(result.get("model_instance_id"), result.get("response_id"))
            return self._output(result) if self.answer.message().empty else 0
        if called != "tool_call.arguments":
            return 0
        self.answer.message().server_calls.add(None, value.get("tool"), dump(value.get("arguments")))
        return TOOLS

    def document(self, value: Object) -> None:
        self._output(value)
        self.payload(value, "message")
        self.answer.timed(value)

    def _output(self, result: Object) -> int:
        """What the last event repeats, and a whole answer says."""
        message, bits = self.answer.message(), 0
        message.said = True
        for item in objects(result.get("output")):
            type_, words = item.get("type"), text(item.get("content"))
            if type_ == "tool_call":
                bits |= self.more("tool_call.arguments", item)
            elif type_ == "reasoning":
                bits |= REASONING * message.reasoning.add(words)
            else:
                bits |= TEXT * message.text.add(words)
        return bits


class Dify(Named):
    """Dify's chats, completions and workflows.  https://docs.dify.ai/"""

    api = "chat"
    shape = "dify"
    key = "event"
    says: Mapping[str, Path] = {"message": ("answer",), "agent_message": ("answer",), "text_chunk": ("data", "text")}
    finals = frozenset({"message_end", "workflow_finished"})
    usage: tuple[Path, ...] = (("metadata", "usage"),)
    finish: Path = ("data", "status")
    id: Path = ("message_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # its words for events are anybody's
        return "task_id" in value and "event" in value and ("message_id" in value or "workflow_run_id" in value)

    def more(self, called: str, value: Object) -> int:
        if called == "error":
            self.answer.failed(complaint_of(value) or {})
        elif called == "workflow_finished":
            self.failure(obj(value.get("data")))
        return MEDIA * (called == "tts_message" and bool(value.get("audio")))


class Coze(Named):
    """Coze's ``/v3/chat``.  https://www.coze.com/open/docs/developer_guides/chat_v3"""

    api = "chat"
    shape = "coze"
    key = "event"
    says: Mapping[str, Path] = {"conversation.message.delta": ("content",)}
    thinks: Mapping[str, Path] = {"conversation.message.delta": ("reasoning_content",)}
    others = frozenset({"conversation.chat.created", "conversation.chat.in_progress", "conversation.message.completed"})
    finals = frozenset({"conversation.chat.completed", "conversation.chat.failed"})
    usage: tuple[Path, ...] = (("usage",),)
    finish: Path = ("status",)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or "code" in value

    def more(self, called: str, value: Object) -> int:
        message = self.answer.message()
        if called == "conversation.message.completed":
            if value.get("type") == "function_call":
                message.server_calls.add(None, "function_call", text(value.get("content")))
                return TOOLS
            if value.get("type") == "answer" and message.empty:
                return TEXT * message.text.add(text(value.get("content")))
        for failed in (value, obj(value.get("last_error"))):
            if failed.get("code"):
                said = {"code": failed["code"], "message": text(failed.get("msg"))}
                self.answer.failed(complaint_of(said) or {})
        return 0
