"""OpenAI chat completions and their imitators."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.llm import intent, model_named
from streamwatchlib.model import Choice, Llm, ToolCall, Usage

from ..replies import CHAT, chunk, context, frame, listened, streamed, whole


def call(index: int | None = None, id: str | None = None, name: str | None = None, arguments: object = None) -> object:
    """A fragment of a tool call, with only the keys that are given."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    fragment = {key: value for key, value in (("index", index), ("id", id)) if value is not None}
    return {**fragment, "type": "function", "function": function}


def calls(*fragments: object) -> tuple[ToolCall, ...]:
    """What fragments, a chunk each, make."""
    return streamed(CHAT, *(chunk({"tool_calls": [fragment]}) for fragment in fragments)).tool_calls


NOW = ToolCall(None, "now", "{}")
ADD, TWICE = ToolCall("c1", "add", '{"a":1}'), ToolCall("c2", "twice", '{"b":2}')


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([call(0, "c1", "add", ""), call(0, arguments='{"a"'), call(0, arguments=":1}")], [ADD]),
        ([call(0, "c1", "add", '{"a":1}')], [ADD]),
        # interleaved, and in another order than they began
        (
            [
                call(1, "c2", "twice", "{"),
                call(0, "c1", "add", ""),
                call(0, arguments='{"a":1}'),
                call(1, arguments='"b":2}'),
            ],
            [ADD, TWICE],
        ),
        # id and name sent again with every fragment
        ([call(0, "c1", "add", '{"a"'), call(0, "c1", "add", ":1}")], [ADD]),
        # the id empty or null after the first fragment
        ([call(0, "c1", "add", '{"a"'), call(0, "", None, ":1}")], [ADD]),
        # the name in pieces
        ([call(0, "c1", "a", ""), call(0, None, "dd", '{"a":1}')], [ADD]),
        # no index: whole calls, then fragments that continue the last
        ([call(None, "c1", "add", '{"a":1}'), call(None, "c2", "twice", '{"b":2}')], [ADD, TWICE]),
        ([call(None, "c1", "add", '{"a"'), call(None, None, None, ":1}")], [ADD]),
        ([call(None, "c1", "add", '{"a"'), call(None, "c1", None, ":1}")], [ADD]),
        # the same index for every call
        ([call(0, "c1", "add", '{"a":1}'), call(0, "c2", "twice", '{"b"'), call(0, None, None, ":2}")], [ADD, TWICE]),
        # the same index for every call, and no id, or the same
        (
            [call(0, "", "add", '{"a":1}'), call(0, "", "mul", '{"b":'), call(0, "", "", "2}")],
            [ToolCall(None, "add", '{"a":1}'), ToolCall(None, "mul", '{"b":2}')],
        ),
        (
            [call(0, "c1", "add", '{"a":1}'), call(0, "c1", "mul", '{"b":'), call(0, "c1", "mul", "2}")],
            [ADD, ToolCall("c1", "mul", '{"b":2}')],
        ),
        # the same id for every call
        (
            [
                call(0, "c1", "add", ""),
                call(1, "c1", "add", '{"b"'),
                call(0, "c1", None, '{"a":1}'),
                call(1, "c1", "add", ":2}"),
            ],
            [ADD, ToolCall("c1", "add", '{"b":2}')],
        ),
        # the id late
        ([call(0, None, "add", '{"a"'), call(0, "c1", None, ":1}")], [ADD]),
        ([call(0, "", "add", ""), call(0, "c1", "add", '{"a"'), call(0, "c1", "add", ":1}")], [ADD]),
        # all of it once more, when it is complete
        ([call(0, "c1", "add", '{"a":'), call(0, "c1", "", "1}"), call(0, "c1", "add", '{"a":1}')], [ADD]),
        # an object instead of text
        ([call(0, "c1", "add", {"a": 1})], [ADD]),
        (
            [{"index": 0, "id": "c1", "type": "custom", "custom": {"name": "add", "input": "1+1"}}],
            [ToolCall("c1", "add", "1+1")],
        ),
        ([{"index": "x", "function": None}, None], []),
        # neither index nor id: a whole call behind a complete one is another
        (
            [call(None, None, "add", '{"a":1}'), call(None, None, "mul", '{"b":2}'), call(None, None, "mul", {"b": 3})],
            [ToolCall(None, "add", '{"a":1}'), ToolCall(None, "mul", '{"b":2}'), ToolCall(None, "mul", '{"b":3}')],
        ),
        (
            [call(None, None, "add", '{"a":{"b":1}'), call(None, None, "add", "}")],
            [ToolCall(None, "add", '{"a":{"b":1}}')],
        ),
        (
            [call(None, None, "add", '{"a":'), call(None, None, None, '{"b":1}'), call(None, None, "", "}")],
            [ToolCall(None, "add", '{"a":{"b":1}}')],
        ),
    ],
)
def test_tool_calls_are_told_apart_and_put_together(fragments: list[object], expected: list[ToolCall]) -> None:
    assert list(calls(*fragments)) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([call(None, "0", "add", '{"a":1}'), call(None, "0", "add", '{"a":1}')], [ToolCall("0", "add", '{"a":1}')] * 2),
        ([call(None, None, "now"), call(None, None, "now", {})], [ToolCall(None, "now", ""), NOW]),
        ([call(0, None, "add", '{"a":1}\n'), call(0, None, "now", "{}")], [ToolCall(None, "add", '{"a":1}\n'), NOW]),
    ],
)
def test_each_entry_of_a_whole_answer_is_a_call(entries: list[object], expected: list[ToolCall]) -> None:
    answer = {"choices": [{"index": 0, "message": {"tool_calls": entries}, "finish_reason": "tool_calls"}]}
    assert list(whole(CHAT, answer).tool_calls) == expected


