"""An answer without its texts, where times and counts are wanted and nothing of what was said.

In: an `Llm`.  Out: the same without texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..model import Llm, ToolCall

_NAME = re.compile(r"[\w.:/#@$+=\[\]-]{1,100}", re.ASCII)


def mask_unless_name(text: str) -> str:
    """The text if it is a name for programs; else "…", since it may be a sentence."""
    return text if _NAME.fullmatch(text) else "…"


def without_texts(llm: Llm) -> Llm:
    """The same answer with every generated text and every message left out."""

    def bare(calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        return tuple(
            replace(
                call,
                id=call.id and mask_unless_name(call.id),
                name=call.name and mask_unless_name(call.name),
                arguments="",
            )
            for call in calls
        )

    return replace(
        llm,
        response_id=llm.response_id and mask_unless_name(llm.response_id),
        text=None,
        reasoning=None,
        refusal=None,
        tool_calls=bare(llm.tool_calls),
        server_tool_calls=bare(llm.server_tool_calls),
        choices=tuple(
            replace(
                choice,
                text="",
                reasoning="",
                refusal="",
                tool_calls=bare(choice.tool_calls),
                finish_reason=choice.finish_reason and mask_unless_name(choice.finish_reason),
            )
            for choice in llm.choices
        ),
        finish_reason=llm.finish_reason and mask_unless_name(llm.finish_reason),
        error=_without_message(llm.error),
        notes=tuple(map(_unquoted, llm.notes)),
    )


def _without_message(error: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """The error's type, code and status, if they are names for programs and not sentences."""
    if error is None:
        return None
    coded = {key: value for key, value in error.items() if key in ("type", "code", "status")}
    return {key: value for key, value in coded.items() if not isinstance(value, str) or _NAME.fullmatch(value)}


def _unquoted(note: str) -> str:
    """The note without the reason that it quotes, unless that is a name (``incomplete: max_output_tokens``)."""
    text, _, reason = note.partition(": ")
    return note if _NAME.fullmatch(reason) else text
