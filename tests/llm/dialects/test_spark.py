"""iFlytek Spark over its WebSocket."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed

SPARK = context("/v4.0/chat", "spark-api.xf-yun.com")


def said(status: int, usage: object = None, **text: object) -> dict[str, object]:
    payload = {"choices": {"status": status, "seq": 0, "text": [{"role": "assistant", "index": 0, **text}]}}
    used = {"usage": {"text": usage}} if usage else {}
    return {"header": {"code": 0, "message": "Success", "sid": "s", "status": status}, "payload": payload | used}


@pytest.mark.parametrize(("where", "provider"), [(SPARK, "spark"), (context("/somewhere"), "spark-compatible")])
def test_what_it_says(where: object, provider: str) -> None:
    used = {"question_tokens": 1, "prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    told = [said(0, reasoning_content="r", content=""), said(1, content="He"), said(2, used, content="llo")]
    listener = listened(where)  # type: ignore[arg-type]
    readings = [listener.read_event(frame(payload)) for payload in told]
    assert [reading.channels for reading in readings] == [("reasoning",), ("text",), ("text",)]
    assert [reading.end for reading in readings] == [None, None, "status"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.response_id) == (provider, "chat", "s")
    assert (llm.text, llm.reasoning, llm.usage, llm.error) == ("Hello", "r", Usage(3, 5), None)


def test_it_calls_a_function_in_one_piece() -> None:
    llm = streamed(SPARK, said(2, content="", function_call={"name": "add", "arguments": '{"a":1}'}))
    assert llm.tool_calls == (ToolCall(None, "add", '{"a":1}'),)


def test_an_error_ends_it() -> None:
    refused = {"header": {"code": 10013, "message": "no", "sid": "s", "status": 0}}
    listener = listened(SPARK)
    assert listener.read_event(frame(refused)).end == "status"
    llm = listener.result()
    assert llm
    assert llm.error == {"code": 10013, "message": "no", "status": 0}
