"""Agents served by AgentScope Runtime."""

from __future__ import annotations

from typing import Any

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed, whole

WHERE = "/process"


def event(kind: str, status: str = "in_progress", **more: object) -> dict[str, Any]:
    return {"sequence_number": 1, "object": kind, "status": status, "error": None, **more}


def response(status: str, **more: object) -> dict[str, Any]:
    return event("response", status, id="r", session_id="s", **more)


def message(id_: str, type_: str, status: str = "in_progress", *content: object, role: str = "assistant") -> object:
    return event("message", status, id=id_, type=type_, role=role, content=list(content) or None)


def words(id_: str, text: str, *, whole: bool = False, number: int = 0) -> object:
    status = "completed" if whole else "in_progress"
    return event("content", status, type="text", index=number, delta=not whole, msg_id=id_, text=text)


def data(id_: str, arguments: str, *, whole: bool = False) -> object:
    told = {"call_id": "c1", "name": "add", "arguments": arguments}
    status = "completed" if whole else "in_progress"
    return event("content", status, type="data", index=0, delta=not whole, msg_id=id_, data=told)


def part(text: str) -> object:
    return {"object": "content", "type": "text", "text": text, "index": None}


def test_contents_come_in_pieces_and_are_told_again_by_messages_and_response() -> None:
    told = [
        (response("created"), ()),
        (response("in_progress"), ()),
        (message("m0", "message", "completed", part("q"), role="user"), ()),
        (message("m1", "reasoning"), ()),
        (words("m1", "r"), ("reasoning",)),
        (words("m1", "r", whole=True), ()),
        (message("m1", "reasoning", "completed", part("r")), ()),
        (message("m2", "message"), ()),
        (words("m2", "He"), ("text",)),
        (words("m2", "llo"), ("text",)),
        (words("m2", "Hello", whole=True), ()),
        (words("m2", "!", whole=True, number=1), ("text",)),
        (message("m2", "message", "completed", part("Hello"), part("!")), ()),
        (message("m3", "heartbeat"), ()),
        (response("completed", output=[message("m2", "message", "completed", part("Hello"), part("!"))],
                  usage={"input_tokens": 3, "output_tokens": 5}), ()),
    ]  # fmt: skip
    listener = listened(WHERE)
    readings = [listener.read_event(frame(payload)) for payload, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [reading.end for reading in readings] == [None] * 14 + ["completed"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.response_id) == ("agentscope-compatible", "agent", "r")
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("Hello!", "r", "completed", Usage(3, 5))


@pytest.mark.parametrize("pieces", [('{"a":', "1}"), ("{}", '{"a":1}'), ()])
@pytest.mark.parametrize(("type_", "run_there"), [("plugin_call", True), ("function_call", False)])
def test_a_call_is_what_its_last_word_says(pieces: tuple[str, ...], type_: str, run_there: bool) -> None:
    gave = {"type": "data", "data": {"call_id": "c1", "name": "add", "output": "2"}}
    llm = streamed(
        WHERE,
        response("created"),
        message("m1", type_),
        *(data("m1", piece) for piece in pieces),
        data("m1", '{"a":1}', whole=True),
        message("m2", f"{type_}_output", "completed", gave, role="tool"),
    )
    calls = (ToolCall("c1", "add", '{"a":1}'),)
    assert (llm.server_tool_calls, llm.tool_calls) == ((calls, ()) if run_there else ((), calls))


def test_a_call_that_is_told_anew_each_time_is_known_at_any_time() -> None:
    stream = [response("created"), message("m1", "plugin_call"), data("m1", "{}"), data("m1", '{"a":1}')]
    assert streamed(WHERE, *stream).server_tool_calls == (ToolCall("c1", "add", '{"a":1}'),)


def test_what_came_in_no_pieces_is_said_by_its_message_or_by_the_response() -> None:
    said = message("m1", "message", "completed", part("Hello"))
    assert streamed(WHERE, response("created"), said, response("completed", output=[said])).text == "Hello"
    assert streamed(WHERE, response("created"), response("completed", output=[said])).text == "Hello"
    assert whole(WHERE, response("completed", output=[said])).text == "Hello"


def test_it_fails_with_its_response_or_in_a_message() -> None:
    error = {"code": "500", "message": "no"}
    listener = listened(WHERE, response("created"))
    assert listener.read_event(frame(response("failed", error=error))).end == "failed"
    for llm in (
        listener.result(),
        streamed(WHERE, response("created"), event("message", "failed", type="error", **error)),
    ):
        assert llm
        assert llm.error
        assert (llm.error["code"], llm.error["message"]) == ("500", "no")


def test_openais_responses_stay_what_they_are() -> None:
    answer = {"id": "resp", "object": "response", "status": "completed", "output": []}
    assert whole("/somewhere", answer).api == "responses"
