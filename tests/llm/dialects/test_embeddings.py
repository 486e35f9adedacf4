"""Responses without text, as embeddings are: who answered, what it cost and what went wrong is read."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Usage

from ..replies import context, listened, whole

VECTOR = {"object": "embedding", "index": 0, "embedding": [0.1]}


@pytest.mark.parametrize(
    ("path", "answer", "api", "model", "tokens"),
    [
        (
            "/v1/embeddings",
            {"data": [VECTOR], "model": "m-1", "usage": {"prompt_tokens": 5, "total_tokens": 5}},
            "embeddings",
            "m-1",
            5,
        ),
        (
            "/api/v1/services/embeddings/text-embedding/text-embedding",
            {"output": {"embeddings": [VECTOR]}, "usage": {"total_tokens": 7}, "request_id": "r"},
            "embeddings",
            "asked",
            7,
        ),
        (
            "/v1/multimodalembeddings",
            {"data": [VECTOR], "model": "m-1", "usage": {"text_tokens": 5, "image_pixels": 9, "total_tokens": 8}},
            "embeddings",
            "m-1",
            8,
        ),
        (
            "/ml/v1/text/embeddings",
            {"model_id": "m-1", "results": [{"embedding": [0.1]}], "input_token_count": 5},
            "embeddings",
            "asked",
            5,
        ),
        (
            "/v1/embeddings",
            {"vectors": [[0.1]], "total_tokens": 5, "base_resp": {"status_code": 0, "status_msg": "success"}},
            "embeddings",
            "asked",
            5,
        ),
        (
            "/api/v2/cortex/inference:embed",
            {"data": [VECTOR], "model": "m-1", "usage": {"total_tokens": 5}},
            "embeddings",
            "m-1",
            5,
        ),
        ("/api/embed", {"model": "m-1", "embeddings": [[0.1]], "prompt_eval_count": 3}, "embeddings", "m-1", 3),
        ("/embedding", [{"index": 0, "embedding": [[0.1]]}], "embeddings", "asked", None),
        (
            "/api/v1/services/rerank/text-rerank/text-rerank",
            {"output": {"results": []}, "usage": {"total_tokens": 9}, "request_id": "r"},
            "rerank",
            "asked",
            9,
        ),
        ("/v2/rerank", {"results": [], "meta": {"billed_units": {"input_tokens": 4}}}, "rerank", "asked", 4),
        (
            "/v1/reranking",
            {"model": "m-1", "data": [{"index": 1, "score": 0.9}], "usage": {"total_tokens": 6}},
            "rerank",
            "m-1",
            6,
        ),
        ("/v1/retrieval/vendor/reranking", {"rankings": [{"index": 0, "logit": 1.5}]}, "rerank", "asked", None),
        ("/rerank", [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}], "rerank", "asked", None),
        (
            "/v1/moderations",
            {"id": "modr-1", "model": "m-1", "results": [{"flagged": False}]},
            "moderations",
            "m-1",
            None,
        ),
        (
            "/v1/decisions",
            {
                "model": "m-1",
                "answers": [{"type": "predicate", "name": "spam", "probability": 0.9}],
                "usage": {"input_tokens": 12, "total_tokens": 12},
            },
            "decisions",
            "m-1",
            12,
        ),
        (
            "/compatible-mode/v1/systemone",
            {"model": "m-1", "request_id": "r", "answers": {}, "usage": {"input_tokens": 11}, "latency_ms": 52.9},
            "decisions",
            "m-1",
            11,
        ),
        (
            "/v2/embed",
            {"id": "e", "embeddings": {"float": [[0.1]]}, "meta": {"billed_units": {"input_tokens": 6}}},
            "embeddings",
            "asked",
            6,
        ),
        (
            "/v1/projects/asked/locations/l/publishers/google/models/text-embedding-005:predict",
            {"predictions": [{"embeddings": {"statistics": {"token_count": n}, "values": [0.1]}} for n in (4, 7)]},
            "embeddings",
            "text-embedding-005",
            11,
        ),
        (
            "/v1beta/models/asked:embedContent",
            {"embedding": {"values": [0.1]}, "usageMetadata": {"promptTokenCount": 8}},
            "embeddings",
            "asked",
            8,
        ),
        (
            "/v1beta/models/asked:batchEmbedContents",
            {"embeddings": [{"values": [0.1]}]},
            "embeddings",
            "asked",
            None,
        ),
        ("/v1/messages/count_tokens", {"input_tokens": 14}, "count_tokens", "asked", 14),
        (
            "/v1/responses/input_tokens",
            {"object": "response.input_tokens", "input_tokens": 11},
            "count_tokens",
            "asked",
            11,
        ),
        ("/v1beta/models/asked:countTokens", {"totalTokens": 12}, "count_tokens", "asked", 12),
        ("/model/asked/count-tokens", {"inputTokens": 13}, "count_tokens", "asked", 13),
        ("/publishers/anthropic/models/count-tokens:rawPredict", {"input_tokens": 9}, "count_tokens", "asked", 9),
    ],
)
def test_an_answer_without_words(path: str, answer: object, api: str, model: str, tokens: int | None) -> None:
    llm = whole(context(path, body={} if "asked" in path else {"model": "asked"}), answer)
    assert llm
    assert (llm.api, llm.model, llm.text, llm.error) == (api, model, None, None)
    assert llm.usage == (Usage(input_tokens=tokens) if tokens else None)


@pytest.mark.parametrize(
    ("path", "answer", "provider"),
    [
        ("/api/embed", {"embeddings": [[0.1]]}, "ollama-compatible"),
        ("/api/embeddings", {"embedding": [0.1]}, "ollama-compatible"),  # before there was /api/embed
        ("/v1/embeddings", {"data": [VECTOR]}, "openai-compatible"),
        ("/v2/embed", {"embeddings": {"float": [[0.1]]}}, "cohere-compatible"),
        ("/v1beta/models/m:embedContent", {"embedding": {"values": [0.1]}}, "gemini-compatible"),
        ("/v1/messages/count_tokens", {"input_tokens": 1}, "anthropic-compatible"),
        ("/v1/responses/input_tokens", {"input_tokens": 1}, "openai-compatible"),
        ("/v1beta/models/m:countTokens", {"totalTokens": 1}, "gemini-compatible"),
        ("/model/m/count-tokens", {"inputTokens": 1}, "bedrock-compatible"),
        ("/publishers/anthropic/models/count-tokens:rawPredict", {"input_tokens": 1}, "anthropic-compatible"),
    ],
)
def test_whose_api_it_is_is_told_by_its_place(path: str, answer: object, provider: str) -> None:
    llm = whole(context(path, host="127.0.0.1"), answer)
    assert llm
    assert llm.provider == provider


def test_nomic_has_a_place_of_its_own() -> None:
    where = context("/v1/embedding/text", "api-atlas.nomic.ai", {"model": "m", "texts": ["a"]})
    llm = whole(where, {"embeddings": [[0.1]], "usage": {"prompt_tokens": 3, "total_tokens": 3}, "model": "m"})
    assert (llm.provider, llm.api, llm.model, llm.usage) == ("nomic", "embeddings", "m", Usage(3))


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"message": "no such model", "code": "model_not_found"}},
        {"code": "model_not_found", "message": "no such model", "request_id": "r"},
    ],
    ids=["OpenAI", "DashScope"],
)
def test_an_error_in_place_of_vectors(answer: object) -> None:
    llm = whole(context("/v1/embeddings", status=400), answer)
    assert llm
    assert llm.error == {"code": "model_not_found", "message": "no such model"}


def test_a_list_elsewhere_is_none_of_vectors() -> None:
    assert listened("/elsewhere", {"data": [VECTOR], "model": "m"}).result() is None
