"""DashScope's own API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Frame, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/api/v1/services/aigc/text-generation/generation"
INCREMENTAL = context(WHERE, body={"model": "qwen-max", "parameters": {"incremental_output": True}})
CUMULATIVE = context(WHERE, body={"model": "qwen-max", "parameters": {"incremental_output": False}})


def message(finish: str = "null", **said: object) -> dict[str, object]:
    return {"output": {"choices": [{"message": said, "finish_reason": finish}]}, "request_id": "r"}


def plain(text: str, finish: str = "null") -> dict[str, object]:
    return {"output": {"text": text, "finish_reason": finish}, "request_id": "r"}


@pytest.mark.parametrize(
    ("said", "channels", "text"),
    [
        ({"content": "a"}, ("text",), "a"),
        ({"content": ""}, (), ""),
        ({"content": "", "reasoning_content": "r"}, ("reasoning",), None),
        ({"content": [{"text": "a"}, {"text": "b"}]}, ("text",), "ab"),
        ({"content": []}, (), None),
        ({"content": [{"image": "http://x"}]}, (), None),
        ({"content": None}, (), None),
    ],
)
def test_contents(said: dict[str, object], channels: tuple[str, ...], text: str | None) -> None:
    listener = listened(INCREMENTAL)
    assert listener.read_event(frame(message(**said), "result")).channels == channels
    llm = listener.result()
    assert llm
    assert llm.text == text


@pytest.mark.parametrize("make", [plain, lambda text, finish="null": message(finish, content=text)])
@pytest.mark.parametrize(
    ("where", "texts"),
    [
        (INCREMENTAL, ["He", "llo", "!", ""]),
        # asked for, in vain or not at all: the data tells
        (CUMULATIVE, ["He", "llo", "!", ""]),
        (WHERE, ["He", "llo", "!", ""]),
        (CUMULATIVE, ["He", "Hello", "Hello!", "Hello!"]),
        (WHERE, ["He", "Hello", "Hello!", "Hello!"]),
    ],
)
def test_cumulative_or_not_the_text_is_the_same(make: object, where: object, texts: Sequence[str]) -> None:
    assert callable(make)
    payloads = [*map(make, texts[:-1]), make(texts[-1], "stop")]
    listener = listened(where)  # type: ignore[arg-type]
    heard = [listener.read_event(frame(payload, "result")) for payload in payloads]
    assert [reading.channels for reading in heard] == [("text",)] * 3 + [()]
    assert [reading.end for reading in heard] == [None, None, None, "finish_reason"]
    llm = listener.result()
    assert llm
    assert (llm.text, llm.finish_reason) == ("Hello!", "stop")


@pytest.mark.parametrize("where", [INCREMENTAL, WHERE])
def test_tool_calls_in_fragments_with_empty_ids(where: object) -> None:
    def call(id_: str, **function: object) -> dict[str, object]:
        return message(content="", tool_calls=[{"index": 0, "id": id_, "type": "function", "function": function}])

    stream = [call("c", name="f", arguments='{"a":'), call("", arguments=" 1}"), call("")]
    assert streamed(where, *stream).tool_calls == (ToolCall("c", "f", '{"a": 1}'),)  # type: ignore[arg-type]


def test_cumulative_tool_calls() -> None:
    arguments = ['{"a"', '{"a": 1', '{"a": 1}']
    stream = [
        message(content="", tool_calls=[{"id": "c", "function": {"name": "f", "arguments": piece}}])
        for piece in [*arguments, arguments[-1]]
    ]
    listener = listened(CUMULATIVE)
    assert [listener.read_event(frame(one)).channels for one in stream] == [("tool_calls",)] * 3 + [()]
    llm = listener.result()
    assert llm
    assert llm.tool_calls == (ToolCall("c", "f", '{"a": 1}'),)


def test_a_text_that_is_taken_back_is_noted() -> None:
    stream = [plain(text) for text in ("1", "12", "123", "1234", "12!")]
    llm = streamed(CUMULATIVE, *stream)
    assert llm.text == "12!"
    assert llm.notes == ("the cumulative text was revised: the last version is shown",)


@pytest.mark.parametrize("where", [WHERE, INCREMENTAL])
def test_speech_that_is_recognised_is_told_again_and_corrected(where: object) -> None:
    def heard(text: str, *, over: bool = False) -> dict[str, object]:
        return {"output": {"text": text, "sentence": {"text": text, "sentence_end": over}}, "request_id": "r"}

    listener = listened(where)  # type: ignore[arg-type]
    told = [heard("a wreck"), heard("a recog", over=True), heard("a recognised b"), heard("a recognised b.", over=True)]
    assert [listener.read_event(frame(payload, "result")).channels for payload in told] == [("text",)] * 4
    llm = listener.result()
    assert llm
    assert llm.text == "a recognised b."
    assert not listener.terminator_due


def test_usage_model_and_provider() -> None:
    usage = {"input_tokens": 3, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}}
    llm = streamed(INCREMENTAL, {**message(content="a"), "usage": usage})
    assert (llm.provider, llm.model, llm.response_id, llm.usage) == ("dashscope", "qwen-max", "r", Usage(3, 5, 2))


def test_an_applications_answer() -> None:
    usage = {"models": [{"model_id": "qwen-max", "input_tokens": 3, "output_tokens": 5}]}
    app = {"output": {"finish_reason": "stop", "session_id": "s", "text": "a"}, "usage": usage, "request_id": "r"}
    llm = whole("/api/v1/apps/0123/completion", app)
    assert (llm.text, llm.usage, llm.model) == ("a", Usage(3, 5), "0123")


APP = "/api/v1/apps/0123/completion"


def app(finish: str = "null", **output: object) -> dict[str, object]:
    return {"output": {"session_id": "s", "finish_reason": finish, **output}, "usage": {}, "request_id": "r"}


@pytest.mark.parametrize("pieces", [("a", "b", ""), ("a", "ab", "abc", "abcd", "abcd")])
def test_what_an_applications_model_thinks_is_reasoning(pieces: Sequence[str]) -> None:
    searched = {"action_type": "agentRag", "thought": "no word", "observation": "[]"}
    stream = [
        app(text="", thoughts=[searched, {"action_type": "reasoning", "thought": piece, "response": piece}])
        for piece in pieces
    ]
    listener = listened(APP)
    channels = [listener.read_event(frame(payload, "result")).channels for payload in stream]
    assert channels == [("reasoning",)] * (len(pieces) - 1) + [()]
    llm = listener.result()
    assert llm
    assert llm.reasoning == ("ab" if len(pieces) == 3 else "abcd")


def step(type_: str, content: str, done: bool = False) -> dict[str, object]:
    message = {"role": "assistant", "content": content}
    told = {"node_type": type_, "node_name": "n", "node_id": "i", "node_is_completed": done, "message": message}
    return app(workflow_message=told)


@pytest.mark.parametrize(
    ("steps", "text", "reasoning"),
    [
        ([step("End", "He"), step("End", "llo"), step("End", "", True)], "Hello", None),
        ([step("LLM", '{"result": "He", "reasoningContent": "h"}'), step("LLM", '{"result": "llo"}')], "Hello", "h"),
        ([step("API", '{"status": 200}'), step("End", "Hello")], '{"status": 200}Hello', None),
    ],
)
def test_a_workflows_steps_say_its_answer_and_the_end_says_it_again(
    steps: list[dict[str, object]], text: str, reasoning: str | None
) -> None:
    listener = listened(APP)
    assert listener.read_event(frame(step("Start", '{"user": {}}', True), "result")).channels == ()
    for payload in steps:
        listener.read_event(frame(payload, "result"))
    under_way = listener.result()
    assert under_way
    assert (under_way.text, under_way.reasoning, under_way.finish_reason) == (text, reasoning, None)
    end = listener.read_event(frame(app("stop", text="Hello"), "result"))
    assert (end.channels, end.end) == ((), "finish_reason")
    llm = listener.result()
    assert llm
    assert (llm.text, llm.finish_reason) == ("Hello", "stop")


ERROR = {"code": "InvalidParameter", "message": "m", "request_id": "r"}


def test_errors_in_a_stream_and_whole() -> None:
    expected = {"code": "InvalidParameter", "message": "m"}
    assert streamed(WHERE, ("error", ERROR)).error == expected
    assert streamed(WHERE, ERROR).error == expected
    assert whole(context(WHERE, status=400), ERROR).error == expected
    assert listened("/unknown", ERROR).result() is None


def test_the_status_in_a_comment_is_evidence_of_an_error() -> None:
    listener = listened(WHERE)
    listener.read_event(Frame("comment", "HTTP_STATUS/400", comment=True))
    listener.read_event(frame(ERROR, "error"))
    llm = listener.result()
    assert llm
    assert llm.error == {"status": 400, "code": "InvalidParameter", "message": "m"}


def test_the_status_of_a_good_answer_is_none() -> None:
    listener = listened(WHERE)
    listener.read_event(Frame("comment", "HTTP_STATUS/200", comment=True))
    listener.read_event(Frame("comment", f"HTTP_STATUS/{'4' * 5000}", comment=True))  # more digits than Python reads
    listener.read_event(frame(plain("a")))
    listener.read_event(Frame("comment", "HTTP_STATUS/200", comment=True))
    llm = listener.result()
    assert llm
    assert llm.error is None


def test_deep_research_says_its_message_without_choices() -> None:
    payload = {"output": {"message": {"phase": "answer", "content": "#", "status": "typing"}}, "request_id": "r"}
    assert streamed(INCREMENTAL, payload).text == "#"


@pytest.mark.parametrize("key", ["finished", "fininshed"])
def test_deep_research_ends_with_a_reason_of_its_own(key: str) -> None:
    def said(content: str, status: str, reason: str) -> dict[str, object]:
        spoken = {"phase": "answer", "content": content, "status": status}
        return {"output": {"message": spoken, key: reason == "stop", f"{key}_reason": reason}, "request_id": "r"}

    listener = listened(INCREMENTAL, said("a", "typing", "null"))
    assert listener.read_event(frame(said("b", "typing", "null"))).end is None
    assert listener.read_event(frame(said("", "finished", "stop"))).end == "finish_reason"
    llm = listener.result()
    assert llm
    assert (llm.text, llm.finish_reason) == ("ab", "stop")


@pytest.mark.parametrize(("phase", "end"), [("ResearchPlanning", None), ("answer", "finish_reason")])
def test_deep_research_ends_with_its_answer_though_no_reason_is_told(phase: str, end: str | None) -> None:
    said = {"phase": phase, "content": "", "status": "finished"}
    value = {"output": {"message": said, "fininshed": False, "fininshed_reason": "null"}, "request_id": "r"}
    assert listened(INCREMENTAL, plain("a")).read_event(frame(value)).end == end


def test_what_its_own_interpreter_ran_is_told_once() -> None:
    def ran(*codes: str, **said: object) -> dict[str, object]:
        value = message(**said)
        tools = [{"code_interpreter": {"code": code}, "type": "code_interpreter"} for code in codes]
        return {**value, "output": {**value["output"], "tool_info": tools}}  # type: ignore[dict-item]

    listener = listened(INCREMENTAL, message(content="", reasoning_content="r"))
    heard = [listener.read_event(frame(payload)).channels for payload in (ran("1+1"), ran("1+1", content="a"))]
    assert heard == [("tool_calls",), ("text",)]
    listener.read_event(frame(ran("1+1", "2+2", content="b")))
    llm = listener.result()
    assert llm
    assert (llm.text, llm.tool_calls) == ("ab", ())
    assert llm.server_tool_calls == tuple(ToolCall(None, "code_interpreter", code) for code in ("1+1", "2+2"))


def test_speech_is_content() -> None:
    def spoken(finish: str, **audio: object) -> dict[str, object]:
        return {"output": {"audio": audio, "finish_reason": finish}, "request_id": "r"}

    where = "/api/v1/services/aigc/multimodal-generation/generation"
    listener = listened(where, spoken("null", data="UklG"))
    reading = listener.read_event(frame(spoken("null", data="UklG")))
    assert (reading.channels, reading.kept) == (("events",), False)
    assert listener.read_event(frame(spoken("stop", data="", url="https://h/x.wav"))).channels == ()


def test_speech_of_a_synthesizer_is_content() -> None:
    """CosyVoice's, whose place alone tells its events apart."""
    where = context("/api/v1/services/audio/tts/SpeechSynthesizer", body={"model": "cosyvoice", "input": {"text": "a"}})
    piece = {"output": {"type": "sentence-synthesis", "sentence": {"index": 0}, "audio": {"data": "AAAA"}}}
    last = {"output": {"finish_reason": "stop", "audio": {"data": "", "url": "u"}}, "request_id": "r"}
    listener = listened(where)
    readings = [listener.read_event(frame(payload, "result")) for payload in (piece, piece, last)]
    assert [reading.channels for reading in readings] == [("events",), ("events",), ()]
    assert readings[-1].end == "finish_reason"
    assert listener.terminator_due
    headers = (("X-DashScope-SSE", "enable"),)
    assert intent(replace(where, request_headers=headers)) == (True, "header.x-dashscope-sse")
    refused = whole(where, {"code": "InvalidParameter", "message": "no", "request_id": "r"})
    assert refused.error == {"code": "InvalidParameter", "message": "no"}


def test_what_a_server_of_its_kind_says_without_an_id_is_an_answer() -> None:
    assert streamed(WHERE, {"output": {"text": "a"}}).text == "a"


def test_why_a_task_failed_is_an_error() -> None:
    output = {"task_id": "t", "task_status": "FAILED", "code": "InvalidURL", "message": "no"}
    assert whole("/api/v1/tasks/t", {"output": output, "request_id": "r"}).error == {
        "code": "InvalidURL",
        "message": "no",
    }


def test_tasks_and_embeddings_are_no_answers() -> None:
    for output in ({"task_id": "t", "task_status": "PENDING"}, {"embeddings": []}):
        assert listened("/api/v1/tasks", {"output": output, "request_id": "r"}).result() is None
