"""APIs whose events are named, and some of which bring text: each is a few names and paths.

In: payloads that name themselves, or that the framing names; the whole answer is one of them, or its own.  Out:
readings and the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...headers import header
from ...model import Context, Reading
from ..dialect import TOOLS
from ..figures import lenient_error_of
from ..named import Named
from ..values import Object, Path, dig, dump, obj, objects, text


class LmStudio(Named):
    """LM Studio's own ``/api/v1/chat``.  https://lmstudio.ai/docs/developer/rest/streaming-events"""

    api = "chat"
    shape = "lmstudio"
    text_events: Mapping[str, Path] = {"message.delta": ("content",)}
    reasoning_events: Mapping[str, Path] = {"reasoning.delta": ("content",)}
    own_events = frozenset({"chat.start", "model_load.start", "prompt_processing.start", "prompt_processing.progress"})
    finals = frozenset({"chat.end"})
    usage_paths: tuple[Path, ...] = (("result", "stats"), ("stats",))
    id_path: Path = ("response_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # many apps have events of these names
        return cls.event_name(value, name) in cls.own_events or ("model_instance_id" in value and "output" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or super().claims(value, name)

    def read_extra(self, event_name: str, value: Object) -> int:
        self.answer.set_identity(value.get("model_instance_id"), None)
        if event_name == "chat.end":
            result = obj(value.get("result"))
            self.answer.add_server_timing(result)
            self.answer.set_identity(result.get("model_instance_id"), result.get("response_id"))
            return self._output(result) if self.answer.message().empty else 0
        if event_name != "tool_call.arguments":
            return 0
        self.answer.message().server_calls.add(None, value.get("tool"), dump(value.get("arguments")))
        return TOOLS

    def read_document(self, value: Object) -> None:
        self._output(value)
        self.read_payload(value, "message")
        self.answer.add_server_timing(value)

    def _output(self, result: Object) -> int:
        """Read what the last event repeats, and what a whole answer says."""
        message, bits = self.answer.message(), 0
        for item in objects(result.get("output")):
            type_, words = item.get("type"), text(item.get("content"))
            if type_ == "tool_call":
                bits |= self.read_extra("tool_call.arguments", item)
            elif type_ == "reasoning":
                bits |= message.add_reasoning(words)
            else:
                bits |= message.add_text(words)
        return bits


class Pinecone(Named):
    """Pinecone's assistants.  https://docs.pinecone.io/guides/assistant/chat-with-assistant"""

    api = "assistant"
    shape = "pinecone"
    text_events: Mapping[str, Path] = {"content_chunk": ("delta", "content")}
    finals = frozenset({"message_end"})
    usage_paths: tuple[Path, ...] = (("usage",),)
    finish_path: Path = ("finish_reason",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return value.get("type") == "content_chunk" and isinstance(dig(value, cls.text_events["content_chunk"]), str)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "type" in value or isinstance(value.get("message"), dict)

    def read_extra(self, event_name: str, value: Object) -> int:
        self.answer.set_identity(value.get("model"), None)
        return 0

    def read_document(self, value: Object) -> None:
        self.read_payload(value, "message_end")
        self.answer.message().add_text(dig(value, ("message", "content")))


class HuggingChat(Named):
    """HuggingChat, also when self-hosted.  https://github.com/huggingface/chat-ui"""

    api = "chat"
    shape = "huggingchat"
    text_events: Mapping[str, Path] = {"stream": ("token",)}
    reasoning_events: Mapping[str, Path] = {"reasoning": ("token",)}
    finals = frozenset({"finalAnswer"})
    usage_paths: tuple[Path, ...] = ()

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # many apps have events of these names
        return text(value.get("token")).endswith("\0") or {"type", "text", "interrupted"} <= value.keys()

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return super().claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        # each token is padded, so that its length does not reveal it
        return super().read_payload({**value, "token": text(value.get("token")).rstrip("\0")}, name)

    def read_extra(self, event_name: str, value: Object) -> int:
        message, use = self.answer.message(), obj(value.get("call"))
        if use:
            message.server_calls.add(value.get("uuid"), use.get("name"), dump(use.get("parameters")))
        whole = event_name == "finalAnswer" and not message.text
        return TOOLS * bool(use) | (message.add_text(value.get("text")) if whole else 0)


class Coze(Named):
    """Coze's ``/v3/chat``.  https://www.coze.com/open/docs/developer_guides/chat_v3"""

    api = "chat"
    shape = "coze"
    event_name_key = "event"
    text_events: Mapping[str, Path] = {"conversation.message.delta": ("content",)}
    reasoning_events: Mapping[str, Path] = {"conversation.message.delta": ("reasoning_content",)}
    own_events = frozenset(
        {"conversation.chat.created", "conversation.chat.in_progress", "conversation.message.completed"}
    )
    finals = frozenset(f"conversation.chat.{how}" for how in ("completed", "failed", "requires_action"))
    usage_paths: tuple[Path, ...] = (("usage",),)
    finish_path: Path = ("status",)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or "code" in value

    def read_extra(self, event_name: str, value: Object) -> int:
        message = self.answer.message()
        if event_name == "conversation.message.completed":
            if value.get("type") == "function_call":
                message.server_calls.add(None, "function_call", text(value.get("content")))
                return TOOLS
            if value.get("type") == "answer" and message.empty:
                return message.add_text(value.get("content"))
        for failed in (value, obj(value.get("last_error"))):
            if failed.get("code"):
                error = {"code": failed["code"], "message": text(failed.get("msg"))}
                self.answer.set_error(lenient_error_of(error) or {})
        asked = objects(dig(value, ("required_action", "submit_tool_outputs", "tool_calls")))
        for call in asked:
            function = obj(call.get("function"))
            message.calls.add(call.get("id"), function.get("name"), dump(function.get("arguments")))
        return TOOLS * bool(asked)


class AnythingLlm(Named):
    """AnythingLLM's workspaces.  https://docs.anythingllm.com/features/api"""

    api = "chat"
    shape = "anythingllm"
    text_events: Mapping[str, Path] = {"textResponseChunk": ("textResponse",), "textResponse": ("textResponse",)}
    finals = frozenset({"finalizeResponseStream"})
    usage_paths: tuple[Path, ...] = (("metrics",),)
    id_path: Path = ("uuid",)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "textResponse" in value or cls.claims(value, name)


class _Tools(Named):
    """Streams from apps to their own pages: what a model says, and which tools are called."""

    starts: frozenset[str]
    """Names of events that begin a call."""
    pieces: Mapping[str, Path]
    """Name of an event that brings arguments -> their path."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return super().claims(value, name) or cls.event_name(value, name) in cls.starts

    def read_extra(self, event_name: str, value: Object) -> int:
        if event_name not in self.starts and event_name not in self.pieces:
            return 0
        id_, name = text(value.get("toolCallId")), value.get("toolCallName") or value.get("toolName")
        message = self.answer.message()
        run_there = value.get("providerExecuted") is True or message.server_calls.get(id_)
        calls = message.server_calls if run_there else message.calls
        call = calls.at(id_) if id_ else calls.last() or calls.begin()
        call.set_identity(id_, name)
        piece = dig(value, self.pieces.get(event_name, ("",)))
        if not isinstance(piece, str) and call.arguments:
            return 0  # the whole arguments, which came in pieces before
        return TOOLS * call.arguments.add(dump(piece))


def is_ui_message_stream(context: Context) -> bool:
    """A response header says that this is a UI message stream."""
    return header(context.response_headers, "x-vercel-ai-ui-message-stream") is not None


class UiMessages(_Tools):
    """UI message streams of Vercel's AI SDK, in any app.  https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol"""

    api = "ui.messages"
    shape = "ai-sdk"
    text_events: Mapping[str, Path] = {"text-delta": ("delta",)}
    reasoning_events: Mapping[str, Path] = {"reasoning-delta": ("delta",)}
    own_events = frozenset({"start-step", "finish-step"})
    starts = frozenset({"tool-input-start"})
    pieces: Mapping[str, Path] = {
        "tool-input-delta": ("inputTextDelta",),
        "tool-input-available": ("input",),
        "tool-input-error": ("input",),
        "tool-call": ("input",),
    }
    finals = frozenset({"finish", "abort"})
    usage_paths: tuple[Path, ...] = (("messageMetadata", "usage"), ("messageMetadata", "totalUsage"), ("totalUsage",))
    id_path: Path = ("messageId",)
    parts: tuple[tuple[str, str], ...] = (("inputTextDelta", "delta"), ("toolCallId", "id"), ("delta", "text"))
    """Names of members here, and in the parts of `fullStream`, which apps may pass on as they are."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return cls.event_name(value, name) not in cls.finals and super().claims(value, name)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.event_name(value, name) in ("start", *cls.finals) or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        return super().read_payload({**{ui: value[part] for ui, part in self.parts if part in value}, **value}, name)


class AgUi(_Tools):
    """The AG-UI protocol, with any agent.  https://docs.ag-ui.com/concepts/events"""

    api = "ag-ui"
    shape = "ag-ui"
    text_events: Mapping[str, Path] = {"TEXT_MESSAGE_CONTENT": ("delta",), "TEXT_MESSAGE_CHUNK": ("delta",)}
    reasoning_events: Mapping[str, Path] = {
        "REASONING_MESSAGE_CONTENT": ("delta",),
        "REASONING_MESSAGE_CHUNK": ("delta",),
        "THINKING_TEXT_MESSAGE_CONTENT": ("delta",),
    }
    own_events = frozenset({"RUN_STARTED", "TEXT_MESSAGE_START"})
    starts = frozenset({"TOOL_CALL_START"})
    pieces: Mapping[str, Path] = {"TOOL_CALL_ARGS": ("delta",), "TOOL_CALL_CHUNK": ("delta",)}
    finals = frozenset({"RUN_FINISHED", "RUN_ERROR"})
    usage_paths: tuple[Path, ...] = (("usage", 0), ("usage",))
    """The first model's usage; others count all models together."""
    id_path: Path = ("runId",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        has_id = "messageId" in value or "runId" in value or "toolCallId" in value
        return has_id and super().claims(value, name)

    def read_extra(self, event_name: str, value: Object) -> int:
        if event_name == "RUN_ERROR":
            self.answer.set_error({key: text(value[key]) for key in ("code", "message") if value.get(key)})
        aside = obj(dig(value, ("metadata", "tanstack")))  # TanStack's additions to the protocol
        for place in (value, aside, obj(dig(value, ("usage", 0)))):
            self.answer.set_identity(place.get("model"), None)
        self.answer.message().set_finish_reason(aside.get("finishReason"))
        return super().read_extra(event_name, value)
