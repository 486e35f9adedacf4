"""APIs that send a text and little else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamwatchlib.llm import values
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import broken, context, frame, listened, streamed, whole

TGI = [
    {"token": {"id": 1, "text": "a", "special": False}, "generated_text": None},
    {"token": {"id": 2, "text": "b", "special": False}, "generated_text": None},
    {
        "token": {"id": 0, "text": "</s>", "special": True},
        "generated_text": "ab",
        "details": {"finish_reason": "eos_token", "generated_tokens": 3, "input_length": 4},
    },
]
DJL = [
    {"token": {"id": 1, "text": "a", "log_prob": -0.1}},
    {"token": {"id": 2, "text": "b"}, "generated_text": "ab", "details": {"finish_reason": "length"}},
]
DEEPINFRA = [
    {"token": {"id": 1, "text": "a", "special": False}, "generated_text": None, "details": None},
    {
        "token": {"id": 2, "text": "b", "special": False},
        "generated_text": "ab",
        "details": {"finish_reason": "stop"},
        "num_input_tokens": 4,
        "num_output_tokens": 2,
    },
]
WATSONX = [
    {"results": [{"generated_text": "a", "stop_reason": "not_finished", "input_token_count": 8}]},
    {
        "results": [
            {"generated_text": "b", "stop_reason": "max_tokens", "generated_token_count": 2, "input_token_count": 0}
        ]
    },
]
LLAMA_CPP = [
    {"content": "a", "stop": False},
    {"content": "b", "stop": False},
    {"content": "", "stop": True, "stop_type": "eos", "tokens_predicted": 2, "tokens_evaluated": 4},
]
OLD_LLAMA_CPP = [*LLAMA_CPP[:2], {"content": "", "stop": True, "stopped_eos": False, "stopped_limit": True}]
SGLANG = [
    {"text": "a", "meta_info": {"id": "i", "completion_tokens": 1, "finish_reason": None}},
    {"text": "ab", "meta_info": {"id": "i", "completion_tokens": 2, "finish_reason": {"type": "length"}}},
]
OLD_CLAUDE = [
    {"type": "completion", "completion": "a", "stop_reason": None, "model": "m"},
    {"type": "completion", "completion": "b", "stop_reason": "stop_sequence", "model": "m"},
]
WRITER = [{"value": "a"}, {"value": "b"}]
TRITON = [{"model_name": "m", "text_output": "a"}, {"model_name": "m", "text_output": "b"}]
KOBOLD = [{"token": "a", "finish_reason": None}, {"token": "b", "finish_reason": "stop"}]
WORKERS_AI = [{"response": "a"}, {"response": "b", "usage": {"completion_tokens": 2}}]
QIANFAN = [
    {"id": "i", "result": "a", "is_end": False},
    {"id": "i", "result": "b", "is_end": True, "finish_reason": "normal", "usage": {"completion_tokens": 2}},
]
SENSENOVA = [
    {"data": {"id": "i", "choices": [{"index": 0, "delta": "a", "finish_reason": ""}]}, "status": {"code": 0}},
    {
        "data": {"choices": [{"delta": "b", "finish_reason": "stop"}], "usage": {"completion_tokens": 2}},
        "status": {"code": 0},
    },
]
ELASTIC = [{"completion": [{"delta": "a"}]}, {"completion": [{"delta": "b"}]}, "[DONE]"]
OLD_QIANFAN = [{"result": "a", "is_end": False}, {"result": "b", "is_end": True}]


@pytest.mark.parametrize(
    ("where", "payloads", "finish", "usage", "end"),
    [
        (context("/generate_stream"), TGI, "eos_token", Usage(4, 3), "generated_text"),
        (context("/endpoints/e/invocations-response-stream"), DJL, "length", None, "generated_text"),
        (context("/invocations"), DJL, "length", None, "generated_text"),
        (context("/ml/v1/text/generation_stream"), WATSONX, "max_tokens", Usage(8, 2), "finish_reason"),
        (context("/completion"), LLAMA_CPP, "eos", Usage(4, 2), "stop"),
        (context("/v1/inference/a/m", host="api.deepinfra.com"), DEEPINFRA, "stop", Usage(4, 2), "generated_text"),
        (context("/completion"), OLD_LLAMA_CPP, "limit", None, "stop"),
        (context("/generate"), SGLANG, "length", Usage(None, 2), "finish_reason"),
        (context("/v1/complete"), OLD_CLAUDE, "stop_sequence", None, "finish_reason"),
        (context("/v1/completions", host="api.writer.com"), WRITER, None, None, None),
        (context("/v2/models/m/generate_stream"), TRITON, None, None, None),
        (context("/api/extra/generate/stream"), KOBOLD, "stop", None, "finish_reason"),
        (context("/client/v4/accounts/a/ai/run/@cf/m"), WORKERS_AI, None, Usage(None, 2), None),
        (context("/v1/a/gateway/workers-ai/@cf/m"), WORKERS_AI, None, Usage(None, 2), None),
        (
            context("/rpc/2.0/wenxinworkshop/chat/completions", host="aip.baidubce.com"),
            QIANFAN,
            "normal",
            Usage(None, 2),
            "is_end",
        ),
        (context("/x/wenxinworkshop/y", host="aip.baidubce.com"), OLD_QIANFAN, None, None, "is_end"),
        (context("/_inference/completion/mine/_stream"), ELASTIC, None, None, "[DONE]"),
        (context("/v1/llm/chat-completions"), SENSENOVA, "stop", Usage(None, 2), "finish_reason"),
    ],
)
def test_streams(
    where: Context, payloads: list[object], finish: str | None, usage: Usage | None, end: str | None
) -> None:
    listener = listened(where)
    readings = [listener.read_event(frame(payload)) for payload in payloads]
    assert [reading.channels for reading in readings[:2]] == [("text",), ("text",)]
    assert readings[-1].end == end
    assert not any(reading.end for reading in readings[:-1])
    llm = listener.result()
    assert llm
    assert (llm.text, llm.finish_reason, llm.usage) == ("ab", finish, usage)
    assert (end is not None or where.path.endswith("/m")) == listener.terminator_due


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (context("/generate"), [{"generated_text": "ab"}]),
        (context("/generate"), {"generated_text": "ab", "details": {"finish_reason": "length"}}),
        (context("/ml/v1/text/generation"), {"results": [{"generated_text": "ab"}]}),
        (context("/v1/inference/a/m", host="api.deepinfra.com"), {"results": [{"generated_text": "ab"}]}),
        (context("/completion"), {"content": "ab", "stop": True}),
        (context("/generate"), {"text": "ab", "meta_info": {}}),
        (context("/v1/complete"), {"type": "completion", "completion": "ab", "stop_reason": "x"}),
        (context("/v1/completions", host="api.writer.com"), {"choices": [{"text": "ab"}]}),
        (context("/v2/models/m/generate"), {"model_name": "m", "text_output": "ab"}),
        (context("/api/v1/generate"), {"results": [{"text": "ab", "finish_reason": "stop"}]}),
        (context("/ai/run/@cf/m"), {"result": {"response": "ab"}, "success": True}),
        (context("/_inference/completion/mine"), {"completion": [{"result": "ab"}]}),
        (context("/x"), {"result": "ab", "need_clear_history": False}),
        (context("/x"), {"data": {"choices": [{"message": "ab", "finish_reason": "stop"}]}}),
    ],
)
def test_whole_answers(where: Context, value: object) -> None:
    assert whole(where, value).text == "ab"


@pytest.mark.parametrize(
    "answer",
    [
        [{"summary_text": "ab"}],
        [{"translation_text": "ab"}],
        {"text": "ab", "chunks": [{"text": "ab", "timestamp": [0.0, 1.5]}]},
    ],
    ids=["a summary", "a translation", "a transcript"],
)
@pytest.mark.parametrize("path", ["/models/vendor/m", "/hf-inference/models/vendor/m"])
def test_models_for_one_task_answer_where_text_is_generated(path: str, answer: object) -> None:
    where = context(path, host="router.huggingface.co")
    llm = whole(where, answer)
    assert (llm.provider, llm.api, llm.model, llm.text) == ("huggingface", "generate", "vendor/m", "ab")
    assert listened("/elsewhere", *(answer if isinstance(answer, list) else [answer])).result() is None


@pytest.mark.parametrize("told", [{"completion": "ab", "stop_reason": "done"}, {"type": "completion", "text": "ab"}])
def test_an_app_that_says_completion_is_none_of_anthropics(told: object) -> None:
    listener = listened(context("/api/run"))
    listener.read_whole(told)
    assert listener.result() is None


def test_what_fails_in_the_framing_is_an_error_of_any_api() -> None:
    """As SageMaker relays a model's stream."""
    where = context("/endpoints/e/invocations-response-stream", host="runtime.sagemaker.eu-west-1.amazonaws.com")
    failed = broken("ModelStreamError", {"ErrorCode": "c", "Message": "no"})
    expected = {"type": "ModelStreamError", "code": "c", "message": "no"}
    after = streamed(where, TGI[0], failed)
    assert (after.text, after.error, streamed(where, failed).error) == ("a", expected, expected)
    assert listened("/any", failed).result() is None


