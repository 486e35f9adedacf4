"""Streams of assistant-ui."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed


def start(type_: str, **more: object) -> dict[str, object]:
    return {"type": "part-start", "part": {"type": type_, **more}, "path": []}


def delta(position: int, words: str) -> dict[str, object]:
    return {"type": "text-delta", "path": [position], "textDelta": words}


def test_each_part_has_its_place() -> None:
    stream = [
        (start("reasoning"), ()),
        (delta(0, "hm"), ("reasoning",)),
        (start("tool-call", toolCallId="t", toolName="f"), ("tool_calls",)),
        (delta(1, '{"a"'), ("tool_calls",)),
        (start("text"), ()),
        (delta(1, ":1}"), ("tool_calls",)),
        (delta(2, "a"), ("text",)),
        ({"type": "result", "path": [1], "result": "x", "isError": False}, ()),
        (delta(2, "b"), ("text",)),
        ({"type": "part-finish", "path": [2]}, ()),
        ({"type": "message-finish", "path": [], "finishReason": "stop", "usage": {"inputTokens": 3}}, ()),
    ]
    listener = listened("/any")
    readings = [listener.read_event(frame(payload)) for payload, _ in stream]
    assert [reading.channels for reading in readings] == [channels for _, channels in stream]
    assert [reading.end for reading in readings if reading.end] == ["message-finish"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api) == ("assistant-ui-compatible", "assistant.transport")
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "hm", "stop", Usage(3))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_texts_that_grow_in_a_state() -> None:
    def update(*operations: object) -> dict[str, object]:
        return {"type": "update-state", "path": [], "operations": [*operations]}

    path = ["messages", "1", "parts", "0", "text"]
    begun = update({"type": "set", "path": ["messages", "1"], "value": {"role": "assistant"}})
    grown = [update({"type": "append-text", "path": path, "value": words}) for words in ("a", "b")]
    assert streamed("/any", begun, *grown).text == "ab"


def test_errors_and_what_has_no_place() -> None:
    llm = streamed("/any", start("text"), delta(0, "a"), delta(9, "b"), {"type": "error", "path": [], "error": "no"})
    assert (llm.text, llm.error) == ("ab", {"message": "no"})
    assert listened("/any", {"type": "text-delta", "id": "1", "textDelta": "a"}).result() is None
