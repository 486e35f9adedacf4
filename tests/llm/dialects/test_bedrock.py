"""Bedrock: Converse, and InvokeModel with what its models speak."""

from __future__ import annotations

import base64
import json

import pytest
from streamwatchlib.model import Context, Frame, ToolCall, Usage

from ..replies import broken, context, frame, listened, streamed, whole

CONVERSE = "/model/m/converse-stream"
INVOKE = "/model/m/invoke-with-response-stream"


def chunk(value: object) -> tuple[str, dict[str, str]]:
    return "chunk", {"bytes": base64.b64encode(json.dumps(value).encode()).decode(), "p": "abcdef"}


def delta(**said: object) -> tuple[str, dict[str, object]]:
    return "contentBlockDelta", {"contentBlockIndex": 0, "delta": said, "p": "abc"}


@pytest.mark.parametrize(
    ("event", "channels", "end"),
    [
        (delta(text="a"), ("text",), None),
        (delta(reasoningContent={"text": "a"}), ("reasoning",), None),
        (delta(reasoningContent={"signature": "a"}), (), None),
        (delta(toolUse={"input": "{"}), ("tool_calls",), None),
        (("contentBlockStart", {"start": {"toolUse": {"toolUseId": "c", "name": "f"}}}), (), None),
        (("messageStart", {"role": "assistant"}), (), None),
        (("contentBlockStop", {"contentBlockIndex": 0}), (), None),
        (("messageStop", {"stopReason": "end_turn"}), (), "messageStop"),
        (("metadata", {"usage": {}}), (), None),
    ],
)
def test_converse_channels_and_end(
    event: tuple[str, dict[str, object]], channels: tuple[str, ...], end: str | None
) -> None:
    listener = listened(CONVERSE, ("messageStart", {"role": "assistant"}))
    reading = listener.read_event(frame(event[1], event[0]))
    assert (reading.channels, reading.end) == (channels, end)


def test_converse_tells_its_latency_and_keeps_server_tools_apart() -> None:
    use = {"toolUseId": "c", "name": "search", "type": "server_tool_use"}
    stream = [
        ("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": use}}),
        delta(toolUse={"input": '{"q":1}'}),
        ("metadata", {"usage": {"inputTokens": 3, "outputTokens": 5}, "metrics": {"latencyMs": 1500}}),
    ]
    llm = streamed(CONVERSE, *stream)
    assert llm.server_tool_calls == (ToolCall("c", "search", '{"q":1}'),)
    assert (llm.usage, llm.server_timing, llm.model) == (Usage(3, 5), {"total": 1.5}, "m")


def test_agents_of_strands_pass_on_what_converse_says() -> None:
    stream: list[dict[str, object]] = [
        {"init_event_loop": True},
        {"event": {"messageStart": {"role": "assistant"}}},
        {"event": {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a"}}}},
        {"data": "a", "delta": {"text": "a"}},
        {"event": {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "b"}}}},
        {"event": {"messageStop": {"stopReason": "end_turn"}}},
        {"event": {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 5}}}},
        {"message": {"role": "assistant", "content": [{"text": "ab"}]}},
    ]
    llm = streamed("/invocations", *stream)
    assert (llm.api, llm.text, llm.finish_reason, llm.usage) == ("converse", "ab", "end_turn", Usage(3, 5))
    assert streamed("/invocations", *stream, *stream).usage == Usage(6, 10)  # two requests to the model
    use = [
        {"contentBlockStart": {"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": n, "name": n}}}} for n in "fg"
    ]
    turns = [{"event": event} for each in use for event in ({"messageStart": {"role": "assistant"}}, each)]
    assert [call.name for call in streamed("/invocations", *turns).tool_calls] == ["f", "g"]
    failed = {"error": "no", "error_type": "APIError", "message": "An error occurred during streaming"}
    assert streamed("/invocations", *stream[:3], failed).error == {"type": "APIError", "message": "no"}


