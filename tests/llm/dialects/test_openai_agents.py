"""OpenAI's agent sessions."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/v1/agents/sessions"
COUNTED = {
    "input_tokens": 3,
    "input_tokens_details": {"cached_tokens": 1},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
}


def session(status: str, **more: object) -> dict[str, object]:
    return {"id": "s", "object": "agent.session", "status": status, "agent": {"model": "m"}, "error": None, **more}


def event(type_: str, **more: object) -> dict[str, object]:
    return {"type": f"agent.session.{type_}", "event_id": "e", **more}


def turn(how: str, id_: str = "t", **more: object) -> dict[str, object]:
    about = {"id": id_, "status": how, "subagent_id": None, "error": None, "usage": None, **more}
    return event(f"turn.{how}", turn_id=id_, turn=about)


def item(step: str, type_: str, id_: str, turn_: str = "t", **more: object) -> dict[str, object]:
    return event(f"turn.item.{step}", turn_id=turn_, item={"type": type_, "id": id_, "turn_id": turn_, **more})


def piece(what: str, id_: str, words: str, turn_: str = "t") -> dict[str, object]:
    return event(f"turn.{what}.delta", turn_id=turn_, item_id=id_, output_index=0, delta=words)


def said(words: str) -> list[dict[str, object]]:
    return [{"type": "output_text", "text": words}]


REASONED = item("done", "reasoning", "r", summary=[{"type": "summary_text", "text": "hm"}])
ANSWERED = item("done", "message", "a", role="assistant", content=said("Hello"))
BEGINS = [
    (event("created", session=session("idle")), ()),
    (event("idle", session=session("idle")), ()),
    (turn("created", "t"), ()),
    (item("added", "message", "u", role="user", content=[{"type": "input_text", "text": "hi"}]), ()),
    (item("done", "message", "u", role="user", content=[{"type": "input_text", "text": "hi"}]), ()),
    (item("added", "command_execution", "c", command="ls"), ("tool_calls",)),
    ({"type": "agent.output.command_execution_output.delta", "event_id": "e", "turn_id": "t", "delta": "no word"}, ()),
    (item("done", "command_execution", "c", command="ls", output="no word"), ()),
    (item("added", "function_call", "f", call_id="call", name="g", arguments={"a": 1}), ("tool_calls",)),
    (item("done", "function_call_output", "o", call_id="call", output="no word"), ()),
    (turn("created", "sub", subagent_id="x"), ()),
    (piece("output_text", "b", "of a subagent", "sub"), ()),
    (turn("completed", "sub", subagent_id="x", usage={"input_tokens": 99}), ()),
]
ENDS = [
    (event("turn.output_text.done", turn_id="t", item_id="a", text="Hello"), ()),
    ({**turn("completed"), "usage": COUNTED}, ()),
    (event("idle", session=session("idle")), ()),
]
WHOLE = [(REASONED, ("reasoning",)), (ANSWERED, ("text",))]
IN_PIECES = [
    (piece("reasoning_summary_text", "r", "hm"), ("reasoning",)),
    (REASONED, ()),
    (piece("output_text", "a", "Hel"), ("text",)),
    (piece("output_text", "a", "lo"), ("text",)),
    (ANSWERED, ()),
]


@pytest.mark.parametrize("says", [WHOLE, IN_PIECES], ids=["whole", "in pieces"])
@pytest.mark.parametrize("where", [WHERE, f"{WHERE}/s/events", "/any"])
def test_a_turn(says: list[tuple[dict[str, object], tuple[str, ...]]], where: str) -> None:
    listener = listened(where)
    told = [*BEGINS, *says, *ENDS]
    readings = [listener.read_event(frame(payload, str(payload["type"]))) for payload, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [reading.end for reading in readings if reading.end] == ["agent.session.idle"]
    assert not listener.terminator_due
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("openai-compatible", "agents.sessions", "m", "t")
    assert (llm.text, llm.reasoning, llm.finish_reason) == ("Hello", "hm", "completed")
    assert llm.tool_calls == (ToolCall("call", "g", '{"a":1}'),)
    assert llm.server_tool_calls == (ToolCall("c", "command_execution", "ls"),)
    assert llm.usage == Usage(3, 5, 2, 1)


@pytest.mark.parametrize(
    ("failed", "error"),
    [
        (
            turn("failed", error={"code": "server_overloaded", "message": "no"}),
            {"code": "server_overloaded", "message": "no"},
        ),
        (event("failed", session=session("failed", error="no")), {"message": "no"}),
        ({"type": "error", "event_id": "e", "error": {"type": "t", "message": "no"}}, {"type": "t", "message": "no"}),
        (
            event("environment.failed", environment={"error": {"code": "c", "message": "no"}}),
            {"code": "c", "message": "no"},
        ),
    ],
)
def test_a_session_complains(failed: dict[str, object], error: dict[str, object]) -> None:
    assert streamed(WHERE, event("created", session=session("idle")), failed).error == error


def test_a_session_that_waits_for_the_client() -> None:
    action = {"type": "function_call", "call_id": "call", "name": "g", "arguments": {"a": 1}}
    waiting = session("requires_action", required_actions=[action], usage=COUNTED)
    assert streamed(WHERE, event("requires_action", session=waiting)).finish_reason == "requires_action"
    llm = whole(f"{WHERE}/s", waiting)
    assert (llm.model, llm.response_id, llm.finish_reason) == ("m", "s", "requires_action")
    assert (llm.tool_calls, llm.usage) == ((ToolCall("call", "g", '{"a":1}'),), Usage(3, 5, 2, 1))


def test_how_a_client_asks() -> None:
    asked = {"agent": {"model": "asked"}, "input": "hi"}
    assert intent(context(WHERE, body={**asked, "stream": True})) == (True, "body.stream")
    assert intent(context(WHERE, body=asked)) == (False, "default")
    accepts = (("accept", "text/event-stream"),)
    assert intent(Context("GET", "h", f"{WHERE}/s/events", request_headers=accepts)) == (True, "header.accept")
    assert listened(context(WHERE, body=asked)).model == "asked"


def test_what_the_turns_used_is_added_up() -> None:
    less = {"input_tokens": 1, "output_tokens": 1}
    told = [
        turn("in_progress", usage=less),
        turn("completed", usage=COUNTED),
        turn("in_progress", "t2"),
        turn("completed", "t2", usage=less),
    ]
    assert streamed(WHERE, *told).usage == Usage(4, 6, 2, 1)
