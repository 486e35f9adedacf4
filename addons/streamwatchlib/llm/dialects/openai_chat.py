"""OpenAI chat completions, and everyone who imitates them.

In: ``chat.completion.chunk`` payloads, ``[DONE]``, or a whole ``chat.completion``.  Out: readings and the answer.  What
single providers add (reasoning under several names, content as lists of parts, timings, filter results) is read
wherever it appears, whoever the provider is, so an unknown host loses nothing.
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import re

from ...model import Context, Limits, Reading
from ..answer import Answer, Message
from ..cumulative import MaybeCumulativeText
from ..dialect import AUDIO_CONTENT, MEDIA, READINGS, TEXT, Dialect
from ..figures import lenient_error_of
from ..parts import add_content, joined_text
from ..providers import asked_model, provider_of
from ..tool_calls import (
    add_executed_tools,
    add_fragment,
    add_function_fragment,
    add_server_tool,
    add_snowflake_calls,
    whole_call,
)
from ..values import Object, Path, dig, first, index, items, number, obj, objects, text

_NO_END_MARKER = frozenset({"perplexity", "cerebras", "huggingface", "writer", "snowflake", "watsonx", "minimax"})
"""Providers whose streams end without ``[DONE]``."""

_CUMULATIVE = re.compile(r"(?:^|/)qwen-mt-")
"""Models that may send all so far in each delta: https://help.aliyun.com/zh/model-studio/qwen-mt-api"""
_CUMULATIVE_SWITCH = "reasoning_split"
"""With this in the request MiniMax may do so, too: https://platform.minimax.io/docs/api-reference/text-openai-api"""

_NO_CHOICES = frozenset({"choices", "type", "object", "event_type"})
"""Members of an object that has a delta but is not itself a choice."""

_SIGNS: tuple[tuple[Path, str], ...] = (
    (("x_groq",), "groq"),
    (("time_info",), "cerebras"),
    (("prompt_filter_results",), "azure-openai"),
    (("search_results", 0, "last_updated"), "perplexity"),
    (("timings",), "llama.cpp"),
    (("kv_transfer_params",), "vllm"),
    (("choices", 0, "stop_reason"), "vllm"),
    (("choices", 0, "matched_stop"), "sglang"),
    (("choices", 0, "flag"), "qianfan"),
    (("base_resp",), "minimax"),
    (("usage", "avg_tok_per_sec"), "mistral.rs"),
)
"""A key that only this provider sends -> provider."""

_FAILED = "error_finish"
"""Qwen's finish reason of an error; the delta then holds its message, and nothing of the answer."""

_ANSWERS = frozenset({"choices", "object", "error", "error_code", "code"})
"""Members of an answer, of a part of one, or of an error."""

_GOOD = (None, "", 0, "0", 200, "200")
"""Codes of answers that are not errors."""

_USAGE: tuple[Path, ...] = (("usage",), ("x_groq", "usage"), ("choices", 0, "usage"), ("bot_usage", "model_usage", 0))
"""Where usage stands; Moonshot has it in the choice, Volcengine's bots count each model's."""


