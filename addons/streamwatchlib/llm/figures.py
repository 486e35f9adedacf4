"""Normalise what a provider reports: usage, times and errors.

In: payloads.  Out: `Usage`, server timing and error in one form.  Every provider spells these differently and none
contradicts another, so one table a field serves all dialects: the first path that leads to a figure wins.  Counts stay
as the provider made them: Gemini and xAI leave reasoning out of the output tokens, Anthropic leaves cached tokens out
of the input; no kind of them is added to another here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple

from ..model import Usage
from ..surrogates import well_formed
from .values import Object, Path, count, dig, dump, non_empty, number, obj, objects

_INPUT: tuple[Path, ...] = (
    ("prompt_tokens",),
    ("input_tokens",),
    ("inputTokens",),
    ("promptTokens",),
    ("promptTokenCount",),
    ("prompt_eval_count",),
    ("total_input_tokens",),
    ("inputTokens", "total"),
    ("totalInputTokens",),
    ("uncachedInputTokens",),
    ("inputTokenCount",),
    ("inputTextTokenCount",),
    ("inputTextTokens",),
    ("details", "input_length"),
    ("input_token_count",),
    ("prompt_token_count",),
    ("tokens_evaluated",),
    ("PromptTokens",),
    ("InputTokens",),
    ("input_count",),
    ("inputLength",),
    ("nb_input_tokens",),
    ("num_input_tokens",),
    ("inference_status", "tokens_input"),
    ("num_tokens_prompt_total",),
    ("tokens", "input_tokens"),
    ("billed_units", "input_tokens"),
)
_OUTPUT: tuple[Path, ...] = (
    ("completion_tokens",),
    ("output_tokens",),
    ("outputTokens",),
    ("completionTokens",),
    ("candidatesTokenCount",),
    ("responseTokenCount",),
    ("eval_count",),
    ("total_output_tokens",),
    ("outputTokens", "total"),
    ("totalOutputTokens",),
    ("outputTokenCount",),
    ("output_token_count",),
    ("outputTextTokenCount",),
    ("totalOutputTextTokenCount",),
    ("results", 0, "tokenCount"),
    ("generated_token_count",),
    ("generation_token_count",),
    ("details", "generated_tokens"),
    ("tokens_predicted",),
    ("CompletionTokens",),
    ("OutputTokens",),
    ("output_count",),
    ("outputLength",),
    ("nb_generated_tokens",),
    ("num_output_tokens",),
    ("inference_status", "tokens_generated"),
    ("num_tokens_generated",),
    ("tokens", "output_tokens"),
    ("billed_units", "output_tokens"),
)
_REASONING: tuple[Path, ...] = (
    ("completion_tokens_details", "reasoning_tokens"),
    ("output_tokens_details", "reasoning_tokens"),
    ("output_tokens_details", "thinking_tokens"),
    ("completion_token_details", "reasoning_tokens"),
    ("output_token_details", "reasoning"),
    ("thoughtsTokenCount",),
    ("total_thought_tokens",),
    ("total_reasoning_tokens",),
    ("reasoning_tokens",),
    ("completionTokensDetails", "reasoningTokens"),
    ("completionTokensDetails", "thinkingTokens"),
    ("tokens", "reasoning_tokens"),
    ("reasoning_output_tokens",),
    ("reasoningTokens",),
    ("outputTokens", "reasoning"),
    ("outputReasoningTokens",),
)
_CACHED: tuple[Path, ...] = (
    ("prompt_tokens_details", "cached_tokens"),
    ("input_tokens_details", "cached_tokens"),
    ("input_token_details", "cached_tokens"),
    ("input_token_details", "cache_read"),
    ("prompt_token_details", "cached_tokens"),
    ("promptTokensDetails", "cachedTokens"),
    ("cache_read_input_tokens",),
    ("cacheReadInputTokens",),
    ("cachedInputTokens",),
    ("cached_input_tokens",),
    ("inputTokens", "cacheRead"),
    ("inputCachedTokens",),
    ("cacheReadInputTokenCount",),
    ("cachedContentTokenCount",),
    ("prompt_cache_hit_tokens",),
    ("total_cached_tokens",),
    ("cached_tokens",),
    ("num_cached_tokens",),
)

_TIMES: tuple[tuple[str, Path, float], ...] = (
    # Groq, in its usage and in x_groq; seconds
    ("queue", ("usage", "queue_time"), 1),
    ("prompt", ("usage", "prompt_time"), 1),
    ("generation", ("usage", "completion_time"), 1),
    ("total", ("usage", "total_time"), 1),
    ("queue", ("x_groq", "usage", "queue_time"), 1),
    ("prompt", ("x_groq", "usage", "prompt_time"), 1),
    ("generation", ("x_groq", "usage", "completion_time"), 1),
    ("total", ("x_groq", "usage", "total_time"), 1),
    # Cerebras
    ("queue", ("time_info", "queue_time"), 1),
    ("prompt", ("time_info", "prompt_time"), 1),
    ("generation", ("time_info", "completion_time"), 1),
    ("total", ("time_info", "total_time"), 1),
    # SambaNova
    ("ttft", ("usage", "time_to_first_token"), 1),
    ("total", ("usage", "total_latency"), 1),
    # LM Studio, in its own chat and in its old chat completions
    ("ttft", ("stats", "time_to_first_token_seconds"), 1),
    ("ttft", ("stats", "time_to_first_token"), 1),
    ("generation", ("stats", "generation_time"), 1),
    # oMLX
    ("ttft", ("usage", "time_to_first_token_ms"), 1e-3),
    # mistral.rs
    ("prompt", ("usage", "total_prompt_time_sec"), 1),
    ("generation", ("usage", "total_completion_time_sec"), 1),
    ("total", ("usage", "total_time_sec"), 1),
    # llama.cpp
    ("prompt", ("timings", "prompt_ms"), 1e-3),
    ("generation", ("timings", "predicted_ms"), 1e-3),
    # vLLM
    ("queue", ("metrics", "queue_time_ms"), 1e-3),
    ("ttft", ("metrics", "time_to_first_token_ms"), 1e-3),
    ("generation", ("metrics", "generation_time_ms"), 1e-3),
    # Ollama
    ("load", ("load_duration",), 1e-9),
    ("prompt", ("prompt_eval_duration",), 1e-9),
    ("generation", ("eval_duration",), 1e-9),
    ("total", ("total_duration",), 1e-9),
    # Replicate
    ("ttft", ("metrics", "time_to_first_token"), 1),
    ("generation", ("metrics", "predict_time"), 1),
    ("total", ("metrics", "total_time"), 1),
    # Bedrock
    ("total", ("metrics", "latencyMs"), 1e-3),
    ("ttft", ("amazon-bedrock-invocationMetrics", "firstByteLatency"), 1e-3),
    ("total", ("amazon-bedrock-invocationMetrics", "invocationLatency"), 1e-3),
)
TIMED = frozenset(path[0] for _, path, _ in _TIMES)
"""Keys under which a payload may carry times."""

_ERROR_KEYS = ("type", "code", "message", "param", "status")
_MESSAGES = ("detail", "error_msg", "msg", "Message", "errorMessage", "errorText", "description")
_OTHER_NAMES = {"type": ("__type",), "code": ("error_code", "ErrorCode"), "message": _MESSAGES}
"""What else these keys are called."""


def usage_of(value: object) -> Usage | None:
    """A provider's usage object, normalised; None if it has no figure known here."""
    if not (value := obj(value)):
        return None  # as in most events: saves seventy look-ups
    usage = Usage(*(_first(value, paths) for paths in (_INPUT, _OUTPUT, _REASONING, _CACHED)))
    return usage if usage != Usage() else None


