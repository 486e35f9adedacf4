"""OpenAI Responses, and everyone who imitates them.

In: typed events with a ``sequence_number``, or a whole response.  Out: readings and the answer.  Deltas are added as
they come; ``.done`` events and the final response repeat everything: they fill in what no delta brought, and reveal
what was lost on the way.  https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context, Limits, Llm, Reading
from ..answer import Call, Calls
from ..bounded_dict import BoundedDict
from ..dialect import MEDIA, REASONING, TEXT, TOOLS, Dialect, kind, make_reading
from ..intent import is_resumed
from ..output_items import called_with, holds_picture, is_call, runner
from ..texts import Text
from ..values import Object, index, non_empty, obj, objects, text

_FINAL = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done"}
)

_CHANNELS: Mapping[str, str] = {
    "response.output_text": "text",
    "response.refusal": "refusal",
    "response.reasoning_text": "reasoning",
    "response.reasoning": "reasoning",
    "response.reasoning_summary_text": "summary",
    "response.reasoning_summary": "summary",
    "response.audio.transcript": "text",
    "response.output_audio_transcript": "text",
    "response.function_call_arguments": "call",
    "response.custom_tool_call_input": "call",
    "response.mcp_call_arguments": "server call",
    "response.code_interpreter_call_code": "server call",
}
"""Type of an event that brings text, without ``.delta`` or ``.done`` -> its channel."""
_BITS = {
    **dict.fromkeys(("text", "refusal"), TEXT),
    **dict.fromkeys(("reasoning", "summary"), REASONING),
    **dict.fromkeys(("call", "server call"), TOOLS),
}

_PARTIAL = frozenset({"response.shell_call_command", "response.apply_patch_call_operation_diff"})
"""Types of events that bring a part of an object, without ``.delta``; only the item that is done has all of it."""
_MEANWHILE = frozenset({"response.steer", "response.inject"})
"""Types of events (without the step) that report on what a client sent meanwhile: if that failed, the response goes
on."""

_MEDIA = frozenset(
    {
        "response.audio.delta",
        "response.output_audio.delta",
        "session.output_audio.delta",
        "response.image_generation_call.partial_image",
    }
)
"""Types of events that bring audio or a picture."""

_ABOUT = frozenset({"response", "response_id", "item", "item_id", "output_index", "sequence_number"})
"""Keys of an event that tell what it is about, any of which tells it from events of other APIs that have such names."""

_NO_ANSWERS = frozenset({"user", "system", "developer", "agent_message"})
"""Roles, and a type, of messages that are no answers: of a compacted conversation, and from one agent to another."""

_PARTS: Mapping[str, str] = {"refusal": "refusal", "reasoning_text": "reasoning"}
_WORDS = ("text", "refusal", "arguments", "input", "code", "transcript")


class Responses(Dialect):
    """``/v1/responses``."""

    api = "responses"
    shape = "openai"
    ignored_members = frozenset({"obfuscation"})
    sequence_member = "sequence_number"
    channels: Mapping[str, str] = _CHANNELS
    finals: frozenset[str] = _FINAL

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        budget = self.answer.budget
        self._texts = {channel: Text(budget) for channel in ("text", "refusal", "reasoning", "summary")}
        self._calls = {channel: Calls(budget, Text) for channel in ("call", "server call")}
        self._delta_lengths = BoundedDict[tuple[int, str, int], int](limits.events)
        """(output index, channel, part index) of what deltas brought -> characters; part index -1 is all parts
        together."""
        self._begun = BoundedDict[int | str, None](limits.events)
        """Output indexes and IDs of the same: Qwen's reasoning is done at another index than it began at."""
        self._tools: frozenset[str] = frozenset()
        """Types of the tools that there are; empty if unknown."""
        self._is_resumed = is_resumed(context)  # perhaps from the middle
        self.traits = frozenset({"replayed"} if self._is_resumed else ())

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        type_ = text(value.get("type"))
        speaks = type_.rpartition(".")[0] in _CHANNELS
        named = type_.startswith("response.") and not _ABOUT.isdisjoint(value)
        return speaks or named or value.get("object") == "response"

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        named = kind(value, name).startswith("response.")
        return named or cls.claims(value, name) or isinstance(value.get("output"), list)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        self._count(value.get("sequence_number"))
        if type_ in _MEDIA:
            return make_reading(MEDIA, type_)
        stem, _, step = type_.rpartition(".")
        channel = self.channels.get(stem)
        if channel == "call" and self._calls["server call"].get(index(value.get("output_index"), -1)):
            channel = "server call"
        if channel is not None:
            return make_reading(self._delta(channel, value) if step == "delta" else self._done(channel, value), type_)
        if stem in _PARTIAL or stem in _MEANWHILE:
            return make_reading(self._part_of_call(value) if step == "delta" else 0, type_)
        if stem == "response.output_item":
            return make_reading(self._item(value.get("output_index"), obj(value.get("item")), step == "done"), type_)
        if type_ in self.finals:
            how = {} if step == "done" else {"status": step}  # gateways may send the status as the event's name alone
            response = obj(value.get("response")) or value  # Perplexity's agents may end with a response laid bare
            return make_reading(self._final({**how, **response}), type_, type_)
        response = obj(value.get("response"))
        self._read_tools(response)
        self.answer.set_identity(response.get("model"), response.get("id"))
        self.take_error(value)
        return make_reading(0, type_)

    def _read_tools(self, response: Object) -> None:
        """Take which tools there are: if the client has none of a kind, calls of that kind are the provider's own."""
        self._tools = frozenset(text(tool.get("type")) for tool in objects(response.get("tools"))) or self._tools

    def read_document(self, value: Object) -> None:
        self._read_tools(value)
        self._say("reasoning", text(value.get("reasoning")))  # mistral.rs; other servers have their settings here
        for position, item in enumerate(objects(value.get("output"))):
            self._item(position, item, True)
        self._read_metadata(value)

    def result(self) -> Llm:
        message, texts, calls = self.answer.message(), self._texts, self._calls
        message.text, message.refusal = texts["text"], texts["refusal"]
        message.reasoning = texts["reasoning"] or texts["summary"]
        message.calls, message.server_calls = calls["call"], calls["server call"]
        return super().result()

    def _count(self, number: object) -> None:
        """Every event should have the next number: a jump means lost or merged events, or (Perplexity) nothing."""
        if not isinstance(number, int):
            return
        last, self.last_sequence = self.last_sequence, number
        if last is not None and number > last + 1:
            self.answer.note(f"sequence_number jumps from {last} to {number}: events were lost, or numbers skipped")

    def _delta(self, channel: str, value: Object) -> int:
        words = text(value.get("delta"))
        for part in _parts(channel, value):
            self._delta_lengths[part] = self._delta_lengths.get(part, 0) + len(words)
        self._begun[index(value.get("output_index"))] = self._begun[text(value.get("item_id"))] = None
        if channel in self._calls:
            call = self._call(channel, value.get("output_index"), value.get("item_id"))
            return TOOLS * call.arguments.add(words)
        return self._say(channel, words)

    def _part_of_call(self, value: Object) -> int:
        self._begun[index(value.get("output_index"))] = None
        return TOOLS * bool(text(value.get("delta")))

    def _done(self, channel: str, value: Object) -> int:
        """Read an event that repeats what deltas brought (vLLM's each have their own part), or brings it if none
        did."""
        (part, every), words = _parts(channel, value), _words(value)
        if part in self._delta_lengths or self._delta_lengths.get(every) == len(words):
            return 0
        return self._delta(channel, {**value, "delta": words})

    def _call(self, channel: str, position: object, *names: object) -> Call:
        """The call at this place of the output; if items have no number (llama.cpp), the one of these names."""
        calls, known = self._calls[channel], [name for name in names if isinstance(name, str)]
        if isinstance(position, int):
            return calls.get(position) or calls.begin(position, *known)
        found = next(filter(None, map(calls.get, known)), None if known else calls.last())
        return found or calls.begin(*known)

    def _say(self, channel: str, words: str) -> int:
        self.answer.message().has_text_channel |= channel == "text"
        return _BITS[channel] * self._texts[channel].add(words)

    def _item(self, position: object, item: Object, done: bool) -> int:
        """An output item begins, which names a call, or is done, which repeats all of it."""
        type_ = text(item.get("type"))
        if is_call(item):
            call = self._call(runner(item, self._tools), position, item.get("id"), item.get("call_id"))
            id_ = non_empty(item.get("call_id")) or non_empty(item.get("id"))
            call.set_identity(id_, item.get("name") or type_)
            if done:
                call.id = id_ or call.id  # a search for tools may have another ID by then
            else:
                call.set_initial_arguments(called_with(item))  # Perplexity's calls are never done
            news = done and self._called(call, item, called_with(item))
            return TOOLS * (news and index(position, -1) not in self._begun) | MEDIA * holds_picture(item)
        begun = {index(position), text(item.get("id")) or None} & self._begun.keys()
        bits = 0
        if not done or begun or not _NO_ANSWERS.isdisjoint((text(item.get("role")), type_)):
            return 0
        for part in objects(item.get("content")):
            channel = _PARTS.get(text(part.get("type")), "text")
            bits |= self._say(channel, _words(part))
        for part in objects(item.get("summary")):
            bits |= self._say("summary", _words(part))
        return bits

    def _called(self, call: Call, item: Object, meant: str) -> bool:
        """A call is done, and its arguments come again; return whether they are new."""
        if not call.arguments:
            return call.arguments.add(meant)
        kept_whole = not (self._is_resumed or self.answer.budget.overdrawn)
        if meant and kept_whole and item.get("status") != "incomplete" and call.arguments.joined() != meant:
            self.answer.note("data loss: the arguments that came in deltas are not those of the call when it was done")
            call.replace_arguments(meant)
        return False

    def _final(self, response: Object) -> int:
        """Read the last event, which repeats all: what no delta brought is taken from it, a difference is noted."""
        self.answer.model = non_empty(response.get("model")) or self.answer.model  # some first echo the requested alias
        self._read_metadata(response)
        for calls in self._calls.values():
            calls.finish()
        whole = type(self)(self.context, self.limits)
        whole._tools = self._tools
        whole.read_document(response)
        settled = self.final_overrides(response)
        bits = MEDIA * any(map(holds_picture, objects(response.get("output"))))
        kept_whole = not (self._is_resumed or self.answer.budget.overdrawn or whole.answer.budget.overdrawn)
        for channel, bit in _BITS.items():
            if channel == "summary" and self._texts["reasoning"] and not self._texts["summary"]:
                continue  # Qwen's reasoning comes in deltas as such, and as its summary when it is done
            streamed, final = self._said(channel), whole._said(channel)
            if final and not streamed:
                bits |= bit
            elif final and streamed != final and settled and kept_whole:
                self.answer.note(f"data loss: the {channel} that came in deltas is not the final response's")
        self._texts |= {name: text for name, text in whole._texts.items() if text and (settled or not self._said(name))}
        self._calls |= {name: made for name, made in whole._calls.items() if made and (settled or not self._said(name))}
        return bits

    def final_overrides(self, response: Object) -> bool:
        """The final response overrides what was said before."""
        return True

    def _said(self, channel: str) -> object:
        """What was said on a channel, to be compared.

        Calls have neither IDs here, of which GitHub Copilot makes new ones each time, nor names, which no delta tells.
        """
        if channel in self._texts:
            return self._texts[channel].joined()
        return tuple(call.arguments for call in self._calls[channel].tool_calls())

    def _read_metadata(self, response: Object) -> None:
        """Take names, usage, and how it ended."""
        answer, status = self.answer, non_empty(response.get("status"))
        answer.set_identity(response.get("model"), response.get("id"))
        answer.set_usage(response.get("usage"))
        if status not in ("queued", "in_progress"):
            answer.message().set_finish_reason(status)
        if reason := non_empty(obj(response.get("incomplete_details")).get("reason")):
            answer.note(f"incomplete: {reason}")
        self.take_error(response)


def _parts(channel: str, value: Object) -> tuple[tuple[int, str, int], tuple[int, str, int]]:
    """The key of the part of an output item that an event is about, and that of all parts of the item."""
    part, item = value.get("content_index", value.get("summary_index")), index(value.get("output_index"))
    return (item, channel, index(part)), (item, channel, -1)


def _words(value: Object) -> str:
    """The text of a part, or of an event that repeats one, under the name of its kind."""
    return next((words for key in _WORDS if (words := text(value.get(key)))), "")
