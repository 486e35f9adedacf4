"""Naver's CLOVA Studio."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

HOST = "clovastudio.stream.ntruss.com"
WHERE = context("/testapp/v3/chat-completions/HCX-1", HOST, {"messages": []})
USAGE = {"promptTokens": 6, "completionTokens": 5, "completionTokensDetails": {"thinkingTokens": 2}}


def token(**said: object) -> tuple[str, object]:
    return "token", {"message": {"role": "assistant", "content": "", **said}, "finishReason": None, "usage": None}


def called(**function: object) -> list[object]:
    return [{"id": "c", "type": "function", "function": {"name": "f", **function}}]


RESULT = {"message": {"content": "Hello", "thinkingContent": "hm", "toolCalls": called(arguments={"a": 1})}}
RESULT |= {"finishReason": "stop", "usage": USAGE}
STREAM = [
    token(thinkingContent="hm"),
    token(content="Hel"),
    token(content="lo"),
    token(toolCalls=called(partialJson="")),
    token(toolCalls=[{"function": {"partialJson": '{"a":1}'}}]),
]


@pytest.mark.parametrize("place", [WHERE, context("/any", "proxy.example")])
def test_the_result_repeats_what_the_tokens_said(place: Context) -> None:
    listener = listened(place)
    readings = [listener.read_event(frame(value, name)) for name, value in STREAM]
    assert [reading.channels for reading in readings] == [("reasoning",), *2 * [("text",)], *2 * [("tool_calls",)]]
    assert listener.read_event(frame(RESULT, "result")).channels == ()
    assert listener.read_event(frame({"data": "[DONE]"}, "signal")).end == "[DONE]"
    llm = listener.result()
    assert llm
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("Hello", "hm", "stop", Usage(6, 5, 2))
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'),)
    told = whole(place, {"status": {"code": "20000", "message": "OK"}, "result": RESULT})
    assert told == llm
    assert llm.provider == ("naver" if place is WHERE else "naver-compatible")


def test_what_only_the_result_says_is_read() -> None:
    listener = listened(WHERE)
    assert listener.read_event(frame(RESULT, "result")).channels == ("text", "reasoning", "tool_calls")


def test_earlier_versions_count_beside_the_message() -> None:
    said = {"message": {"content": "a"}, "inputLength": 3, "outputLength": 1, "stopReason": "length"}
    llm = streamed(WHERE, ("token", said | {"stopReason": None}), ("result", said))
    assert (llm.model, llm.text, llm.finish_reason, llm.usage) == ("HCX-1", "a", "length", Usage(3, 1))


def test_errors() -> None:
    status = {"status": {"code": "42901", "message": "slow down"}}
    assert streamed(WHERE, ("error", status)).error == {"code": "42901", "message": "slow down"}
    refused = context(WHERE.path, HOST, status=429)
    assert whole(refused, status | {"result": None}).error == {"code": "42901", "message": "slow down"}


def test_a_stream_is_asked_for_by_the_type_that_is_accepted() -> None:
    assert intent(WHERE) == (False, "default")
    asking = Context("POST", HOST, WHERE.path, request_headers=(("Accept", "text/event-stream"),), request_value={})
    assert intent(asking) == (True, "header.accept")
