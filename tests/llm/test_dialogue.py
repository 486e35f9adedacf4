"""Which messages of a WebSocket ask for a response, and which belong to one."""

from __future__ import annotations

import pytest
from streamwatchlib.llm.dialogue import (
    ResponseRef,
    ResponseRequest,
    is_audio,
    is_response_input,
    response_ref,
    response_request,
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "response.create"}, ResponseRequest({"type": "response.create"}, None, None)),
        (
            {"type": "response.create", "event_id": "e", "response": {"instructions": "x"}},
            ResponseRequest({"instructions": "x"}, None, "e"),
        ),
        (
            {"type": "response.create", "model": "m", "stream_id": "s"},
            ResponseRequest({"type": "response.create", "model": "m", "stream_id": "s"}, "s", None),
        ),
        (
            {"clientContent": {"turnComplete": True}},
            ResponseRequest({"clientContent": {"turnComplete": True}}, None, None),
        ),
        (
            {"client_content": {"turn_complete": True}},
            ResponseRequest({"client_content": {"turn_complete": True}}, None, None),
        ),
        ({"clientContent": {"turns": []}}, None),
        ({"realtimeInput": {"text": "a"}}, ResponseRequest({"realtimeInput": {"text": "a"}}, None, None)),
        ({"realtimeInput": {"activityEnd": {}}}, ResponseRequest({"realtimeInput": {"activityEnd": {}}}, None, None)),
        ({"realtimeInput": {"audio": {"data": "UklG"}}}, None),
        (
            {"toolResponse": {"functionResponses": []}},
            ResponseRequest({"toolResponse": {"functionResponses": []}}, None, None),
        ),
        ({"type": "input_text_buffer.commit", "event_id": "e"}, ResponseRequest({}, None, "e")),
        ({"header": {"action": "run-task"}, "payload": {"model": "m"}}, ResponseRequest({"model": "m"}, None, None)),
        ({"header": {"action": "continue-task"}, "payload": {"input": {"text": "a"}}}, None),
        ({"setup": {"model": "m"}}, None),
        ({"type": "session.update"}, None),
        ({"type": ["response.create"]}, None),
        (["response.create"], None),
        (None, None),
    ],
)
def test_a_wish_and_its_settings(message: object, expected: ResponseRequest | None) -> None:
    assert response_request(message) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "response.created", "response": {"id": "r"}}, ResponseRef("r", begins=True)),
        ({"type": "response.output_text.delta", "response_id": "r"}, ResponseRef("r")),
        ({"type": "response.output_text.delta", "stream_id": "s"}, ResponseRef(stream_id="s")),
        ({"type": "response.done", "response": {"id": "a\ud800"}}, ResponseRef("a\ufffd")),
        ({"type": "error", "error": {"event_id": "e"}}, ResponseRef(refuses="e", error=True)),
        ({"type": "error", "error": "words"}, ResponseRef(error=True)),
        (
            {"type": "error", "error": {"code": "conversation_already_has_active_response"}},
            ResponseRef(error=True, busy=True),
        ),
        ({"type": "error", "error": {"code": "response_cancel_not_active"}}, None),
        ({"type": "error", "error": {"code": "input_audio_buffer_commit_empty", "event_id": "e"}}, None),
        ({"type": "error", "error": {"code": "item_truncate_invalid_item_id"}}, None),
        ({"type": "session.updated", "response": {"id": "r"}}, None),
        ({"type": "responses"}, None),
        ({"type": "response.event", "event": {"type": "response.created", "response": {"id": "r"}}}, None),
        ({"setupComplete": {}}, None),
        ({"serverContent": {"modelTurn": {"parts": []}}}, ResponseRef(begins=True)),
        ({"serverContent": {"outputTranscription": {"text": "a"}}}, ResponseRef()),
        ({"serverContent": {"turnComplete": True}}, ResponseRef()),
        ({"serverContent": {"inputTranscription": {"text": "a"}}}, None),
        ({"serverContent": {}, "usageMetadata": {"promptTokenCount": 9}}, None),
        ({"toolCall": {"functionCalls": [{}]}}, ResponseRef(begins=True)),
        ({"header": {"event": "task-started", "task_id": "t"}}, ResponseRef("t", begins=True)),
        ({"header": {"event": "result-generated", "task_id": "t"}}, ResponseRef("t")),
        ({"header": {"event": "task-failed", "task_id": "t"}}, ResponseRef("t", error=True)),
        ({"header": {"event": ["task-started"], "task_id": "t"}}, None),
        ("response.created", None),
    ],
)
def test_whom_a_message_is_about(message: object, expected: ResponseRef | None) -> None:
    assert response_ref(message) == expected


def test_what_the_client_says_aloud_is_sound() -> None:
    assert is_audio({"type": "input_audio_buffer.append", "audio": "UklG"})
    assert is_audio({"type": "session.input_audio_buffer.append", "audio": "UklG"})
    assert is_audio({"type": "session.input_audio.append", "audio": "UklG"})
    assert is_audio({"realtimeInput": {"mediaChunks": [{"data": "UklG"}]}})
    assert is_audio({"realtime_input": {"audio": {"data": "UklG"}}})
    assert not is_audio({"realtimeInput": {"text": "a"}})
    assert not is_audio({"type": "input_audio_buffer.commit"})
    assert not is_audio("input_audio_buffer.append")
    assert not is_audio({"type": ["input_audio_buffer.append"]})


def test_what_a_response_is_made_of_may_come_in_pieces() -> None:
    assert is_response_input({"header": {"action": "continue-task"}, "payload": {"input": {"text": "a"}}})
    assert is_response_input({"type": "input_text_buffer.append", "text": "a"})
    assert not is_response_input({"header": {"action": "finish-task"}})
    assert not is_response_input({"type": "input_audio_buffer.append", "audio": "UklG"})
    assert not is_response_input(None)
