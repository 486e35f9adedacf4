"""Output items of OpenAI's Responses: which of them are calls, who runs these, and with which arguments.

In: an item, begun or done.  Out: what it says of itself.
https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .values import Object, dump, obj, text

type Runner = Literal["call", "server call"]

_CALLS: Mapping[str, tuple[Runner, str]] = {
    "function_call": ("call", "arguments"),
    "custom_tool_call": ("call", "input"),
    "computer_call": ("call", "action"),
    "local_shell_call": ("call", "action"),
    "shell_call": ("call", "action"),
    "apply_patch_call": ("call", "operation"),
    "mcp_call": ("server call", "arguments"),
    "mcp_approval_request": ("server call", "arguments"),
    "code_interpreter_call": ("server call", "code"),
    "web_search_call": ("server call", "action"),
    "file_search_call": ("server call", "queries"),
    "image_generation_call": ("server call", "revised_prompt"),
    "tool_search_call": ("server call", "arguments"),
    "program": ("server call", "code"),
}
"""Output item type -> who runs it, and the field that holds its arguments."""

_MADE: Mapping[str, str] = {"custom_tool_call": "custom", "function_call": "function"}
"""Output item type -> type of the client's own tools that it calls."""
_BRING = frozenset({"namespace", "tool_search", "mcp", ""})
"""Types of tools that hold or find such tools."""
_OTHER_CALL: tuple[Runner, str] = ("server call", "arguments")
"""The entry of `_CALLS` for tools of other providers: those that a client runs are functions or custom tools."""
_ELSEWHERE = ("actions", "action", "urls")
"""Other fields for arguments: a computer may be given several actions at a time, tools of others (xAI, Qwen) have
one."""


def is_call(item: Object) -> bool:
    type_ = text(item.get("type"))
    return type_ in _CALLS or type_.endswith("_call")


def runner(item: Object, tools: frozenset[str]) -> Runner:
    """Who runs a call: a shell may be a container at the provider's, a tool search may be run by the client.  `tools`
    are the types of the tools that there are, empty if unknown."""
    contained = obj(item.get("environment")).get("type") == "container_reference"
    made = _MADE.get(text(item.get("type")))
    if contained or (made and tools and tools.isdisjoint({made, *_BRING})):
        return "server call"
    return "call" if item.get("execution") == "client" else _usual(item)[0]


def called_with(item: Object) -> str:
    """A call's arguments as text; empty if it has none."""
    return next(filter(None, (dump(item.get(name)) for name in (_usual(item)[1], *_ELSEWHERE))), "")


def holds_picture(item: Object) -> bool:
    """The item contains the picture that was made."""
    return item.get("type") == "image_generation_call" and bool(item.get("result"))


def _usual(item: Object) -> tuple[Runner, str]:
    return _CALLS.get(text(item.get("type")), _OTHER_CALL)
