"""anthropic: messages as the SDK's stream accumulates them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, typed_sse, whole
from .holding import hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call, words
from .stage import KEY, Stage

anthropic = sdk("anthropic")


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    with anthropic().Anthropic(base_url=stage.url, api_key=KEY, max_retries=0) as client:
        yield client


def ask(client: Any, streamed: bool) -> Meaning:
    """What the SDK's stream has accumulated, or a whole message; the beta API is the one that knows a fallback."""
    asked = {"model": ASKED, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    meaning, message = Meaning(), None
    inputs: dict[int, str] = {}
    try:
        if not streamed:
            message = client.beta.messages.create(**asked)
        else:
            with client.beta.messages.stream(**asked) as stream:
                for event in stream:
                    if event.type == "message_start":
                        message = stream.current_message_snapshot
                    elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                        inputs[event.index] = inputs.get(event.index, "") + event.delta.partial_json
    except anthropic().APIError as problem:
        meaning.error = f"{problem} {words(problem.body)}"
    return heard(meaning, message, inputs) if message else meaning


def heard(meaning: Meaning, message: Any, inputs: dict[int, str]) -> Meaning:
    """A message.  Inputs as they came: the SDK mends in the message what the end of a stream cut off."""
    meaning.named(message.model, message.id)
    why = message.stop_details
    one = meaning.choices[0] = Said(finish=message.stop_reason, refusal=(why and why.explanation) or "")
    for position, block in enumerate(message.content):
        if block.type == "text":
            one.text += block.text
        elif block.type == "thinking":
            one.reasoning += block.thinking
        elif block.type == "tool_use":
            one.calls.append(call(block.id, block.name, inputs.get(position) or block.input))
    counted, details = message.usage, message.usage.output_tokens_details
    thinking = details.thinking_tokens if details else None
    meaning.usage = Usage(counted.input_tokens, counted.output_tokens, thinking, counted.cache_read_input_tokens)
    return meaning


BEGUN = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "cache_read_input_tokens": 3, "output_tokens": 1},
}
THOUGHT = {"type": "thinking", "thinking": "", "signature": ""}
USE = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}


def block(index: int, begun: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": begun},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def message(*blocks: list[dict[str, Any]], stop: str = "end_turn") -> Answer:
    return typed_sse(
        {"type": "message_start", "message": BEGUN},
        {"type": "ping"},
        *(event for events in blocks for event in events),
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    )


def text(*pieces: str) -> list[dict[str, Any]]:
    return [{"type": "text_delta", "text": piece} for piece in pieces]


def json_pieces(*pieces: str) -> list[dict[str, Any]]:
    return [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


NAMES = {"model": "claude-x", "id": "msg_1"}
COUNTED = Usage(5, 7, None, 3)
STORIES: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        message(block(0, {"type": "text", "text": ""}, *text("Hel", "lo, 你好 🎉"))),
        answer("Hello, 你好 🎉", finish="end_turn", usage=COUNTED, **NAMES),
    ),
    "thinking, then text": (
        message(
            block(
                0,
                THOUGHT,
                {"type": "thinking_delta", "thinking": "Let me"},
                {"type": "thinking_delta", "thinking": " see."},
                {"type": "signature_delta", "signature": "c2ln"},
            ),
            block(1, {"type": "text", "text": ""}, *text("4")),
        ),
        answer("4", reasoning="Let me see.", finish="end_turn", usage=COUNTED, **NAMES),
    ),
    "text and two tools, one without input": (
        message(
            block(0, {"type": "text", "text": ""}, *text("One moment.")),
            block(1, USE, *json_pieces("", '{"city": "São', ' Paulo"}')),
            block(2, USE | {"id": "toolu_2", "name": "time"}),
            stop="tool_use",
        ),
        answer(
            "One moment.",
            calls=(Call("toolu_1", "weather", {"city": "São Paulo"}), Call("toolu_2", "time", {})),
            finish="tool_use",
            usage=COUNTED,
            **NAMES,
        ),
    ),
    "a tool that the server runs itself is no call": (
        message(
            block(0, SEARCH, *json_pieces('{"query": "x"}')), block(1, {"type": "text", "text": ""}, *text("Found"))
        ),
        answer("Found", finish="end_turn", usage=COUNTED, **NAMES),
    ),
    "an error in the middle": (
        typed_sse(
            {"type": "message_start", "message": BEGUN},
            *block(0, {"type": "text", "text": ""}, *text("So f"))[:-1],
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        ),
        answer("So f", usage=Usage(5, 1, None, 3), error="Overloaded", **NAMES),
    ),
    "whole": (
        whole(
            BEGUN
            | {
                "content": [{"type": "text", "text": "One moment."}, USE | {"input": {"city": "São Paulo"}}],
                "stop_reason": "tool_use",
                "usage": {"input_tokens": 5, "output_tokens": 7},
            }
        ),
        answer(
            "One moment.",
            calls=(Call("toolu_1", "weather", {"city": "São Paulo"}),),
            finish="tool_use",
            usage=Usage(5, 7),
            **NAMES,
        ),
    ),
    "a refused request": (
        whole({"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}, 429, streamed=True),
        answer(model=ASKED, error="slow down"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), STORIES.values(), ids=STORIES)
def test_a_message_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(ask, client), said, meant, "messages")


def test_recorded_messages(stage: Stage, client: Any) -> None:
    """The SDK gives up on tool input that is no JSON."""
    hold_all(stage, recorded_at("/messages$"), partial(ask, client))


def test_recorded_messages_by_way_of_bedrock(stage: Stage) -> None:
    """Claude inside InvokeModel, unpacked by the same SDK."""
    pytest.importorskip("boto3", reason="needs boto3: uv sync --group sdks")
    with anthropic().AnthropicBedrock(
        aws_access_key=KEY,
        aws_secret_key=KEY,
        aws_session_token=KEY,
        aws_region="us-east-1",
        base_url=stage.url,
        max_retries=0,
    ) as client:
        found = recorded_at("claude-(?!v2).*/invoke(-with-response-stream)?$")
        hold_all(stage, found, partial(ask, client))