def test_the_deprecated_function_call_is_a_call() -> None:
    llm = streamed(CHAT, chunk({"function_call": {"name": "add"}}), chunk({"function_call": {"arguments": '{"a":1}'}}))
    assert llm.tool_calls == (ToolCall(None, "add", '{"a":1}'),)


def test_what_else_is_told_amid_the_chunks_does_not_name_the_answer() -> None:
    """FastGPT tells of the steps of its flows, Copilot of the files it refers to."""
    aside = ("flowResponses", [{"id": "n", "moduleName": "AI", "model": "m"}])
    llm = streamed(CHAT, aside, {"choices": [{"index": 0, "delta": {"content": "a"}}], "id": "", "model": ""}, aside)
    assert (llm.text, llm.response_id, llm.model) == ("a", None, "m")


def test_a_call_of_which_only_a_signature_comes_is_none() -> None:
    signature = {"tool_calls": [{"extra_content": {"google": {"thought_signature": "x"}}}]}
    call = {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}
    assert streamed(CHAT, chunk(signature), chunk({"content": "a"})).tool_calls == ()
    assert streamed(CHAT, chunk(call), chunk(signature)).tool_calls == (ToolCall("c", "f", "{}"),)


@pytest.mark.parametrize("code", [500, "bad_request"])
def test_a_code_and_a_sentence_are_a_refusal(code: object) -> None:
    for member in ("message", "msg"):
        assert whole(CHAT, {"code": code, member: "no", "data": None}).error == {"code": code, "message": "no"}
        assert whole(CHAT, {"success": False, member: "no"}).error == {"message": "no"}


@pytest.mark.parametrize("code", [0, 200, "200", None])
def test_a_good_code_is_none(code: object) -> None:
    answer = listened(CHAT, {"code": code, "msg": "ok"}).result()
    assert answer is None or answer.error is None


@pytest.mark.parametrize("stub", [{"name": "", "arguments": ""}, {"name": None, "arguments": None}, {}])
def test_a_function_call_that_says_nothing_is_none(stub: dict[str, object]) -> None:
    """Some gateways end every answer with one."""
    llm = streamed(CHAT, chunk({"content": "a"}), chunk({"content": "", "function_call": stub}, "stop"))
    assert (llm.text, llm.tool_calls) == ("a", ())


