"""The base of dialects whose events are named, some of which bring text: subclasses list names and paths.

In: payloads that name themselves, or that the framing names; the whole answer is one of them, or its own.  Out:
readings and the answer.  An event that a dialect does not list has no content.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Reading
from .dialect import Dialect, heard
from .values import Object, Path, dig, first, text


class Named(Dialect):
    """Named events.  Subclasses list their names, and where the text stands."""

    key = "type"
    """The member that names the event; if there is none, the framing does."""
    says: Mapping[str, Path]
    """Name of an event that brings text -> path of the text."""
    thinks: Mapping[str, Path] = {}
    """Name of an event that brings reasoning -> path of its text."""
    others: frozenset[str] = frozenset()
    """Names of events that only this API has."""
    finals: frozenset[str]
    usage: tuple[Path, ...]
    finish: Path = ("finishReason",)
    """Where the finish reason stands in the last event."""
    id: Path = ("id",)
    complaint: tuple[Path, ...] = ()
    """Where an event that is called ``error`` has its message, if not where others do."""

    @classmethod
    def called(cls, value: Object, name: str) -> str:
        return text(value.get(cls.key)) or name

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        called = cls.called(value, name)
        words = [dig(value, names[called]) for names in (cls.says, cls.thinks) if called in names]
        return called in cls.others or called in cls.finals or any(isinstance(said, str) for said in words)

    def payload(self, value: Object, name: str) -> Reading:
        called, answer = self.called(value, name), self.answer
        message, final = answer.message(), called in self.finals
        bits = message.say(dig(value, self.says.get(called, ("",))))
        bits |= message.think(dig(value, self.thinks.get(called, ("",))))
        if called == "error" and self.complaint:
            answer.failed({"message": text(first(value, self.complaint))})
        bits |= self.more(called, value)
        answer.named(None, dig(value, self.id))
        answer.used(first(value, self.usage))
        if final:
            message.finished(dig(value, self.finish))
        self.failure(value)
        return heard(bits, called, called if final else None)

    def more(self, called: str, value: Object) -> int:
        """Read what this API says besides; return the channel bits."""
        return 0
