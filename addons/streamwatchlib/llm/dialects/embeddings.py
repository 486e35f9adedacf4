"""Answers without text: vectors, rankings, classifications, decisions and counts of tokens.

In: whole answers, or errors.  Out: their model, ID and usage; there is no message.  Recognised by their place alone,
since nothing in the payloads is specific to them.
https://platform.openai.com/docs/api-reference/embeddings,
https://help.aliyun.com/zh/model-studio/text-embedding-synchronous-api,
https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import NOTHING, Dialect
from ..values import Object, Path, count, dig, first, obj, objects

_USAGE: tuple[Path, ...] = (("usage",), ("usageMetadata",), ("meta",))
_TOTAL: tuple[Path, ...] = (("total_tokens",), ("totalTokens",))
_OF_EACH: Path = ("embeddings", "statistics", "token_count")


class Embeddings(Dialect):
    """Text embeddings"""

    api = "embeddings"
    shape = "openai"
    results: tuple[str, ...] = ("data", "embeddings", "embedding", "output", "predictions", "results", "vectors")
    """Members that may hold the results."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return any(value.get(result) is not None for result in cls.results)

    def read_payload(self, value: Object, name: str) -> Reading:
        answer = self.answer
        answer.set_identity(value.get("model"), value.get("id") or value.get("request_id"))
        usage = obj(first(value, _USAGE)) or _summed(value) or value
        total = first(usage, _TOTAL)  # nothing is generated: all tokens are input
        answer.usage = {"input_tokens": total, **usage} if total is not None else usage
        self.take_error(value)
        return NOTHING


def _summed(value: Object) -> Object:
    """Vertex AI counts each text by itself."""
    counts = [count(dig(each, _OF_EACH)) for each in objects(value.get("predictions"))]
    known = [tokens for tokens in counts if tokens is not None]
    return {"input_tokens": sum(known)} if known and len(known) == len(counts) else {}


class Rerank(Embeddings):
    """Texts reranked for a query"""

    api = "rerank"
    results = ("results", "output", "data", "rankings", "score")


class Moderations(Embeddings):
    """Moderation of texts and images"""

    api = "moderations"
    results = ("results",)


class Decisions(Embeddings):
    """Typed questions, answered with probabilities"""

    api = "decisions"
    results = ("answers",)


class CountTokens(Embeddings):
    """Token counting"""

    api = "count_tokens"
    results = ("input_tokens", "inputTokens", "totalTokens")