@pytest.mark.parametrize(
    ("delta", "channels", "text", "reasoning"),
    [
        ({"content": "a"}, ("text",), "a", None),
        ({"role": "assistant", "content": ""}, (), "", None),
        ({"role": "assistant", "content": None}, (), None, None),
        ({}, (), None, None),
        ({"refusal": "no"}, ("text",), None, None),
        ({"reasoning_content": "r", "content": None}, ("reasoning",), None, "r"),
        ({"reasoning": "r", "content": ""}, ("reasoning",), None, "r"),
        ({"reasoning": "r", "reasoning_content": "r"}, ("reasoning",), None, "r"),
        ({"reasoning": "r", "reasoning_details": [{"type": "reasoning.text", "text": "r"}]}, ("reasoning",), None, "r"),
        ({"reasoning_details": [{"text": "r"}, {"summary": "s"}, {"data": "x"}]}, ("reasoning",), None, "rs"),
        ({"thinking": {"content": "r", "signature": "x"}}, ("reasoning",), None, "r"),
        ({"reasoning": {"summary": [{"text": "r"}, {"text": "s"}]}}, ("reasoning",), None, "rs"),
        ({"reasoning": {"effort": "high"}}, (), None, None),
        ({"cot_summary": "r"}, ("reasoning",), None, "r"),
        ({"tool_calls": [{"extra_content": {"google": {"thought_signature": "x"}}}]}, (), None, None),
        ({"content_blocks": [{"index": 0, "delta": {"thinking": "r"}}]}, ("reasoning",), None, "r"),
        ({"content_blocks": [{"type": "thinking", "thinking": "r"}, {"type": "text"}]}, ("reasoning",), None, "r"),
        ({"content": "t", "content_blocks": [{"index": 1, "delta": {"text": "t"}}]}, ("text",), "t", None),
        ({"reasoning_text": "r"}, ("reasoning",), None, "r"),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, ("text",), "ab", None),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]}, ("reasoning",), None, "r"),
        ({"content": [{"type": "thinking", "thinking": "r"}, {"text": "a"}]}, ("text", "reasoning"), "a", "r"),
        ({"content": [{"type": "reasoning", "summary": [{"text": "r"}]}]}, ("reasoning",), None, "r"),
        ({"content": {"type": "text", "text": "a"}}, ("text",), "a", None),
        # a parsed answer that a schema asked for, whatever its members are called
        ({"content": {"name": "é", "n": 1}}, ("text",), '{"name":"é","n":1}', None),
        ({"content": {"type": "note", "text": "a"}}, ("text",), '{"type":"note","text":"a"}', None),
        ({"content": {"summary": "a"}}, ("text",), '{"summary":"a"}', None),
        ({"audio": {"id": "x", "transcript": "a"}}, ("text",), "a", None),
        ({"audio": {"data": "UklGR"}}, (), None, None),
        ({"content": "a", "reasoning_content": "r"}, ("text", "reasoning"), "a", "r"),
        ({"content": "", "obfuscation": "xyz"}, (), "", None),
        ({"content": {"type": "text", "msg": "a"}}, ("text",), "a", None),
        ({"content": 3, "refusal": 4, "tool_calls": 5, "function_call": 6, "audio": 7}, (), None, None),
    ],
)
def test_a_delta_speaks_on_its_channels(
    delta: object, channels: tuple[str, ...], text: str | None, reasoning: str | None
) -> None:
    listener = listened(CHAT)
    assert listener.read_event(frame(chunk(delta))).channels == channels
    llm = listener.result()
    assert llm
    assert (llm.text, llm.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    ("asked", "channels"),
    [
        ({"audio": {"format": "pcm16", "voice": "v"}}, ("events",)),
        ({"audio": {"format": "pcm16"}, "modalities": ["audio"]}, ("events",)),
        ({"audio": {"format": "pcm16"}, "modalities": ["text", "audio"]}, ()),
        ({"modalities": ["audio"]}, ()),
        (None, ()),
    ],
)
def test_speech_is_content_where_no_text_is_asked_for(asked: object, channels: tuple[str, ...]) -> None:
    listener = listened(context(CHAT, body=asked), chunk({"role": "assistant", "content": ""}))
    reading = listener.read_event(frame(chunk({"content": "", "audio": {"id": "a", "data": "UklGR"}})))
    assert (reading.channels, reading.kept) == (channels, False)
    assert listener.read_event(frame(chunk({"content": ""}, "stop"))).channels == ()


def test_content_that_is_sound_is_no_text() -> None:
    """As vLLM-Omni sends speech: https://docs.vllm.ai/projects/vllm-omni"""
    words = chunk({"role": "assistant", "content": "Salt."}, "stop", modality="text")
    sound = chunk({"role": "assistant", "content": "UklGRiQAAABXQVZF"}, "stop", modality="audio")
    llm = streamed(CHAT, words, sound)
    assert (llm.text, llm.finish_reason) == ("Salt.", "stop")


def test_choices_that_are_null_are_none() -> None:
    assert listened(CHAT).read_event(frame({"id": "x", "choices": None})).channels == ()
    assert streamed(CHAT, {"choices": None, "usage": {"prompt_tokens": 3}}, chunk({"content": "a"})).usage == Usage(3)


def test_choices_that_are_none_say_nothing() -> None:
    assert listened(CHAT, chunk({})).read_event(frame({"choices": [None, 3, []]})).channels == ()


def test_a_refusal_is_kept_apart() -> None:
    assert streamed(CHAT, chunk({"refusal": "I "}), chunk({"refusal": "won't"})).refusal == "I won't"
    llm = streamed(
        CHAT, chunk({"content": "a"}), chunk({"refusal": "I "}, index=1), chunk({"refusal": "won't"}, index=1)
    )
    assert (llm.refusal, [choice.refusal for choice in llm.choices]) == (None, ["", "I won't"])


def test_choices_are_kept_apart_and_the_first_stands_at_the_top() -> None:
    llm = streamed(
        CHAT,
        chunk({"content": "b"}, index=1),
        chunk({"content": "a"}, index=0),
        chunk({"tool_calls": [call(0, "c1", "add", '{"a":1}')]}, index=1),
        chunk({}, "stop", index=0),
        chunk({}, "length", index=1),
    )
    assert (llm.text, llm.finish_reason) == ("a", "stop")
    assert llm.choices == (Choice(0, "a", "", (), "stop"), Choice(1, "b", "", (ADD,), "length"))
    assert streamed(CHAT, chunk({"content": "a"})).choices == ()


@pytest.mark.parametrize(
    ("finish", "expected"),
    [("stop", "stop"), ("null", None), ("", None), (None, None), ("eos_token", "eos_token"), (3, None)],
)
def test_finish_reason(finish: Any, expected: str | None) -> None:
    assert streamed(CHAT, chunk({"content": "a"}), chunk({}, finish)).finish_reason == expected


def test_a_finish_reason_is_not_taken_back() -> None:
    assert streamed(CHAT, chunk({}, "tool_calls"), chunk({}, None)).finish_reason == "tool_calls"


