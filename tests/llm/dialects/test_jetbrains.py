"""JetBrains AI."""

from __future__ import annotations

from streamwatchlib.model import ToolCall

from ..replies import context, frame, listened, streamed

WHERE = context("/user/v5/llm/chat/stream/v8", "api.jetbrains.ai")


def piece(type_: str, **said: object) -> dict[str, object]:
    return {"type": type_, "event_type": "data", **said}


def test_text_and_its_end() -> None:
    listener = listened(WHERE, piece("Content", content="a"), piece("Content", content="b"))
    assert listener.read_event(frame(piece("FinishMetadata", reason="stop"))).end is None
    assert listener.read_event(frame("end")).end == "end"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.text, llm.finish_reason) == ("jetbrains", "chat", "ab", "stop")


def test_calls_are_named_then_spelled_out() -> None:
    llm = streamed(
        WHERE,
        piece("ToolCall", id="c", name="f"),
        piece("ToolCall", content='{"a":'),
        piece("ToolCall", content="1}"),
        piece("FunctionCall", name="g", content="{}"),
        piece("FinishMetadata", reason="tool_call"),
    )
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'), ToolCall(None, "g", "{}"))
    assert llm.finish_reason == "tool_call"


def test_what_no_other_api_sends_is_known_anywhere() -> None:
    assert streamed("/any", piece("FinishMetadata", reason="stop")).provider == "jetbrains-compatible"