class Chat(Dialect):
    """``/v1/chat/completions``."""

    api = "chat.completions"
    shape = "openai"
    end_marker_framing = "sse"  # OpenAI's clients swallow the marker when they write the chunks as lines
    ignored_members = frozenset({"created", "obfuscation"})
    _deltas = False
    """A choice has sent a delta."""
    _delta_keys = ("delta", "message")
    """Where a choice has what is new: Perplexity and Writer send the whole message beside the delta."""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._speaks = _only_speaks(context)
        if _may_repeat(context):
            self.answer = Answer(limits, MaybeCumulativeText)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # the choices of a poll may have messages, too, as strings
        spoken = any("delta" in one or isinstance(one.get("message"), dict) for one in objects(value.get("choices")))
        empty = value.get("choices") == [] and ("usage" in value or "prompt_filter_results" in value)
        return spoken or empty or _is_choice(value, name) or text(value.get("object")).startswith("chat.completion")

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        choices = value.get("choices", ())
        listed = isinstance(choices, list) or choices is None  # some send null for none
        return (
            _is_error_body(value)
            or _is_choice(value, name)
            or (listed and not any("text" in choice for choice in objects(choices)))
        )

    def read_payload(self, value: Object, name: str) -> Reading:
        bits, finished = 0, False
        choices = value.get("choices")
        if choices is None and "delta" in value:  # a choice without its list
            choices = [value]
        if isinstance(choices, list):
            is_audio = value.get("modality") == "audio"
            for choice in choices:
                if isinstance(choice, dict):
                    bits |= self._choice(_audio_beside_text(choice) if is_audio else choice)
                    finished = finished or bool(choice.get("finish_reason"))
        if not bits or finished or not self.answer.model or value.get("usage"):
            self._read_metadata(value)
        return READINGS[bits | AUDIO_CONTENT * (self._speaks and bool(bits & MEDIA))]

    def read_document(self, value: Object) -> None:
        self._delta_keys = ("message", "delta")
        self.read_payload(value, "message")
        self._read_metadata(value)

    @property
    def terminator_due(self) -> bool:  # type: ignore[override]  # a constant elsewhere
        return self.provider not in _NO_END_MARKER

    def _choice(self, choice: Object) -> int:
        message = self.answer.message(index(choice.get("index")))
        finish = choice.get("finish_reason") or choice.get("stop_reason")
        if finish:
            message.set_finish_reason(finish)
        first, second = self._delta_keys
        delta = choice.get(first)
        if finish == _FAILED:
            self.answer.set_error({"type": finish, "message": joined_text(obj(delta).get("content")).strip()})
            return 0
        if isinstance(delta, dict):
            self._deltas = True
            if delta.get("role") == "tool" and not delta.get("tool_calls"):
                return 0  # the result of a tool that the server ran (MiniMax, agents), amid what the model says
            if finish and delta.get("content") == "":
                message.text.finish()
            return _delta(message, delta, whole=first == "message")
        if listed := objects(choice.get("messages")):
            return _add_messages(message, listed)
        # a message in place of a delta repeats what deltas said, unless there are none at all (Mistral on Bedrock)
        return 0 if self._deltas and not message.empty else _delta(message, obj(choice.get(second)))

    def _read_metadata(self, value: Object) -> None:
        """Take everything but content: names, usage, times, errors (OpenRouter's may be in the choice) and signs."""
        answer = self.answer
        # some chunks are about things with IDs of their own: a step of a flow, a file that was read
        own = not _ANSWERS.isdisjoint(value)
        answer.set_identity(value.get("model") or value.get("model_id"), value.get("id") if own else None)
        answer.set_usage(first(value, _USAGE))
        answer.add_server_timing(value)
        for place in (value, obj(value.get("x_groq")), *objects(value.get("choices"))):
            self.take_error(place)
        if _is_error_body(value):
            answer.set_error(lenient_error_of(value) or {})
        if answer.provider is None:
            answer.provider = _named(value)
        self._explain(value)

    def _explain(self, value: Object) -> None:
        """Take the traits: what makes a provider release its pieces in groups."""
        choices = objects(value.get("choices"))
        if value.get("prompt_filter_results") or any(
            choice.get("content_filter_results") or "content_filter_offsets" in choice for choice in choices
        ):
            self.traits |= {"content-filter"}
        drafted = (
            dig(value, ("metrics", "speculative_decoding"))
            or number(dig(value, ("timings", "draft_n")))
            or number(dig(value, ("usage", "completion_tokens_details", "accepted_prediction_tokens")))
        )
        if drafted:
            self.traits |= {"speculative-decoding"}


def _may_repeat(context: Context) -> bool:
    """Deltas may be cumulative here: DashScope sends such at some of its endpoints for coding, too."""
    split = obj(context.request_value).get(_CUMULATIVE_SWITCH) is True
    return split or provider_of(context) == "dashscope" or bool(_CUMULATIVE.search(asked_model(context) or ""))


def _audio_beside_text(choice: Object) -> Object:
    """A choice of vLLM-Omni's whose content is audio, written as OpenAI writes it: beside the text."""
    delta = obj(choice.get("delta"))
    return {**choice, "delta": {**delta, "content": None, "audio": {"data": delta.get("content")}}}


def _only_speaks(context: Context) -> bool:
    """Speech is requested without text (MiMo's and others' models that speak a given text)."""
    asked = obj(context.request_value)
    return isinstance(asked.get("audio"), dict) and "text" not in items(asked.get("modalities"))


def _is_choice(value: Object, name: str) -> bool:
    """A choice without its list, as MLflow's agents and Microsoft's AI chat protocol send it."""
    return name == "message" and "role" in obj(value.get("delta")) and value.keys().isdisjoint(_NO_CHOICES)


