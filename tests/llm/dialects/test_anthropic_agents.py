"""Agents made with Anthropic's Agent SDK."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed, whole

WHERE = "/api/ask"
INIT = {"type": "system", "subtype": "init", "session_id": "s", "model": "m", "tools": ["Read"]}
RESULT = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "result": "b",
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 9, "output_tokens": 4},
    "session_id": "s",
}


def said(*content: dict[str, object], **more: object) -> dict[str, object]:
    message = {"type": "message", "id": "x", "role": "assistant", "model": "m", "content": list(content)}
    return {"type": "assistant", "message": {**message, "usage": {"input_tokens": 3}}, "session_id": "s", **more}


def piece(type_: str, **more: object) -> dict[str, object]:
    return {"type": "stream_event", "event": {"type": type_, **more}, "session_id": "s", "parent_tool_use_id": None}


READ = {"type": "tool_use", "id": "c", "name": "Read", "input": {"file": "a"}}
TEXT = {"type": "text", "text": "b"}
READ_IN_PIECES = [
    piece("message_start", message={"type": "message", "content": [], "usage": {"input_tokens": 3}}),
    piece("content_block_start", index=0, content_block={**READ, "input": {}}),
    piece("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": '{"file":"a"}'}),
    piece("content_block_stop", index=0),
    piece("message_stop"),
]
TEXT_IN_PIECES = [
    piece("message_start", message={"type": "message", "content": []}),
    piece("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    piece("content_block_delta", index=0, delta={"type": "text_delta", "text": "b"}),
    piece("message_stop"),
]


def test_whole_messages_and_their_pieces_tell_the_same() -> None:
    found = {"type": "user", "message": {"role": "user", "content": [{"type": "tool_result", "content": "no word"}]}}
    llm = streamed(WHERE, INIT, said(READ), found, said(TEXT), RESULT)
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("anthropic-compatible", "agent", "m", "s")
    assert (llm.text, llm.finish_reason, llm.usage) == ("b", "end_turn", Usage(9, 4))
    assert (llm.tool_calls, llm.server_tool_calls) == ((), (ToolCall("c", "Read", '{"file":"a"}'),))
    assert streamed(WHERE, INIT, *READ_IN_PIECES, said(READ), found, *TEXT_IN_PIECES, said(TEXT), RESULT) == llm


def test_only_the_result_ends_it() -> None:
    listener = listened(WHERE, INIT)
    readings = [listener.read_event(frame(one)) for one in (*TEXT_IN_PIECES, said(TEXT), RESULT)]
    assert [reading.channels for reading in readings if reading.channels] == [("text",)]
    assert [reading.end for reading in readings if reading.end] == ["result"]


def test_what_another_agent_says_is_no_word_of_it() -> None:
    assert (
        streamed(WHERE, INIT, said({"type": "text", "text": "no word"}, parent_tool_use_id="c"), said(TEXT)).text == "b"
    )


def test_the_end_alone_is_an_answer() -> None:
    assert whole(WHERE, RESULT).text == "b"
    cut = whole(WHERE, {**RESULT, "subtype": "error_during_execution", "is_error": True, "result": "no"})
    assert (cut.text, cut.error) == (None, {"type": "error_during_execution", "message": "no"})
