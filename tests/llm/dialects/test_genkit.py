"""Flows of Genkit."""

from __future__ import annotations

from dataclasses import replace

from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

CALL = replace(context("/any", body={"data": "hi"}), request_headers=(("Accept", "text/event-stream"),))
TRACED = replace(context("/any", body={"data": "hi"}), response_headers=(("X-Genkit-Trace-Id", "t"),))


def piece(*parts: object, role: str = "model") -> dict[str, object]:
    return {"message": {"role": role, "index": 0, "content": [*parts]}}


def asked(given: object) -> dict[str, object]:
    return {"toolRequest": {"name": "f", "ref": "t", "input": given, "partial": True}}


RESULT = {
    "message": {"role": "model", "content": [{"reasoning": "hm"}, {"text": "ab"}]},
    "finishReason": "stop",
    "usage": {"inputTokens": 3, "outputTokens": 5},
}


def test_what_a_model_says_in_a_flow() -> None:
    stream = [
        (piece(), ()),
        (piece({"reasoning": "hm"}), ("reasoning",)),
        (piece(asked({})), ("tool_calls",)),
        (piece(asked({})), ()),
        (piece(asked({"a": 1})), ("tool_calls",)),
        (piece({"toolResponse": {"name": "f", "ref": "t", "output": "x"}}, role="tool"), ()),
        (piece({"text": "a"}), ("text",)),
        (piece({"text": "b"}), ("text",)),
        ({"result": RESULT}, ()),
    ]
    listener = listened(CALL)
    readings = [listener.read_event(frame(payload)) for payload, _ in stream]
    assert [reading.channels for reading in readings] == [channels for _, channels in stream]
    assert [reading.end for reading in readings if reading.end] == ["result"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.text, llm.reasoning) == ("genkit-compatible", "flow", "ab", "hm")
    assert (llm.finish_reason, llm.usage) == ("stop", Usage(3, 5))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)
    assert listener.result() == llm


def test_a_flow_may_send_texts_or_objects_of_its_own() -> None:
    assert streamed(CALL, {"message": "a"}, {"message": "b"}, {"result": "ab"}).text == "ab"
    listener = listened(CALL)
    assert listener.read_event(frame({"message": {"step": 1}})).channels == ("events",)
    assert listener.read_event(frame({"result": {"a": 1}})).channels == ("text",)
    llm = listener.result()
    assert llm
    assert llm.text == '{"a":1}'


def test_a_whole_result() -> None:
    assert whole(TRACED, {"result": "ab"}).text == "ab"
    llm = whole(TRACED, {"result": RESULT})
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "hm", "stop", Usage(3, 5))


def test_it_is_known_by_what_was_asked_alone() -> None:
    assert intent(CALL) == (True, "header.accept")
    assert intent(TRACED) == (None, None)
    for other in (context("/any"), context("/any", body={"data": "hi"}), replace(CALL, request_value={"q": 1})):
        assert listened(other, {"message": "a"}, {"result": "a"}).result() is None
    assert listened(CALL, {"message": "a", "more": 1}).result() is None


def test_errors() -> None:
    error = {"message": "Internal Error", "status": "INTERNAL"}
    llm = streamed(CALL, {"message": "a"}, ("error", {"error": error}))
    assert (llm.text, llm.error) == ("a", error)
