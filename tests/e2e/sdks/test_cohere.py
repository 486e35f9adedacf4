"""cohere: v2 chat and v1 chat, the events that the SDK gives joined."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest.mock import ANY

import pytest

from .answers import Answer, typed_sse, whole
from .holding import hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Usage, answer, call, words
from .stage import KEY, Stage

cohere = sdk("cohere")


# --- version 2 ---


@pytest.fixture(scope="module")
def client(stage: Stage) -> Any:
    return cohere().ClientV2(base_url=stage.url, api_key=KEY, max_retries=0)


def ask(client: Any, streamed: bool) -> Meaning:
    asked = {"model": ASKED, "messages": [{"role": "user", "content": "hi"}]}
    meaning = Meaning()
    fragments: dict[int, list[str]] = {}
    try:
        if streamed:
            for event in client.chat_stream(**asked):
                take(meaning, event, fragments)
        else:
            message(meaning, client.chat(**asked))
    except cohere().core.ApiError as problem:
        meaning.error = words(problem.body)
    if fragments:
        meaning.choice().calls = [call(*made) for made in fragments.values()]
    return meaning


def take(meaning: Meaning, event: Any, fragments: dict[int, list[str]]) -> None:
    """An event; tool calls grow in `fragments`, by their index: id, name, arguments."""
    one, delta = meaning.choice(), getattr(event, "delta", None)
    if event.type == "message-start":
        meaning.named(None, event.id)
    elif event.type in ("content-start", "content-delta"):
        one.text += getattr(delta.message.content, "text", None) or ""
        one.reasoning += getattr(delta.message.content, "thinking", None) or ""
    elif event.type == "tool-plan-delta":
        one.reasoning += delta.message.tool_plan
    elif event.type == "tool-call-start":
        made = delta.message.tool_calls
        fragments[event.index] = [made.id, made.function.name, made.function.arguments or ""]
    elif event.type == "tool-call-delta":
        fragments[event.index][2] += delta.message.tool_calls.function.arguments
    elif event.type == "message-end":
        one.finish, meaning.usage = delta.finish_reason, usage(delta.usage)


def message(meaning: Meaning, said: Any) -> None:
    one = meaning.choice()
    meaning.named(None, said.id)
    meaning.usage, one.finish = usage(said.usage), said.finish_reason
    one.reasoning = said.message.tool_plan or ""
    for part in said.message.content or []:
        one.text += getattr(part, "text", None) or ""
        one.reasoning += getattr(part, "thinking", None) or ""
    one.calls = [call(made.id, made.function.name, made.function.arguments) for made in said.message.tool_calls or []]


def usage(counted: Any) -> Usage | None:
    if not counted:
        return None
    tokens = counted.tokens or counted.billed_units
    thought = getattr(tokens, "reasoning_tokens", None)  # newer than the SDK's own names
    return Usage(int(tokens.input_tokens), int(tokens.output_tokens), thought, counted.cached_tokens)


def delta(type_: str, index: int | None = None, **message: Any) -> dict[str, Any]:
    at = {} if index is None else {"index": index}
    return {"type": type_, **at, "delta": {"message": message}}


def end(finish: str) -> dict[str, Any]:
    counted = {
        "billed_units": {"input_tokens": 1, "output_tokens": 2},
        "tokens": {"input_tokens": 5, "output_tokens": 7},
    }
    return {"type": "message-end", "id": "c-1", "delta": {"finish_reason": finish, "usage": counted}}


START = {"id": "c-1"} | delta("message-start", role="assistant", content=[], tool_calls=[])
WEATHER = {"id": "w-1", "type": "function", "function": {"name": "weather", "arguments": ""}}
COUNTED = Usage(5, 7)
STORIES: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        typed_sse(
            START,
            delta("content-start", 0, content={"type": "text", "text": ""}),
            delta("content-delta", 0, content={"text": "Hel"}),
            delta("content-delta", 0, content={"text": "lo, 你好 🎉"}),
            {"type": "content-end", "index": 0},
            end("COMPLETE"),
        ),
        answer("Hello, 你好 🎉", finish="COMPLETE", id="c-1", model=ASKED, usage=COUNTED),
    ),
    "thinking, then text": (
        typed_sse(
            START,
            delta("content-start", 0, content={"type": "thinking", "thinking": ""}),
            delta("content-delta", 0, content={"thinking": "Let me see."}),
            {"type": "content-end", "index": 0},
            delta("content-start", 1, content={"type": "text", "text": ""}),
            delta("content-delta", 1, content={"text": "4"}),
            {"type": "content-end", "index": 1},
            end("COMPLETE"),
        ),
        answer("4", reasoning="Let me see.", finish="COMPLETE", id="c-1", model=ASKED, usage=COUNTED),
    ),
    "a plan and two calls": (
        typed_sse(
            START,
            delta("tool-plan-delta", tool_plan="I will look"),
            delta("tool-plan-delta", tool_plan=" it up."),
            delta("tool-call-start", 0, tool_calls=WEATHER),
            delta("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"city": "São'}}),
            delta("tool-call-delta", 0, tool_calls={"function": {"arguments": ' Paulo"}'}}),
            {"type": "tool-call-end", "index": 0},
            delta(
                "tool-call-start",
                1,
                tool_calls=WEATHER | {"id": "t-1", "function": {"name": "time", "arguments": "{}"}},
            ),
            {"type": "tool-call-end", "index": 1},
            end("TOOL_CALL"),
        ),
        answer(
            reasoning="I will look it up.",
            calls=(Call("w-1", "weather", {"city": "São Paulo"}), Call("t-1", "time", {})),
            finish="TOOL_CALL",
            id="c-1",
            model=ASKED,
            usage=COUNTED,
        ),
    ),
    "whole": (
        whole(
            {
                "id": "c-1",
                "message": {"role": "assistant", "content": [{"type": "text", "text": "4"}]},
                "finish_reason": "COMPLETE",
                "usage": {"tokens": {"input_tokens": 5, "output_tokens": 7}},
            }
        ),
        answer("4", finish="COMPLETE", id="c-1", model=ASKED, usage=COUNTED),
    ),
    "a refused request": (
        whole({"message": "slow down"}, 429, streamed=True),
        answer(model=ASKED, error="slow down"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), STORIES.values(), ids=STORIES)
def test_a_chat_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(ask, client), said, meant, "v2.chat")


def test_recorded_chats(stage: Stage, client: Any) -> None:
    hold_all(stage, recorded_at("/v2/chat$"), partial(ask, client))


# --- version 1 ---


@pytest.fixture(scope="module")
def old_client(stage: Stage) -> Any:
    return cohere().Client(base_url=stage.url, api_key=KEY, max_retries=0)


def ask_v1(client: Any, streamed: bool) -> Meaning:
    """The whole answer, which the last event of a stream repeats, and the pieces of text that came before it."""
    meaning, text = Meaning(), ""
    try:
        if not streamed:
            return old(meaning, client.chat(model=ASKED, message="hi"))
        for event in client.chat_stream(model=ASKED, message="hi"):
            if event.event_type == "text-generation":
                text += event.text
            elif event.event_type == "stream-end":
                old(meaning, event.response).choice().text = text
    except cohere().core.ApiError as problem:
        meaning.error = words(problem.body)
    return meaning


def old(meaning: Meaning, said: Any) -> Meaning:
    one = meaning.choice()
    one.text, one.finish = said.text, said.finish_reason
    one.calls = [call(ANY, made.name, made.parameters) for made in said.tool_calls or []]
    meaning.named(None, said.generation_id)
    if said.meta:
        counted = said.meta.tokens or said.meta.billed_units
        meaning.usage = Usage(int(counted.input_tokens), int(counted.output_tokens))
    return meaning


def test_recorded_chats_of_version_1(stage: Stage, old_client: Any) -> None:
    hold_all(stage, recorded_at("/v1/chat$", "cohere"), partial(ask_v1, old_client))
