"""The base of dialects that send a text and little else: subclasses name paths into the payload.

In: payloads; the whole answer has the same shape, or its own path to the text.  Out: readings and the answer.
"""

from __future__ import annotations

from ..model import Context, Limits, Reading
from .dialect import Dialect, make_reading
from .values import Object, Path, dig, dump, first, first_text, obj


class Plain(Dialect):
    """Text at a path.  Subclasses name the paths."""

    text_paths: tuple[Path, ...]
    """Where the text of a payload stands: the first path that leads to a string."""
    whole_text_paths: tuple[Path, ...] = ()
    """Where the text of a whole answer stands, or of an event that repeats the whole text; empty: as `words`."""
    reasoning_path: Path = ("reasoning",)
    finish_paths: tuple[Path, ...] = ()
    usage_paths: tuple[Path, ...] = (("usage",),)
    model_path: Path = ("model",)
    id_path: Path = ("id",)
    end_marker = "finish_reason"
    """The name of the end marker: here, a finish reason ends the stream."""
    final_flag = ""
    """The member that is true in the last payload, whether or not that has a finish reason."""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._choice = 0

    def read_payload(self, value: Object, name: str) -> Reading:
        return self._read(value, first_text(value, self.text_paths))

    def read_document(self, value: Object) -> None:
        self._read(value, first_text(value, self.whole_text_paths or self.text_paths))

    def read_whole(self, value: object) -> None:
        """Read a whole answer; where several were requested, some APIs list them."""
        for self._choice, part in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(part, dict):
                self.read_document(part)

    def _read(self, value: Object, words: str | None) -> Reading:
        answer, message = self.answer, self.answer.message(self._choice)
        bits = message.add_text(words)
        bits |= message.add_reasoning(dig(value, self.reasoning_path))
        answer.set_identity(dig(value, self.model_path), dig(value, self.id_path))
        counted = obj(first(value, self.usage_paths))
        # a figure may be null in later payloads: Bedrock's models count the prompt in the first
        before = obj(answer.usage)
        answer.set_usage({key: before.get(key) if n is None else n for key, n in counted.items()})
        answer.add_server_timing(value)
        self.take_error(value)
        reason = first(value, self.finish_paths)
        message.set_finish_reason(dump(reason))
        return make_reading(
            bits, end=self.end_marker if reason is not None or value.get(self.final_flag) is True else None
        )
