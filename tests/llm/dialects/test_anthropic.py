"""Anthropic messages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/v1/messages"


def start(index: int, **block: object) -> dict[str, object]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, **piece: object) -> dict[str, object]:
    return {"type": "content_block_delta", "index": index, "delta": piece}


def stop(index: int) -> dict[str, object]:
    return {"type": "content_block_stop", "index": index}


@pytest.mark.parametrize(
    ("event", "channels"),
    [
        (delta(0, type="text_delta", text="a"), ("text",)),
        (delta(0, type="text_delta", text=""), ()),
        (delta(0, type="thinking_delta", thinking="a"), ("reasoning",)),
        (delta(0, type="signature_delta", signature="a"), ()),
        (delta(0, type="citations_delta", citation={}), ()),
        (delta(0, type="input_json_delta", partial_json='{"'), ("tool_calls",)),
        (delta(0, type="input_json_delta", partial_json=""), ()),
        (start(0, type="text", text=""), ()),
        (start(0, type="text", text="early"), ("text",)),
        (start(0, type="tool_use", id="t", name="f", input={}), ()),
        (start(0, type="tool_use", id="t", name="f", input={"a": 1}), ("tool_calls",)),
        (start(0, type="redacted_thinking", data="xyz"), ()),
        (stop(0), ()),
        ({"type": "message_start", "message": {"usage": {"input_tokens": 1}}}, ()),
        ({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, ()),
        ({"type": "message_stop"}, ()),
        ({"type": "ping"}, ()),
        ({"type": "something_new", "text": "a"}, ()),
    ],
)
def test_only_deltas_that_say_something_are_content(event: dict[str, object], channels: tuple[str, ...]) -> None:
    listener = listened(WHERE, {"type": "message_start", "message": {"id": "msg"}})
    reading = listener.read_event(frame(event, str(event["type"])))
    assert (reading.channels, reading.type) == (channels, event["type"])
    assert reading.end == ("message_stop" if event["type"] == "message_stop" else None)


def test_that_the_conversation_was_summed_up_is_noted() -> None:
    begun, said = start(0, type="compaction", content=None), delta(1, type="text_delta", text="a")
    summary = {"type": "compaction", "content": "it was so"}
    whole_ = {"type": "message", "content": [summary, {"type": "text", "text": "a"}]}
    for llm in (
        streamed(WHERE, begun, delta(0, **{**summary, "type": "compaction_delta"}), said),
        whole(WHERE, whole_),
    ):
        assert llm.text == "a"
        assert llm.notes == ("the conversation was summed up before the answer: the summary is not shown",)
    assert streamed(WHERE, begun, delta(0, type="compaction_delta", content=None), said).notes == ()


def test_the_model_that_answers_is_the_one_that_another_gave_way_to() -> None:
    began = {"type": "message_start", "message": {"id": "m", "model": "asked", "content": []}}
    gave_way = start(0, type="fallback", **{"from": {"model": "asked"}, "to": {"model": "other"}})
    assert streamed(WHERE, began, gave_way, stop(0), delta(1, type="text_delta", text="a")).model == "other"


def test_a_message_may_begin_with_blocks_that_are_whole() -> None:
    """Where a program that the provider runs goes on, its calls are there from the start."""
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    began = {"type": "message_start", "message": {"id": "m", "content": [{"type": "code_execution_tool_result"}, call]}}
    listener = listened(WHERE)
    assert listener.read_event(frame(began, "message_start")).channels == ("tool_calls",)
    listener.read_event(frame(start(2, type="text", text="then")))
    llm = listener.result()
    assert llm
    assert (llm.text, llm.tool_calls) == ("then", (ToolCall("t", "f", '{"a":1}'),))


def test_the_blocks_of_a_message_that_starts_amid_another_are_others() -> None:
    """Servers start again where a model broke off, or send one message behind another."""
    began = {"type": "message_start", "message": {"id": "m", "content": []}}
    search = start(0, type="server_tool_use", id="s", name="web_search", input={})
    stream = [
        *(began, search, delta(0, partial_json='{"q":1}'), stop(0)),
        *(start(1, type="tool_use", id="t", name="f", input={}), delta(1, partial_json='{"a":')),
        *(began, start(0, type="tool_use", id="u", name="f", input={}), delta(0, partial_json='{"a":1}'), stop(0)),
    ]
    llm = streamed(WHERE, *stream)
    assert llm.server_tool_calls == (ToolCall("s", "web_search", '{"q":1}'),)
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":'), ToolCall("u", "f", '{"a":1}'))


def test_a_message_that_is_told_to_start_again_is_the_same() -> None:
    begun = {"type": "message_start", "message": {"id": "m", "content": []}}
    call = start(1, type="tool_use", id="t", name="f", input={})
    first, second = (delta(1, type="input_json_delta", partial_json=piece) for piece in ('{"a":', "1}"))
    llm = streamed(WHERE, begun, begun, call, first, begun, second, stop(1))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_the_type_may_stand_in_the_payload_alone_or_in_the_name_alone() -> None:
    piece = delta(0, type="text_delta", text="a")
    assert streamed(WHERE, piece).text == "a"
    nameless = {key: value for key, value in piece.items() if key != "type"}
    assert streamed(WHERE, piece, ("content_block_delta", nameless)).text == "aa"


def test_tools_of_the_provider_stand_apart_and_empty_input_is_an_object() -> None:
    stream = [
        start(0, type="server_tool_use", id="s", name="web_search", input={}),
        delta(0, type="input_json_delta", partial_json='{"query": "x"}'),
        stop(0),
        start(1, type="web_search_tool_result", tool_use_id="s", content=[]),
        stop(1),
        start(2, type="tool_use", id="t", name="now", input={}),
        delta(2, type="input_json_delta", partial_json=""),
        stop(2),
        start(3, type="mcp_tool_use", id="m", name="read", input={"a": 1}),
        stop(3),
    ]
    llm = streamed(WHERE, *stream)
    assert llm.tool_calls == (ToolCall("t", "now", "{}"),)
    assert llm.server_tool_calls == (ToolCall("s", "web_search", '{"query": "x"}'), ToolCall("m", "read", '{"a":1}'))


def test_interleaved_blocks_are_told_apart() -> None:
    stream = [
        start(0, type="tool_use", id="a", name="f", input={}),
        start(1, type="tool_use", id="b", name="g", input={}),
        delta(1, type="input_json_delta", partial_json="[2]"),
        delta(0, type="input_json_delta", partial_json="[1]"),
    ]
    assert streamed(WHERE, *stream).tool_calls == (ToolCall("a", "f", "[1]"), ToolCall("b", "g", "[2]"))


def test_a_call_that_begins_where_another_did_is_another() -> None:
    """Gateways that translate count blocks wrongly; some begin the same twice."""
    first, second = (
        {"type": "tool_use", "id": id_, "name": name, "input": {}} for id_, name in (("t", "f"), ("u", "g"))
    )
    piece = [delta(1, type="input_json_delta", partial_json="{}"), stop(1)]
    llm = streamed(WHERE, start(1, **first), start(1, **first), *piece, start(1, **second), *piece)
    assert llm.tool_calls == (ToolCall("t", "f", "{}"), ToolCall("u", "g", "{}"))


def test_a_tool_delta_without_its_start_is_kept() -> None:
    assert streamed(WHERE, delta(0, type="input_json_delta", partial_json="{}")).tool_calls == (
        ToolCall(None, None, "{}"),
    )


def test_usage_is_joined_from_start_and_end() -> None:
    head = {"usage": {"input_tokens": 7, "cache_read_input_tokens": 5, "output_tokens": 1}}
    tail = {"output_tokens": 9, "input_tokens": None, "output_tokens_details": {"thinking_tokens": 4}}
    llm = streamed(
        WHERE, {"type": "message_start", "message": head}, {"type": "message_delta", "delta": {}, "usage": tail}
    )
    assert llm.usage == Usage(7, 9, 4, 5)


def test_an_error_amid_the_stream() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    llm = streamed(WHERE, delta(0, type="text_delta", text="a"), ("error", error))
    assert (llm.text, llm.error) == ("a", {"type": "overloaded_error", "message": "Overloaded"})
    assert whole(WHERE, error).error == llm.error


def test_bedrocks_metrics_on_the_last_event_are_times() -> None:
    metrics = {"invocationLatency": 1200, "firstByteLatency": 300}
    llm = streamed(WHERE, {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics})
    assert llm.server_timing == {"ttft": 0.3, "total": 1.2}


def test_why_the_model_declined_is_told() -> None:
    why = {"type": "refusal", "category": "bio", "explanation": "This may not be asked.", "fallback_credit_token": "x"}
    ended = {"stop_reason": "refusal", "stop_details": why}
    begun = {"type": "message_start", "message": {"id": "msg", "stop_details": None}}
    stream = streamed(WHERE, begun, {"type": "message_delta", "delta": ended})
    answer = whole(WHERE, {"type": "message", "content": [], **ended})
    for llm in (stream, answer):
        assert (llm.refusal, llm.finish_reason, llm.notes) == ("This may not be asked.", "refusal", ("refusal: bio",))


@pytest.mark.parametrize("why", [None, {"type": "refusal", "category": None, "explanation": None}, "odd"])
def test_a_refusal_without_a_reason_tells_none(why: object) -> None:
    llm = streamed(WHERE, {"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": why}})
    assert (llm.refusal, llm.notes) == (None, ())


def test_its_own_page_asks_by_what_it_accepts() -> None:
    where = context("/api/organizations/o/chat_conversations/c/completion", "claude.ai", {"prompt": "a"})
    assert intent(where) == (None, None)
    assert intent(replace(where, request_headers=(("Accept", "text/event-stream"),))) == (True, "header.accept")
    assert listened(where, start(0, type="text", text=""), delta(0, type="text_delta", text="a")).result()


def test_apps_whose_messages_start_and_grow_as_well_are_none_of_anthropics() -> None:
    begun, grown = {"message": {"id": "1", "role": "assistant"}}, {"delta": {"text": "a"}}
    listener = listened("/any", {"type": "message_start", **begun})
    assert listener.read_event(frame({"type": "message_delta", **grown})).channels == ("events",)
    assert listener.result() is None
