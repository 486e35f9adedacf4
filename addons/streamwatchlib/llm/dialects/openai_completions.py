"""OpenAI's legacy completions and their imitators.

In: ``text_completion`` payloads, the same shape streamed and whole.  Out: readings and the answer.
https://platform.openai.com/docs/api-reference/completions
"""

from __future__ import annotations

from ..values import Object, index, objects
from .openai_chat import Chat


class Completions(Chat):
    """``/v1/completions``."""

    api = "completions"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        choices = objects(value.get("choices"))
        ends = any("text" in choice and ("finish_reason" in choice or "stop_reason" in choice) for choice in choices)
        return ends or value.get("object") == "text_completion"

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or any("text" in choice for choice in objects(value.get("choices")))

    def _choice(self, choice: Object) -> int:
        message = self.answer.message(index(choice.get("index")))
        message.set_finish_reason(choice.get("finish_reason") or choice.get("stop_reason"))
        return message.add_text(choice.get("text"))
