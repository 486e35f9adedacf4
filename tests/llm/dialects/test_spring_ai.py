"""Chat responses of Spring AI."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed, whole

WHERE = "/ai/generate"
NONE = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}


def response(finish: str = "", usage: object = None, **output: object) -> dict[str, object]:
    said = {"messageType": "ASSISTANT", "metadata": {"role": "ASSISTANT"}, "toolCalls": [], "media": [], **output}
    result = {"output": said, "metadata": {"finishReason": finish, "contentFilters": []}}
    about = {"id": "i", "model": "m", "usage": usage or NONE}
    return {"result": result, "results": [result], "metadata": about}


@pytest.mark.parametrize("key", ["text", "content"])
@pytest.mark.parametrize("pieces", [("He", "llo", "!", ""), ("He", "Hello", "Hello!", "Hello!")])
def test_each_chunk_is_a_bean_with_what_is_new_or_all_so_far(key: str, pieces: Sequence[str]) -> None:
    used = {"promptTokens": 3, "completionTokens": 5, "totalTokens": 8}
    stream = [response("null", **{key: piece}) for piece in pieces[:-1]]
    listener = listened(WHERE)
    readings = [
        listener.read_event(frame(payload)) for payload in (*stream, response("STOP", used, **{key: pieces[-1]}))
    ]
    assert [reading.channels for reading in readings] == [("text",)] * 3 + [()]
    assert [reading.end for reading in readings] == [None] * 3 + ["finish_reason"]
    for llm in (listener.result(), whole(WHERE, response("STOP", used, **{key: "Hello!"}))):
        assert llm
        assert (llm.provider, llm.api, llm.model, llm.response_id) == ("spring-ai-compatible", "chat", "m", "i")
        assert (llm.text, llm.finish_reason, llm.usage) == ("Hello!", "STOP", Usage(3, 5))


def test_what_was_not_counted_is_not_none_at_all() -> None:
    assert streamed(WHERE, response(text="a")).usage is None


@pytest.mark.parametrize("thought", [{"reasoningContent": "r"}, {"metadata": {"reasoningContent": "r"}}])
def test_thoughts_and_calls(thought: dict[str, object]) -> None:
    call = {"id": "c1", "type": "function", "name": "add", "arguments": '{"a":1}'}
    llm = streamed(WHERE, response(text="", **thought), response("TOOL_CALLS", text="", toolCalls=[call]))
    assert (llm.reasoning, llm.tool_calls) == ("r", (ToolCall("c1", "add", '{"a":1}'),))
