"""Streams of speech, transcripts and pictures by OpenAI's API and its imitators.

In: typed events.  Out: readings; text and totals as the answer.  Sound and pictures are framed, sized and dated
like any event, and not kept.  https://platform.openai.com/docs/api-reference/audio/speech-audio-delta-event
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import Dialect, heard, kind
from ..values import Object, dig, text

_HELD = ("audio", "audio_data", "b64_json")
"""Where sound or a picture stands."""
_PIECE = ("choices", 0, "delta", "content")
"""Where sound stands in Zhipu's chunks, shaped as a chat's."""


class Speech(Dialect):
    """``/v1/audio/speech``, its events or its sound; ElevenLabs' ``/v1/text-to-speech/{id}/stream``."""

    api = "audio.speech"
    shape = "openai"
    stems: tuple[str, ...] = ("speech.audio.",)
    """What the names of this API's events begin with."""
    finals: tuple[str, ...] = ("speech.audio.done",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return kind(value, name).startswith(cls.stems)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or name == "binary" or isinstance(dig(value, _PIECE[:-1]), dict)

    def aside(self, frame: Frame) -> Reading:
        if frame.type == "binary":
            self.terminator_due = False  # sound ends with its last byte
        return super().aside(frame)

    def payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        self.answer.used(value.get("usage"))
        self.answer.timed(value)
        self.failure(value)
        end = type_ if type_ in self.finals else None
        if any(map(value.get, _HELD)) or dig(value, _PIECE):
            return Reading(("events",), type_, end, kept=False)
        if value.get("url"):  # where a picture is to be fetched from: https://www.volcengine.com/docs/82379/1824137
            return Reading(("events",), type_, end)
        return heard(self._say(value, type_), type_, end)

    def _say(self, value: Object, type_: str) -> int:
        return 0


class Pictures(Speech):
    """``/v1/images/generations`` and ``/edits`` with ``stream: true``; ``/variations``."""

    api = "images"
    stems = ("image_generation.", "image_edit.")
    finals = ("image_generation.completed", "image_edit.completed")

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or isinstance(value.get("data"), list)


class Transcription(Speech):
    """``/v1/audio/transcriptions`` and ``/translations``."""

    api = "audio.transcriptions"
    stems = ("transcript.text.", "transcription.")
    finals = ("transcript.text.done", "transcription.done")
    plain = "text"

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("text"), str) or cls.claims(value, name)

    def document(self, value: Object) -> None:
        self.payload(value, self.finals[0])

    def _say(self, value: Object, type_: str) -> int:
        self.answer.named(value.get("model"), None)
        message = self.answer.message()
        if type_.endswith(".text.delta"):  # Mistral's words stand under another name
            return message.say(text(value.get("delta")) or text(value.get("text")))
        if type_ in self.finals and not message.text:
            return message.say(value.get("text"))
        return 0
