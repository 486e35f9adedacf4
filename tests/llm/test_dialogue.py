"""Which messages of a WebSocket ask for a response, and which belong to one."""

from __future__ import annotations

import pytest
from streamwatchlib.llm.dialogue import About, Ask, about, ask, is_sound


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "response.create"}, Ask({"type": "response.create"}, None, None)),
        (
            {"type": "response.create", "event_id": "e", "response": {"instructions": "x"}},
            Ask({"instructions": "x"}, None, "e"),
        ),
        (
            {"type": "response.create", "model": "m", "stream_id": "s"},
            Ask({"type": "response.create", "model": "m", "stream_id": "s"}, "s", None),
        ),
        ({"type": "session.update"}, None),
        ({"type": ["response.create"]}, None),
        (["response.create"], None),
        (None, None),
    ],
)
def test_a_wish_and_its_settings(message: object, expected: Ask | None) -> None:
    assert ask(message) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "response.created", "response": {"id": "r"}}, About("r", None, True, None, False)),
        ({"type": "response.output_text.delta", "response_id": "r"}, About("r", None, False, None, False)),
        ({"type": "response.output_text.delta", "stream_id": "s"}, About(None, "s", False, None, False)),
        ({"type": "response.done", "response": {"id": "a\ud800"}}, About("a\ufffd", None, False, None, False)),
        ({"type": "error", "error": {"event_id": "e"}}, About(None, None, False, "e", True)),
        ({"type": "error", "error": "words"}, About(None, None, False, None, True)),
        ({"type": "session.updated", "response": {"id": "r"}}, None),
        ({"type": "responses"}, None),
        ("response.created", None),
    ],
)
def test_whom_a_message_is_about(message: object, expected: About | None) -> None:
    assert about(message) == expected


def test_what_the_client_says_aloud_is_sound() -> None:
    assert is_sound({"type": "input_audio_buffer.append", "audio": "UklG"})
    assert not is_sound({"type": "input_audio_buffer.commit"})
    assert not is_sound("input_audio_buffer.append")
