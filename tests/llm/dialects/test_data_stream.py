"""Data streams of Vercel's AI SDK, up to its version 4."""

from __future__ import annotations

import json
from dataclasses import replace

from streamwatchlib.model import Frame, Llm, Reading, ToolCall, Usage

from ..replies import context, listened

TOLD = replace(context("/api/chat"), response_headers=(("X-Vercel-AI-Data-Stream", "v1"),))
CALL = {"toolCallId": "t", "toolName": "f", "args": {"x": 1}}
STREAM: list[tuple[str, object]] = [
    ("f", {"messageId": "i"}),
    ("g", "c"),
    ("0", "a"),
    ("2", [{"some": "data"}]),
    ("h", {"sourceType": "url", "id": "s", "url": "u"}),
    ("b", {"toolCallId": "t", "toolName": "f"}),
    ("c", {"toolCallId": "t", "argsTextDelta": '{"x":'}),
    ("c", {"toolCallId": "t", "argsTextDelta": "1}"}),
    ("9", CALL),
    ("9", {**CALL, "toolCallId": "u", "args": {}}),
    ("a", {"toolCallId": "t", "result": "no word"}),
    ("k", {"data": "UklG", "mimeType": "image/png"}),
    ("e", {"finishReason": "tool-calls", "isContinued": True}),
    ("0", "b"),
    ("d", {"finishReason": "stop", "usage": {"promptTokens": 9, "completionTokens": 5}}),
]


def heard(*stream: tuple[str, object], told: bool = True) -> tuple[list[Reading], Llm | None]:
    listener = listened(TOLD if told else context("/any"))
    readings = [listener.read_event(Frame(tag, json.dumps(value), value)) for tag, value in stream]
    return readings, listener.result()


def test_what_a_page_is_told() -> None:
    for told in (True, False):
        readings, llm = heard(*STREAM, told=told)
        called = [("tool_calls",)] * 2
        channels = [(), ("reasoning",), ("text",), (), (), (), *called, (), *called[:1], (), (), (), ("text",), ()]
        assert [reading.channels for reading in readings] == channels
        assert [reading.kept for reading in readings].index(False) == 11
        assert readings[-1].end == "d"
        assert llm is not None
        assert (llm.provider, llm.api, llm.response_id) == ("ai-sdk-compatible", "data.stream", "i")
        assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "c", "stop", Usage(9, 5))
        assert llm.tool_calls == (ToolCall("t", "f", '{"x":1}'), ToolCall("u", "f", "{}"))


def test_any_first_part_tells_the_api() -> None:
    for part in (STREAM[0], STREAM[1], STREAM[2], STREAM[5], STREAM[8]):
        assert heard(part, told=False)[1] is not None
    for tag, value in (("0", {"a": 1}), ("f", {}), ("a", "x"), ("d", {"finishReason": "stop"})):
        assert heard((tag, value), told=False)[1] is None


def test_an_error_is_the_servers_own_words() -> None:
    _, llm = heard(("3", "no"))
    assert llm is not None
    assert llm.error == {"message": "no"}
