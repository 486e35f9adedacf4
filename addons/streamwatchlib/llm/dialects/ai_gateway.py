"""Vercel's AI Gateway in the protocol of Vercel's AI SDK, which calls it by default.

In: the parts of the SDK's language models (``text-delta``, ``tool-input-delta`` ...) or a whole result.  Out: readings
and the answer.  https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context
from ..dialect import MEDIA, TOOLS
from ..intent import UNTOLD, Asked, header, switch
from ..named import Named
from ..values import Object, Path, dig, dump, objects, text

_STREAMING = "ai-language-model-streaming"


def asks(context: Context) -> Asked:
    """A header of the gateway's own says whether."""
    asked = switch(header(context, _STREAMING))
    return UNTOLD if asked is None else (asked, f"header.{_STREAMING}")


class LanguageModel(Named):
    """Language models behind Vercel's AI Gateway"""

    api = "language-model"
    shape = "ai-sdk"
    says: Mapping[str, Path] = {"text-delta": ("delta",)}
    thinks: Mapping[str, Path] = {"reasoning-delta": ("delta",)}
    others = frozenset({"stream-start", "response-metadata"})
    finals = frozenset({"finish"})
    usage: tuple[Path, ...] = (("usage",),)
    id: Path = ("response", "id")

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # the SDK's streams for pages use the other names as well, and so do other APIs
        return text(value.get("type")) in cls.others

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("type"), str) or ("content" in value and "finishReason" in value)

    def more(self, called: str, value: Object) -> int:
        message = self.answer.message()
        if called == "response-metadata":
            self.answer.named(value.get("modelId"), value.get("id"))
        if called == "finish":  # since version 3 beside the model's own reason
            message.finished(dig(value, ("finishReason", "unified")))
        if called in ("file", "reasoning-file"):
            return MEDIA
        return self._call(called, value) if called.startswith("tool-") else 0

    def document(self, value: Object) -> None:
        message = self.answer.message()
        for part in objects(value.get("content")):
            called, words = text(part.get("type")), text(part.get("text"))
            if called == "reasoning":
                message.think(words)
            elif called == "text":
                message.say(words)
            self.more(called, part)
        message.finished(value.get("finishReason"))
        self.payload(value, "finish")
        self.answer.named(dig(value, ("response", "modelId")), None)

    def _call(self, called: str, value: Object) -> int:
        """A call comes in pieces, and then whole; or only whole."""
        id_, message = text(value.get("toolCallId")) or text(value.get("id")), self.answer.message()
        known = message.call(id_)
        if called == "tool-input-delta" and known:
            return TOOLS * known.arguments.add(text(value.get("delta")))
        if called not in ("tool-input-start", "tool-call"):
            return 0
        run_there = value.get("providerExecuted") is True
        call = known or (message.server_calls if run_there else message.calls).begin(id_)
        call.named(id_, value.get("toolName"))
        return 0 if call.arguments else TOOLS * call.arguments.add(dump(value.get("input")))
