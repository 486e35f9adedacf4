"""Mistral conversations."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = context("/v1/conversations", host="api.mistral.ai")
USAGE = {"prompt_tokens": 3, "completion_tokens": 5}


def test_streamed_and_whole_are_the_same() -> None:
    stream = [
        {"type": "conversation.response.started", "conversation_id": "c"},
        {"type": "tool.execution.started", "id": "t", "name": "web_search", "arguments": '{"q":'},
        {"type": "tool.execution.delta", "id": "t", "name": "web_search", "arguments": "1}"},
        {"type": "tool.execution.done", "id": "t", "name": "web_search"},
        {"type": "message.output.delta", "model": "m", "content": {"type": "thinking", "thinking": [{"text": "r"}]}},
        {"type": "message.output.delta", "model": "m", "content": "a"},
        {"type": "message.output.delta", "model": "m", "content": {"type": "tool_reference", "tool": "web_search"}},
        {"type": "message.output.delta", "model": "m", "content": {"type": "text", "text": "b"}},
        {"type": "function.call.delta", "id": "f", "name": "add", "tool_call_id": "f1", "arguments": "{"},
        {"type": "function.call.delta", "id": "f", "name": "add", "tool_call_id": "f1", "arguments": "}"},
        {"type": "conversation.response.done", "usage": USAGE},
    ]
    outputs = [
        {"type": "tool.execution", "id": "t", "name": "web_search", "arguments": '{"q":1}'},
        {
            "type": "message.output",
            "model": "m",
            "content": [
                {"type": "thinking", "thinking": [{"text": "r"}]},
                {"text": "a"},
                {"type": "tool_reference", "tool": "web_search"},
                {"text": "b"},
            ],
        },
        {"type": "function.call", "id": "f", "name": "add", "tool_call_id": "f1", "arguments": "{}"},
    ]
    llm = streamed(WHERE, *stream)
    body = {"object": "conversation.response", "conversation_id": "c", "outputs": outputs, "usage": USAGE}
    assert llm == whole(WHERE, body)
    assert (llm.provider, llm.model, llm.response_id) == ("mistral", "m", "c")
    assert (llm.text, llm.reasoning, llm.usage) == ("ab", "r", Usage(3, 5))
    assert llm.tool_calls == (ToolCall("f1", "add", "{}"),)
    assert llm.server_tool_calls == (ToolCall("t", "web_search", '{"q":1}'),)


def test_channels_end_and_errors() -> None:
    listener = listened(WHERE)
    done = {"type": "conversation.response.done", "usage": USAGE}
    assert listener.read_event(frame({"type": "message.output.delta", "content": "a"})).channels == ("text",)
    assert listener.read_event(frame({"type": "agent.handoff.started", "id": "h"})).channels == ()
    assert listener.read_event(frame(done)).end == "conversation.response.done"
    failed = {"type": "conversation.response.error", "code": 500, "message": "m"}
    assert streamed(WHERE, failed).error == {"code": 500, "message": "m"}