def test_tokens_that_sglang_does_not_spell_out_are_counted() -> None:
    llm = whole(context("/generate"), {"output_ids": [5, 6], "meta_info": {"prompt_tokens": 3, "completion_tokens": 2}})
    assert (llm.api, llm.text, llm.usage) == ("generate", None, Usage(3, 2))


@pytest.mark.parametrize(
    ("where", "value", "usage"),
    [
        (
            context("/studio/v1/j2-ultra/complete", host="api.ai21.com"),
            {
                "id": "i",
                "prompt": {"text": "no word", "tokens": []},
                "completions": [
                    {"data": {"text": "ab", "tokens": []}, "finishReason": {"reason": "endoftext"}},
                    {"data": {"text": "cd", "tokens": []}, "finishReason": {"reason": "length", "length": 1}},
                ],
            },
            None,
        ),
        (
            context("/complete", host="api.aleph-alpha.com"),
            {
                "id": "i",
                "model_version": "2026",
                "completions": [
                    {"completion": "ab", "finish_reason": "endoftext"},
                    {"completion": "cd", "finish_reason": "length"},
                ],
                "num_tokens_prompt_total": 4,
                "num_tokens_generated": 2,
            },
            Usage(4, 2),
        ),
    ],
)
def test_completions_in_a_list_are_choices_each_with_its_end(where: Context, value: object, usage: object) -> None:
    llm = whole(where, value)
    assert (llm.api, llm.response_id, llm.text, llm.usage) == ("complete", "i", "ab", usage)
    assert [(one.text, one.finish_reason) for one in llm.choices] == [("ab", "endoftext"), ("cd", "length")]
    assert whole(context(where.path, host=where.host, status=401), {"detail": "no key"}).error == {"message": "no key"}


