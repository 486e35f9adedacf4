"""Content as text, as one part, or as a list of parts.

In: what stands under ``content`` in OpenAI-like messages, and in Mistral's, Databricks' and others' variations of it.
Out: its text, added to a message, and channel bits.
"""

from __future__ import annotations

from .answer import Message
from .values import dump, obj, objects, text

_KINDS = frozenset({"text", "output_text", "thinking", "reasoning"})
"""Types of the parts that bring text."""


def joined_text(value: object) -> str:
    """The text of a string or of a list of text parts."""
    return value if isinstance(value, str) else "".join(text(part.get("text")) for part in objects(value))


def add_content(message: Message, content: object) -> int:
    """Add a content of any of these shapes; return the channel bits."""
    if isinstance(content, str):
        return message.add_text(content)
    if isinstance(content, dict) and content.get("type") not in _KINDS:
        # Workers AI sends the output of a JSON schema parsed: https://developers.cloudflare.com/workers-ai/features/json-mode/
        return message.add_text(dump(content))
    bits = 0
    for part in map(obj, content if isinstance(content, list) else [content]):
        if "thinking" in part or part.get("type") in ("thinking", "reasoning"):
            bits |= message.add_reasoning(joined_text(part.get("thinking") or part.get("summary") or part.get("text")))
        else:
            bits |= message.add_text(part.get("text", part.get("msg")))  # Zhipu's apps call it ``msg``
    return bits
