"""Agents, teams and workflows of Agno's AgentOS."""

from __future__ import annotations

from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

RUNS = "/agents/a/runs"


def event(name: str, run: str = "r", **more: object) -> tuple[str, dict[str, object]]:
    return name, {"event": name, "agent_id": "a", "run_id": run, "session_id": "s", **more}


def piece(content: str, name: str = "RunContent", run: str = "r", **more: object) -> tuple[str, dict[str, object]]:
    return event(name, run, content=content, content_type="str", **more)


TOOL = {"tool_call_id": "t", "tool_name": "f", "tool_args": {"a": 1}, "result": None}


def test_what_an_agent_says() -> None:
    stream = [
        (event("RunStarted", model="m", model_provider="OpenAI"), ()),
        (event("RunContent", content_type="str", reasoning_content="hm"), ("reasoning",)),
        (event("ToolCallStarted", tool=TOOL), ("tool_calls",)),
        (event("ToolCallCompleted", tool={**TOOL, "result": "x"}, content="f(a=1) completed"), ()),
        (piece("a", reasoning_content=""), ("text",)),
        (piece("b"), ("text",)),
        (event("RunContentCompleted"), ()),
        (event("RunCompleted", content="ab", content_type="str", metrics={"input_tokens": 3, "output_tokens": 5}), ()),
    ]
    listener = listened("/any")
    readings = [listener.read_event(frame(payload, name)) for (name, payload), _ in stream]
    assert [reading.channels for reading in readings] == [channels for _, channels in stream]
    assert [reading.end for reading in readings if reading.end] == ["RunCompleted"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("agno-compatible", "run", "m", "r")
    assert (llm.text, llm.reasoning, llm.usage) == ("ab", "hm", Usage(3, 5))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_a_team_has_members() -> None:
    llm = streamed(
        "/teams/t/runs",
        event("TeamRunStarted", model="m"),
        event("TeamReasoningContentDelta", reasoning_content="hm"),
        piece("a", run="member", parent_run_id="r"),
        event("RunCompleted", run="member", parent_run_id="r", content="a", content_type="str"),
        event("TeamToolCallStarted", tool=TOOL),
        piece("b", "TeamRunContent"),
        event("TeamRunCompleted", content="b", content_type="str"),
    )
    assert (llm.response_id, llm.text, llm.reasoning) == ("r", "ab", "hm")
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_the_end_says_what_was_not_streamed() -> None:
    started = ("WorkflowStarted", {"event": "WorkflowStarted", "workflow_id": "w", "run_id": "r"})
    ended = ("WorkflowCompleted", {**started[1], "event": "WorkflowCompleted", "content": {"a": 1}})
    assert streamed("/workflows/w/runs", started, ended).text == '{"a":1}'
    paused = streamed(RUNS, event("RunStarted"), event("RunPaused", tools=[TOOL]))
    assert paused.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_a_whole_run() -> None:
    run = {"run_id": "r", "agent_id": "a", "content": "ab", "content_type": "str", "model": "m", "status": "COMPLETED"}
    llm = whole("/any", {**run, "reasoning_content": "hm", "metrics": {"input_tokens": 3}, "tools": [TOOL]})
    assert (llm.text, llm.reasoning, llm.model, llm.finish_reason) == ("ab", "hm", "m", "COMPLETED")
    assert (llm.usage, len(llm.tool_calls), llm.error) == (Usage(3), 1, None)
    failed = whole("/any", {**run, "status": "ERROR", "content": "no"})
    assert (failed.text, failed.finish_reason, failed.error) == (None, "ERROR", {"message": "no"})


def test_errors() -> None:
    llm = streamed(RUNS, event("RunStarted"), event("RunError", content="no", error_type="model_provider_error"))
    assert (llm.text, llm.error) == (None, {"type": "model_provider_error", "message": "no"})
    assert streamed("/any", event("WorkflowError", error="no")).error == {"message": "no"}


def test_runs_stream_unless_told_otherwise() -> None:
    assert intent(context(RUNS, body={"message": "hi"})) == (True, "default")
    assert intent(context(RUNS, body={"message": "hi", "stream": "false"})) == (False, "body.stream")
