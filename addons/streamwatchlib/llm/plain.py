"""The base of dialects that send a text and little else: subclasses name paths into the payload.

In: payloads; the whole answer has the same shape, or its own path to the text.  Out: readings and the answer.
"""

from __future__ import annotations

from ..model import Context, Limits, Reading
from .dialect import Dialect, heard
from .values import Object, Path, dig, dump, first, first_text, obj


class Plain(Dialect):
    """Text at a path.  Subclasses name the paths."""

    words: tuple[Path, ...]
    """Where the text of a payload stands: the first path that leads to a string."""
    whole_words: tuple[Path, ...] = ()
    """Where the text of a whole answer stands, or of an event that repeats the whole text; empty: as `words`."""
    thoughts: Path = ("reasoning",)
    finish: tuple[Path, ...] = ()
    usage: tuple[Path, ...] = (("usage",),)
    model: Path = ("model",)
    id: Path = ("id",)
    ends = "finish_reason"
    """The name of the end marker: here, a finish reason ends the stream."""
    over = ""
    """The member that is true in the last payload, whether or not that has a finish reason."""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._choice = 0

    def payload(self, value: Object, name: str) -> Reading:
        return self._read(value, first_text(value, self.words))

    def document(self, value: Object) -> None:
        self._read(value, first_text(value, self.whole_words or self.words))

    def whole(self, value: object) -> None:
        """Read a whole answer; where several were requested, some APIs list them."""
        for self._choice, part in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(part, dict):
                self.document(part)

    def _read(self, value: Object, words: str | None) -> Reading:
        answer, message = self.answer, self.answer.message(self._choice)
        bits = message.say(words)
        bits |= message.think(dig(value, self.thoughts))
        answer.named(dig(value, self.model), dig(value, self.id))
        counted = obj(first(value, self.usage))
        # a figure may be null in later payloads: Bedrock's models count the prompt in the first
        before = obj(answer.usage)
        answer.used({key: before.get(key) if n is None else n for key, n in counted.items()})
        answer.timed(value)
        self.failure(value)
        reason = first(value, self.finish)
        message.finished(dump(reason))
        return heard(bits, end=self.ends if reason is not None or value.get(self.over) is True else None)