@pytest.mark.parametrize("place", ["own chunk", "finish chunk", "every chunk", "x_groq", "choice", "last word"])
def test_usage_wherever_it_comes(place: str) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 2}}
    usage |= {"completion_tokens_details": {"reasoning_tokens": 4}}
    ways: dict[str, list[object]] = {
        "own chunk": [chunk({"content": "a"}, usage=None), {"choices": [], "usage": usage}],
        "finish chunk": [chunk({"content": "a"}), chunk({}, "stop", usage=usage)],
        "every chunk": [chunk({"content": "a"}, usage={"prompt_tokens": 3}), chunk({"content": "b"}, usage=usage)],
        "x_groq": [chunk({"content": "a"}), chunk({}, "stop", x_groq={"id": "r", "usage": usage})],
        "choice": [chunk({"content": "a"}), {"choices": [{"index": 0, "delta": {}, "usage": usage}]}],
        "last word": [
            chunk({"content": "a"}),
            {"choices": [{"index": 0, "delta": {"content": "b"}, "finish_reason": "stop", "usage": usage}]},
        ],
    }
    assert streamed(CHAT, *ways[place]).usage == Usage(3, 5, 4, 2)


def test_a_name_that_is_told_again_is_no_content() -> None:
    def call(**function: str) -> dict[str, Any]:
        return chunk({"tool_calls": [{"index": 0, "id": "c", "function": function}]})

    listener = listened(CHAT)
    stream = [call(name="f", arguments=""), call(name="f", arguments="{}"), call(name="f", arguments="")]
    heard = [listener.read_event(frame(payload)).channels for payload in stream]
    assert heard == [("tool_calls",), ("tool_calls",), ()]


def test_no_usage_is_none() -> None:
    assert streamed(CHAT, chunk({"content": "a"}, usage=None)).usage is None


def test_azure_begins_with_a_chunk_about_its_filter() -> None:
    first = {"choices": [], "id": "", "model": "", "object": "", "prompt_filter_results": [{"prompt_index": 0}]}
    listener = listened(context(host="r.openai.azure.com"), first, chunk({"content": "a"}), chunk({}, "stop"))
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.model, llm.response_id, llm.text) == ("azure-openai", "m", "chatcmpl-1", "a")
    assert listener.traits == {"content-filter"}


@pytest.mark.parametrize(
    ("extra", "trait"),
    [
        ({"choices": [{"content_filter_offsets": {}, "delta": {}}]}, "content-filter"),
        ({"choices": [{"content_filter_results": {"hate": {"filtered": False}}, "delta": {}}]}, "content-filter"),
        ({"metrics": {"speculative_decoding": {"accepted": 3}}}, "speculative-decoding"),
        ({"timings": {"draft_n": 5}}, "speculative-decoding"),
        ({"usage": {"completion_tokens_details": {"accepted_prediction_tokens": 9}}}, "speculative-decoding"),
    ],
)
def test_what_explains_pieces_in_groups_is_a_trait(extra: dict[str, object], trait: str) -> None:
    assert listened(CHAT, chunk({"content": "a"}), chunk({}, "stop") | extra).traits == {trait}


@pytest.mark.parametrize(
    ("extra", "times"),
    [
        ({"timings": {"prompt_ms": 20, "predicted_ms": 1500.5}}, {"prompt": 0.02, "generation": 1.5005}),
        (
            {"metrics": {"time_to_first_token_ms": 50, "generation_time_ms": 900, "queue_time_ms": 1}},
            {"ttft": 0.05, "generation": 0.9, "queue": 0.001},
        ),
        ({"usage": {"queue_time": 0.1, "prompt_time": 0.2, "completion_time": 0.3, "total_time": 0.5}}, None),
        (
            {"x_groq": {"usage": {"queue_time": 0.1, "prompt_time": 0.2, "completion_time": 0.3, "total_time": 0.5}}},
            None,
        ),
        ({"time_info": {"queue_time": 0.1, "prompt_time": 0.2, "completion_time": 0.3, "total_time": 0.5}}, None),
        ({"timings": {"prompt_ms": -1, "predicted_ms": "x"}}, {}),
    ],
)
def test_times_that_the_server_tells_of_itself(extra: dict[str, object], times: dict[str, float] | None) -> None:
    told = streamed(CHAT, chunk({"content": "a"}), chunk({}, "stop") | extra).server_timing
    expected = {"queue": 0.1, "prompt": 0.2, "generation": 0.3, "total": 0.5} if times is None else times
    assert (told or {}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"error": {"message": "m", "type": "t", "param": None, "code": 7}}, {"message": "m", "type": "t", "code": 7}),
        ({"error": "words"}, {"message": "words"}),
        ({"error": "words", "error_type": "overloaded"}, {"message": "words", "type": "overloaded"}),
        ({"error": {"metadata": {"raw": 1}}, "choices": []}, {"message": '{"metadata":{"raw":1}}'}),
        ({"object": "error", "message": "m", "type": "t", "code": 400}, {"message": "m", "type": "t", "code": 400}),
        ([{"error": {"message": "m", "status": "UNAVAILABLE"}}], {"message": "m", "status": "UNAVAILABLE"}),
        ({"errors": [{"message": "m", "code": "c"}]}, {"message": "m", "code": "c"}),
        ({"choices": None, "base_resp": {"status_code": 1004, "status_msg": "m"}}, {"message": "m", "code": 1004}),
        (chunk({}, "error") | {"x_groq": {"id": "r", "error": "words"}}, {"message": "words"}),
        ({"choices": [{"error": {"message": "m", "code": 502}, "delta": {}}]}, {"message": "m", "code": 502}),
        ({"error": {"message": {"detail": ["x"]}}}, {"message": '{"detail":["x"]}'}),
        ({"error": {"message": "half \ud83d"}}, {"message": "half \ufffd"}),
    ],
)
def test_errors_amid_a_stream(payload: object, error: dict[str, object]) -> None:
    llm = streamed(CHAT, chunk({"content": "a"}), payload)
    assert llm.error == error
    assert llm.text == "a"


