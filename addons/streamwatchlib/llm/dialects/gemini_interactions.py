"""Gemini interactions.

In: typed events (``interaction.created``, ``step.delta`` ...) or a whole interaction.  Out: readings and the answer.
https://ai.google.dev/gemini-api/docs/interactions
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..dialect import AUDIO_CONTENT, MEDIA, TOOLS, Dialect, kind, make_reading
from ..intent import is_resumed
from ..values import Object, Path, dump, first_text, index, obj, objects, text

_EVENTS = frozenset(
    f"{what}.{how}"
    for what, hows in (
        ("interaction", "created start in_progress status_update completed complete"),
        ("step", "start delta stop"),
        ("content", "start delta stop"),
    )
    for how in hows.split()
)
_WORDS: tuple[Path, ...] = (("text",), ("content", "text"))
"""Where the text of a step or of a delta stands."""


class Interactions(Dialect):
    """``/interactions``."""

    api = "interactions"
    shape = "gemini"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        if is_resumed(context):
            self.traits = frozenset({"replayed"})

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return text(value.get("event_type")) in _EVENTS or value.get("object") == "interaction"

    def read_payload(self, value: Object, name: str) -> Reading:
        type_, position = text(value.get("event_type")) or kind(value, name), index(value.get("index"))
        bits = 0
        if type_ in ("step.start", "content.start"):
            bits = self._start(position, obj(value.get("step")) or obj(value.get("content")))
        elif type_ in ("step.delta", "content.delta"):
            bits = self._delta(position, obj(value.get("delta")))
        elif type_ in ("step.stop", "content.stop"):
            self.answer.message().finish_call(position)
        else:
            self._read_metadata(obj(value.get("interaction")))
            self.take_error(value)
        ended = type_ in ("interaction.completed", "interaction.complete")
        return make_reading(bits, type_, type_ if ended else None)

    def read_document(self, value: Object) -> None:
        for position, step in enumerate(objects(value.get("steps")) or objects(value.get("outputs"))):
            self._start(position, step)
            self.answer.message().finish_call(position)
        self._read_metadata(value)
        self.take_error(value)

    def _read_metadata(self, interaction: Object) -> None:
        self.answer.set_identity(interaction.get("model"), interaction.get("id"))
        self.answer.set_usage(interaction.get("usage"))
        if interaction.get("status") != "in_progress":
            self.answer.message().set_finish_reason(interaction.get("status"))

    def _start(self, position: int, step: Object) -> int:
        """A step begins; in a whole interaction this is all of it."""
        type_, message = text(step.get("type")), self.answer.message()
        if type_ == "user_input":
            return 0  # the user's input is a step as well
        if type_.endswith("_call"):
            own = type_ == "function_call"  # whose name may come with a delta
            call = (message.calls if own else message.server_calls).at(position)
            call.set_identity(step.get("id"), step.get("name") or (None if own else type_))
            call.set_initial_arguments(step.get("arguments"))
            return TOOLS * bool(step.get("arguments"))
        bits = self._delta(position, step)
        for part in [*objects(step.get("content")), *objects(step.get("summary"))]:
            bits |= self._delta(position, {**part, "type": type_} if type_ == "thought" else part)
        return bits

    def _delta(self, position: int, delta: Object) -> int:
        type_, message = text(delta.get("type")), self.answer.message()
        words = first_text(delta, _WORDS)
        if type_.startswith("thought"):
            return message.add_reasoning(words)
        if "arguments" in delta:
            call = message.call(position) or message.calls.begin(position)
            call.set_identity(delta.get("id"), delta.get("name"))
            return TOOLS * call.arguments.add(dump(delta.get("arguments")))
        held = AUDIO_CONTENT if type_ == "audio" else MEDIA
        return message.add_text(words) | held * bool(text(delta.get("data")))
