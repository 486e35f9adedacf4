"""Gemini interactions."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/v1beta/interactions"


def start(index: int, **step: object) -> dict[str, object]:
    return {"event_type": "step.start", "index": index, "step": step}


def delta(index: int, **said: object) -> dict[str, object]:
    return {"event_type": "step.delta", "index": index, "delta": said}


def stop(index: int) -> dict[str, object]:
    return {"event_type": "step.stop", "index": index}


USAGE = {"total_input_tokens": 8, "total_output_tokens": 3, "total_thought_tokens": 41, "total_cached_tokens": 0}
END = {"id": "i", "model": "m", "status": "completed", "usage": USAGE, "object": "interaction"}


@pytest.mark.parametrize(("type_", "channels"), [("audio", ("events",)), ("image", ()), ("video", ())])
def test_what_is_heard_and_seen_is_not_kept(type_: str, channels: tuple[str, ...]) -> None:
    reading = listened(WHERE, start(0, type="model_output")).read_event(frame(delta(0, type=type_, data="AAAA")))
    assert (reading.channels, reading.kept) == (channels, False)


def test_a_picture_alone_has_no_text() -> None:
    shown = [{"type": "model_output", "content": [{"type": "image", "data": "AAAA"}]}]
    assert whole(WHERE, {**END, "steps": shown}).text is None
    silent = [{"type": "model_output", "content": [{"type": "text", "text": ""}]}]
    assert whole(WHERE, {**END, "steps": silent}).text == ""


def test_streamed_and_whole_are_the_same() -> None:
    stream = [
        {"event_type": "interaction.created", "interaction": {"id": "i", "model": "m", "status": "in_progress"}},
        start(0, type="thought"),
        delta(0, type="thought_summary", content={"type": "text", "text": "hm"}),
        delta(0, type="thought_signature", signature="x"),
        stop(0),
        start(1, type="model_output"),
        delta(1, type="text", text="a"),
        delta(1, type="text", text="b"),
        stop(1),
        start(2, type="function_call", id="c", name="f", arguments={}),
        delta(2, type="arguments_delta", arguments='{"a":'),
        delta(2, type="arguments_delta", arguments="1}"),
        stop(2),
        start(3, type="function_call", id="d", name="g", arguments={}),
        stop(3),
        start(4, type="google_search_call", id="s"),
        delta(4, type="google_search_call", arguments={"queries": ["q"]}),
        stop(4),
        {"event_type": "interaction.completed", "interaction": END},
    ]
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": "no word"}]},
        {"type": "thought", "summary": [{"type": "text", "text": "hm"}], "signature": "x"},
        {"type": "model_output", "content": [{"type": "text", "text": "ab"}]},
        {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}},
        {"type": "function_call", "id": "d", "name": "g", "arguments": {}},
        {"type": "google_search_call", "id": "s", "arguments": {"queries": ["q"]}},
    ]
    llm = streamed(WHERE, *stream)
    assert llm == whole(WHERE, {**END, "steps": steps})
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "hm", "completed", Usage(8, 3, 41, 0))
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'), ToolCall("d", "g", "{}"))
    assert llm.server_tool_calls == (ToolCall("s", "google_search_call", '{"queries":["q"]}'),)


@pytest.mark.parametrize(
    ("event", "channels", "end"),
    [
        (start(0, type="function_call", id="c", name="f", arguments={"a": 1}), ("tool_calls",), None),
        (start(0, type="function_call", id="c", name="f", arguments={}), (), None),
        (delta(0, type="text", text="a"), ("text",), None),
        (delta(0, type="thought_summary", content={"text": "a"}), ("reasoning",), None),
        (delta(0, type="thought_signature", signature="a"), (), None),
        (delta(0, type="arguments_delta", arguments="{"), ("tool_calls",), None),
        (start(0, type="model_output"), (), None),
        ({"event_type": "interaction.completed", "interaction": END}, (), "interaction.completed"),
        ({"event_type": "interaction.status_update", "status": "in_progress"}, (), None),
    ],
)
def test_channels_and_end(event: dict[str, object], channels: tuple[str, ...], end: str | None) -> None:
    reading = listened(WHERE).read_event(frame(event))
    assert (reading.channels, reading.end, reading.type) == (channels, end, event["event_type"])


def test_a_functions_name_may_come_with_its_arguments() -> None:
    """So it was before there were steps."""
    begun = {"event_type": "content.start", "index": 0, "content": {"type": "function_call"}}
    told = {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}}
    llm = streamed(WHERE, begun, {"event_type": "content.delta", "index": 0, "delta": told})
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'),)


def test_an_event_may_be_named_by_the_framing_alone() -> None:
    usage = {"total_input_tokens": 8, "total_output_tokens": 3, "total_reasoning_tokens": 41}
    listener = listened(WHERE, start(0, type="model_output"), delta(0, type="text", text="a"))
    reading = listener.read_event(frame({"interaction": {**END, "usage": usage}}, "interaction.completed"))
    assert (reading.type, reading.end) == ("interaction.completed", "interaction.completed")
    llm = listener.result()
    assert llm
    assert (llm.finish_reason, llm.usage) == ("completed", Usage(8, 3, 41, None))


def test_errors() -> None:
    error = {"event_type": "error", "error": {"code": "x", "message": "m"}}
    assert streamed(WHERE, error).error == {"code": "x", "message": "m"}


def test_an_interaction_fetched_by_its_id_may_be_an_error() -> None:
    """Nothing but the path tells then whose it is."""
    error = {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}
    for value in ({"error": error}, [{"error": error}]):
        assert whole(f"{WHERE}/i", value).error == error


@pytest.mark.parametrize("after", [(), (("last_event_id", "e3"),)], ids=["fetched", "resumed"])
def test_a_stream_of_a_stored_interaction_repeats_what_was_said_before(after: tuple[tuple[str, str], ...]) -> None:
    stored = Context("GET", "h", f"{WHERE}/i", (("stream", "true"), *after))
    assert listened(stored, delta(0, type="text", text="a")).traits == {"replayed"}
    assert listened(context(WHERE), delta(0, type="text", text="a")).traits == frozenset()
