"""AWS Bedrock's agents, flows and knowledge bases.

In: event-stream frames (their event type is the frame's name) or whole answers.  Out: readings and the answer.  An
agent's text comes as base64 and is not a model's payload; its traces show what it did: what a model thought, what was
run for it, and the usage of each request to a model.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import READINGS, TOOLS, Dialect, is_done, make_reading
from ..values import Object, Path, decode_base64, dig, dump, non_empty, obj, objects, parse_json, text
from .bedrock import Converse

_EVENTS = frozenset({"trace", "returnControl", "files", "output", "citation", "guardrail"})
_FLOW = frozenset({"flowOutputEvent", "flowCompletionEvent", "flowTraceEvent", "flowMultiTurnInputRequestEvent"})

_THOUGHTS: tuple[Path, ...] = (
    ("rationale", "text"),
    ("modelInvocationOutput", "reasoningContent", "reasoningText", "text"),
)
"""Where a step of a trace has a model's reasoning."""
_RAN: tuple[tuple[str, Path, Path], ...] = (
    ("knowledgeBaseLookupInput", ("knowledgeBaseId",), ("text",)),
    ("agentCollaboratorInvocationInput", ("agentCollaboratorName",), ("input", "text")),
    ("codeInterpreterInvocationInput", (), ("code",)),
)
"""What an agent uses besides its actions -> its name, and its arguments."""


class Agents(Dialect):
    """Answers of Bedrock's agents, flows and knowledge bases"""

    api = "agents"
    shape = "bedrock"
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        words = _words(value) if name == "chunk" else None
        spoken = words is not None and not isinstance(parse_json(words), dict)  # that would be a model's own payload
        return spoken or name in _FLOW or (name == "trace" and "sessionId" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        whole = "output" in value and "sessionId" in value
        return cls.claims(value, name) or name in _EVENTS or name == "chunk" or whole

    def read_payload(self, value: Object, name: str) -> Reading:
        message, bits = self.answer.message(), 0
        if name in ("chunk", "output", "flowOutputEvent"):
            document = dig(value, ("content", "document"))
            bits = message.add_text(_words(value) or text(value.get("text")) or dump(document))
        elif name == "trace":
            trace = obj(value.get("trace"))
            for step in trace.values():
                bits |= self._step(obj(step))
            if "guardrailTrace" in trace:
                self.traits |= {"content-filter"}
        elif name == "returnControl":
            bits = self._calls(value)
        message.set_finish_reason(value.get("completionReason"))
        return make_reading(bits, end=name if name == "flowCompletionEvent" else None)

    def read_document(self, value: Object) -> None:
        message = self.answer.message()
        message.add_text(dig(value, ("output", "text")))
        self.take_error(value)

    def _step(self, step: Object) -> int:
        """Read a step of what an agent does."""
        bits = 0
        for path in _THOUGHTS:
            bits |= self.answer.message().add_reasoning(dig(step, path))
        self.answer.add_usage(dig(step, ("modelInvocationOutput", "metadata", "usage")))
        return bits | self._ran(obj(step.get("invocationInput")))

    def _ran(self, asked: Object) -> int:
        """Read what is run for the agent; what the client is to run is requested when the agent returns control."""
        calls, action = self.answer.message().server_calls, obj(asked.get("actionGroupInvocationInput"))
        if action and action.get("executionType") != "RETURN_CONTROL":
            calls.add(action.get("invocationId"), _name(action), _given(action))
            return TOOLS
        for member, name, words in _RAN:
            if used := obj(asked.get(member)):
                calls.add(
                    None, non_empty(dig(used, name)) or non_empty(asked.get("invocationType")), text(dig(used, words))
                )
                return TOOLS
        return 0

    def _calls(self, value: Object) -> int:
        """The agent asks the client to run these."""
        for asked in objects(value.get("invocationInputs")):
            called = obj(asked.get("functionInvocationInput")) or obj(asked.get("apiInvocationInput"))
            self.answer.message().calls.add(value.get("invocationId"), _name(called), _given(called))
        return TOOLS * bool(value.get("invocationInputs"))


class Runtime(Converse):
    """Agents on Bedrock AgentCore's runtime: pieces of text, or Converse's events

    https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/response-streaming.html
    """

    api = "invocations"
    terminator_due = False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not value or super().accepts(value, name)

    def read_non_json(self, frame: Frame) -> Reading:
        words = text(parse_json(frame.data))
        # what JSON cannot hold comes as Python prints it, beside Converse's own event for it
        if not words or is_done(words) or words.startswith("{'"):
            return super().read_non_json(frame)
        return READINGS[self.answer.message().add_text(words)]


def _name(action: Object) -> str | None:
    return non_empty(action.get("function")) or non_empty(action.get("apiPath"))


def _given(action: Object) -> str:
    """The parameters of an action, as one object."""
    return dump({text(one.get("name")): one.get("value") for one in objects(action.get("parameters"))})


def _words(value: Object) -> str | None:
    """The text that a chunk holds."""
    chunk = value.get("bytes")
    return decode_base64(chunk) if isinstance(chunk, str) else None
