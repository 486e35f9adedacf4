"""mistralai: chat, the chunks that the SDK gives joined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, sse, whole
from .holding import hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call
from .stage import KEY, Stage

mistralai = sdk("mistralai.client")


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    with mistralai().Mistral(server_url=stage.url, api_key=KEY) as client:
        yield client


def ask(client: Any, streamed: bool) -> Meaning:
    asked = {"model": ASKED, "messages": [{"role": "user", "content": "hi"}]}
    meaning = Meaning()
    fragments: dict[int, list[Any]] = {}
    try:
        if streamed:
            for event in client.chat.stream(**asked):
                take(meaning, event.data, fragments)
        else:
            take(meaning, client.chat.complete(**asked), fragments)
    except mistralai().errors.SDKError as problem:
        meaning.error = problem.body
    if fragments:
        meaning.choice().calls = [call(*made) for made in fragments.values()]
    return meaning


def take(meaning: Meaning, payload: Any, fragments: dict[int, list[Any]]) -> None:
    """A chunk or a whole completion; tool calls grow in `fragments`, by their index: id, name, arguments."""
    meaning.named(payload.model, payload.id)
    if counted := payload.usage:
        more = counted.additional_properties
        cached = (more.get("prompt_tokens_details") or {}).get("cached_tokens", more.get("num_cached_tokens"))
        meaning.usage = Usage(counted.prompt_tokens, counted.completion_tokens, None, cached)
    for choice in payload.choices:
        one = meaning.choice(choice.index)
        said = getattr(choice, "delta", None) or choice.message
        add(one, said.content or "")
        one.finish = str(choice.finish_reason) if choice.finish_reason else one.finish
        for position, made in enumerate(said.tool_calls or []):
            grown = fragments.setdefault(made.index or position, [made.id, "", ""])
            grown[1] += made.function.name
            grown[2] = (
                grown[2] + made.function.arguments
                if isinstance(made.function.arguments, str)
                else made.function.arguments
            )


def add(one: Said, content: Any) -> None:
    """A content: text, or a list of parts."""
    for part in [content] if isinstance(content, str) else content:
        if isinstance(part, str):
            one.text += part
        elif part.type == "text":
            one.text += part.text
        elif part.type == "thinking":
            one.reasoning += "".join(piece.text for piece in part.thinking)


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {
        "id": "m-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "mistral-x",
        "choices": choices,
        **more,
    }


def thinking(words: str) -> dict[str, Any]:
    return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": words}]}]}


NAMES = {"model": "mistral-x", "id": "m-1"}
COUNTED = {"usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}
MADE = {"id": "aBcDeFgH1", "index": 0, "function": {"name": "weather", "arguments": '{"city": "São Paulo"}'}}
CALL = Call("aBcDeFgH1", "weather", {"city": "São Paulo"})
STORIES: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        sse(
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Hel"}),
            chunk({"content": "lo, 你好 🎉"}, "stop", **COUNTED),
            "[DONE]",
        ),
        answer("Hello, 你好 🎉", finish="stop", usage=Usage(5, 7), **NAMES),
    ),
    "thinking, then text": (
        sse(
            chunk(thinking("Let me")),
            chunk(thinking(" see.")),
            chunk({"content": [{"type": "text", "text": "It"}]}),
            chunk({"content": " is 4"}, "stop"),
            "[DONE]",
        ),
        answer("It is 4", reasoning="Let me see.", finish="stop", **NAMES),
    ),
    "two tool calls": (
        sse(
            chunk({"content": "", "tool_calls": [MADE]}),
            chunk(
                {
                    "content": "",
                    "tool_calls": [{"id": "aBcDeFgH2", "index": 1, "function": {"name": "time", "arguments": "{}"}}],
                },
                "tool_calls",
                **COUNTED,
            ),
            "[DONE]",
        ),
        answer(calls=(CALL, Call("aBcDeFgH2", "time", {})), finish="tool_calls", usage=Usage(5, 7), **NAMES),
    ),
    "whole": (
        whole(
            chunk({}, **COUNTED)
            | {
                "object": "chat.completion",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "tool_calls",
                        "message": {"role": "assistant", "content": "One moment.", "tool_calls": [MADE]},
                    }
                ],
            }
        ),
        answer("One moment.", calls=(CALL,), finish="tool_calls", usage=Usage(5, 7), **NAMES),
    ),
    "a refused request": (
        whole({"object": "error", "message": "slow down", "type": "rate", "code": "1300"}, 429, streamed=True),
        answer(model=ASKED, error="slow down"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), STORIES.values(), ids=STORIES)
def test_a_chat_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(ask, client), said, meant, "chat.completions")


def test_recorded_chats(stage: Stage, client: Any) -> None:
    """The SDK gives up on an answer that is no chat (one recorder filed a document reader's here)."""
    hold_all(stage, recorded_at("/chat/completions$", r"mistral\.ai$"), partial(ask, client))