def added(one: Usage, other: Usage) -> Usage:
    """The sum of the usage of two requests to a model; a figure that neither has stays None."""
    return Usage(*map(_sum, astuple(one), astuple(other)))


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


def _first(value: Object, paths: tuple[Path, ...]) -> int | None:
    return next((figure for path in paths if (figure := count(dig(value, path))) is not None), None)


def times_of(value: object) -> dict[str, float]:
    """The server's own times in a payload, in seconds."""
    times: dict[str, float] = {}
    for name, path, scale in _TIMES:
        figure = number(dig(value, path))
        if figure is not None and figure >= 0:
            times.setdefault(name, figure * scale)
    return times


def error_of(value: object) -> Mapping[str, object] | None:
    """The error in a payload, under ``error``, ``errors`` or as the payload itself, normalised; else None."""
    value = obj(value)
    errors = value.get("errors")
    inner = value.get("error") or next(iter(objects(errors)), None) or (errors if isinstance(errors, dict) else None)
    if inner:
        # some put the one error into a list
        return _normalised(next(iter(objects(inner)), inner), non_empty(value.get("error_type")), value)
    if value.get("error_code") and value.get("error_msg"):  # Baidu's, with status 200
        return _normalised(value, None, value)
    status = obj(value.get("base_resp"))  # MiniMax: 0 is no error
    if status.get("status_code"):
        return _normalised({"code": status["status_code"], "message": status.get("status_msg")}, None, value)
    if value.get("object") == "error" or value.get("type") == "error":
        return _normalised(value, None, value)
    return None


def lenient_error_of(value: object) -> Mapping[str, object] | None:
    """The error in the body of an answer whose status says already that it is one: accepts looser shapes, too."""
    found = error_of(value)
    if found:
        return found
    for described in (obj(value), obj(obj(value).get("status"))):
        if any(described.get(key) for key in ("message", "code", *_MESSAGES)):
            return _normalised(described, None, described)
    return None


def _normalised(inner: object, type_: str | None, outer: Object) -> Mapping[str, object]:
    """The error under the common keys; anything but a scalar is kept as JSON text."""
    # a mere message may have its code beside it
    inner = inner if isinstance(inner, dict) else {"message": inner, "code": outer.get("code")}
    error = {key: entry for key in _ERROR_KEYS if (entry := inner.get(key)) is not None}
    for key, names in _OTHER_NAMES.items():
        found = next((place[name] for place in (inner, outer) for name in names if place.get(name)), None)
        if found and key not in error:
            error[key] = found
    if type_:
        error.setdefault("type", type_)
    return {key: scalar(entry) for key, entry in (error or {"message": inner}).items()}


def scalar(value: object) -> object:
    """A scalar of an error as it is, without lone surrogates; anything else as JSON text."""
    if isinstance(value, str):
        return well_formed(value)
    return value if isinstance(value, bool) or number(value) is not None else well_formed(dump(value))
