"""Ollama's own API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

DATED = {"model": "m", "created_at": "2025-10-26T17:15:24.097767123Z", "done": False}
END = {
    **DATED,
    "done": True,
    "done_reason": "stop",
    "total_duration": 3_000_000_000,
    "load_duration": 500_000_000,
    "prompt_eval_count": 11,
    "prompt_eval_duration": 250_000_000,
    "eval_count": 18,
    "eval_duration": 2_000_000_000,
}


def test_every_line_carries_the_servers_clock() -> None:
    clock = datetime(2025, 10, 26, 17, 15, 24, 97767, UTC).timestamp()
    listener = listened("/api/chat")
    assert listener.read_event(frame({**DATED, "message": {"content": "a"}})).clock == pytest.approx(clock)
    assert listener.read_event(frame({**END, "message": {"content": ""}})).clock == pytest.approx(clock)


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T01:00:01.5+01:00", 1.5),
        ("1970-01-01T00:00:02", 2.0),
        ("yesterday", None),
        (5, None),
        (None, None),
        ("0001-01-01T00:00:00+23:59", -62135683140.0),
    ],
)
def test_a_date_is_read_or_absent(date: object, seconds: float | None) -> None:
    event = frame({"created_at": date, "message": {"content": "a"}, "done": False})
    assert listened("/api/chat").read_event(event).clock == seconds


def test_the_last_line_tells_counts_and_times() -> None:
    llm = streamed("/api/generate", {**DATED, "response": "a"}, {**END, "response": ""})
    assert (llm.provider, llm.api, llm.text, llm.finish_reason) == ("ollama", "generate", "a", "stop")
    assert llm.usage == Usage(11, 18)
    assert llm.server_timing == {"load": 0.5, "prompt": 0.25, "generation": 2.0, "total": 3.0}


def test_the_end_and_the_channels() -> None:
    listener = listened("/api/generate")
    readings = [
        listener.read_event(frame(line))
        for line in (
            {**DATED, "response": "", "thinking": "hm"},
            {**DATED, "response": "a"},
            {**DATED, "response": ""},
            {**END, "response": ""},
        )
    ]
    assert [(reading.channels, reading.end) for reading in readings] == [
        (("reasoning",), None),
        (("text",), None),
        ((), None),
        ((), "done"),
    ]


def test_tool_calls_come_whole_with_arguments_as_an_object() -> None:
    calls = [{"function": {"index": 0, "name": "f", "arguments": {"ä": 1}}}, {"id": "c", "function": {"name": "g"}}]
    lines = [{**DATED, "message": {"content": "", "tool_calls": [call]}} for call in calls]
    expected = (ToolCall(None, "f", '{"ä":1}'), ToolCall("c", "g", ""))
    assert streamed("/api/chat", *lines).tool_calls == expected
    assert whole("/api/chat", {**END, "message": {"tool_calls": calls}}).tool_calls == expected


def test_an_error_line_is_an_error() -> None:
    llm = streamed("/api/chat", {**DATED, "message": {"content": "a"}}, {"error": "out of memory"})
    assert (llm.text, llm.error) == ("a", {"message": "out of memory"})


def test_a_picture_is_content_that_is_not_kept() -> None:
    listener = listened("/api/generate", {"model": "x", "response": "", "completed": 1, "total": 4, "done": False})
    reading = listener.read_event(frame({"model": "x", "response": "", "image": "iVBO", "done": True}))
    assert (reading.channels, reading.kept, reading.end) == (("events",), False, "done")


@pytest.mark.parametrize(
    ("path", "said", "asked"),
    [
        ("/api/generate", {"prompt": "a"}, (True, "default")),
        ("/api/chat", {"messages": [{"role": "user", "content": "a"}]}, (True, "default")),
        ("/api/generate", {"prompt": "a", "stream": False}, (False, "body.stream")),
        ("/api/generate", {}, (None, None)),
        ("/api/generate", {"prompt": "", "keep_alive": 0}, (None, None)),
        ("/api/chat", {"messages": []}, (None, None)),
        ("/api/chat", {"messages": [], "stream": False}, (False, "body.stream")),
    ],
)
def test_a_model_that_is_only_loaded_or_let_go_owes_no_stream(
    path: str, said: dict[str, object], asked: object
) -> None:
    assert intent(context(path, body={"model": "m", **said})) == asked


def test_other_apps_tell_as_well_whether_they_are_done() -> None:
    for said in ({"response": "a"}, {"message": {"role": "assistant", "content": "a"}}):
        assert listened("/any", {**said, "done": False}).result() is None
        assert streamed("/any", {**said, "done": False, "model": "m"}).text == "a"
