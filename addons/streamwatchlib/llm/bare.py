"""An answer without its texts, for those who want times and counts and no word of what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..model import Llm, ToolCall

_NAME = re.compile(r"[\w.:/#-]{1,100}", re.ASCII)


def without_texts(llm: Llm) -> Llm:
    """The same answer with every generated text and every message left out."""

    def bare(calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        return tuple(replace(call, arguments="") for call in calls)

    return replace(
        llm,
        text=None,
        reasoning=None,
        refusal=None,
        tool_calls=bare(llm.tool_calls),
        server_tool_calls=bare(llm.server_tool_calls),
        choices=tuple(
            replace(c, text="", reasoning="", refusal="", tool_calls=bare(c.tool_calls)) for c in llm.choices
        ),
        error=_without_message(llm.error),
    )


def _without_message(error: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """Its type, code and status, where they are words for programs and no sentences."""
    if error is None:
        return None
    named = {key: value for key, value in error.items() if key in ("type", "code", "status")}
    return {key: value for key, value in named.items() if not isinstance(value, str) or _NAME.fullmatch(value)}
