"""Cloudflare Workers AI.

In: payloads with a piece of text and calls, whole ones in an envelope; newer models put a whole answer of one of
OpenAI's APIs into that.  Out: readings and the answer.  https://developers.cloudflare.com/workers-ai/
"""

from __future__ import annotations

from ...model import Context, Limits, Llm, Reading
from ..dialect import TOOLS, Dialect
from ..plain import Plain
from ..tool_calls import add_fragment
from ..values import Object, dump, obj, objects
from .openai_chat import Chat
from .openai_responses import Responses

_NATIVE: tuple[type[Dialect], ...] = (Chat, Responses)
_OWN = frozenset({"response", "tool_calls"})
_PIECE = frozenset({"response", "p"})
"""Members of a piece (one is just padding): apps pass pieces on as their Workers get them."""


class WorkersAi(Plain):
    """Cloudflare Workers AI"""

    api = "ai.run"
    shape = "cloudflare"
    text_paths = (("response",),)
    finish_paths = (("finish_reason",),)

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._native: Dialect | None = None

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        result = obj(value.get("result"))
        known = not _OWN.isdisjoint(result) or any(native.claims(result, "") for native in _NATIVE)
        return ({"success", "errors"} <= value.keys() and known) or value.keys() >= _PIECE

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not _OWN.isdisjoint(value) or "result" in value or cls.claims(value, name)

    def read_payload(self, value: Object, name: str) -> Reading:
        response = value.get("response")
        # numbers come as such, and objects if a schema was requested
        reading = self._read(value, None if response is None else dump(response))
        bits = 0
        for made in objects(value.get("tool_calls")):
            bits |= self._call(made)
        return reading._replace(channels=(*reading.channels, "tool_calls")) if bits else reading

    def read_document(self, value: Object) -> None:
        result = obj(value.get("result"))
        native = next((native for native in _NATIVE if native.claims(result, "")), None)
        if native:
            self._native = native(self.context, self.limits)
            self.answer = self._native.answer
            self._native.read_whole(result)
        else:
            self.read_payload(result or value, "message")
        self.take_error(value)

    def _call(self, made: Object) -> int:
        """Add a call that comes whole, or a fragment as in OpenAI's chat."""
        calls = self.answer.message().calls
        if "function" in made:
            return add_fragment(calls, made)
        calls.add(made.get("id"), made.get("name"), dump(made.get("arguments")))
        return TOOLS

    def result(self) -> Llm:
        return self._native.result() if self._native else super().result()
