"""Streams of speech, transcripts and pictures by OpenAI's API and its imitators.

In: typed events.  Out: readings; text and usage as the answer.  Audio and pictures are framed, sized and dated like any
event, but not kept.  https://platform.openai.com/docs/api-reference/audio/speech-audio-delta-event
"""

from __future__ import annotations

from ...model import Frame, Reading
from ..dialect import Dialect, kind, make_reading
from ..figures import lenient_error_of
from ..values import Object, Path, dig, first_text, text

_HELD = ("audio", "audio_data", "audio_base64", "b64_json")
"""Members that hold audio or a picture."""
_SOUND: tuple[Path, ...] = (("choices", 0, "delta", "content"), ("data", "audio"), ("data",))
"""Where audio stands in Zhipu's chunks, which are shaped like a chat's, in MiniMax's, in Doubao's and Cartesia's."""
_OVER: tuple[tuple[str, Path, object], ...] = (
    ("status", ("data", "status"), 2),
    ("code", ("code",), 20000000),
    ("done", ("done",), True),
)
"""The end marker of MiniMax's, Doubao's and Cartesia's last event: its name, where it stands, its value."""


class Speech(Dialect):
    """``/v1/audio/speech``, as events or as audio; speech from ElevenLabs, Cartesia, Deepgram, MiniMax and Doubao."""

    api = "audio.speech"
    shape = "openai"
    stems: tuple[str, ...] = ("speech.audio.",)
    """How the names of this API's events begin."""
    finals: tuple[str, ...] = ("speech.audio.done",)
    sound: tuple[Path, ...] = _SOUND

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return kind(value, name).startswith(cls.stems)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        others = not {"choices", "data", "base_resp", "code", "audio_base64", "audio_data", "done"}.isdisjoint(value)
        return cls.claims(value, name) or name == "binary" or others

    def read_non_json(self, frame: Frame) -> Reading:
        if frame.type == "binary":
            self.terminator_due = False  # audio ends with its last byte
        return super().read_non_json(frame)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        self.answer.set_usage(value.get("usage"))
        self.answer.add_server_timing(value)
        self.take_error(value)
        end = type_ if type_ in self.finals else self._over(value)
        if "audio_base64" in value:
            self.terminator_due = False  # ElevenLabs' lines have no end marker
        if any(map(value.get, _HELD)) or any(text(dig(value, path)) for path in self.sound):
            return Reading(("events",), type_, end, kept=False)
        if value.get("url"):  # where to fetch a picture: https://www.volcengine.com/docs/82379/1824137
            return Reading(("events",), type_, end)
        return make_reading(self._say(value, type_), type_, end)

    def _over(self, value: Object) -> str | None:
        """The end marker, if it is no event of its own."""
        if text(dig(value, ("choices", 0, "finish_reason"))):
            return "finish_reason"
        return next((name for name, path, last in _OVER if dig(value, path) == last), None)

    def take_error(self, value: Object) -> bool:
        if value.get("code") and "data" not in value:  # Doubao's
            self.answer.set_error(lenient_error_of(value) or {})
        return super().take_error(value)

    def _say(self, value: Object, type_: str) -> int:
        return 0


class Pictures(Speech):
    """``/v1/images/generations`` and ``/edits`` with ``stream: true``; ``/variations``; whole images from Imagen."""

    api = "images"
    sound = ()
    stems = ("image_generation.", "image_edit.")
    finals = ("image_generation.completed", "image_edit.completed")

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or any(isinstance(value.get(key), list) for key in ("data", "predictions"))


_TRANSCRIPT: tuple[Path, ...] = (("text",), ("results", "channels", 0, "alternatives", 0, "transcript"))
"""Where the text of a whole transcript stands; the second is Deepgram's."""


class Transcription(Speech):
    """``/v1/audio/transcriptions`` and ``/translations``; transcripts from ElevenLabs, Deepgram and AssemblyAI."""

    api = "audio.transcriptions"
    sound = ()
    stems = ("transcript.text.", "transcription.")
    finals = ("transcript.text.done", "transcription.done")
    plain = "text"

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return first_text(value, _TRANSCRIPT) is not None or cls.claims(value, name)

    def read_document(self, value: Object) -> None:
        self.read_payload(value, self.finals[0])

    def _say(self, value: Object, type_: str) -> int:
        self.answer.set_identity(value.get("model"), None)
        message = self.answer.message()
        if type_.endswith(".text.delta"):  # Mistral's text has another name
            return message.add_text(text(value.get("delta")) or text(value.get("text")))
        if type_ in self.finals and not message.text:
            return message.add_text(first_text(value, _TRANSCRIPT))
        return 0