def test_text_that_cites_is_text() -> None:
    cited = {"content": [{"text": "b"}, {"text": "c"}], "citations": [{"title": "no word"}]}
    content = [{"text": "a"}, {"citationsContent": cited}, {"text": "d"}]
    said = {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn"}
    assert whole("/model/m/converse", said).text == "abcd"
    cites = {"contentBlockIndex": 1, "delta": {"citation": {"title": "no word", "sourceContent": [{"text": "none"}]}}}
    pieces = [{"contentBlockIndex": index, "delta": {"text": word}} for index, word in enumerate("ab")]
    stream = [("contentBlockDelta", payload) for payload in (pieces[0], cites, pieces[1])]
    assert streamed("/model/m/converse-stream", *stream).text == "ab"


def test_a_guardrail_explains_pieces_in_groups() -> None:
    about = {"usage": {}, "trace": {"guardrail": {"inputAssessment": {}}}}
    assert listened(CONVERSE, delta(text="a"), ("metadata", about)).traits == {"content-filter"}


@pytest.mark.parametrize("where", [CONVERSE, INVOKE])
def test_exceptions_amid_a_stream(where: str) -> None:
    llm = streamed(where, broken("throttlingException", {"message": "slow down"}))
    assert llm.error == {"type": "throttlingException", "message": "slow down"}
    said = delta(text="a") if where == CONVERSE else chunk({"outputText": "a"})
    for error, told in (
        (broken("modelTimeoutException", {}), {"type": "modelTimeoutException"}),
        (broken("InternalError", "no"), {"type": "InternalError", "message": "no"}),
    ):
        after = streamed(where, said, error)
        assert (after.text, after.error) == ("a", told)


def test_a_header_names_the_error_of_a_whole_answer() -> None:
    named = ("X-Amzn-ErrorType", "ThrottlingException:http://internal.example/")
    where = Context("POST", "llm.example", "/model/m/converse", status=429, response_headers=(named,))
    assert whole(where, {"message": "slow down"}).error == {"type": "ThrottlingException", "message": "slow down"}


NATIVE: dict[str, list[dict[str, object]]] = {
    "anthropic": [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "message_delta", "delta": {"stop_reason": "end"}},
    ],
    "nova": [
        {"contentBlockDelta": {"delta": {"text": "a"}, "contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end"}},
    ],
    "titan": [{"outputText": "a", "completionReason": "end"}],
    "llama": [{"generation": "a", "stop_reason": None}, {"generation": "", "stop_reason": "end"}],
    "mistral": [
        {"outputs": [{"text": "a", "stop_reason": None}]},
        {"outputs": [{"text": "", "stop_reason": "end"}]},
    ],
    "mistral chat": [
        {"choices": [{"index": 0, "message": {"content": "a"}}]},
        {"choices": [{"index": 0, "message": {"content": ""}, "stop_reason": "end"}]},
    ],
    "old claude": [{"completion": "a", "stop_reason": None}, {"completion": "", "stop_reason": "end"}],
    "cohere": [{"text": "a", "is_finished": False}, {"is_finished": True, "finish_reason": "end"}],
    "gpt-oss": [
        {"choices": [{"index": 0, "delta": {"content": "a"}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "end"}]},
    ],
    "deepseek": [{"choices": [{"text": "a", "stop_reason": None}]}, {"choices": [{"text": "", "stop_reason": "end"}]}],
}


@pytest.mark.parametrize("model", NATIVE)
def test_invoke_reads_what_its_models_speak(model: str) -> None:
    payloads = NATIVE[model]
    metrics = {"inputTokenCount": 3, "outputTokenCount": 5, "invocationLatency": 900, "firstByteLatency": 100}
    last = {**payloads[-1], "amazon-bedrock-invocationMetrics": metrics}
    llm = streamed(INVOKE, *map(chunk, [*payloads[:-1], last]))
    assert (llm.provider, llm.api, llm.text, llm.finish_reason) == ("bedrock", "invoke", "a", "end")
    assert (llm.usage, llm.server_timing) == (Usage(3, 5), {"ttft": 0.1, "total": 0.9})


@pytest.mark.parametrize(
    "sign",
    [{"amazon-bedrock-guardrailAction": "NONE"}, {"amazon-bedrock-trace": {"guardrail": {"input": {}}}}],
)
def test_a_guardrail_shows_inside_invoke_too(sign: dict[str, object]) -> None:
    piece = {"outputText": "a", "completionReason": None}
    assert listened(INVOKE, chunk(piece)).traits == frozenset()
    assert listened(INVOKE, chunk(piece | sign)).traits == {"content-filter"}
    filtered = {"choices": [], "prompt_filter_results": [{}]}
    assert listened(INVOKE, chunk(filtered)).traits == {"content-filter"}


def test_a_guardrails_words_stand_where_llamas_would() -> None:
    intervened = {"amazon-bedrock-guardrailAction": "INTERVENED", "generation": "I may not."}
    llm = whole("/model/meta.llama3-8b-instruct-v1:0/invoke", intervened)
    assert (llm.provider, llm.api, llm.text, llm.finish_reason) == ("bedrock", "invoke", "I may not.", None)


def test_the_prompt_is_counted_in_the_first_chunk_alone() -> None:
    llama = [
        {"generation": "a", "prompt_token_count": 13, "generation_token_count": 1, "stop_reason": None},
        {"generation": "b", "prompt_token_count": None, "generation_token_count": 2, "stop_reason": "stop"},
    ]
    titan = [
        {"outputText": "a", "inputTextTokenCount": 13, "totalOutputTextTokenCount": None, "completionReason": None},
        {"outputText": "b", "inputTextTokenCount": None, "totalOutputTextTokenCount": 2, "completionReason": "FINISH"},
    ]
    assert streamed(INVOKE, *map(chunk, llama)).usage == Usage(13, 2)
    assert streamed(INVOKE, *map(chunk, titan)).usage == Usage(13, 2)


