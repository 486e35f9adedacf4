"""Messages as LangChain writes them: what LangServe and LangGraph's server stream.

In: messages, whole or in pieces, in the envelope of the requested mode: bare, a pair with metadata, an event of a run,
a patch of a log, the state of a graph.  Out: readings and the answer.  A run may call models several times: what they
say is one answer.  If pieces come, a state that repeats them says nothing new.
https://docs.langchain.com/langsmith/streaming
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import reduce
from operator import or_

from ...model import Context, Frame, Limits, Llm, Reading, Usage
from ..bounded_dict import BoundedDict
from ..dialect import TOOLS, Dialect, make_reading, unknown
from ..figures import added, lenient_error_of, usage_of
from ..values import Object, Path, dig, dump, first, items, non_empty, obj, objects, parse_json, text

_WHOLE, _PIECE = ("ai", "AIMessage"), "AIMessageChunk"
_MODES = frozenset(
    {"metadata", "messages/metadata", "messages/partial", "messages/complete", "values", "updates", "error"}
)
"""Events whose names are enough to recognise them, if the path proposes this dialect."""
_OUTPUTS = ("answer", "output", "result", "text")
_FINISH: tuple[Path, ...] = (("finish_reason",), ("stop_reason",), ("done_reason",), ("finishReason",))


class Runs(Dialect):
    """LangServe's `/stream`, `/stream_events` and `/stream_log`, and LangGraph's `/runs/stream`"""

    api = "runs"
    shape = "langchain"
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._said = BoundedDict[str, tuple[int, int]](limits.events)
        """ID of a message that comes whole again and again -> how much of its text and its reasoning is known."""
        self._streamed = BoundedDict[str, None](limits.events)
        """Runs of models that have sent pieces."""
        self._used = BoundedDict[str, Usage](limits.events)
        """ID of a message -> its usage; an agent's run has several messages."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        held = objects(value.get("messages"))
        log = any("/streamed_output" in text(op.get("path")) for op in objects(value.get("ops")))
        invoked = "output" in value and "run_id" in obj(value.get("metadata"))
        event = text(value.get("event")).startswith("on_") and "run_id" in value
        if name == "metadata" and "run_id" in value:
            return True
        return _is_message(value) or (bool(held) and all(map(_is_message, held))) or log or invoked or event

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return _mode(name) in _MODES or cls.claims(value, name) or any(map(_held, value.values()))

    def read_event(self, frame: Frame) -> Reading:
        if frame.type == "end":
            return make_reading(0, end="end")
        if frame.type == "error":
            value = obj(frame.value)
            self.answer.set_error(_complaint(value) or {"message": frame.data})
            return make_reading(0)
        if frame.type == "data" and frame.data.startswith('"'):  # just the model's text
            return make_reading(self._text(text(parse_json(frame.data))))
        if isinstance(frame.value, list):
            return make_reading(_joint(self._message(each, _mode(frame.type)) for each in objects(frame.value)))
        if frame.type == "data" and "ops" not in obj(frame.value) and not self.claims(obj(frame.value), frame.type):
            return self._output(frame)
        return super().read_event(frame)

    def read_payload(self, value: Object, name: str) -> Reading:
        mode, event_name = _mode(name), text(value.get("event"))
        self.answer.set_identity(None, value.get("run_id"))
        self.take_error(value)
        if event_name:
            return make_reading(self._run(event_name, value), event_name)
        bits = 0
        for op in objects(value.get("ops")):
            if op.get("path") == "/streamed_output/-":
                bits |= self._anything(op.get("value"))
        if mode in ("values", "updates", "message"):
            for state in (value, *map(obj, value.values())):
                bits |= self._state(state)
        elif "ops" not in value:
            bits |= self._message(value, mode)
        return make_reading(bits)

    def read_document(self, value: Object) -> None:
        """Read what a chain returns, or the state in which a graph ends."""
        self.answer.set_identity(None, dig(value, ("metadata", "run_id")))
        self._anything(value.get("output"))
        self._state(value)
        self.take_error(value)

    def result(self) -> Llm:
        self.answer.usage = asdict(reduce(added, self._used.values(), Usage()))
        return super().result()

    def _output(self, frame: Frame) -> Reading:
        """Read a piece of a chain's output: an object of the chain's own, whose text has one of the usual names."""
        words = next((output for key in _OUTPUTS if (output := text(obj(frame.value).get(key)))), "")
        return make_reading(self._text(words)) if words else unknown(frame)

    def _run(self, event_name: str, value: Object) -> int:
        """Read an event of a run; those of anything but models repeat what a model has said."""
        data, run = obj(value.get("data")), text(value.get("run_id"))
        if event_name in ("on_chat_model_stream", "on_llm_stream"):
            self._streamed[run] = None
            return self._anything(data.get("chunk"))
        ended = event_name in ("on_chat_model_end", "on_llm_end") and run not in self._streamed
        return self._anything(data.get("output")) if ended else 0

    def _anything(self, content: object) -> int:
        """Read a message, or a text without one."""
        if isinstance(content, str):
            return self._text(content)
        generation = dig(content, ("generations", 0, 0))
        content = obj(obj(generation).get("message") or generation or content)
        if not _is_message(content) and isinstance(content.get("text"), str):
            return self._text(text(content["text"]))
        return self._message(content, "message")

    def _text(self, words: str) -> int:
        return self.answer.message().add_text(words)

    def _state(self, state: Object) -> int:
        """Read the state of a graph, or a node's update to it: what follows the user's last message is the answer."""
        if self._streamed:
            return 0
        answers: list[Object] = []
        for each in _held(state):
            answers.append(each)
            if _type(each) in ("human", "HumanMessage"):
                answers.clear()
        return _joint(self._message(each, "values") for each in answers)

    def _message(self, value: Object, mode: str) -> int:
        """Read a message, or a piece of one."""
        kind = _type(value)
        value = obj(value.get("kwargs")) or value
        if not (kind == _PIECE or kind in _WHOLE):
            return 0
        answer, about = self.answer, obj(value.get("response_metadata"))
        answer.set_identity(about.get("model_name") or about.get("model"), None)
        answer.message().set_finish_reason(first(about, _FINISH))
        whole = kind != _PIECE or mode.startswith("messages/")
        if mode.startswith("messages"):
            self._streamed["messages"] = None
        self._count(text(value.get("id")), obj(value.get("usage_metadata")), whole=whole)
        return self._repeated(value) if whole else self._piece(value)

    def _piece(self, value: Object) -> int:
        message = self.answer.message()
        words, thoughts = _words(value)
        bits = message.add_text(words) | message.add_reasoning(thoughts)
        for chunk in objects(value.get("tool_call_chunks")):
            position, id_, given = chunk.get("index"), non_empty(chunk.get("id")), dump(chunk.get("args"))
            key = f"{value.get('id')} {position}"
            call = message.calls.get(key) if position is not None else None
            if id_ and (call is None or call.id not in (None, id_)):
                call = message.calls.begin(key, id_)
            call = call or message.calls.last() or message.calls.begin(key)
            call.set_identity(id_, chunk.get("name"))
            bits |= TOOLS * (call.arguments.add(given) or bool(chunk.get("name")))
        return bits

    def _repeated(self, value: Object) -> int:
        """Read a message that holds all it has said so far, and add what is new."""
        message, id_ = self.answer.message(), text(value.get("id"))
        words, thoughts = _words(value)
        known, pondered = self._said.get(id_, (0, 0)) if id_ else (0, 0)
        self._said[id_] = len(words), len(thoughts)
        bits = message.add_text(words[known:]) | message.add_reasoning(thoughts[pondered:])
        for position, made in enumerate(objects(value.get("tool_calls"))):
            call = message.calls.at(text(made.get("id")) or f"{id_} {position}")
            call.set_identity(made.get("id"), made.get("name"))
            if call.arguments_whole or not call.arguments:  # otherwise the arguments came in pieces before
                bits |= TOOLS * call.replace_arguments(made.get("args"))
        return bits

    def _count(self, id_: str, counted: Object, *, whole: bool) -> None:
        """Count a message's usage.  Pieces have counts of their own: the first the prompt's, the last the answer's."""
        usage = usage_of(counted) if counted else None
        if usage:
            self._used[id_] = usage if whole else added(self._used.get(id_, Usage()), usage)


