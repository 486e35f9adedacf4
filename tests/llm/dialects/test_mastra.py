"""Agents of Mastra."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed, whole


def event(type_: str, **payload: object) -> dict[str, object]:
    return {"type": type_, "runId": "r", "from": "AGENT", "payload": payload}


def test_what_an_agent_says() -> None:
    usage = {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8}
    stream = [
        (event("start"), ()),
        (event("reasoning-delta", id="0", text="hm"), ("reasoning",)),
        (event("tool-call-input-streaming-start", toolCallId="t", toolName="f"), ("tool_calls",)),
        (event("tool-call-delta", toolCallId="t", toolName="f", argsTextDelta='{"a":1}'), ("tool_calls",)),
        (event("tool-call", toolCallId="t", toolName="f", args={"a": 1}), ()),
        (event("tool-result", toolCallId="t", toolName="f", result="x"), ()),
        (event("tool-call", toolCallId="s", toolName="search", args={}, providerExecuted=True), ("tool_calls",)),
        (event("text-start", id="1"), ()),
        (event("text-delta", id="1", text="a"), ("text",)),
        (event("text-delta", id="1", text="b"), ("text",)),
        (event("finish", stepResult={"reason": "stop"}, output={"usage": usage}), ()),
    ]
    listener = listened("/api/agents/a/stream")
    readings = [listener.read_event(frame(payload)) for payload, _ in stream]
    assert [reading.channels for reading in readings] == [channels for _, channels in stream]
    assert [reading.end for reading in readings if reading.end] == ["finish"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.response_id, llm.text, llm.reasoning) == ("mastra-compatible", "r", "ab", "hm")
    assert (llm.finish_reason, llm.usage) == ("stop", Usage(3, 5))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)
    assert llm.server_tool_calls == (ToolCall("s", "search", "{}"),)


def test_of_a_workflow_each_event_is_one() -> None:
    step = {**event("workflow-step-output", output={"type": "text-delta"}), "from": "WORKFLOW"}
    listener = listened("/api/workflows/w/stream")
    assert listener.read_event(frame(step)).channels == ("events",)
    assert listener.result() is None


def test_errors() -> None:
    assert streamed("/any", event("start"), event("error", error={"message": "no", "code": "x"})).error == {
        "message": "no",
        "code": "x",
    }
    assert streamed("/any", event("start"), event("error", error="no")).error == {"message": "no"}
    assert streamed("/any", event("start"), event("error", odd=1)).error == {"message": '{"odd":1}'}


def test_a_whole_run() -> None:
    call = event("tool-call", toolCallId="t", toolName="f", args={"a": 1})
    step = {"text": "", "finishReason": "tool-calls", "usage": {"inputTokens": 1}}
    run = {"runId": "r", "text": "ab", "steps": [step], "finishReason": "stop", "reasoningText": "hm"}
    said = {"toolCalls": [call], "totalUsage": {"inputTokens": 3, "outputTokens": 5}, "response": {"modelId": "m"}}
    llm = whole("/any", {**run, **said, "usage": {"inputTokens": 2}})
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("mastra-compatible", "agent", "m", "r")
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "hm", "stop", Usage(3, 5))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_the_model_is_told_with_a_step() -> None:
    finished = event("step-finish", metadata={"modelId": "m"})
    assert streamed("/any", event("start"), finished, event("finish", metadata={"modelId": "n"})).model == "m"
