"""AWS Bedrock's agents, flows and knowledge bases.

In: event-stream frames (their event type is the frame's name) or whole answers.  Out: readings and the answer.  An
agent's text comes as base64 and is no payload of a model's; its traces tell what it did, and of these the rationale is
what a model thought.  https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import TOOLS, Dialect, heard
from ..figures import complaint_of
from ..values import Object, dig, dump, obj, objects, parsed, text, unpacked, word
from .bedrock import is_exception

_EVENTS = frozenset({"trace", "returnControl", "files", "output", "citation", "guardrail"})
_FLOW = frozenset({"flowOutputEvent", "flowCompletionEvent", "flowTraceEvent", "flowMultiTurnInputRequestEvent"})


class Agents(Dialect):
    """What Bedrock's agents, flows and knowledge bases answer"""

    api = "agents"
    shape = "bedrock"
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        words = _words(value) if name == "chunk" else None
        spoken = words is not None and not isinstance(parsed(words), dict)  # as a model's own payload is
        return spoken or name in _FLOW or (name == "trace" and "sessionId" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        whole = "output" in value and "sessionId" in value
        return cls.claims(value, name) or name in _EVENTS or name == "chunk" or is_exception(name) or whole

    def payload(self, value: Object, name: str) -> Reading:
        if is_exception(name):
            self.answer.failed({"type": name, **(complaint_of(value) or {})})
            return heard(0)
        message, bits = self.answer.message(), 0
        if name in ("chunk", "output", "flowOutputEvent"):
            document = dig(value, ("content", "document"))
            bits = message.say(_words(value) or text(value.get("text")) or dump(document))
        elif name == "trace":
            trace = obj(value.get("trace"))
            thoughts = text(dig(trace, ("orchestrationTrace", "rationale", "text")))
            bits = message.think(thoughts)
            if "guardrailTrace" in trace:
                self.traits |= {"content-filter"}
        elif name == "returnControl":
            bits = self._calls(value)
        message.finished(value.get("completionReason"))
        return heard(bits, end=name if name == "flowCompletionEvent" else None)

    def document(self, value: Object) -> None:
        message = self.answer.message()
        message.say(dig(value, ("output", "text")))
        self.failure(value)

    def _calls(self, value: Object) -> int:
        """The agent leaves it to the client to run these."""
        for asked in objects(value.get("invocationInputs")):
            called = obj(asked.get("functionInvocationInput")) or obj(asked.get("apiInvocationInput"))
            given = {text(one.get("name")): one.get("value") for one in objects(called.get("parameters"))}
            name = word(called.get("function")) or word(called.get("apiPath"))
            self.answer.message().calls.add(value.get("invocationId"), name, dump(given))
        return TOOLS * bool(value.get("invocationInputs"))


def _words(value: Object) -> str | None:
    """The text that a chunk holds."""
    chunk = value.get("bytes")
    return unpacked(chunk) if isinstance(chunk, str) else None
