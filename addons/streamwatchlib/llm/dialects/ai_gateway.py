"""Vercel's AI Gateway in the protocol of Vercel's AI SDK, which calls it by default.

In: the parts of the SDK's language models (``text-delta``, ``tool-input-delta`` ...) or a whole result.  Out: readings
and the answer.  https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context
from ..dialect import MEDIA, TOOLS
from ..intent import UNSPECIFIED, StreamIntent, header, switch
from ..named import Named
from ..values import Object, Path, dig, dump, objects, text

_STREAMING = "ai-language-model-streaming"


def asks(context: Context) -> StreamIntent:
    """A header of the gateway's own says whether."""
    asked = switch(header(context, _STREAMING))
    return UNSPECIFIED if asked is None else (asked, f"header.{_STREAMING}")


class LanguageModel(Named):
    """Language models behind Vercel's AI Gateway"""

    api = "language-model"
    shape = "ai-sdk"
    text_events: Mapping[str, Path] = {"text-delta": ("delta",)}
    reasoning_events: Mapping[str, Path] = {"reasoning-delta": ("delta",)}
    own_events = frozenset({"stream-start", "response-metadata"})
    finals = frozenset({"finish"})
    usage_paths: tuple[Path, ...] = (("usage",),)
    id_path: Path = ("response", "id")

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # the SDK's streams for pages use the other names as well, and so do other APIs
        return text(value.get("type")) in cls.own_events

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("type"), str) or ("content" in value and "finishReason" in value)

    def read_extra(self, event_name: str, value: Object) -> int:
        message = self.answer.message()
        if event_name == "response-metadata":
            self.answer.set_identity(value.get("modelId"), value.get("id"))
        if event_name == "finish":  # since version 3 beside the model's own reason
            message.set_finish_reason(dig(value, ("finishReason", "unified")))
        if event_name in ("file", "reasoning-file"):
            return MEDIA
        return self._call(event_name, value) if event_name.startswith("tool-") else 0

    def read_document(self, value: Object) -> None:
        message = self.answer.message()
        for part in objects(value.get("content")):
            event_name, words = text(part.get("type")), text(part.get("text"))
            if event_name == "reasoning":
                message.add_reasoning(words)
            elif event_name == "text":
                message.add_text(words)
            self.read_extra(event_name, part)
        message.set_finish_reason(value.get("finishReason"))
        self.read_payload(value, "finish")
        self.answer.set_identity(dig(value, ("response", "modelId")), None)

    def _call(self, event_name: str, value: Object) -> int:
        """A call comes in pieces, and then whole; or only whole."""
        id_, message = text(value.get("toolCallId")) or text(value.get("id")), self.answer.message()
        known = message.call(id_)
        if event_name == "tool-input-delta" and known:
            return TOOLS * known.arguments.add(text(value.get("delta")))
        if event_name not in ("tool-input-start", "tool-call"):
            return 0
        run_there = value.get("providerExecuted") is True
        call = known or (message.server_calls if run_there else message.calls).begin(id_)
        call.set_identity(id_, value.get("toolName"))
        return 0 if call.arguments else TOOLS * call.arguments.add(dump(value.get("input")))
