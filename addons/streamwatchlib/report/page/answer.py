"""The message that the model sent, put together from its pieces.

In: the `llm` object of a record.  Out: markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model import Choice, Llm, ToolCall, Usage
from ...units import NOTHING, seconds
from ..show import count, one_line
from .markup import Markup, clipped, join, tag

_LONG = 4_000
"""Characters of a text from which on it scrolls in a box of its own, so that what follows is easy to find."""


def answer(llm: Llm, max_chars: int) -> Markup:
    """Reasoning, text, refusal, tool calls, further choices, and the small print; of each text at most
    `max_chars` characters."""
    return join(
        [
            _error(llm.error),
            _reasoning(llm.reasoning, max_chars),
            _text(llm.text, "answer", max_chars),
            _text(llm.refusal, "refusal", max_chars),
            *_calls(llm.tool_calls, "Tool call", max_chars),
            *_calls(llm.server_tool_calls, "Tool run by the provider", max_chars),
            *(_choice(choice, max_chars) for choice in llm.choices if choice.index != 0),
            *(tag("p", note, class_="warning") for note in llm.notes),
            _small_print(llm),
        ]
    )


def _error(error: Mapping[str, object] | None) -> Markup | None:
    if not error:
        return None
    words = "; ".join(f"{name}: {one_line(str(value))}" for name, value in error.items())
    return tag("p", f"The provider reported an error. {words}", class_="warning")


def _reasoning(reasoning: str | None, max_chars: int) -> Markup | None:
    if not reasoning:
        return None
    head = tag("summary", f"Reasoning, {count(len(reasoning))} characters")
    return tag("details", head, _text(reasoning, "reasoning", max_chars), class_="fold")


def _text(value: str | None, class_: str, max_chars: int) -> Markup | None:
    if not value:
        return None
    reached = 0 if len(value) > _LONG else None  # what scrolls must be reachable by keyboard
    return tag("div", clipped(value, max_chars), class_=f"said {class_}", dir="auto", tabindex=reached)


def _calls(calls: Iterable[ToolCall], title: str, max_chars: int) -> Iterable[Markup]:
    for call in calls:
        name = tag(
            "p", f"{title} ", tag("code", one_line(call.name or NOTHING)), " ", tag("small", one_line(call.id or ""))
        )
        yield tag("div", name, tag("pre", clipped(call.arguments, max_chars), tabindex=0), class_="call")


def _choice(choice: Choice, max_chars: int) -> Markup:
    return tag(
        "div",
        tag("h4", f"Choice {choice.index}"),
        _reasoning(choice.reasoning, max_chars),
        _text(choice.text, "answer", max_chars),
        _text(choice.refusal, "refusal", max_chars),
        *_calls(choice.tool_calls, "Tool call", max_chars),
        tag("p", f"finish reason: {one_line(choice.finish_reason or NOTHING)}", class_="note"),
    )


def _small_print(llm: Llm) -> Markup:
    facts = {
        "provider": llm.provider,
        "API": llm.api,
        "model": llm.model,
        "id": llm.response_id,
        "finish reason": llm.finish_reason,
        **_usage(llm.usage),
        **{f"server’s own {name}": seconds(value) for name, value in (llm.server_timing or {}).items()},
    }
    known = (f"{name} {one_line(value)}" for name, value in facts.items() if value is not None)
    return tag("p", " · ".join(known), class_="note")


def _usage(usage: Usage | None) -> dict[str, str | None]:
    if usage is None:
        return {"tokens": "not stated"}
    tokens = {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "reasoning": usage.reasoning_tokens,
        "cached": usage.cached_tokens,
    }
    return {f"{name} tokens": count(n) for name, n in tokens.items() if n is not None}