def _is_error_body(value: Object) -> bool:
    """There is no answer but a code and a message: some servers send that with status 200."""
    message = value.get("message", None if value.get("data") else value.get("msg"))
    good = value.get("code") in _GOOD and value.get("success") is not False
    return "choices" not in value and not good and isinstance(message, str)


def _named(value: Object) -> str | None:
    """The provider, if the payload has a key that only it sends."""
    if value.get("system_fingerprint") == "fp_ollama":
        return "ollama"
    return next((name for path, name in _SIGNS if path[-1] in obj(dig(value, path[:-1]))), None)


def _delta(message: Message, delta: Object, *, whole: bool = False) -> int:
    """Add what a delta, or a message, says; return the channel bits.  `whole`: it is a whole message."""
    bits = 0
    content = delta.get("content")
    if isinstance(content, str):
        message.has_text_channel = True
        if content:
            thought, words = _split_reasoning(message, delta, content)
            bits = TEXT * message.text.add(words) | (message.add_reasoning(thought) if thought else 0)
        if len(delta) == 1:  # as most deltas
            return bits
    elif content:
        bits = add_content(message, content)
    bits |= _reasoning(message, delta)
    if calls := delta.get("tool_calls"):
        for fragment in objects(calls if isinstance(calls, list) else [calls]):  # TGI sends a single call, not a list
            if (own := add_server_tool(message.server_calls, fragment)) is not None:
                bits |= own
            else:
                bits |= whole_call(message.calls, fragment) if whole else add_fragment(message.calls, fragment)
    if any((call := obj(delta.get("function_call"))).values()):  # some servers end with an empty one
        bits |= add_function_fragment(message.calls.at("function_call"), call)
    if delta.get("type") == "tool_use" or "content_list" in delta:
        bits |= add_snowflake_calls(message.calls, delta)
    if executed := delta.get("executed_tools"):
        bits |= add_executed_tools(message.server_calls, executed)
    if refusal := text(delta.get("refusal")):
        message.refusal.add(refusal)
        bits |= TEXT
    if audio := delta.get("audio"):
        bits |= message.add_text(dig(audio, ("transcript",))) | MEDIA * bool(dig(audio, ("data",)))
    if delta.get("images"):
        bits |= MEDIA
    return bits


def _add_messages(message: Message, messages: list[Object]) -> int:
    """Add pieces in a list of messages, which may hold a tool's result, too: Azure's answers from own data, and its
    sample's: https://github.com/microsoft/sample-app-aoai-chatGPT"""
    bits = 0
    for one in messages:
        delta = obj(one.get("delta")) or one
        if delta.get("role") != "tool" and delta.get("content") != "[DONE]":
            bits |= _delta(message, delta)
    return bits


_OPENS, _CLOSES = "<thought>", "</thought>"


def _split_reasoning(message: Message, delta: Object, content: str) -> tuple[str, str]:
    """Split a content into reasoning and text.  Gemini's imitation of OpenAI marks where all of the reasoning begins
    and ends, and flags each delta that is reasoning: https://ai.google.dev/gemini-api/docs/openai#thinking"""
    if dig(delta, ("extra_content", "google", "thought")) is True:
        thought, _, words = content.partition(_CLOSES)
        return (thought if message.reasoning else thought.removeprefix(_OPENS)), words
    ends = content.startswith(_CLOSES) and message.reasoning and not message.text
    return "", content.removeprefix(_CLOSES) if ends else content


_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "cot_summary")
_DETAIL = ("text", "summary", "thought", "content")
"""Where the text stands in a part of reasoning."""


def _reasoning(message: Message, delta: Object) -> int:
    """Add reasoning under whichever name it comes: servers that use two send the same in both."""
    words = next(filter(None, map(delta.get, _REASONING)), None)
    if words:
        return message.add_reasoning(_detail(words) if isinstance(words, dict) else joined_text(words))
    if blocks := delta.get("content_blocks"):  # Portkey's, for Anthropic: their text stands beside them, too
        thoughts = (text((obj(block.get("delta")) or block).get("thinking")) for block in objects(blocks))
        return message.add_reasoning("".join(thoughts))
    details = delta.get("reasoning_details") or delta.get("reasoning_steps")
    if not details:
        return 0
    return message.add_reasoning("".join(map(_detail, objects(details))))


def _detail(part: Object) -> str:
    return next(filter(None, map(joined_text, map(part.get, _DETAIL))), "")
