"""Cohere, both versions."""

from __future__ import annotations

import base64
import json

import pytest
from streamwatchlib.model import Llm, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

V1 = context("/v1/chat", host="api.cohere.com")
META = {"tokens": {"input_tokens": 3, "output_tokens": 5}, "billed_units": {"input_tokens": 1, "output_tokens": 2}}


def v2(type_: str, index: int = 0, **message: object) -> dict[str, object]:
    return {"type": type_, "index": index, "delta": {"message": message}}


@pytest.mark.parametrize(
    ("event", "channels", "end"),
    [
        (v2("content-delta", content={"text": "a"}), ("text",), None),
        (v2("content-delta", content={"thinking": "a"}), ("reasoning",), None),
        (v2("content-start", content={"type": "text", "text": ""}), (), None),
        (v2("tool-plan-delta", tool_plan="a"), ("reasoning",), None),
        (v2("tool-call-start", tool_calls={"id": "c", "function": {"name": "f", "arguments": ""}}), (), None),
        (v2("tool-call-start", tool_calls={"id": "c", "function": {"arguments": "{}"}}), ("tool_calls",), None),
        (v2("tool-call-delta", tool_calls={"function": {"arguments": "{"}}), ("tool_calls",), None),
        (v2("citation-start", citations={"text": "a"}), (), None),
        ({"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}, (), "message-end"),
        ({"type": "content-end", "index": 0}, (), None),
    ],
)
def test_version_2_channels_and_end(event: dict[str, object], channels: tuple[str, ...], end: str | None) -> None:
    reading = listened("/v2/chat", v2("message-start", content=[])).read_event(frame(event, str(event["type"])))
    assert (reading.channels, reading.end) == (channels, end)


def test_a_tool_plan_is_reasoning_streamed_and_whole() -> None:
    stream = [v2("tool-plan-delta", tool_plan="I "), v2("tool-plan-delta", tool_plan="will")]
    message = {"role": "assistant", "tool_plan": "I will", "tool_calls": []}
    assert streamed("/v2/chat", *stream).reasoning == "I will"
    assert whole("/v2/chat", {"message": message, "finish_reason": "TOOL_CALL"}).reasoning == "I will"


def test_version_2_is_known_by_the_framings_name_for_an_event_too() -> None:
    named = ("message-start", {"id": "m", "delta": {"message": {"role": "assistant"}}})
    assert streamed("/chat", named).response_id == "m"


def test_version_2_ends_in_an_error() -> None:
    failed = {"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "overloaded"}}
    llm = streamed("/v2/chat", v2("message-start"), failed)
    assert (llm.finish_reason, llm.error) == ("ERROR", {"message": "overloaded"})


def test_version_1_streamed_and_whole() -> None:
    answer = {"text": "ab", "generation_id": "g", "finish_reason": "COMPLETE", "meta": META}
    stream = [
        {"event_type": "stream-start", "generation_id": "g"},
        {"event_type": "text-generation", "text": "a"},
        {"event_type": "text-generation", "text": "b"},
        {"event_type": "stream-end", "finish_reason": "COMPLETE", "response": answer},
    ]
    expected = Llm("cohere", "v1.chat", response_id="g", text="ab", finish_reason="COMPLETE", usage=Usage(3, 5))
    assert streamed(V1, *stream) == expected
    assert whole(V1, answer) == expected
    assert streamed(V1, stream[0], stream[-1]) == expected
    listener = listened(V1, stream[0])
    assert [listener.read_event(frame(one)).channels for one in stream[1:]] == [("text",), ("text",), ()]
    assert listener.read_event(frame(stream[-1])).end == "stream-end"


def test_version_1_tool_calls_in_chunks_or_whole_are_said_once() -> None:
    call = {"name": "f", "parameters": {"a": 1}}
    chunks = [
        {"event_type": "tool-calls-chunk", "text": "I will"},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "name": "f"}},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "parameters": '{"a"'}},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "parameters": ":1}"}},
    ]
    both = {"event_type": "tool-calls-generation", "tool_calls": [call]}
    expected = (ToolCall(None, "f", '{"a":1}'),)
    assert streamed(V1, *chunks, both).tool_calls == expected
    assert streamed(V1, both).tool_calls == expected
    assert whole(V1, {"text": "", "generation_id": "g", "tool_calls": [call]}).tool_calls == expected
    assert streamed(V1, *chunks).reasoning == "I will"


def test_the_old_generate() -> None:
    answer = {
        "id": "i",
        "prompt": "p",
        "generations": [{"id": "g", "text": "a", "finish_reason": "COMPLETE"}],
        "meta": META,
    }
    llm = whole(context("/v1/generate", host="api.cohere.ai"), answer)
    assert (llm.text, llm.response_id, llm.finish_reason, llm.usage) == ("a", "i", "COMPLETE", Usage(3, 5))
    piece = {"event_type": "text-generation", "text": "a", "is_finished": False}
    end = {"event_type": "stream-end", "is_finished": True, "finish_reason": "COMPLETE", "response": answer}
    assert streamed(context("/v1/generate", host="api.cohere.ai"), piece, end) == llm


def test_several_answers_of_the_old_generate_are_choices_also_in_the_one_event_of_a_stream() -> None:
    texts = [{"id": "g", "text": text, "finish_reason": "MAX_TOKENS"} for text in ("a", "b")]
    answer = {"id": "i", "prompt": "p", "generations": texts}
    where = context("/model/cohere.command/invoke-with-response-stream")

    def chunk(value: object) -> tuple[str, dict[str, str]]:
        return "chunk", {"bytes": base64.b64encode(json.dumps(value).encode()).decode()}

    assert listened(where).read_event(frame(chunk(answer)[1], "chunk")).channels == ("text",)
    for llm in (streamed(where, chunk(answer)), whole(context("/v1/generate", host="api.cohere.ai"), answer)):
        assert (llm.text, [choice.text for choice in llm.choices]) == ("a", ["a", "b"])
        assert llm.finish_reason == "MAX_TOKENS"
    pieces = [{"text": text, "is_finished": False, "index": number} for number, text in enumerate("ab")]
    assert [choice.text for choice in streamed(where, *map(chunk, pieces)).choices] == ["a", "b"]


def test_errors() -> None:
    for where in (V1, context("/v2/chat", status=401)):
        failed = context(where.path, host=where.host, status=401)
        assert whole(failed, {"id": "i", "message": "invalid api token"}).error == {"message": "invalid api token"}


def test_an_app_that_answers_with_a_message_and_its_end_is_none_of_cohere() -> None:
    listener = listened("/any")
    listener.read_whole({"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"})
    assert listener.result() is None
