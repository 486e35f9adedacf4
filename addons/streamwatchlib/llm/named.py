"""The base of dialects whose events are named, some of which bring text: subclasses list names and paths.

In: payloads that name themselves, or that the framing names; the whole answer is one of them, or its own.  Out:
readings and the answer.  An event that a dialect does not list has no content.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Reading
from .dialect import Dialect, make_reading
from .values import Object, Path, dig, first, text


class Named(Dialect):
    """Named events.  Subclasses list their names, and where the text stands."""

    event_name_key = "type"
    """The member that names the event; if there is none, the framing does."""
    text_events: Mapping[str, Path]
    """Name of an event that brings text -> path of the text."""
    reasoning_events: Mapping[str, Path] = {}
    """Name of an event that brings reasoning -> path of its text."""
    own_events: frozenset[str] = frozenset()
    """Names of events that only this API has."""
    finals: frozenset[str]
    usage_paths: tuple[Path, ...]
    finish_path: Path = ("finishReason",)
    """Where the finish reason stands in the last event."""
    id_path: Path = ("id",)
    error_message_paths: tuple[Path, ...] = ()
    """Where an event that is called ``error`` has its message, if not where others do."""

    @classmethod
    def event_name(cls, value: Object, name: str) -> str:
        return text(value.get(cls.event_name_key)) or name

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        event_name = cls.event_name(value, name)
        words = [
            dig(value, names[event_name]) for names in (cls.text_events, cls.reasoning_events) if event_name in names
        ]
        return (
            event_name in cls.own_events or event_name in cls.finals or any(isinstance(piece, str) for piece in words)
        )

    def read_payload(self, value: Object, name: str) -> Reading:
        event_name, answer = self.event_name(value, name), self.answer
        message, final = answer.message(), event_name in self.finals
        bits = message.add_text(dig(value, self.text_events.get(event_name, ("",))))
        bits |= message.add_reasoning(dig(value, self.reasoning_events.get(event_name, ("",))))
        if event_name == "error" and self.error_message_paths:
            answer.set_error({"message": text(first(value, self.error_message_paths))})
        bits |= self.read_extra(event_name, value)
        answer.set_identity(None, dig(value, self.id_path))
        answer.set_usage(first(value, self.usage_paths))
        if final:
            message.set_finish_reason(dig(value, self.finish_path))
        self.take_error(value)
        return make_reading(bits, event_name, event_name if final else None)

    def read_extra(self, event_name: str, value: Object) -> int:
        """Read what this API says besides; return the channel bits."""
        return 0
