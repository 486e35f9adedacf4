"""Tencent Hunyuan's own API."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import Reader, intent
from streamwatchlib.model import Context, Limits, Llm, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

HUNYUAN = context("/", "hunyuan.tencentcloudapi.com", {"Model": "hunyuan-turbo", "Stream": True})
ELSEWHERE = context("/relay")
USAGE = {"PromptTokens": 3, "CompletionTokens": 2, "TotalTokens": 5}


def event(finish: str = "", **delta: object) -> dict[str, object]:
    choice = {"Delta": {"Role": "assistant", **delta}, "FinishReason": finish}
    return {"Note": "made by AI", "Choices": [choice], "Created": 1700000000, "Id": "i", "Usage": USAGE}


def call(name: str, arguments: str, **keys: object) -> dict[str, object]:
    return event(ToolCalls=[{**keys, "Type": "function", "Function": {"Name": name, "Arguments": arguments}}])


@pytest.mark.parametrize(
    ("payload", "channels", "end"),
    [
        (event(Content="a"), ("text",), None),
        (event(Content="", ReasoningContent="a"), ("reasoning",), None),
        (call("f", "", Id="c", Index=0), ("tool_calls",), None),
        (call("", "{", Id="c", Index=0), ("tool_calls",), None),
        (event(Content=""), (), None),
        (event("stop", Content=""), (), "finish_reason"),
        (event("sensitive", Content="a"), ("text",), "finish_reason"),
        ({"ErrorMsg": {"Msg": "busy", "Code": 2003}}, (), None),
    ],
)
def test_channels_and_end(payload: dict[str, object], channels: tuple[str, ...], end: str | None) -> None:
    reading = listened(HUNYUAN, event(Content="")).read_event(frame(payload))
    assert (reading.channels, reading.end) == (channels, end)


@pytest.mark.parametrize(("where", "provider"), [(HUNYUAN, "hunyuan"), (ELSEWHERE, "hunyuan-compatible")])
def test_streamed_and_whole_behind_any_host(where: Context, provider: str) -> None:
    stream = [event(ReasoningContent="hm"), event(Content="a"), event(Content="b"), event("stop", Content="")]
    message = {"Role": "assistant", "Content": "ab", "ReasoningContent": "hm"}
    answer = {"RequestId": "r", "Choices": [{"Message": message, "FinishReason": "stop"}], "Id": "i", "Usage": USAGE}
    expected = Llm(
        provider,
        "ChatCompletions",
        model="hunyuan-turbo" if where == HUNYUAN else None,
        response_id="i",
        text="ab",
        reasoning="hm",
        finish_reason="stop",
        usage=Usage(3, 2),
    )
    assert streamed(where, *stream) == expected
    assert whole(where, {"Response": answer}) == expected


@pytest.mark.parametrize(
    "fragments",
    [
        [call("f", "{", Id="c"), call("", "}", Id="c"), call("g", "[]", Id="d")],
        [call("f", "{", Id="c", Index=0), call("", "}", Index=0), call("g", "[]", Id="d", Index=1)],
        [call("f", "{", Id="c", Index=0), call("", "}", Id="c", Index=0), call("g", "[]", Id="d", Index=0)],
        [call("f", "{", Id="c"), call("", "}"), call("g", "[]", Id="d")],
    ],
    ids=["by id", "by index", "every index the same", "neither"],
)
def test_the_fragments_of_a_tool_call_find_together(fragments: list[object]) -> None:
    assert streamed(HUNYUAN, *fragments).tool_calls == (ToolCall("c", "f", "{}"), ToolCall("d", "g", "[]"))


def test_an_error_comes_instead_of_an_answer_or_inside_a_stream() -> None:
    refused = {"Response": {"Error": {"Code": "AuthFailure", "Message": "no such key"}, "RequestId": "r"}}
    assert whole(HUNYUAN, refused).error == {"code": "AuthFailure", "message": "no such key"}
    busy = {"ErrorMsg": {"Msg": "busy", "Code": 2003}}
    llm = streamed(HUNYUAN, event(Content="a") | {"ErrorMsg": None}, busy)
    assert (llm.text, llm.error) == ("a", {"code": 2003, "message": "busy"})
    assert streamed(HUNYUAN, busy).error == llm.error
    assert streamed(HUNYUAN, event(Content="a")).error is None


def test_other_actions_of_the_host_are_no_answers_of_a_model() -> None:
    listener = Reader(HUNYUAN, Limits())
    listener.read_whole({"Response": {"Data": [{"Embedding": [0.5]}], "Usage": USAGE, "RequestId": "r"}})
    assert listener.result() is None


@pytest.mark.parametrize(
    ("host", "body", "asked"),
    [
        ("hunyuan.tencentcloudapi.com", {"Stream": True}, (True, "body.Stream")),
        ("hunyuan.ap-guangzhou.tencentcloudapi.com", {"Stream": False}, (False, "body.Stream")),
        ("hunyuan.tencentcloudapi.com", {}, (False, "default")),
    ],
)
def test_a_switch_in_the_body_asks_for_a_stream(host: str, body: object, asked: object) -> None:
    assert intent(context("/", host, body)) == asked