def test_qwen_says_why_it_failed_in_the_answers_place() -> None:
    listener = listened(CHAT, chunk({"content": "a"}))
    assert listener.read_event(frame(chunk({"content": "Throttling: limit\n"}, "error_finish"))).channels == ()
    llm = listener.result()
    assert llm
    assert (llm.text, llm.finish_reason) == ("a", "error_finish")
    assert llm.error == {"type": "error_finish", "message": "Throttling: limit"}
    answer = {"choices": [{"message": {"content": "no"}, "finish_reason": "error_finish"}]}
    assert (whole(CHAT, answer).text, whole(CHAT, answer).error) == (None, {"type": "error_finish", "message": "no"})


def test_a_status_that_is_fine_is_no_error() -> None:
    assert streamed(CHAT, chunk({"content": "a"}, base_resp={"status_code": 0, "status_msg": ""})).error is None


def test_an_error_may_be_a_code_and_a_sentence_with_status_200() -> None:
    refused = {"code": 10013, "message": "m", "sid": "s"}
    assert whole(CHAT, refused).error == streamed(CHAT, refused).error == {"code": 10013, "message": "m"}
    assert whole(CHAT, {"code": 500, "msg": "m", "success": False}).error == {"code": 500, "message": "m"}
    fine = chunk({"content": "a"}, code=0, message="Success")
    assert streamed(CHAT, fine).error is None
    assert streamed(CHAT, {"code": 0, "message": "Success", **chunk({"content": "a"})}).error is None


def test_the_first_error_stays() -> None:
    assert streamed(CHAT, chunk({}), {"error": {"message": "1"}}, {"error": {"message": "2"}}).error == {"message": "1"}


@pytest.mark.parametrize(
    ("host", "due"),
    [
        ("api.perplexity.ai", False),
        ("api.cerebras.ai", False),
        ("api.minimax.io", False),
        ("us-south.ml.cloud.ibm.com", False),
        ("llm.example", True),
    ],
)
def test_who_never_says_done_owes_no_done(host: str, due: bool) -> None:
    assert listened(context(host=host), chunk({"content": "a"})).terminator_due is due


@pytest.mark.parametrize(
    ("pieces", "news"),
    [
        (("", "I", "I did", "I did not", "I did not.", "I did not."), (False, True, True, True, True, False)),
        (("", "I", " did", " not", ".", ""), (False, True, True, True, True, False)),
    ],
)
def test_a_translating_qwen_may_say_all_so_far_in_each_delta(pieces: tuple[str, ...], news: tuple[bool, ...]) -> None:
    listener = listened(context(CHAT, body={"model": "qwen-mt-plus"}))
    assert tuple(bool(listener.read_event(frame(chunk({"content": piece}))).channels) for piece in pieces) == news
    llm = listener.result()
    assert llm
    assert llm.text == "I did not."


def test_writers_chat_is_known_by_its_place() -> None:
    where = context("/v1/chat", host="api.writer.com", body={"model": "asked", "stream": True}, status=401)
    assert (model_named(where), intent(where)) == ("asked", (True, "body.stream"))
    assert whole(where, {"message": "no"}).error == {"message": "no"}


@pytest.mark.parametrize("pieces", [("I ", "I did ", "I did not", "I did not."), ("I ", "did ", "not", ".")])
def test_minimax_may_say_all_so_far_where_it_splits_the_reasoning_off(pieces: tuple[str, ...]) -> None:
    listener = listened(context(CHAT, body={"model": "MiniMax-M2", "reasoning_split": True}))
    thoughts = [chunk({"reasoning_details": [{"type": "reasoning.text", "text": piece}]}) for piece in pieces]
    for payload in (*thoughts, *(chunk({"content": piece}) for piece in pieces)):
        assert listener.read_event(frame(payload)).channels
    llm = listener.result()
    assert llm
    assert (llm.text, llm.reasoning) == ("I did not.", "I did not.")


@pytest.mark.parametrize("pieces", [("I ", "I did ", "I did not", "I did not."), ("I ", "did ", "not", ".")])
def test_dashscope_may_say_all_so_far_in_each_delta(pieces: tuple[str, ...]) -> None:
    where = context("/v1/chat/completions", "coding.dashscope.aliyuncs.com", {"model": "qwen3-coder-plus"})
    assert streamed(where, *(chunk({"content": piece}) for piece in pieces)).text == "I did not."


