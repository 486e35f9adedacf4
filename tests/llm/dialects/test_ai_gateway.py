"""Vercel's AI Gateway in its SDK's own language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = replace(
    context("/v3/ai/language-model", host="ai-gateway.vercel.sh", body={"prompt": []}),
    request_headers=(("AI-Language-Model-Id", "vendor/m"), ("AI-Language-Model-Streaming", "true")),
)
FINISH = {
    "type": "finish",
    "finishReason": {"unified": "tool-calls", "raw": "tool_use"},
    "usage": {"inputTokens": {"total": 9, "cacheRead": 4}, "outputTokens": {"total": 5, "text": 3, "reasoning": 2}},
}
SEARCH = {"type": "tool-call", "toolCallId": "s", "toolName": "search", "input": "{}", "providerExecuted": True}
PARTS: list[tuple[object, tuple[str, ...]]] = [
    ({"type": "stream-start", "warnings": []}, ()),
    ({"type": "response-metadata", "id": "g", "modelId": "vendor/m-1"}, ()),
    ({"type": "reasoning-start", "id": "0"}, ()),
    ({"type": "reasoning-delta", "id": "0", "delta": "r"}, ("reasoning",)),
    ({"type": "text-start", "id": "1"}, ()),
    ({"type": "text-delta", "id": "1", "delta": "a"}, ("text",)),
    ({"type": "text-end", "id": "1"}, ()),
    ({"type": "tool-input-start", "id": "c", "toolName": "f"}, ()),
    ({"type": "tool-input-delta", "id": "c", "delta": '{"a":'}, ("tool_calls",)),
    ({"type": "tool-input-delta", "id": "c", "delta": "1}"}, ("tool_calls",)),
    ({"type": "tool-input-end", "id": "c"}, ()),
    ({"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": '{"a":1}'}, ()),
    (SEARCH, ("tool_calls",)),
    ({"type": "tool-result", "toolCallId": "s", "toolName": "search", "result": "no word"}, ()),
    (FINISH, ()),
]


def test_parts() -> None:
    listener = listened(WHERE)
    readings = [listener.read_event(frame(part)) for part, _ in PARTS]
    assert [reading.channels for reading in readings] == [channels for _, channels in PARTS]
    assert readings[-1].end == "finish"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == (
        "vercel-gateway",
        "language-model",
        "vendor/m-1",
        "g",
    )
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("a", "r", "tool-calls", Usage(9, 5, 2, 4))
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'),)
    assert llm.server_tool_calls == (ToolCall("s", "search", "{}"),)
    assert streamed("/any", *(part for part, _ in PARTS)).api == "language-model"


def test_the_end_as_it_was_before_its_version_3() -> None:
    end = {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 9, "outputTokens": 5}}
    llm = streamed(WHERE, {"type": "text-delta", "id": "1", "delta": "a"}, end)
    assert (llm.text, llm.finish_reason, llm.usage, llm.model) == ("a", "stop", Usage(9, 5), "vendor/m")


def test_a_whole_result() -> None:
    content = [
        {"type": "reasoning", "text": "r"},
        {"type": "text", "text": "a"},
        {"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": "{}"},
    ]
    usage = {"inputTokens": 9, "outputTokens": 5, "cachedInputTokens": 4}
    said = {"content": content, "finishReason": "stop", "usage": usage, "response": {"id": "g", "modelId": "m-1"}}
    llm = whole(WHERE, said)
    assert (llm.text, llm.reasoning, llm.tool_calls) == ("a", "r", (ToolCall("c", "f", "{}"),))
    assert (llm.model, llm.response_id, llm.finish_reason) == ("m-1", "g", "stop")
    assert llm.usage == Usage(9, 5, None, 4)


def test_files_are_not_kept_and_errors_are_told() -> None:
    listener = listened(WHERE)
    assert not listener.read_event(frame({"type": "file", "mediaType": "image/png", "data": "iVBO"})).kept
    listener.read_event(frame({"type": "error", "error": {"type": "overloaded", "message": "no"}}))
    llm = listener.result()
    assert llm
    assert llm.error == {"type": "overloaded", "message": "no"}


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("true", (True, "header.ai-language-model-streaming")),
        ("false", (False, "header.ai-language-model-streaming")),
        (None, (None, None)),
    ],
)
def test_a_header_asks_for_a_stream(header: str | None, asked: tuple[bool | None, str | None]) -> None:
    headers = () if header is None else (("AI-Language-Model-Streaming", header),)
    assert intent(Context("POST", "any", "/v1/ai/language-model", request_headers=headers)) == asked
