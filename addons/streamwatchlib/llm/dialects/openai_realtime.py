"""OpenAI Realtime, and everyone who imitates it.

In: the server's events about one response, or about a whole session without responses.  Out: readings and the answer.
The events are those of the Responses API except for audio, the beta's names, and the end, which is always
``response.done``.  Audio is framed, sized and dated, but not kept; it is generated faster than it is played, so its
pace says nothing.  Speech that Qwen's models recognise or translate is sent again, corrected, until a sentence is over.
https://platform.openai.com/docs/api-reference/realtime-server-events
https://help.aliyun.com/zh/model-studio/qwen-asr-realtime-server-events
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context, Limits, Reading
from ..cumulative import Sentences
from ..dialect import AUDIO_CONTENT, MEDIA, TEXT, kind, make_reading
from ..providers import asked_model
from ..values import Object, index, non_empty, obj, text
from .openai_responses import Responses

_STEMS = ("response.", "session.", "conversation.", "input_audio_buffer.", "output_audio_buffer.", "rate_limits.")
_BETA = {"response.text": "text", "response.audio_transcript": "text"}
"""Later renamed to ``response.output_text`` and ``response.output_audio_transcript``."""
_SESSIONS = {"session.output_transcript": "text", "transcription": "text"}
"""Events of sessions without responses: ``/v1/realtime/translations`` translates live speech, vLLM recognises it."""
_RECOGNISED = "conversation.item.input_audio_transcription"
"""The user's recognised speech.  It is the answer if nothing else was requested."""


class Realtime(Responses):
    """``/v1/realtime`` and ``/v1/realtime/translations``; ``/v1/live/sessions``"""

    api = "realtime"
    channels: Mapping[str, str] = {**Responses.channels, **_BETA, **_SESSIONS}
    finals = frozenset({"response.done"})

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        model = asked_model(context) or ""
        self._speaks = "-tts-" in model
        """Qwen's models of this name generate nothing but speech."""
        self._listens = "-asr-" in model or ("intent", "transcription") in context.query
        """The session is for speech recognition."""
        self._sentences = Sentences(self.answer.budget)
        self._speech: object = None
        """ID of the item whose text is coming in pieces."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("event_id"), str) and text(value.get("type")).startswith(_STEMS)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return text(value.get("type")).startswith(_STEMS)

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = kind(value, name)
        stem, _, step = type_.rpartition(".")
        session = obj(value.get("session"))
        self._listens |= session.get("type") == "transcription"
        self.answer.set_identity(session.get("model"), None)
        if stem == _RECOGNISED and self._listens:
            return make_reading(TEXT * self._recognise(step, value), type_)
        if self.channels.get(stem) == "text" and (step == "text" or (step == "done" and self._sentences)):
            self._begun.update({index(value.get("output_index")): None, text(value.get("item_id")): None})
            return make_reading(TEXT * self._told(step, value), type_)
        if stem == "transcription":
            self.answer.set_usage(value.get("usage"))
        if type_ == "response.audio.delta" and self._speaks:
            return make_reading(AUDIO_CONTENT, type_)
        if type_ == "response.event":
            return make_reading(self._delegated(obj(value.get("event"))), type_)
        if type_ == "session.input_audio.append":  # the user's audio, as a client that only listens in gets it
            return make_reading(MEDIA, type_)
        return super().read_payload(value, name)

    def _delegated(self, event: Object) -> int:
        """Read an event of the model that a Live session delegates to: another one speaks its text; the client runs its
        calls."""
        stem, _, step = text(event.get("type")).rpartition(".")
        item = obj(event.get("item"))
        if stem == "response.output_item" and text(item.get("type")).endswith("_call"):
            return self._item(None, item, step == "done")  # each response counts its items from 0
        if self.channels.get(stem) == "call" and step == "delta":
            return self._delta("call", {**event, "output_index": None})
        return 0

    def _recognise(self, step: str, value: Object) -> bool:
        """Take recognised speech: OpenAI sends pieces, Qwen the sentence so far; both repeat it when it is over."""
        if step == "segment":
            return False  # names the speaker of text that also comes by itself
        if step != "delta":
            self.take_error(value)
            self.answer.add_usage(value.get("usage"))
            return self._speech != value.get("item_id") and self._told(step, value)
        begins, self._speech = self._speech != value.get("item_id"), value.get("item_id")
        self._texts["text"] = self._sentences
        return self._sentences.add("\n" * bool(begins and self._sentences) + text(value.get("delta")))

    def _told(self, step: str, value: Object) -> bool:
        """Take a sentence as it is recognised by now: the part that is final, and the part that may still change."""
        self._texts["text"] = self._sentences
        sure = text(value.get("transcript")) or text(value.get("text"))
        return self._sentences.update(sure + text(value.get("stash")), over=step != "text")

    def _read_metadata(self, response: Object) -> None:
        super()._read_metadata(response)
        why = obj(response.get("status_details"))
        self.take_error(why)
        if reason := non_empty(why.get("reason")):
            self.answer.note(f"{non_empty(response.get('status'))}: {reason}")
        if self.answer.error and response.get("status") == "completed":
            self.answer.error = None
            self.answer.note("an error reported meanwhile concerned another message from the client")

    def final_overrides(self, response: Object) -> bool:
        """An interrupted answer was heard as far as it came; its end repeats less."""
        return response.get("status") == "completed"
