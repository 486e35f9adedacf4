"""LibreChat's agents."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall

from ..replies import frame, listened, streamed

WHERE = "/api/agents/chat/stream/s"


def event(name: str, **data: object) -> dict[str, object]:
    return {"event": name, "data": data}


def calls(*told: dict[str, object]) -> dict[str, object]:
    return {"type": "tool_calls", "tool_calls": list(told)}


FINAL = {
    "final": True,
    "requestMessage": {"text": "no word"},
    "responseMessage": {
        "messageId": "i",
        "model": "m",
        "content": [{"type": "think", "think": "hm"}, {"type": "text", "text": "ab"}],
    },
}
RESULT = {"id": "s1", "tool_call": {"id": "c", "name": "f", "args": '{"a":1}', "output": "no word"}}
STREAM = [
    (event("on_run_step", id="s0", stepDetails={"type": "message_creation"}), ()),
    (event("on_reasoning_delta", id="s0", delta={"content": [{"type": "think", "think": "hm"}]}), ("reasoning",)),
    (event("on_run_step", id="s1", stepDetails=calls({"id": "c", "name": "f", "args": ""})), ("tool_calls",)),
    (event("on_run_step_delta", id="s1", delta=calls({"index": 0, "args": '{"a"'})), ("tool_calls",)),
    (event("on_run_step_delta", id="s1", delta=calls({"index": 0, "args": ":1}"})), ("tool_calls",)),
    (event("on_run_step_completed", result=RESULT), ()),
    (event("on_message_delta", id="s2", delta={"content": [{"type": "text", "text": "a"}]}), ("text",)),
    (event("on_message_delta", id="s2", delta={"content": {"type": "text", "text": "b"}}), ("text",)),
]


@pytest.mark.parametrize("path", [WHERE, "/somewhere"])
def test_what_an_agent_says(path: str) -> None:
    listener = listened(path)
    assert [listener.read_event(frame(value)).channels for value, _ in STREAM] == [channels for _, channels in STREAM]
    reading = listener.read_event(frame(FINAL))
    assert (reading.channels, reading.end) == ((), "final")
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.model, llm.response_id) == ("librechat-compatible", "m", "i")
    assert (llm.text, llm.reasoning) == ("ab", "hm")
    assert llm.server_tool_calls == (ToolCall("c", "f", '{"a":1}'),)


def test_the_last_event_says_all_where_nothing_was_said_before() -> None:
    created = {"created": True, "message": {"text": "no word"}}
    llm = streamed(WHERE, created, event("on_run_step_completed", result=RESULT), FINAL)
    assert (llm.text, llm.reasoning, llm.server_tool_calls) == ("ab", "hm", (ToolCall("c", "f", '{"a":1}'),))


def test_errors() -> None:
    assert streamed(WHERE, ("error", {"error": "no"})).error == {"message": "no"}
    failed = {"final": True, "responseMessage": {"messageId": "i", "error": True, "text": "no"}}
    llm = streamed(WHERE, failed)
    assert (llm.text, llm.error) == (None, {"message": "no"})