def test_dashscope_may_say_the_same_twice() -> None:
    where = context("/compatible-mode/v1/chat/completions", "dashscope.aliyuncs.com", {"model": "qwen-plus"})
    pieces = [chunk({"role": "assistant", "content": ""}), chunk({"content": "1"}), chunk({"content": "1"})]
    assert streamed(where, *pieces, chunk({"content": ""}, "stop")).text == "11"


def test_volcengines_bots_count_by_model() -> None:
    counted = {"model_usage": [{"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}], "action_usage": []}
    llm = streamed("/api/v3/bots/chat/completions", chunk({"content": "a"}), {"choices": [], "bot_usage": counted})
    assert llm.usage == Usage(3, 5)


def test_tools_that_groq_runs_are_the_servers() -> None:
    search = {"index": 0, "type": "search", "arguments": '{"query": "q"}', "output": None}
    code = {"index": 1, "type": "python", "arguments": '{"code": "1"}'}
    listener = listened(CHAT)
    stream = [[search], [{**search, "output": "o", "search_results": {"results": []}}], [code]]
    heard = [listener.read_event(frame(chunk({"executed_tools": ran}))).channels for ran in stream]
    assert heard == [("tool_calls",), (), ("tool_calls",)]
    llm = listener.result()
    assert llm
    assert llm.tool_calls == ()
    ran = (ToolCall(None, "search", '{"query": "q"}'), ToolCall(None, "python", '{"code": "1"}'))
    message = {"content": "a", "executed_tools": [search, code]}
    assert llm.server_tool_calls == whole(CHAT, {"choices": [{"message": message}]}).server_tool_calls == ran


def test_tools_that_zhipu_runs_are_the_servers() -> None:
    def told(type_: str, **inside: object) -> dict[str, object]:
        return {"id": f"c_{type_}", "type": type_, type_: inside}

    stream = [
        {"role": "assistant", "tool_calls": [told("code_interpreter", input="print")]},
        {"role": "assistant", "tool_calls": [told("code_interpreter", input="(1)")]},
        {"role": "tool", "tool_calls": [told("code_interpreter", outputs=[{"type": "logs", "logs": "1"}])]},
        {"role": "assistant", "tool_calls": [told("mcp", name="look", arguments='{"a":1}')]},
        {"role": "assistant", "content": "one"},
    ]
    listener = listened(CHAT)
    heard = [listener.read_event(frame(chunk(delta))).channels for delta in stream]
    assert heard == [("tool_calls",), ("tool_calls",), (), ("tool_calls",), ("text",)]
    llm = listener.result()
    assert llm
    ran = (ToolCall("c_code_interpreter", "code_interpreter", "print(1)"), ToolCall("c_mcp", "look", '{"a":1}'))
    assert (llm.text, llm.tool_calls, llm.server_tool_calls) == ("one", (), ran)
    message = {"content": "one", "tool_calls": [told("code_interpreter", input="print(1)", outputs=[])]}
    answer = whole(CHAT, {"choices": [{"message": message}]})
    assert (answer.tool_calls, answer.server_tool_calls) == ((), ran[:1])


def test_the_steps_of_perplexitys_search_are_reasoning() -> None:
    steps = [{"thought": "first", "type": "web_search", "web_search": {}}, {"thought": ", then", "type": "fetch"}]
    stream = [chunk({"content": "", "reasoning_steps": [step]}, object="chat.reasoning") for step in steps]
    assert streamed(CHAT, *stream).reasoning == "first, then"


@pytest.mark.parametrize(
    "thinking",
    [
        ["<thought>first", ", then", "</thought>a"],
        ["<thought>first, then</thought>a"],
        ["first, then", "a"],
    ],
)
def test_geminis_thoughts_are_marked_content(thinking: list[str]) -> None:
    """Each delta that thinks says so; marks stand around all of the thought."""
    flag = {"extra_content": {"google": {"thought": True}}}
    *thoughts, last = [{"role": "assistant", "content": words} for words in thinking]
    first = [{**delta, **flag} for delta in thoughts] or [{**last, **flag}]
    said = [*first, *([last] if thoughts else []), {"content": " </thought>b"}]
    listener = listened(CHAT)
    channels = [listener.read_event(frame(chunk(delta))).channels for delta in said]
    llm = listener.result()
    assert llm
    assert (llm.reasoning, llm.text) == ("first, then", "a </thought>b")
    assert channels[-1] == ("text",)
    assert "reasoning" in channels[0]


def test_geminis_thoughts_stand_in_a_whole_answer_too() -> None:
    message = {"content": "<thought>t</thought>a", "extra_content": {"google": {"thought": True}}}
    llm = whole(CHAT, {"choices": [{"message": message, "finish_reason": "stop"}]})
    assert (llm.reasoning, llm.text) == ("t", "a")


def test_marks_of_thought_that_nobody_calls_so_are_text() -> None:
    llm = streamed(CHAT, chunk({"content": "</thought>"}), chunk({"content": "<thought>a</thought>"}))
    assert (llm.reasoning, llm.text) == (None, "</thought><thought>a</thought>")


def test_watsonx_names_its_model_otherwise() -> None:
    said = {"id": "c", "model_id": "ibm/granite", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    assert streamed("/ml/v1/text/chat_stream", said).model == "ibm/granite"


def test_a_whole_message_beside_or_instead_of_the_delta_is_not_said_twice() -> None:
    beside = [
        {"choices": [{"index": 0, "delta": {"content": "a"}, "message": {"content": "a"}}]},
        {"choices": [{"index": 0, "delta": {"content": "b"}, "message": {"content": "ab"}}]},
    ]
    instead: list[object] = [chunk({"content": "ab"}), {"choices": [{"index": 0, "message": {"content": "ab"}}]}]
    alone = [{"object": "chat.completion", "choices": [{"message": {"content": "ab"}, "finish_reason": "stop"}]}]
    assert {streamed(CHAT, *stream).text for stream in (beside, instead, alone)} == {"ab"}
    both = {"choices": [{"message": {"content": "ab"}, "delta": {"role": "assistant", "content": ""}}]}
    assert whole(CHAT, both).text == "ab"


def test_snowflakes_calls() -> None:
    where, used = context("/api/v2/cortex/inference:complete", host="a.snowflakecomputing.com"), {"type": "tool_use"}
    deltas = [
        {"type": "text", "content": "a", "content_list": [{"type": "text", "text": "a"}], "text": "a"},
        {**used, "tool_use_id": "c1", "name": "add", "content_list": [{"tool_use_id": "c1", "name": "add"}]},
        {**used, "input": '{"a"', "content_list": [{"input": '{"a"'}]},
        {**used, "input": ":1}", "content_list": [{"input": ":1}"}]},
    ]
    listener = listened(where)
    readings = [listener.read_event(frame({"choices": [{"delta": delta}], "usage": {}})) for delta in deltas]
    assert [reading.channels for reading in readings] == [("text",), *[("tool_calls",)] * 3]
    assert not listener.terminator_due
    assert whole(replace(where, status=400), {"message": "unknown model", "error_code": "390400"}).error
    told = listener.result()
    use = {"tool_use_id": "c1", "name": "add", "input": {"a": 1}}
    message = {"content": "a", "content_list": [{"type": "text", "text": "a"}, {"type": "tool_use", "tool_use": use}]}
    for llm in (told, whole(where, {"choices": [{"message": message}]})):
        assert llm is not None
        assert (llm.provider, llm.text, llm.tool_calls) == ("snowflake", "a", (ADD,))


def test_what_a_tool_gave_back_is_not_what_the_model_says() -> None:
    found = chunk({"role": "tool", "content": "found", "tool_call_id": "c"})
    assert listened(CHAT).read_event(frame(found)).channels == ()
    assert streamed(CHAT, chunk({"content": "a"}), found, found, chunk({"content": "b"})).text == "ab"
    browsed = {"index": 0, "type": "web_browser", "function": {"name": "f", "arguments": "{}"}}
    assert streamed(CHAT, chunk({"role": "tool", "tool_calls": [browsed]})).tool_calls == (ToolCall(None, "f", "{}"),)


def test_qwens_own_server_sends_neither_id_nor_usage() -> None:
    stream = [{"model": "Qwen", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}
              for delta in ({"role": "assistant"}, {"content": "你"}, {"content": "好"}, {})]  # fmt: skip
    llm = streamed(CHAT, *stream, "[DONE]")
    assert (llm.model, llm.response_id, llm.text, llm.usage) == ("Qwen", None, "你好", None)


@pytest.mark.parametrize("index", [-1, True, 10**30, "0", 0.5])
def test_what_cannot_be_an_index_counts_as_the_first(index: object) -> None:
    llm = streamed(CHAT, chunk({"content": "a"}, index=index), chunk({"content": "b"}))  # type: ignore[arg-type]
    assert (llm.text, llm.choices) == ("ab", ())


# --- the vendor's own SDK ---


def by_the_sdk(chunks: list[dict[str, Any]]) -> Any:
    # here, for it takes its time and not every process of a test run comes here
    from openai.lib.streaming.chat import ChatCompletionStreamState
    from openai.types.chat import ChatCompletionChunk

    state = ChatCompletionStreamState()
    for one in chunks:
        state.handle_chunk(ChatCompletionChunk.model_validate(one))
    return state.current_completion_snapshot


@settings(deadline=None)  # the SDK takes its time to warm up
@given(st.randoms(), st.lists(st.text(min_size=1, max_size=4), max_size=6), st.integers(0, 3))
def test_an_openai_stream_gives_what_the_openai_sdk_gives(rng: random.Random, text: list[str], number: int) -> None:
    base = {"id": "c", "created": 1, "model": "m", "object": "chat.completion.chunk"}

    def one(delta: object, index: int, finish: str | None = None) -> dict[str, Any]:
        return {**base, "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}

    chunks = [one({"role": "assistant", "content": ""}, index) for index in (0, 1)]
    queue = [[one({"content": piece}, index) for piece in text] for index in (0, 1)]
    for n in range(number):
        head = {"index": n, "id": f"id{n}", "type": "function", "function": {"name": f"f{n}", "arguments": ""}}
        pieces = [{"index": n, "function": {"arguments": piece}} for piece in ("{", '"a":', "1}")]
        queue[0] += [one({"tool_calls": [piece]}, 0) for piece in (head, *pieces)]
    while any(queue):
        chunks.append(rng.choice([part for part in queue if part]).pop(0))
    chunks += [one({}, index, "stop") for index in (0, 1)]
    chunks.append({**base, "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})
    theirs, ours = by_the_sdk(chunks), streamed(CHAT, *chunks)
    assert [comparable(choice.message, choice.finish_reason) for choice in theirs.choices] == [
        (choice.text, [(c.id, c.name, c.arguments) for c in choice.tool_calls], choice.finish_reason)
        for choice in ours.choices
    ]
    assert (ours.response_id, ours.model) == (theirs.id, theirs.model)
    assert ours.usage
    assert (ours.usage.input_tokens, ours.usage.output_tokens) == (1, 2)


def comparable(message: Any, finish: str) -> tuple[str, list[tuple[str, str, str]], str]:
    made = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()]
    return message.content or "", made, finish


def test_completions_are_chat_with_bare_text() -> None:
    def piece(text: str | None, finish: str | None = None, index: int = 0) -> dict[str, object]:
        return {
            "id": "c",
            "object": "text_completion",
            "choices": [{"index": index, "text": text, "finish_reason": finish}],
        }

    listener = listened("/v1/completions", piece("a"), piece(None), piece("b", "length"))
    llm = listener.result()
    assert llm == Llm("openai-compatible", "completions", response_id="c", text="ab", finish_reason="length")
    assert listener.read_event(frame(piece(""))).channels == ()
    assert listener.read_event(frame(piece("c"))).channels == ("text",)
    assert whole("/v1/completions", piece("ab", "length")) == llm


def test_an_edit_is_a_completion() -> None:
    told = {"object": "edit", "choices": [{"text": "ab", "index": 0}], "usage": {"prompt_tokens": 3}}
    llm = whole(context("/v1/edits", body={"model": "asked"}), told)
    assert (llm.api, llm.model, llm.text, llm.usage) == ("completions", "asked", "ab", Usage(3))


def test_pollinations_chats_at_a_path_of_its_own() -> None:
    where = context("/openai", host="text.pollinations.ai", body={"model": "asked", "stream": True}, status=500)
    assert intent(where) == (True, "body.stream")
    assert model_named(where) == "asked"
    llm = whole(where, {"error": "400 Bad Request", "status": 500})
    assert (llm.provider, llm.error) == ("pollinations", {"message": "400 Bad Request"})


def test_a_fragment_of_a_tool_call_may_come_without_its_list() -> None:
    """As text-generation-inference sends them."""

    def delta(name: str | None, arguments: str) -> dict[str, object]:
        call = {"index": 0, "id": "", "type": "function", "function": {"name": name, "arguments": arguments}}
        return chunk({"role": "assistant", "tool_calls": call})

    assert streamed(CHAT, delta("f", '{"a'), delta(None, '": 1}')).tool_calls == (ToolCall(None, "f", '{"a": 1}'),)


@pytest.mark.parametrize("beside", [False, True], ids=["messages", "deltas"])
def test_pieces_may_stand_in_a_list_beside_what_a_tool_found(beside: bool) -> None:
    """As Azure's answers from own data do, and its sample's app."""

    def told(*said: tuple[str, str]) -> dict[str, object]:
        messages = [{"role": role, "content": content} for role, content in said]
        listed = [{"delta": message, "end_turn": False} if beside else message for message in messages]
        return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "messages": listed}]}

    listener = listened("/conversation")
    found, *said = [told(("tool", '{"citations":[]}')), told(("assistant", "Hel")), told(("assistant", "lo"))]
    assert [listener.read_event(frame(one)).channels for one in (found, *said)] == [(), ("text",), ("text",)]
    over = told(("assistant", "[DONE]"))
    assert streamed("/conversation", found, *said, over).text == "Hello"
    entire = whole("/conversation", told(("tool", "{}"), ("assistant", "Hello")))
    assert entire is not None
    assert entire.text == "Hello"


@pytest.mark.parametrize("place", ["/serving-endpoints/mine/invocations", "/chat/stream"])
def test_choices_may_come_without_their_list(place: str) -> None:
    """As MLflow's agents send them, and Microsoft's AI chat protocol."""
    asks = {"role": "assistant", "content": "", "tool_calls": [call(None, "c1", "add", '{"a":1}')]}
    llm = streamed(
        place,
        {"delta": asks | {"id": "m1"}, "context": {}},
        {"delta": {"role": "tool", "content": "found", "tool_call_id": "c1", "id": "m2"}},
        {"delta": {"role": "assistant", "content": "Hel", "id": "m3"}},
        {"delta": {"role": None, "content": "lo"}, "finish_reason": "stop", "usage": {"prompt_tokens": 3}},
    )
    assert (llm.api, llm.text, llm.tool_calls, llm.finish_reason) == ("chat.completions", "Hello", (ADD,), "stop")
    assert llm.usage == Usage(3, None)
    assert listened("/chat/stream", {"type": "say", "delta": {"role": "assistant"}}).result() is None
