"""Oracle Cloud's generative AI; what models other than Cohere's say is tested with all dialects."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

ASKED = {"servingMode": {"modelId": "cohere.m"}, "chatRequest": {"apiFormat": "COHERE", "isStream": True}}
WHERE = context("/20231130/actions/chat", "inference.generativeai.x.oci.oraclecloud.com", ASKED)
ELSEWHERE = context("/relay")
USAGE = {"promptTokens": 3, "completionTokens": 2, "promptTokensDetails": {"cachedTokens": 1}}


def said(text: str, **more: object) -> dict[str, object]:
    return {"apiFormat": "COHERE", "text": text, "pad": "aaa", **more}


@pytest.mark.parametrize(("where", "provider"), [(WHERE, "oci"), (ELSEWHERE, "oci-compatible")])
def test_the_last_event_of_coheres_repeats_all(where: Context, provider: str) -> None:
    listener = listened(where)
    stream = [said("a"), said("b"), said("ab", chatHistory=[], finishReason="COMPLETE", usage=USAGE)]
    readings = [listener.read_event(frame(each)) for each in stream]
    assert [(reading.channels, reading.end) for reading in readings] == [
        (("text",), None),
        (("text",), None),
        ((), "finishReason"),
    ]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text, llm.finish_reason, llm.usage) == (provider, "ab", "COMPLETE", Usage(3, 2, None, 1))
    assert llm.model == ("cohere.m" if where is WHERE else None)


def test_an_answer_in_one_event_is_new() -> None:
    assert streamed(WHERE, said("ab", finishReason="COMPLETE")).text == "ab"


def test_coheres_calls_are_calls() -> None:
    call = {"name": "f", "parameters": {"a": 1}}
    whole_ = {"modelId": "cohere.m", "chatResponse": {"apiFormat": "COHERE", "text": "", "toolCalls": [call]}}
    for llm in (streamed(WHERE, said("", toolCalls=[call])), whole(WHERE, whole_)):
        assert llm.tool_calls == (ToolCall(None, "f", '{"a":1}'),)


def test_an_error_is_an_error() -> None:
    told = {"code": "429", "message": "Throttled"}
    assert whole(context("/20231130/actions/chat", body=ASKED, status=429), told).error == told
    assert streamed(WHERE, said("a"), told).error == told
