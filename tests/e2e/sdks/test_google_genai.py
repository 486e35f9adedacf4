"""google-genai: the chunks of generate_content, their parts joined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, sse, whole
from .holding import hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call, words
from .stage import KEY, Stage

genai = sdk("google.genai")


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    once = genai().types.HttpRetryOptions(attempts=1)
    options = genai().types.HttpOptions(base_url=stage.url, retry_options=once)
    with genai().Client(api_key=KEY, vertexai=False, http_options=options) as client:
        yield client


def ask(client: Any, streamed: bool) -> Meaning:
    meaning = Meaning()
    try:
        if streamed:
            for chunk in client.models.generate_content_stream(model=ASKED, contents="hi"):
                take(meaning, chunk)
        else:
            take(meaning, client.models.generate_content(model=ASKED, contents="hi"))
    except genai().errors.APIError as problem:
        meaning.error = words(problem.details)
    return meaning


def take(meaning: Meaning, chunk: Any) -> None:
    meaning.named(chunk.model_version, chunk.response_id)
    if counted := chunk.usage_metadata:
        meaning.usage = Usage(
            counted.prompt_token_count,
            counted.candidates_token_count,
            counted.thoughts_token_count,
            counted.cached_content_token_count,
        )
    for candidate in chunk.candidates or []:
        one = meaning.choice(candidate.index)
        for part in (candidate.content.parts if candidate.content else None) or []:
            add(one, part)
        one.finish = candidate.finish_reason.value if candidate.finish_reason else one.finish


def add(one: Said, part: Any) -> None:
    if part.thought:
        one.reasoning += part.text or ""
    else:
        one.text += part.text or ""
    if part.function_call:
        one.calls.append(call(part.function_call.id, part.function_call.name, part.function_call.args))


def chunk(*parts: dict[str, Any], finish: str | None = None, index: int | None = None, **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": index}
    given = {key: value for key, value in candidate.items() if value is not None}
    return {"candidates": [given], "modelVersion": "gemini-x", "responseId": "g-1", **more}


NAMES = {"model": "gemini-x", "id": "g-1"}
COUNTED = {"promptTokenCount": 5, "candidatesTokenCount": 7, "thoughtsTokenCount": 2, "totalTokenCount": 14}
CALL = {"functionCall": {"id": "fc-1", "name": "weather", "args": {"city": "São Paulo"}}}
STORIES: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        sse(
            chunk({"text": "Hel"}, usageMetadata={"promptTokenCount": 5, "totalTokenCount": 5}),
            chunk({"text": "lo, 你好 🎉"}),
            chunk({"text": ""}, finish="STOP", usageMetadata=COUNTED),
        ),
        answer("Hello, 你好 🎉", finish="STOP", usage=Usage(5, 7, 2), **NAMES),
    ),
    "thoughts, text and a call": (
        sse(
            chunk({"text": "Let me", "thought": True}),
            chunk({"text": " see.", "thought": True}, {"text": "One moment."}),
            chunk(CALL | {"thoughtSignature": "c2ln"}, finish="STOP"),
        ),
        answer(
            "One moment.",
            reasoning="Let me see.",
            calls=(Call("fc-1", "weather", {"city": "São Paulo"}),),
            finish="STOP",
            **NAMES,
        ),
    ),
    "a call without arguments and without an id": (
        sse(chunk({"functionCall": {"name": "time"}}, finish="STOP")),
        answer(calls=(Call(None, "time", {}),), finish="STOP", **NAMES),
    ),
    "two candidates": (
        sse(
            chunk({"text": "he"}, index=0),
            chunk({"text": "tails"}, index=1, finish="MAX_TOKENS"),
            chunk({"text": "ads"}, index=0, finish="STOP"),
        ),
        Meaning({0: Said("heads", finish="STOP"), 1: Said("tails", finish="MAX_TOKENS")}, **NAMES),
    ),
    "an error in the middle": (
        sse(chunk({"text": "So f"}), {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}),
        answer("So f", error="overloaded", **NAMES),
    ),
    "whole": (
        whole(chunk({"text": "Let me see.", "thought": True}, {"text": "4"}, finish="STOP", usageMetadata=COUNTED)),
        answer("4", reasoning="Let me see.", finish="STOP", usage=Usage(5, 7, 2), **NAMES),
    ),
    "a refused request": (
        whole({"error": {"code": 400, "message": "bad key", "status": "INVALID_ARGUMENT"}}, 400, streamed=True),
        answer(model=ASKED, error="bad key"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), STORIES.values(), ids=STORIES)
def test_generated_content_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(ask, client), said, meant, "generateContent")


def test_recorded_generated_content(stage: Stage, client: Any) -> None:
    """The SDK gives up on what it did not ask for (a stream as a JSON array, enumerations as numbers) and on a
    signature that is not base64."""
    found = recorded_at(":(generateContent|streamGenerateContent)$")
    hold_all(stage, found, partial(ask, client))
