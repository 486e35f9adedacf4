"""Agents of Mastra, as its server streams them.

In: named events, each with its data under ``payload``; or a whole run.  Out: readings and the answer.  A run may call
models several times: what they say is one answer.  https://mastra.ai/reference/streaming/ChunkType
"""

from __future__ import annotations

from collections.abc import Mapping

from ..dialect import TOOLS
from ..figures import lenient_error_of
from ..named import Named
from ..values import Object, Path, dig, dump, obj, objects, text

_BEGINS, _PIECE, _WHOLE = "tool-call-input-streaming-start", "tool-call-delta", "tool-call"


class Agent(Named):
    """Mastra's agents, in any app"""

    api = "agent"
    shape = "mastra"
    text_events: Mapping[str, Path] = {"text-delta": ("payload", "text")}
    reasoning_events: Mapping[str, Path] = {"reasoning-delta": ("payload", "text")}
    finals = frozenset({"finish"})
    usage_paths: tuple[Path, ...] = (("payload", "output", "usage"),)
    finish_path: Path = ("payload", "stepResult", "reason")
    id_path: Path = ("runId",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # its names of events are those of the AI SDK
        event = value.get("from") == "AGENT" and isinstance(value.get("payload"), dict)
        return "runId" in value and (event or ("steps" in value and "finishReason" in value))

    def read_extra(self, event_name: str, value: Object) -> int:
        payload = obj(value.get("payload"))
        self.answer.set_identity(dig(payload, ("metadata", "modelId")), None)
        if event_name == "error":
            self.answer.set_error(lenient_error_of(payload) or {"message": dump(payload)})
        return self._call(event_name, payload) if event_name in (_BEGINS, _PIECE, _WHOLE) else 0

    def read_document(self, value: Object) -> None:
        message = self.answer.message()
        message.add_text(value.get("text"))
        message.add_reasoning(value.get("reasoningText"))
        for call in objects(value.get("toolCalls")):
            self._call(_WHOLE, obj(call.get("payload")))
        message.set_finish_reason(value.get("finishReason"))
        self.answer.set_identity(dig(value, ("response", "modelId")), value.get("runId"))
        self.answer.usage = value.get("totalUsage") or value.get("usage")
        self.take_error(value)

    def _call(self, event_name: str, payload: Object) -> int:
        """A call begins, continues, or comes whole: after its pieces that is nothing new."""
        message, id_ = self.answer.message(), text(payload.get("toolCallId"))
        call = (message.server_calls if payload.get("providerExecuted") is True else message.calls).at(id_)
        begins = call.name is None and bool(payload.get("toolName"))
        call.set_identity(id_, payload.get("toolName"))
        given = payload.get("argsTextDelta") if event_name == _PIECE else payload.get("args")
        news = not (event_name == _WHOLE and call.arguments) and call.arguments.add(dump(given))
        return TOOLS * (begins or news)
