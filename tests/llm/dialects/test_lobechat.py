"""LobeChat's own stream."""

from __future__ import annotations

import json

from streamwatchlib.model import Frame, ToolCall, Usage

from ..replies import frame, listened, streamed

WHERE = "/webapi/chat/openai"


def event(name: str, data: object) -> Frame:
    return frame(data, name) if isinstance(data, dict | list) else Frame(name, json.dumps(data))


def piece(arguments: str, name: str | None = None) -> object:
    return [{"index": 0, "id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}}]


def test_what_it_says_stands_in_events_named_for_it() -> None:
    used = {"inputTextTokens": 2, "totalInputTokens": 3, "totalOutputTokens": 5, "outputReasoningTokens": 1,
            "inputCachedTokens": 2, "totalTokens": 8}  # fmt: skip
    told = [
        (event("data", {"id": "i", "model": "m"}), ()),
        (event("reasoning", "r"), ("reasoning",)),
        (event("text", "He"), ("text",)),
        (event("text", "llo"), ("text",)),
        (event("text", ""), ()),
        (event("tool_calls", piece('{"a":', "add")), ("tool_calls",)),
        (event("tool_calls", piece("1}")), ("tool_calls",)),
        (event("stop", "tool_calls"), ()),
        (event("usage", used), ()),
        (event("speed", {"tps": 5, "ttft": 20}), ()),
    ]
    listener = listened(WHERE)
    readings = [listener.read_event(each) for each, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [reading.end for reading in readings] == [None] * 7 + ["stop", None, None]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("lobechat-compatible", "chat", "m", "i")
    assert (llm.text, llm.reasoning, llm.finish_reason) == ("Hello", "r", "tool_calls")
    assert llm.tool_calls == (ToolCall("c1", "add", '{"a":1}'),)
    assert llm.usage == Usage(3, 5, 1, 2)


def test_an_error_is_an_event_of_that_name() -> None:
    assert streamed(WHERE, ("error", {"message": "no", "type": "Biz"})).error == {"message": "no", "type": "Biz"}
    assert listened("/somewhere", ("text", '"a"')).result() is None