def test_answers_in_a_list_are_choices() -> None:
    llm = whole("/generate", [{"generated_text": "ab"}, {"generated_text": "cd"}])
    assert llm.text == "ab"
    assert [(choice.index, choice.text) for choice in llm.choices] == [(0, "ab"), (1, "cd")]


def test_a_prompt_that_is_being_read_is_no_content() -> None:
    progress = {"content": "", "stop": False, "prompt_progress": {"total": 10, "processed": 5}}
    assert listened("/completion").read_event(frame(progress)).channels == ()


@pytest.mark.parametrize(
    ("place", "payload"),
    [
        ("/completion", lambda i: {"content": "a", "stop": False, f"key {i}": i}),
        ("/ml/v1/text/generation", lambda i: {"results": [{"generated_text": "a", f"key {i}": i}]}),
    ],
)
def test_what_is_kept_of_counts_does_not_grow(place: str, payload: Callable[[int], object]) -> None:
    listener = listened(place, *map(payload, range(100)))
    assert listener._dialect
    assert len(values.obj(listener._dialect.answer.usage)) < 5


def test_errors_of_inference_endpoints() -> None:
    for place in ("/models/gpt2", "/models/owner/name"):
        where = context(place, host="api-inference.huggingface.co")
        llm = streamed(where, {"error": "too long", "error_type": "validation"})
        assert llm.error == {"message": "too long", "type": "validation"}
    hub = context("/api/models/owner/name", host="huggingface.co", status=404)
    assert listened(hub, {"error": "Repository not found"}).result() is None


def test_baidus_own_call_is_a_call() -> None:
    said = {"name": "f", "thoughts": "why", "arguments": '{"a":1}'}
    payload = {"result": "", "is_end": True, "need_clear_history": False, "function_call": said}
    where = context("/rpc/2.0/wenxinworkshop/chat/completions_pro", host="aip.baidubce.com")
    listener = listened(where)
    assert listener.read_event(frame(payload)).channels == ("reasoning", "tool_calls")
    for llm in (listener.result(), whole(where, payload)):
        assert llm
        assert (llm.reasoning, llm.tool_calls) == ("why", (ToolCall(None, "f", '{"a":1}'),))


def test_lightrags_sources_come_before_its_pieces() -> None:
    sources = {"references": [{"reference_id": "1", "file_path": "a.txt"}]}
    listener = listened(context("/query/stream"))
    readings = [listener.read_event(frame(payload)) for payload in (sources, {"response": "a"}, {"response": "b"})]
    assert [reading.channels for reading in readings] == [(), ("text",), ("text",)]
    broken = streamed(context("/query/stream"), sources, {"response": "ab"}, {"error": "no"})
    for llm in (listener.result(), broken, whole(context("/query"), {"response": "ab", **sources})):
        assert llm
        assert (llm.provider, llm.api, llm.text) == ("lightrag-compatible", "query", "ab")
    assert broken.error == {"message": "no"}
    assert not listener.terminator_due


def test_pieces_that_are_called_generated_text_are_text() -> None:
    listener = listened(context("/any"))
    assert [listener.read_event(frame({"generated_text": word})).channels for word in "ab"] == [("text",)] * 2
    llm = listener.result()
    assert llm
    assert llm.text == "ab"
