"""Reka's own chat."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, whole

WHERE = context("/v1/chat", "api.reka.ai", {"model": "m", "stream": True})


def chunk(text: object, finish: str | None = None, **more: object) -> dict[str, object]:
    told = {"chunk": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"id": "r", "model": "m-1", "responses": [told], **more}


def test_each_chunk_has_the_text_so_far() -> None:
    listener = listened(WHERE, chunk("a"), chunk("ab"), chunk("abc"), chunk("abcd"))
    last = chunk("abcde", "stop", usage={"input_tokens": 3, "output_tokens": 5})
    assert listener.read_event(frame(last)).end == "finish_reason"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("reka", "chat", "m-1", "r")
    assert (llm.text, llm.finish_reason, llm.usage) == ("abcde", "stop", Usage(3, 5))


def test_whole_answers_and_calls() -> None:
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": "a"}],
        "tool_calls": [{"id": "c", "name": "f", "parameters": {"a": 1}}],
    }
    llm = whole("/any", {"id": "r", "responses": [{"message": message, "finish_reason": "tool_calls"}]})
    assert (llm.provider, llm.text, llm.tool_calls) == ("reka-compatible", "a", (ToolCall("c", "f", '{"a":1}'),))
    assert llm.finish_reason == "tool_calls"


def test_errors() -> None:
    where = context("/v1/chat", "api.reka.ai", status=401)
    assert whole(where, {"detail": "Invalid API key."}).error == {"message": "Invalid API key."}
