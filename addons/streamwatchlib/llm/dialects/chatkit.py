"""Threads of OpenAI's ChatKit, as apps serve them to its widget.

In: events of a thread, of its items, and of updates to an item.  Out: readings and the answer.  Thoughts come again
with all they say so far, and an item comes whole at its end.  https://openai.github.io/chatkit-python/
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context, Limits
from ..bounded_dict import BoundedDict
from ..dialect import TOOLS
from ..intent import UNSPECIFIED, StreamIntent
from ..named import Named
from ..values import Object, Path, dig, dump, obj, objects, text

_ASKING = frozenset(
    {
        "threads.create",
        "threads.add_user_message",
        "threads.add_structured_input",
        "threads.add_client_tool_output",
        "threads.retry_after_item",
        "threads.custom_action",
    }
)
"""Requests that are answered by a stream."""
_DELTA = "assistant_message.content_part.text_delta"
_DONE = "thread.item.done"


def asks(context: Context) -> StreamIntent:
    """All requests go to one place; their type says whether they are answered by a stream."""
    return (True, "body.type") if text(obj(context.request_value).get("type")) in _ASKING else UNSPECIFIED


class Threads(Named):
    """Threads of OpenAI's ChatKit, in any app"""

    api = "threads"
    shape = "chatkit"
    text_events: Mapping[str, Path] = {"widget.streaming_text.value_delta": ("update", "delta")}
    own_events = frozenset({"thread.created", "thread.item.added", "thread.item.updated", _DONE})
    finals: frozenset[str] = frozenset()
    usage_paths: tuple[Path, ...] = ()
    id_path: Path = ()
    terminator_due = False

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._known = BoundedDict[str, int](limits.events)
        """How many characters of an item's text, or of a thought, are known."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return text(value.get("type")) in cls.own_events

    @classmethod
    def event_name(cls, value: Object, name: str) -> str:
        return text(dig(value, ("update", "type"))) or super().event_name(value, name)

    def read_extra(self, event_name: str, value: Object) -> int:
        message, update = self.answer.message(), obj(value.get("update"))
        if event_name == _DELTA:
            item = text(value.get("item_id"))
            return message.add_text(self._new(item, text(update.get("delta")), so_far=False))
        if event_name.startswith("workflow.task.") and dig(update, ("task", "type")) == "thought":
            thought = f"{value.get('item_id')} {update.get('task_index')}"
            return message.add_reasoning(self._new(thought, text(dig(update, ("task", "content")))))
        return self._item(obj(value.get("item"))) if event_name == _DONE else 0

    def _item(self, item: Object) -> int:
        """An item is complete."""
        message = self.answer.message()
        if item.get("type") == "client_tool_call":
            call = message.calls.at(text(item.get("call_id")))
            call.set_identity(item.get("call_id"), item.get("name"))
            return TOOLS * (not call.arguments and call.arguments.add(dump(item.get("arguments"))))
        if item.get("type") != "assistant_message":
            return 0
        self.answer.set_identity(None, item.get("id"))
        words = "".join(text(part.get("text")) for part in objects(item.get("content")))
        return message.add_text(self._new(text(item.get("id")), words))

    def _new(self, key: str, words: str, *, so_far: bool = True) -> str:
        """The part of the text that is new.  `so_far`: `words` is all that was said, else it continues that."""
        known = self._known.get(key, 0)
        self._known[key] = max(known, len(words)) if so_far else known + len(words)
        return words[known:] if so_far else words
