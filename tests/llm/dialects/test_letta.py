"""Letta's agents."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/v1/agents/agent-1/messages/stream"
USED = {"completion_tokens": 5, "prompt_tokens": 6, "total_tokens": 11, "step_count": 1}


def told(type_: str, **more: object) -> dict[str, object]:
    return {"message_type": f"{type_}_message", "id": type_, **more}


def called(arguments: str, name: str | None = None) -> dict[str, object]:
    return {"tool_call": {"name": name, "arguments": arguments, "tool_call_id": "c"}}


STREAM = [
    (told("reasoning", reasoning="h"), ("reasoning",)),
    (told("reasoning", reasoning="m"), ("reasoning",)),
    (told("tool_call", **called("", "f")), ("tool_calls",)),
    (told("tool_call", **called('{"a":')), ("tool_calls",)),
    (told("tool_call", **called("1}")), ("tool_calls",)),
    (told("tool_return", tool_return="no word"), ()),
    ({"message_type": "ping"}, ()),
    (told("assistant", content="a"), ("text",)),
    (told("assistant", content=[{"type": "text", "text": "b"}]), ("text",)),
    ({"message_type": "stop_reason", "stop_reason": "end_turn"}, ()),
    ({"message_type": "usage_statistics", **USED}, ()),
]


@pytest.mark.parametrize("path", [WHERE, "/somewhere"])
def test_streamed_and_whole_are_the_same(path: str) -> None:
    listener = listened(path)
    assert [listener.read_event(frame(value)).channels for value, _ in STREAM] == [channels for _, channels in STREAM]
    assert listener.read_event(frame("[DONE]")).end == "[DONE]"
    llm = listener.result()
    messages = [
        told("reasoning", reasoning="hm"),
        told("tool_call", **called('{"a":1}', "f")),
        told("assistant", content="ab"),
    ]
    stop = {"message_type": "stop_reason", "stop_reason": "end_turn"}
    assert llm == whole("/v1/agents/agent-1/messages", {"messages": messages, "stop_reason": stop, "usage": USED})
    assert (llm.provider, llm.text, llm.reasoning) == ("letta-compatible", "ab", "hm")
    assert (llm.finish_reason, llm.usage) == ("end_turn", Usage(6, 5))
    assert llm.server_tool_calls == (ToolCall("c", "f", '{"a":1}'),)


def test_what_the_client_is_asked_for_is_its_own_call() -> None:
    call = {"name": "f", "arguments": "{}", "tool_call_id": "c"}
    llm = streamed(WHERE, told("approval_request", tool_calls=[call, {**call, "tool_call_id": "d"}]))
    assert llm.tool_calls == (ToolCall("c", "f", "{}"), ToolCall("d", "f", "{}"))


def test_errors() -> None:
    assert streamed(WHERE, told("error", message="no", error_type="llm_error")).error == {"message": "no"}


def test_how_a_stream_is_asked_for() -> None:
    assert intent(context(WHERE)) == (True, "url")
    assert intent(context("/v1/agents/a/messages", body={"streaming": True})) == (True, "body.streaming")
    assert intent(context("/v1/agents/a/messages", body={})) == (False, "default")
