"""OpenAI Realtime, and everyone who speaks it.

In: the server's events about one response.  Out: readings and the answer.  They are those of the Responses API but for
the sound, the names of the beta, and the end, which is always ``response.done``.  Sound is framed, sized and dated; it
is made faster than it is heard, so its pace says nothing, and it is not kept.
https://platform.openai.com/docs/api-reference/realtime-server-events
"""

from __future__ import annotations

from collections.abc import Mapping

from ..values import Object, text
from .openai_responses import Responses

_STEMS = ("response.", "session.", "conversation.", "input_audio_buffer.", "output_audio_buffer.", "rate_limits.")
_BETA = {"response.text": "text", "response.audio_transcript": "text"}
"""What was later called ``response.output_text`` and ``response.output_audio_transcript``."""
_TRANSLATED = {"session.output_transcript": "text"}
"""What a session of ``/v1/realtime/translations`` says: it translates as it hears and knows no responses."""


class Realtime(Responses):
    """``/v1/realtime`` and ``/v1/realtime/translations``"""

    api = "realtime"
    channels: Mapping[str, str] = {**Responses.channels, **_BETA, **_TRANSLATED}
    finals = frozenset({"response.done"})

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("event_id"), str) and text(value.get("type")).startswith(_STEMS)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return text(value.get("type")).startswith(_STEMS)

    def settles(self, response: Object) -> bool:
        """An answer that was talked over was heard as far as it came; its end repeats less."""
        return response.get("status") == "completed"
