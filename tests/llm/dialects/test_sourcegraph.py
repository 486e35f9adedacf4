"""Sourcegraph's completions."""

from __future__ import annotations

from streamwatchlib.model import ToolCall

from ..replies import context, frame, listened, streamed, whole

STREAM = context("/.api/completions/stream", host="sourcegraph.com", body={"model": "m"})


def test_what_is_new_in_each_event() -> None:
    events: list[object] = [
        {"delta_thinking": "hm"},
        {"deltaText": "a"},
        {"deltaText": "ab"},
        {"delta_tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": '{"x":'}}]},
        {"delta_tool_calls": [{"id": "t", "type": "function", "function": {"name": "", "arguments": "1}"}}]},
        {"stopReason": "tool_use"},
    ]
    listener = listened(STREAM)
    readings = [listener.read_event(frame(event, "completion")) for event in events]
    assert [r.channels for r in readings] == [("reasoning",), *[("text",)] * 2, *[("tool_calls",)] * 2, ()]
    assert listener.read_event(frame({}, "done")).end == "done"
    llm = listener.result()
    assert llm is not None
    assert (llm.provider, llm.api, llm.model) == ("sourcegraph", "completions", "m")
    assert (llm.reasoning, llm.text, llm.finish_reason) == ("hm", "aab", "tool_use")
    assert llm.tool_calls == (ToolCall("t", "f", '{"x":1}'),)


def test_all_so_far_in_each_event_of_the_first_version() -> None:
    listener = listened(STREAM)
    events = [{"completion": "a", "stopReason": ""}, {"completion": "ab"}, {"completion": "ab", "stopReason": "stop"}]
    readings = [listener.read_event(frame(event, "completion")) for event in events]
    assert [r.channels for r in readings] == [("text",), ("text",), ()]
    llm = listener.result()
    assert llm is not None
    assert (llm.text, llm.finish_reason) == ("ab", "stop")


def test_a_whole_answer_behind_any_name() -> None:
    for where in ("/.api/completions/code", "/any"):
        llm = whole(where, {"completion": "ab", "stopReason": "stop"})
        assert (llm.provider, llm.text, llm.finish_reason) == ("sourcegraph-compatible", "ab", "stop")
    assert streamed("/any", ("completion", {"deltaText": "a"})).text == "a"


def test_errors() -> None:
    failed = streamed(STREAM, ("completion", {"deltaText": "a"}), ("error", {"error": "out of time"}))
    assert (failed.text, failed.error) == ("a", {"message": "out of time"})
    assert streamed(STREAM, ("error", {"error": "out of time"})).error == {"message": "out of time"}
    assert whole(context("/.api/completions/code", status=400), {"error": "no model"}).error == {"message": "no model"}
