"""Snowflake's Cortex agents."""

from __future__ import annotations

from streamwatchlib.model import ToolCall

from ..replies import context, frame, listened, streamed, whole

RUN = context("/api/v2/cortex/agent:run", host="account.snowflakecomputing.com")


def test_tools_and_what_is_no_content() -> None:
    use = {"content_index": 0, "tool_use_id": "t", "type": "cortex_search", "name": "s", "input": {"q": "x"}}
    events: list[tuple[str, object]] = [
        ("metadata", {"role": "user", "message_id": 0}),
        ("response.status", {"status": "planning", "message": "no word"}),
        ("response.tool_use", use),
        ("response.tool_use", {**use, "tool_use_id": "u", "name": "mine", "client_side_execute": "true"}),
        ("response.tool_result.status", {"tool_use_id": "t", "status": "no word"}),
        ("response.tool_result", {"content_index": 1, "tool_use_id": "t", "content": [{"text": "no word"}]}),
        ("response.text.delta", {"content_index": 2, "text": "ab"}),
        ("response.text", {"content_index": 2, "text": "ab"}),
        ("response.text", {"content_index": 3, "text": "c"}),
        ("response", {"role": "assistant", "content": [{"type": "text", "text": "abc"}]}),
    ]
    listener = listened(RUN)
    readings = [listener.read_event(frame(payload, name)) for name, payload in events]
    tools, text = ("tool_calls",), ("text",)
    assert [r.channels for r in readings] == [(), (), tools, tools, (), (), text, (), text, ()]
    assert [r.end for r in readings] == [*[None] * 9, "response"]
    llm = listener.result()
    assert llm is not None
    assert (llm.provider, llm.api, llm.text) == ("snowflake", "agents", "abc")
    assert llm.server_tool_calls == (ToolCall("t", "s", '{"q":"x"}'),)
    assert llm.tool_calls == (ToolCall("u", "mine", '{"q":"x"}'),)
    assert streamed("/any", *events).text == "abc"


def test_an_answer_in_the_last_event_alone_and_an_error() -> None:
    said = {"role": "assistant", "content": [{"type": "text", "text": "a"}]}
    assert streamed(RUN, ("response", said)).text == "a"
    used = {"tool_use_id": "t", "name": "f", "input": {}, "client_side_execute": True}
    thought: list[object] = [{"type": "thinking", "thinking": {"text": "hm"}}, {"type": "tool_use", "tool_use": used}]
    llm = whole(RUN, {"role": "assistant", "content": [*thought, {"type": "text", "text": "a"}]})
    assert (llm.reasoning, llm.text, llm.tool_calls) == ("hm", "a", (ToolCall("t", "f", "{}"),))
    failed = streamed(RUN, ("error", {"code": "399504", "message": "broken", "request_id": "r"}))
    assert failed.error == {"code": "399504", "message": "broken"}
