"""openai: chat completions and text completions, as the SDK puts them together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, sse, whole
from .holding import hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call, first, words
from .stage import KEY, Stage

openai = sdk("openai")

HI: Any = [{"role": "user", "content": "hi"}]


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    with openai().OpenAI(base_url=stage.url + "/v1", api_key=KEY, max_retries=0) as client:
        yield client


# --- chat completions ---


def chat(client: Any, streamed: bool) -> Meaning:
    """What the SDK's accumulator makes of the chunks, or a whole completion."""
    from openai.lib.streaming.chat import ChatCompletionStreamState

    meaning, state, snapshot = Meaning(), ChatCompletionStreamState(), None
    try:
        answer: Any = client.chat.completions.create(model=ASKED, messages=HI, stream=streamed)
        for payload in answer if streamed else [answer]:
            meaning.named(payload.model, payload.id)
            counted = payload.usage or getattr(payload, "x_groq", {}).get("usage")
            meaning.usage = usage(counted) if counted else meaning.usage
            if streamed:
                state.handle_chunk(payload)
            snapshot = state.current_completion_snapshot if streamed else payload
    except openai().APIError as problem:
        meaning.error = f"{problem} {words(problem.body)}"
    meaning.choices = {choice.index or 0: said(choice) for choice in getattr(snapshot, "choices", None) or []}
    return meaning


def said(choice: Any) -> Said:
    """A choice; what providers add to it, the SDK keeps."""
    message = choice.message
    extra = message.model_extra or {}
    return Said(
        message.content or (message.audio.transcript if message.audio else ""),
        extra.get("reasoning_content") or extra.get("reasoning") or "",
        message.refusal or "",
        [call(once(one.id), one.function.name, one.function.arguments) for one in message.tool_calls or []],
        choice.finish_reason,
    )


def once(id: str | None) -> str | None:
    """The id that a server repeats with every fragment, as Qwen's does: the SDK's accumulator joins them."""
    if not id:
        return None
    length = next(n for n in range(1, len(id) + 1) if id == id[:n] * (len(id) // n))
    return id[:length] if length > 4 else id


def usage(counted: Any) -> Usage:
    value = counted if isinstance(counted, dict) else counted.model_dump()
    prompt = value.get("prompt_tokens_details") or value.get("input_tokens_details") or {}
    generated = value.get("completion_tokens_details") or value.get("output_tokens_details") or {}
    return Usage(
        first(value.get("prompt_tokens"), value.get("input_tokens")),
        first(value.get("completion_tokens"), value.get("output_tokens")),
        first(generated.get("reasoning_tokens"), value.get("reasoning_tokens")),
        first(prompt.get("cached_tokens"), value.get("prompt_cache_hit_tokens")),
    )


def chunk(
    delta: dict[str, Any] | None = None, index: int = 0, finish: str | None = None, **more: Any
) -> dict[str, Any]:
    choice = {"index": index, "delta": delta or {}, "finish_reason": finish}
    choices = [] if delta is None and finish is None else [choice]
    return {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x", "choices": choices, **more}


def fragment(index: int, arguments: str, id: str | None = None, name: str | None = None) -> dict[str, Any]:
    named = {"id": id, "type": "function"} if id else {}
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return {"tool_calls": [{"index": index, **named, "function": function}]}


NAMES = {"model": "gpt-x", "id": "c-1"}
COUNTED = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
TWO_CALLS = (Call("call_a", "weather", {"city": "São Paulo"}), Call("call_b", "time", {}))
CHATS: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        sse(
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Hel"}),
            chunk({"content": "lo, 你好 🎉"}),
            chunk(finish="stop"),
            chunk(usage=COUNTED | {"completion_tokens_details": {"reasoning_tokens": 2}}),
            "[DONE]",
        ),
        answer("Hello, 你好 🎉", finish="stop", usage=Usage(5, 7, 2), **NAMES),
    ),
    "reasoning before text": (
        sse(
            chunk({"role": "assistant", "reasoning_content": "Let me"}),
            chunk({"reasoning_content": " see."}),
            chunk({"content": "4"}, finish="stop"),
            "[DONE]",
        ),
        answer("4", reasoning="Let me see.", finish="stop", **NAMES),
    ),
    "parallel tool calls, their fragments mixed": (
        sse(
            chunk(fragment(0, "", "call_a", "weather")),
            chunk(fragment(0, '{"city": "São')),
            chunk(fragment(1, "", "call_b", "time")),
            chunk(fragment(0, ' Paulo"}')),
            chunk(fragment(1, "{}")),
            chunk(finish="tool_calls"),
            "[DONE]",
        ),
        answer(calls=TWO_CALLS, finish="tool_calls", **NAMES),
    ),
    "two choices at once": (
        sse(
            chunk({"content": "he"}, 0),
            chunk({"content": "ta"}, 1),
            chunk({"content": "ads"}, 0),
            chunk({"content": "ils"}, 1),
            chunk(index=1, finish="length"),
            chunk(index=0, finish="stop"),
            "[DONE]",
        ),
        Meaning({0: Said("heads", finish="stop"), 1: Said("tails", finish="length")}, **NAMES),
    ),
    "a refusal": (
        sse(chunk({"refusal": "I can"}), chunk({"refusal": "not."}), chunk(finish="stop"), "[DONE]"),
        Meaning({0: Said(refusal="I cannot.", finish="stop")}, **NAMES),
    ),
    "an error in the middle": (
        sse(chunk({"content": "So f"}), {"error": {"message": "out of GPUs", "type": "server_error"}}),
        answer("So f", error="out of GPUs", **NAMES),
    ),
    "whole": (
        whole(
            chunk(usage=COUNTED)
            | {
                "object": "chat.completion",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "tool_calls",
                        "message": {
                            "role": "assistant",
                            "content": "One moment.",
                            "tool_calls": [
                                {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": text}}
                                for one, text in zip(TWO_CALLS, ('{"city": "São Paulo"}', "{}"), strict=True)
                            ],
                        },
                    }
                ],
            }
        ),
        answer("One moment.", calls=TWO_CALLS, finish="tool_calls", usage=Usage(5, 7), **NAMES),
    ),
    "a refused request": (
        whole({"error": {"message": "slow down", "type": "requests", "code": "rate_limit"}}, 429, streamed=True),
        answer(model=ASKED, error="slow down"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), CHATS.values(), ids=CHATS)
def test_a_chat_completion_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(chat, client), said, meant, "chat.completions")


def test_recorded_chat_completions(stage: Stage, client: Any) -> None:
    """Mistral's are left to Mistral's SDK: this one does not know text that is a list of parts."""
    found = recorded_at("/chat/completions$", r"^(?!api\.mistral\.ai$)")
    hold_all(stage, found, partial(chat, client))


# --- text completions ---


def complete(client: Any, streamed: bool) -> Meaning:
    meaning = Meaning()
    try:
        answer: Any = client.completions.create(model=ASKED, prompt="hi", stream=streamed)
        for payload in answer if streamed else [answer]:
            meaning.named(payload.model, payload.id)
            meaning.usage = usage(payload.usage) if payload.usage else meaning.usage
            for choice in payload.choices or []:
                one = meaning.choice(choice.index)
                one.text += choice.text or ""
                one.finish = choice.finish_reason or one.finish
    except openai().APIError as problem:
        meaning.error = f"{problem} {words(problem.body)}"
    return meaning


def test_recorded_completions(stage: Stage, client: Any) -> None:
    hold_all(stage, recorded_at("(?<!/chat)/completions$"), partial(complete, client))
