"""Messages of a connection on which both sides speak: which of them ask for a response, and which belong to one.

In: the values of messages, parsed.  Out: a `ResponseRequest`, or a `ResponseRef` for a message from the server.  Three
protocols:

- OpenAI's Realtime API and its Responses API over WebSocket, and all who imitate them: the client sends
  ``response.create``, the events name the response, or the ``stream_id`` under which it was requested.
  https://platform.openai.com/docs/api-reference/realtime-client-events/response/create
- Gemini's Live API, where nothing has a name: a turn of the client's is followed by one of the model's, which ends
  where it says so or calls functions. https://ai.google.dev/api/live
- DashScope's tasks, one at a time: ``run-task`` asks, the events name the task, and binary messages are its audio.
  https://help.aliyun.com/zh/model-studio/websocket-for-paraformer-real-time-service
"""

from __future__ import annotations

from typing import NamedTuple

from ..surrogates import well_formed
from .values import Object, non_empty, obj, text

ASK = "response.create"
_CREATED = "response.created"
_MORE = "input_text_buffer.append"
_SPEAK = "input_text_buffer.commit"
"""Asks for Qwen's speech, unless each text does so by itself."""
_RUN, _CONTINUE, _STARTED, _TASK_FAILED = "run-task", "continue-task", "task-started", "task-failed"
_AUDIO_TYPES = frozenset(
    {"input_audio_buffer.append", "session.input_audio_buffer.append", "session.input_audio.append"}
)
_BUSY = "conversation_already_has_active_response"
_OTHER_ERRORS = ("response_cancel", "input_audio_buffer", "item_")
"""How error codes begin that refuse another message than a request for a response: mostly one that came too late."""
_PASSED_ON = "response.event"
"""Event of a model to which OpenAI's Live sessions delegate: it answers the model that speaks."""
_HEARD = ("audio", "video", "mediaChunks", "media_chunks")
"""Members of messages that pass live audio or video to Gemini."""


class ResponseRequest(NamedTuple):
    """A client's request for a response."""

    value: Object
    stream_id: str | None
    """The ``stream_id`` that tells apart the responses made side by side on one connection."""
    event_id: str | None
    """The client's own ID of the message, to which errors refer."""


class ResponseRef(NamedTuple):
    """What a message from the server says it belongs to."""

    response: str | None = None
    stream_id: str | None = None
    begins: bool = False
    """It announces a response."""
    refuses: str | None = None
    """The `ResponseRequest.event_id` of the client's message that this error is about."""
    error: bool = False
    busy: bool = False
    """It refuses a request because another response is being made, which goes on."""


def response_request(value: object) -> ResponseRequest | None:
    """The request for a response that a client's message is, or None."""
    message, type_ = obj(value), text(obj(value).get("type"))
    if type_ != ASK:
        if type_ == _SPEAK:
            return ResponseRequest({}, None, non_empty(message.get("event_id")))
        if obj(message.get("header")).get("action") == _RUN:
            return ResponseRequest(obj(message.get("payload")), None, None)
        return ResponseRequest(message, None, None) if _turn(message) else None
    # Realtime keeps the settings in an object of their own
    asked = obj(message.get("response")) or message
    return ResponseRequest(asked, non_empty(message.get("stream_id")), non_empty(message.get("event_id")))


def session_setup(value: object) -> Object:
    """What a client of Gemini's sets first, for all of its turns: the model and how it is to answer."""
    return obj(obj(value).get("setup"))


def _turn(message: Object) -> bool:
    """The message ends a client's turn in Gemini's Live API."""
    content, live = _either(message, "clientContent", "client_content"), _live(message)
    tool_response = _either(message, "toolResponse", "tool_response")
    ends = "text" in live or "activityEnd" in live or "activity_end" in live
    return bool(tool_response or ends or content.get("turnComplete") is True or content.get("turn_complete") is True)


def _live(message: Object) -> Object:
    return _either(message, "realtimeInput", "realtime_input")


def _either(message: Object, name: str, other: str) -> Object:
    """The member under either of the names that Google takes."""
    return obj(message.get(name)) or obj(message.get(other))


def response_ref(value: object) -> ResponseRef | None:
    """What a message from the server is about; None if it is about no response."""
    message = obj(value)
    type_ = text(message.get("type"))
    error, code = type_ == "error", text(obj(message.get("error")).get("code"))
    if error and code.startswith(_OTHER_ERRORS):
        return None
    if not error and (not type_.startswith("response.") or type_ == _PASSED_ON):
        return _of_task(obj(message.get("header"))) or _of_turn(message)
    named = non_empty(message.get("response_id")) or non_empty(obj(message.get("response")).get("id"))
    return ResponseRef(
        response=named and well_formed(named),
        stream_id=non_empty(message.get("stream_id")),
        begins=type_ == _CREATED,
        refuses=non_empty(obj(message.get("error")).get("event_id")) if error else None,
        error=error,
        busy=error and code == _BUSY,
    )


def _of_task(header: Object) -> ResponseRef | None:
    """What an event of DashScope's tasks is about; None if the header is not that of one."""
    task, event = non_empty(header.get("task_id")), non_empty(header.get("event"))
    if not task or not event:
        return None
    return ResponseRef(well_formed(task), begins=event == _STARTED, error=event == _TASK_FAILED)


def _of_turn(message: Object) -> ResponseRef | None:
    """What a message of Gemini's Live API is about, always the current turn; None if it is about no response."""
    content = obj(message.get("serverContent"))
    begins = "modelTurn" in content or "functionCalls" in obj(message.get("toolCall"))
    members = ("outputTranscription", "generationComplete", "interrupted", "turnComplete")
    return ResponseRef(begins=begins) if begins or any(map(content.get, members)) else None


def is_response_input(value: object) -> bool:
    """The message is input of the response under way: a text to say, of which a client may still be writing more."""
    message = obj(value)
    return message.get("type") == _MORE or obj(message.get("header")).get("action") == _CONTINUE


def is_audio(value: object) -> bool:
    """The message is a piece of the client's audio: sized and dated, not kept."""
    message = obj(value)
    return text(message.get("type")) in _AUDIO_TYPES or any(key in _live(message) for key in _HEARD)