def test_what_the_model_did_not_count_at_last_bedrock_did() -> None:
    """Behind a guardrail Titan's later chunks have no member for the prompt."""
    guarded = [
        {"outputText": "a", "inputTextTokenCount": 13.0},
        {
            "outputText": "b",
            "totalOutputTextTokenCount": 2.0,
            "completionReason": "FINISH",
            "amazon-bedrock-invocationMetrics": {"inputTokenCount": 13, "outputTokenCount": 2},
        },
    ]
    assert streamed(INVOKE, *map(chunk, guarded)).usage == Usage(13, 2)
    where = Context("POST", "h", "/model/m/invoke", response_headers=(("x-amzn-bedrock-output-token-count", "5"),))
    said = {"output": {"message": {"content": [{"text": "a"}]}}, "stopReason": "end_turn", "usage": {"inputTokens": 30}}
    assert whole(where, said).usage == Usage(30, 5)


def test_pieces_of_messages_without_deltas_are_joined() -> None:
    payloads = [{"choices": [{"index": 0, "message": {"content": piece}}]} for piece in ("a", "b", "c")]
    assert streamed(INVOKE, *map(chunk, payloads)).text == "abc"


@pytest.mark.parametrize("held", ["!", "e30", "W10=", "bm90IGpzb24=", 5, "W1tb" * 60_000])
def test_a_chunk_that_holds_no_payload_says_nothing(held: object) -> None:
    listener = listened(INVOKE, chunk({"outputText": "a"}))
    assert listener.read_event(Frame("chunk", "", {"bytes": held})).channels == ()


def test_a_whole_answer_and_its_counts_in_headers() -> None:
    headers = (("X-Amzn-Bedrock-Input-Token-Count", "3"), ("x-amzn-bedrock-output-token-count", "5"))
    where = Context(
        "POST", "bedrock-runtime.eu-west-1.amazonaws.com", "/model/m/invoke", status=200, response_headers=headers
    )
    assert whole(where, {"generation": "a", "stop_reason": "stop"}).usage == Usage(3, 5)
    odd = Context("POST", "h", "/model/m/invoke", response_headers=(("x-amzn-bedrock-input-token-count", "９" * 30),))
    assert whole(odd, {"generation": "a", "stop_reason": "stop"}).usage is None
    jurassic = {"id": 1, "completions": [{"data": {"text": "a"}, "finishReason": {"reason": "length"}}]}
    llm = whole(where, jurassic)
    assert (llm.api, llm.text, llm.finish_reason, llm.usage) == ("invoke", "a", "length", Usage(3, 5))
    titan = {
        "inputTextTokenCount": 28.0,
        "results": [{"tokenCount": 197, "outputText": "a", "completionReason": "FINISH"}],
    }
    llm = whole("/model/m/invoke", titan)
    assert (llm.text, llm.finish_reason, llm.usage) == ("a", "FINISH", Usage(28, 197))


def test_vectors_are_an_answer_too() -> None:
    headers = (("x-amzn-bedrock-input-token-count", "4"),)
    where = Context("POST", "h", "/model/m/invoke", status=200, response_headers=headers)
    titan = whole("/model/m/invoke", {"embedding": [0.1], "inputTextTokenCount": 5})
    cohere = whole(where, {"id": "e", "embeddings": [[0.1]], "texts": ["a"]})
    assert (titan.api, titan.model, titan.text, titan.usage) == ("invoke", "m", None, Usage(5))
    assert (cohere.api, cohere.response_id, cohere.usage) == ("invoke", "e", Usage(4))


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [{"index": 1, "relevance_score": 0.9}]},
        {"images": ["iVBO"], "error": None},
        {"result": "success", "artifacts": [{"seed": 1, "base64": "iVBO", "finishReason": "SUCCESS"}]},
    ],
    ids=["a ranking", "pictures", "older pictures"],
)
def test_a_ranking_and_pictures_are_an_answer_too(answer: object) -> None:
    llm = whole("/model/m/invoke", answer)
    assert (llm.api, llm.model, llm.text, llm.error) == ("invoke", "m", None, None)
    assert listened("/model/m/invoke", {"elsewhere": 1}).result() is None


def test_pictures_that_were_refused() -> None:
    llm = whole("/model/m/invoke", {"images": None, "error": "All pictures were blocked."})
    assert llm.error == {"message": "All pictures were blocked."}


def test_errors_of_the_whole() -> None:
    denied = {"message": "You don't have access"}
    assert whole(context("/model/m/invoke", status=403), denied).error == denied
    assert whole(context("/model/m/converse", status=403), denied).error == denied


def test_an_answer_behind_any_path_is_none_of_dashscopes() -> None:
    output = {"message": {"role": "assistant", "content": [{"text": "a"}]}}
    llm = whole("/any", {"output": output, "stopReason": "end_turn", "usage": {"inputTokens": 3, "outputTokens": 5}})
    assert (llm.api, llm.text, llm.finish_reason, llm.usage) == ("converse", "a", "end_turn", Usage(3, 5))


def test_what_a_model_speaks_is_known_by_the_first_payload_that_shows_it() -> None:
    said = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}
    assert streamed(INVOKE, chunk({"type": "ping"}), chunk(said)).text == "a"
