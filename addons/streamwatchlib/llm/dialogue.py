"""What passes both ways on one connection: which messages ask for a response, and which belong to one.

In: the values of messages, parsed.  Out: an `Ask`, or whom a message from the server is about.  It is the language of
OpenAI's Realtime API and of its Responses API over WebSocket, and of all who speak them: the client sends
``response.create``, the events of the response name it, or the ``stream_id`` it was asked for under.
https://platform.openai.com/docs/api-reference/realtime-client-events/response/create
"""

from __future__ import annotations

from typing import NamedTuple

from .values import Object, clean, obj, text, word

ASK = "response.create"
_CREATED = "response.created"
_SOUND = "input_audio_buffer.append"


class Ask(NamedTuple):
    """A client's wish for a response."""

    value: Object
    lane: str | None
    """Responses that are made side by side on one connection are told apart by this ``stream_id``."""
    event_id: str | None
    """The client's own name of the message, which errors refer to."""


class About(NamedTuple):
    """What a message from the server says it belongs to."""

    response: str | None
    lane: str | None
    begins: bool
    """It announces a response."""
    refuses: str | None
    """It is an error about the client's message of this `Ask.event_id`."""
    error: bool


def ask(value: object) -> Ask | None:
    """The wish that a message from the client is, or None."""
    message = obj(value)
    if message.get("type") != ASK:
        return None
    # Realtime keeps the settings in an object of their own
    asked = obj(message.get("response")) or message
    return Ask(asked, word(message.get("stream_id")), word(message.get("event_id")))


def about(value: object) -> About | None:
    """What a message from the server is about; None if it is about no response."""
    message = obj(value)
    type_ = text(message.get("type"))
    error = type_ == "error"
    if not error and not type_.startswith("response."):
        return None
    named = word(message.get("response_id")) or word(obj(message.get("response")).get("id"))
    refused = word(obj(message.get("error")).get("event_id")) if error else None
    return About(named and clean(named), word(message.get("stream_id")), type_ == _CREATED, refused, error)


def is_sound(value: object) -> bool:
    """A piece of what the client said aloud: sized and dated, not kept."""
    return obj(value).get("type") == _SOUND
