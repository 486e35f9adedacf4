"""Apps built with Gradio: the values of their components, as they change.

In: messages named by ``msg`` (``/queue/data``), events that hold the components' values (``/call/<function>/<event>``),
or these values in a whole answer.  Out: readings and the answer: the components' texts, and of a chat the last message.
The first values are complete, those that follow are lists of changes, the last ones are complete again; older versions
send complete values each time.  https://www.gradio.app/guides/querying-gradio-apps-with-curl
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...model import Context, Frame, Limits, Reading
from ..cumulative import PartedText
from ..dialect import TEXT, Dialect, make_reading
from ..values import Object, dump, items, obj, text

type _Path = tuple[object, ...]
"""Index of the component, and the keys that lead into its value."""

_AT_WORK = frozenset({"process_starts", "process_generating", "process_streaming", "process_completed"})
_SHOWN = frozenset({"generating", "complete", "heartbeat", "error"})
"""Names of the events of ``/call``."""
_ENDS = frozenset({"process_completed", "complete", "close_stream"})
_CHANGES = ("append", "replace", "add", "delete")
_TEXTS = ("content", "text", "value")
"""Keys of text that is shown."""
_MAX_DEPTH = 8
"""Longest path that is followed; that of a text in a message's content is half as long."""


class _Change(NamedTuple):
    how: str
    where: _Path
    value: object


class Gradio(Dialect):
    """Apps built with Gradio"""

    api = "queue"
    shape = "gradio"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._parts = self.answer.message().text = PartedText(self.answer.budget)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        msg = value.get("msg")
        works = text(msg) in _AT_WORK and ("event_id" in value or "output" in value)
        whole = isinstance(value.get("data"), list) and "is_generating" in value and "duration" in value
        return works or whole or (msg == "estimation" and "queue_size" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "msg" in value or name in _SHOWN or cls.claims(value, name)

    def read_event(self, frame: Frame) -> Reading:
        if isinstance(frame.value, list):
            return self._shown(frame.value, frame.type)
        return super().read_event(frame)

    def read_payload(self, value: Object, name: str) -> Reading:
        event_name, output = text(value.get("msg")) or name, obj(value.get("output"))
        if event_name == "unexpected_error" or value.get("success") is False:
            self.answer.set_error({"message": text(output.get("error")) or text(value.get("message"))})
        self.take_error(value)
        return self._shown(items(output.get("data")), event_name)

    def read_document(self, value: Object) -> None:
        self._shown(items(value.get("data")), "complete")
        self.take_error(value)

    def _shown(self, components: object, event_name: str) -> Reading:
        ended = event_name in _ENDS
        news = False if ended and self._parts else self._tell(components)  # the last values repeat what was sent
        return make_reading(TEXT * news, event_name, event_name if ended else None)

    def _tell(self, components: object) -> bool:
        news = False
        for number, shown in enumerate(items(components)):
            changes = _changes(number, shown)
            for change in [_Change("replace", (number,), shown)] if changes is None else changes:
                news |= self._take(change)
        return news

    def _take(self, change: _Change) -> bool:
        if change.how == "append" and _is_text(change.where):
            return self._parts.append(dump(list(change.where)), text(change.value))
        news = False
        for where, words in _texts(change.where, change.value) if change.how != "delete" else ():
            news |= self._parts.replace(dump(list(where)), words)
        return news


def _changes(number: int, shown: object) -> list[_Change] | None:
    """The changes of a component's value; None if the value is complete."""
    changes: list[_Change] = []
    for each in items(shown):
        if not (isinstance(each, list) and len(each) == 3 and each[0] in _CHANGES and isinstance(each[1], list)):
            return None
        changes.append(_Change(each[0], (number, *each[1]), each[2]))
    return changes if isinstance(shown, list) else None


def _is_text(where: _Path) -> bool:
    """Whether this is the path of shown text: a component's value, or in a chat made of pairs the app's message."""
    return len(where) == 1 or where[-1] in (*_TEXTS, 1)


def _texts(where: _Path, shown: object) -> Iterator[tuple[_Path, str]]:
    """The texts in a value, each with its path; of a chat, those of the last message, unless it is the user's."""
    if isinstance(shown, str):
        if shown and _is_text(where):
            yield where, shown
    elif isinstance(shown, list) and len(where) < _MAX_DEPTH:
        for number, each in list(enumerate(shown))[0 if where[-1] == "content" else -1 :]:
            yield from _texts((*where, number), each)
    elif isinstance(shown, dict) and len(where) < _MAX_DEPTH and shown.get("role") != "user":
        for key in _TEXTS:
            yield from _texts((*where, key), shown.get(key))
