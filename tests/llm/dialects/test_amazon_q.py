"""Amazon Q Developer and Kiro."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import broken, context, frame, listened, streamed

WHERE = context("/generateAssistantResponse", "q.us-east-1.amazonaws.com", {"conversationState": {}})


@pytest.mark.parametrize("where", [WHERE, context("/", "codewhisperer.us-east-1.amazonaws.com")])
def test_what_it_says(where: Context) -> None:
    stream: list[tuple[str, dict[str, object]]] = [
        ("reasoningContentEvent", {"text": "hm"}),
        ("reasoningContentEvent", {"signature": "zz"}),
        ("assistantResponseEvent", {"content": "a", "modelId": "m"}),
        ("assistantResponseEvent", {"content": "b"}),
        ("toolUseEvent", {"toolUseId": "t", "name": "f"}),
        ("toolUseEvent", {"toolUseId": "t", "name": "f", "input": '{"a":'}),
        ("toolUseEvent", {"toolUseId": "t", "name": "f", "input": "1}"}),
        ("toolUseEvent", {"toolUseId": "t", "name": "f", "stop": True}),
        ("metadataEvent", {"tokenUsage": {"uncachedInputTokens": 3, "outputTokens": 5, "cacheReadInputTokens": 2}}),
        ("meteringEvent", {"usage": 0.1, "unit": "credit"}),
    ]
    listener = listened(where)
    heard = [listener.read_event(frame(value, name)).channels for name, value in stream]
    calls = [("tool_calls",)] * 3
    assert heard == [("reasoning",), (), ("text",), ("text",), *calls, (), (), ()]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model) == ("amazon-q", "generateAssistantResponse", "m")
    assert (llm.text, llm.reasoning, llm.usage) == ("ab", "hm", Usage(3, 5, None, 2))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)
    assert not listener.terminator_due


def test_a_stream_is_what_its_path_asks_for() -> None:
    assert intent(WHERE) == (True, "url")


def test_errors_amid_a_stream() -> None:
    said = ("assistantResponseEvent", {"content": "a"})
    slow = broken("throttlingException", {"message": "slow down"})
    assert streamed(WHERE, said, slow).error == {"type": "throttlingException", "message": "slow down"}
    long = ("invalidStateEvent", {"reason": "CONTENT_LENGTH_EXCEEDS_THRESHOLD", "message": "too long"})
    assert streamed(WHERE, said, long).error == {"type": "CONTENT_LENGTH_EXCEEDS_THRESHOLD", "message": "too long"}
