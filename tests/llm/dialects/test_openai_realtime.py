"""OpenAI Realtime."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed

WHERE = "/v1/realtime"


def event(type_: str, **more: object) -> dict[str, object]:
    return {"type": type_, "event_id": "e", "response_id": "r", "output_index": 0, "content_index": 0, **more}


def done(*output: object, status: str = "completed", **more: object) -> dict[str, object]:
    return event("response.done", response={"id": "r", "status": status, "output": list(output), **more})


def spoken(words: str) -> dict[str, object]:
    return {"type": "message", "content": [{"type": "output_audio", "transcript": words}]}


@pytest.mark.parametrize(
    ("type_", "more", "channels"),
    [
        ("response.output_text.delta", {"delta": "a"}, ("text",)),
        ("response.text.delta", {"delta": "a"}, ("text",)),
        ("response.output_audio_transcript.delta", {"delta": "a"}, ("text",)),
        ("response.audio_transcript.delta", {"delta": "a"}, ("text",)),
        ("response.function_call_arguments.delta", {"delta": "{"}, ("tool_calls",)),
        ("response.output_audio.delta", {"delta": "AAAA"}, ()),
        ("response.audio.delta", {"delta": "AAAA"}, ()),
        ("session.updated", {"session": {}}, ()),
        ("rate_limits.updated", {"rate_limits": []}, ()),
    ],
)
@pytest.mark.parametrize("where", [WHERE, "/elsewhere"])
def test_channels(where: str, type_: str, more: dict[str, object], channels: tuple[str, ...]) -> None:
    reading = listened(where, event("session.created")).event(frame(event(type_, **more)))
    assert (reading.channels, reading.type) == (channels, type_)
    assert reading.kept == ("audio.delta" not in type_)


def test_a_spoken_answer_is_its_transcript() -> None:
    usage = {"input_tokens": 9, "output_tokens": 7, "input_token_details": {"cached_tokens": 4}}
    llm = streamed(
        WHERE,
        event("response.output_audio_transcript.delta", delta="hel"),
        event("response.output_audio.delta", delta="AAAA"),
        event("response.output_audio_transcript.delta", delta="lo"),
        done(spoken("hello"), usage=usage),
    )
    assert (llm.api, llm.text, llm.response_id, llm.finish_reason, llm.notes) == (
        "realtime",
        "hello",
        "r",
        "completed",
        (),
    )
    assert llm.usage == Usage(9, 7, None, 4)


@pytest.mark.parametrize("name", ["model", "deployment"])
def test_the_model_is_the_one_that_the_url_names(name: str) -> None:
    asked = replace(context(WHERE), query=((name, "gpt-realtime"),))
    assert streamed(asked, done(spoken("hello"))).model == "gpt-realtime"


def test_a_call_of_a_tool_is_put_together() -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f"}
    llm = streamed(
        WHERE,
        event("response.output_item.added", item=item),
        event("response.function_call_arguments.delta", delta='{"a":'),
        event("response.function_call_arguments.delta", delta="1}"),
        done({**item, "arguments": '{"a":1}'}),
    )
    assert (llm.tool_calls, llm.notes) == ((ToolCall("c", "f", '{"a":1}'),), ())


def test_an_answer_that_was_talked_over_is_no_loss_of_data() -> None:
    llm = streamed(
        WHERE, event("response.audio_transcript.delta", delta="hello"), done(spoken("hel"), status="cancelled")
    )
    assert (llm.text, llm.finish_reason, llm.notes) == ("hello", "cancelled", ())


def test_what_was_lost_on_the_way_is_reported() -> None:
    llm = streamed(WHERE, event("response.text.delta", delta="he"), done(spoken("hello")))
    assert (llm.text, len(llm.notes)) == ("hello", 1)