def _joint(bits: Iterable[int]) -> int:
    """The channel bits together."""
    return reduce(or_, bits, 0)


def _complaint(value: Object) -> Mapping[str, object] | None:
    """The error; LangGraph's has the name of the exception beside the message."""
    if isinstance(value.get("error"), str) and "message" in value:
        return lenient_error_of({"type": value["error"], "message": value["message"]})
    return lenient_error_of(value)


def _mode(name: str) -> str:
    """The mode that an event belongs to; in a subgraph's events the subgraph's place follows it."""
    return name.partition("|")[0]


def _type(value: Object) -> str:
    """The kind of a message; LangChain's own serialisation names the class."""
    kind = value.get("type")
    return text(next(reversed(items(value.get("id"))), "")) if kind == "constructor" else text(kind)


def _is_message(value: Object) -> bool:
    held = obj(value.get("kwargs")) or value
    return bool(_type(value)) and "content" in held and "additional_kwargs" in held


def _held(state: object) -> Sequence[Object]:
    """The messages of a state."""
    held = obj(state).get("messages")
    return [each for each in (objects(held) or [obj(held)]) if _is_message(each)]


def _words(value: Object) -> tuple[str, str]:
    """Text and reasoning of a message."""
    content, aside = value.get("content"), obj(value.get("additional_kwargs"))
    thoughts = text(aside.get("reasoning_content"))
    if isinstance(content, str):
        return content, thoughts
    parts = [part if isinstance(part, dict) else {"text": part} for part in items(content)]
    thoughts += "".join(_thought(part) for part in parts)
    return "".join(text(part.get("text")) for part in parts if not _thought(part)), thoughts


def _thought(part: Mapping[str, object]) -> str:
    for key in ("thinking", "reasoning", "reasoning_content"):
        if thought := text(part.get(key)) or text(dig(part, (key, "text"))):
            return thought
    return "".join(text(thought.get("text")) for thought in objects(part.get("summary")))
