"""TensorZero's own inferences."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

USAGE = {"input_tokens": 3, "output_tokens": 5}


def inference(**more: object) -> dict[str, object]:
    return {"inference_id": "i", "episode_id": "e", "variant_name": "v", **more}


def piece(type_: str, **block: object) -> dict[str, object]:
    return inference(content=[{"type": type_, "id": "0", **block}])


@pytest.mark.parametrize("path", ["/inference", "/somewhere"])
def test_streamed_and_whole_are_the_same(path: str) -> None:
    stream = [
        (piece("thought", text="hm"), ("reasoning",)),
        (piece("text", text="a"), ("text",)),
        (piece("text", text="b"), ("text",)),
        (piece("tool_call", id="c", raw_name="f", raw_arguments='{"a":'), ("tool_calls",)),
        (piece("tool_call", id="c", raw_name="", raw_arguments="1}"), ("tool_calls",)),
        (inference(content=[], usage=USAGE, finish_reason="tool_call"), ()),
    ]
    listener = listened(context(path, body={"model_name": "m"}))
    assert [listener.read_event(frame(value)).channels for value, _ in stream] == [channels for _, channels in stream]
    assert listener.read_event(frame("[DONE]")).end == "[DONE]"
    llm = listener.result()
    call = {"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}, "raw_name": "f"}
    content = [{"type": "thought", "text": "hm"}, {"type": "text", "text": "ab"}, call]
    answer = inference(content=content, usage=USAGE, finish_reason="tool_call")
    assert llm == whole(context(path, body={"model_name": "m"}), answer)
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("tensorzero-compatible", "inference", "m", "i")
    assert (llm.text, llm.reasoning, llm.usage, llm.finish_reason) == ("ab", "hm", Usage(3, 5), "tool_call")
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'),)


def test_what_a_schema_asked_for_is_text() -> None:
    assert streamed("/inference", inference(raw='{"a"'), inference(raw=":1}")).text == '{"a":1}'
    assert whole("/inference", inference(output={"raw": "{}", "parsed": {}})).text == "{}"


def test_errors() -> None:
    assert streamed("/inference", {"error": "no"}).error == {"message": "no"}
