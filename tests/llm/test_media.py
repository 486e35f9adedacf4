"""Speech, transcripts and pictures: framed, sized, dated, not kept."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Usage

from .replies import frame, listened, streamed, whole

USAGE = {"input_tokens": 3, "output_tokens": 5}


@pytest.mark.parametrize(
    ("where", "part", "end", "api"),
    [
        (
            "/v1/audio/speech",
            {"type": "speech.audio.delta", "audio": "UklGRg=="},
            {"type": "speech.audio.done", "usage": USAGE},
            "audio.speech",
        ),
        (
            "/v1/images/generations",
            {"type": "image_generation.partial_image", "b64_json": "iVBO", "partial_image_index": 0},
            {"type": "image_generation.completed", "b64_json": "iVBO", "usage": USAGE},
            "images",
        ),
    ],
)
def test_sound_and_pictures(where: str, part: dict[str, object], end: dict[str, object], api: str) -> None:
    listener = listened(where)
    assert listener.event(frame(part)).channels == ("events",)
    assert listener.event(frame(end)).end == end["type"]
    llm = listener.result()
    assert llm
    assert (llm.api, llm.text, llm.usage) == (api, None, Usage(3, 5))
    assert listener.terminator_due


def test_a_transcript() -> None:
    where = "/v1/audio/transcriptions"
    deltas = [{"type": "transcript.text.delta", "delta": piece} for piece in ("a", "b")]
    done = {"type": "transcript.text.done", "text": "ab", "usage": USAGE}
    listener = listened(where)
    heard = [listener.event(frame(event)) for event in (*deltas, done)]
    assert [(reading.channels, reading.end) for reading in heard] == [
        (("text",), None),
        (("text",), None),
        ((), "transcript.text.done"),
    ]
    llm = listener.result()
    assert llm == whole(where, {"text": "ab", "usage": USAGE})
    assert llm
    assert llm.text == "ab"
    assert streamed(where, done).text == "ab"


def test_a_text_elsewhere_is_no_transcript() -> None:
    assert listened("/x", {"text": "a"}).result() is None
