"""Codex, OpenAI's agent."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed

BEGUN = {"type": "thread.started", "thread_id": "t"}
USED = {"input_tokens": 9, "cached_input_tokens": 4, "output_tokens": 5}


def item(step: str, id_: str, type_: str, **more: object) -> dict[str, object]:
    return {"type": f"item.{step}", "item": {"id": id_, "type": type_, **more}}


@pytest.mark.parametrize("named", [True, False])
def test_what_the_agent_says_and_runs(named: bool) -> None:
    lists = {"command": "ls", "aggregated_output": "", "status": "in_progress"}
    looks = {"server": "s", "tool": "look", "arguments": {"q": 1}, "status": "completed"}
    told: list[tuple[dict[str, object], tuple[str, ...]]] = [
        (BEGUN, ()),
        ({"type": "turn.started"}, ()),
        (item("completed", "0", "reasoning", text="hm"), ("reasoning",)),
        (item("started", "1", "command_execution", **lists), ("tool_calls",)),
        (item("completed", "1", "command_execution", **{**lists, "aggregated_output": "a"}), ()),
        (item("completed", "2", "mcp_tool_call", **looks), ("tool_calls",)),
        (item("started", "3", "todo_list", items=[{"text": "b", "completed": False}]), ()),
        (item("updated", "4", "agent_message", text="Hel"), ("text",)),
        (item("completed", "4", "agent_message", text="Hello"), ("text",)),
        ({"type": "turn.completed", "usage": USED}, ()),
    ]
    listener = listened("/any")
    readings = [listener.read_event(frame(value, str(value["type"]) if named else "message")) for value, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert readings[-1].end == "turn.completed"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.response_id) == ("openai-compatible", "agent", "t")
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("Hello", "hm", "completed", Usage(9, 5, None, 4))
    assert llm.server_tool_calls == (ToolCall("1", "command_execution", "ls"), ToolCall("2", "look", '{"q":1}'))


def test_a_turn_that_failed() -> None:
    llm = streamed("/any", BEGUN, {"type": "turn.failed", "error": {"message": "no"}})
    assert (llm.error, llm.finish_reason) == ({"message": "no"}, "failed")


def test_what_others_call_alike_is_theirs() -> None:
    for payload in ({"type": "thread.started", "id": "t"}, item("completed", "0", "message", text="a")):
        assert listened("/any", payload).result() is None
