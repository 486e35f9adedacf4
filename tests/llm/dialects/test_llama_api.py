"""Meta's Llama API."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = context("/v1/chat/completions", "api.llama.com", {"model": "m", "stream": True})
METRICS = [{"metric": "num_prompt_tokens", "value": 3}, {"metric": "num_completion_tokens", "value": 5}]


def event(type_: str, delta: object, **more: object) -> dict[str, object]:
    return {"id": "i", "event": {"event_type": type_, "delta": delta, **more}}


def said(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def called(arguments: str, **more: object) -> dict[str, object]:
    return {"type": "tool_call", "function": {"arguments": arguments, **more}}


@pytest.mark.parametrize(("where", "provider"), [(WHERE, "llama"), (context("/relay"), "llama-compatible")])
def test_streamed_and_whole(where: Context, provider: str) -> None:
    stream = [
        event("start", said("")),
        event("progress", said("a")),
        event("progress", said("b")),
        event("progress", {**called("", name="f"), "id": "t"}),
        event("progress", called('{"a":1}')),
        event("complete", said(""), stop_reason="tool_calls"),
        event("metrics", said(""), metrics=METRICS),
    ]
    listener = listened(where)
    readings = [listener.read_event(frame(each)) for each in stream]
    calls = [("tool_calls",)] * 2
    assert [reading.channels for reading in readings] == [(), ("text",), ("text",), *calls, (), ()]
    assert [reading.end for reading in readings if reading.end] == ["complete"]
    call = {"id": "t", "function": {"name": "f", "arguments": '{"a":1}'}}
    message = {"role": "assistant", "content": said("ab"), "stop_reason": "tool_calls", "tool_calls": [call]}
    answer = {"id": "i", "completion_message": message, "metrics": METRICS}
    for llm in (listener.result(), whole(where, answer)):
        assert llm
        assert (llm.provider, llm.text, llm.finish_reason, llm.usage) == (provider, "ab", "tool_calls", Usage(3, 5))
        assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_a_content_that_is_no_object_is_text() -> None:
    assert whole(WHERE, {"completion_message": {"content": "ab"}}).text == "ab"


def test_openais_shape_behind_its_host_is_read_as_such() -> None:
    assert streamed(WHERE, {"choices": [{"delta": {"content": "a"}}]}).text == "a"
