"""Gemini and Vertex."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/v1beta/models/gemini-x:streamGenerateContent"


def said(*parts: object, **more: object) -> dict[str, object]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, **more}]}


@pytest.mark.parametrize(
    ("part", "channels"),
    [
        ({"text": "a"}, ("text",)),
        ({"text": ""}, ()),
        ({"text": "a", "thought": True}, ("reasoning",)),
        ({"audioTranscription": {"text": "a", "speakerLabel": "spk_1"}}, ("text",)),
        ({"audioTranscription": {"words": []}}, ()),
        ({"functionCall": {"name": "f", "args": {}}}, ("tool_calls",)),
        ({"executableCode": {"language": "PYTHON", "code": "1"}}, ("tool_calls",)),
        ({"codeExecutionResult": {"output": "1"}}, ()),
        ({"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "args": {}}}, ("tool_calls",)),
        ({"toolResponse": {"toolType": "GOOGLE_SEARCH_WEB", "response": {}}}, ()),
        ({"thoughtSignature": "x"}, ()),
        ({"inlineData": {"data": "x"}}, ()),
        ({"inlineData": {"mimeType": "image/png", "data": "x"}}, ()),
        ({"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "x"}}, ("events",)),
    ],
)
def test_channels(part: dict[str, object], channels: tuple[str, ...]) -> None:
    assert listened(WHERE).read_event(frame(said(part))).channels == channels


def test_the_finish_reason_is_the_last_word() -> None:
    listener = listened(WHERE)
    assert listener.read_event(frame(said({"text": "a"}))).end is None
    assert listener.read_event(frame(said(finishReason="STOP"))).end == "finishReason"
    assert listener.terminator_due


def test_each_turn_of_a_transcript_is_a_line() -> None:
    turns = [said({"audioTranscription": {"text": words}}) for words in ("Hello.", "And you?")]
    assert streamed(WHERE, *turns, said({"text": ""}, finishReason="STOP")).text == "Hello.\nAnd you?"
    assert streamed(WHERE, said({"text": "a", "audioTranscription": {"text": "a"}})).text == "a"


def test_calls_come_whole_and_googles_own_code_stands_apart() -> None:
    calls = {"functionCall": {"id": "c", "name": "f", "args": {"a": [1]}}}, {"functionCall": {"name": "g"}}
    search = {"toolCall": {"id": "s", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["a"]}}}
    llm = streamed(WHERE, said(*calls), said({"executableCode": {"code": "1+1"}}, search))
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":[1]}'), ToolCall(None, "g", "{}"))
    assert llm.server_tool_calls == (
        ToolCall(None, "code_execution", "1+1"),
        ToolCall("s", "GOOGLE_SEARCH_WEB", '{"queries":["a"]}'),
    )


def test_arguments_may_come_value_by_value() -> None:
    def piece(more: bool, *values: dict[str, object], **call: object) -> dict[str, object]:
        return said({"functionCall": {**call, "partialArgs": list(values), "willContinue": more}})

    stream = [
        said({"functionCall": {"name": "f", "id": "c", "willContinue": True}}),
        piece(True, {"jsonPath": "$.place", "stringValue": "Pa", "willContinue": True}),
        piece(True, {"jsonPath": "$.place", "stringValue": "ris"}, {"jsonPath": "$.days", "numberValue": 3}),
        piece(False, {"jsonPath": "$.tags[1].x", "boolValue": True}, {"jsonPath": "$.none", "nullValue": "NULL_VALUE"}),
        said({"functionCall": {"name": "g", "args": {}}}),
    ]
    expected = '{"place":"Paris","days":3,"tags":[null,{"x":true}],"none":null}'
    assert streamed(WHERE, *stream).tool_calls == (ToolCall("c", "f", expected), ToolCall(None, "g", "{}"))


def test_an_empty_call_ends_the_one_before_it_and_is_none_itself() -> None:
    begun = said({"functionCall": {"name": "f", "willContinue": True}})
    piece = {"partialArgs": [{"jsonPath": "$.a", "numberValue": 1}], "willContinue": True}
    empty = said({"functionCall": {}})
    assert streamed(WHERE, begun, said({"functionCall": piece}), empty, empty).tool_calls == (
        ToolCall(None, "f", '{"a":1}'),
    )


def test_what_came_of_a_call_is_shown_though_nothing_says_that_it_is_complete() -> None:
    begun = said({"functionCall": {"name": "f", "willContinue": True}})
    piece = said({"functionCall": {"partialArgs": [{"jsonPath": "$.a", "numberValue": 1}], "willContinue": True}})
    again = said({"functionCall": {"name": "f", "partialArgs": [{"jsonPath": "$.b", "numberValue": 2}]}})
    other = said({"functionCall": {"name": "g", "args": {}}})
    cut = ToolCall(None, "f", '{"a":1}')
    assert streamed(WHERE, begun, piece).tool_calls == (cut,)
    assert streamed(WHERE, begun, piece, begun, piece, other).tool_calls == (cut, cut, ToolCall(None, "g", "{}"))
    assert streamed(WHERE, begun, piece, again).tool_calls == (ToolCall(None, "f", '{"a":1,"b":2}'),)


def test_usage_candidates_and_names() -> None:
    counted = {"promptTokenCount": 3, "candidatesTokenCount": 5, "thoughtsTokenCount": 7, "cachedContentTokenCount": 2}
    two = {
        "candidates": [{"index": 1, "content": {"parts": [{"text": "b"}]}}],
        "usageMetadata": {"promptTokenCount": 3},
    }
    last = {**said({"text": "a"}), "usageMetadata": counted, "modelVersion": "gemini-x-001", "responseId": "r"}
    llm = streamed(WHERE, two, last)
    assert (llm.text, [choice.text for choice in llm.choices]) == ("a", ["a", "b"])
    assert llm.usage == Usage(3, 5, 7, 2)
    assert (llm.model, llm.response_id) == ("gemini-x-001", "r")
    assert streamed(WHERE, said({"text": "a"})).model == "gemini-x"


def test_an_array_of_payloads_is_one_answer() -> None:
    assert whole(WHERE, [said({"text": "a"}), said({"text": "b"}, finishReason=1)]) == streamed(
        WHERE, said({"text": "ab"}), said(finishReason=1)
    )


def test_code_assist_wraps_each_payload() -> None:
    assert streamed("/v1internal:streamGenerateContent", {"response": said({"text": "a"})}).text == "a"


@pytest.mark.parametrize("method", ["templateStreamGenerateContent", "templateGenerateContent"])
def test_templates_of_firebase_answer_the_same_way(method: str) -> None:
    where = context(f"/v1beta/projects/p/templates/t:{method}", "firebasevertexai.googleapis.com")
    llm = whole(where, {"error": {"code": 404, "message": "no"}})
    assert (llm.provider, llm.api, llm.error) == ("vertex", "generateContent", {"code": 404, "message": "no"})


def test_blocked_prompts_and_errors() -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
    assert listened(WHERE).read_event(frame(blocked)).end == "promptFeedback"
    assert streamed(WHERE, blocked).notes == ("the prompt was blocked: SAFETY",)
    blocked["promptFeedback"]["blockReasonMessage"] = "Not this."
    assert streamed(WHERE, blocked).notes == ("the prompt was blocked: SAFETY", "SAFETY: Not this.")
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}
    assert streamed(WHERE, said({"text": "a"}), error).error == error["error"]
    assert whole(WHERE, [error]).error == error["error"]


def test_why_the_model_stopped_is_told() -> None:
    odd = said(finishReason="MALFORMED_FUNCTION_CALL", finishMessage="Malformed function call: f(")
    assert (
        streamed(WHERE, odd).notes
        == whole(WHERE, odd).notes
        == ("MALFORMED_FUNCTION_CALL: Malformed function call: f(",)
    )
    assert streamed(WHERE, said(finishReason="STOP", finishMessage="Model generated function call(s).")).notes == ()


def test_what_only_counts_tokens_is_no_answer() -> None:
    assert listened(WHERE, {"usageMetadata": {"totalTokenCount": 3}}).result() is None
