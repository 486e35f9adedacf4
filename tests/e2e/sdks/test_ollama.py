"""ollama: chat and generate, the parts that the SDK gives joined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from unittest.mock import ANY

import pytest

from .answers import Answer, ndjson, whole
from .holding import hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Usage, answer, call
from .stage import KEY, Stage

ollama = sdk("ollama")


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    with ollama().Client(host=stage.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        yield client


def chat(client: Any, streamed: bool) -> Meaning:
    meaning = Meaning()
    try:
        answer: Any = client.chat(model=ASKED, messages=[{"role": "user", "content": "hi"}], stream=streamed)
        for part in answer if streamed else [answer]:
            take(meaning, part, part.message, part.message.content)
    except ollama().ResponseError as problem:
        meaning.error = problem.error
    return meaning


def generate(client: Any, streamed: bool) -> Meaning:
    meaning = Meaning()
    try:
        answer: Any = client.generate(model=ASKED, prompt="hi", stream=streamed)
        for part in answer if streamed else [answer]:
            take(meaning, part, part, part.response)
    except ollama().ResponseError as problem:
        meaning.error = problem.error
    return meaning


def take(meaning: Meaning, part: Any, said: Any, text: str | None) -> None:
    """A part.  The SDK drops the ids of tool calls."""
    one = meaning.choice()
    meaning.named(part.model, None)
    one.text += text or ""
    one.reasoning += said.thinking or ""
    for made in getattr(said, "tool_calls", None) or []:
        one.calls.append(call(ANY, made.function.name, dict(made.function.arguments)))
    one.finish = part.done_reason or one.finish
    if part.done:
        meaning.usage = Usage(part.prompt_eval_count, part.eval_count)


LINE = {"model": "llama-x", "created_at": "2026-01-02T03:04:05.678901234Z", "done": False}
DONE = LINE | {"done": True, "done_reason": "stop", "prompt_eval_count": 5, "eval_count": 7, "eval_duration": 9_000_000}
CALLS = [
    {"function": {"name": "weather", "arguments": {"city": "São Paulo"}}},
    {"id": "call_2", "function": {"name": "time", "arguments": {}}},
]


def message(content: str = "", line: dict[str, Any] = LINE, **more: Any) -> dict[str, Any]:
    return line | {"message": {"role": "assistant", "content": content, **more}}


COUNTED = Usage(5, 7)
CHATS: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        ndjson(message("Hel"), message("lo, 你好 🎉"), message(line=DONE)),
        answer("Hello, 你好 🎉", finish="stop", model="llama-x", usage=COUNTED),
    ),
    "thinking, then text": (
        ndjson(message(thinking="Let me"), message(thinking=" see."), message("4"), message(line=DONE)),
        answer("4", reasoning="Let me see.", finish="stop", model="llama-x", usage=COUNTED),
    ),
    "tool calls, two in one line and one in another": (
        ndjson(message(tool_calls=CALLS), message(tool_calls=CALLS[1:]), message(line=DONE)),
        answer(
            calls=(
                Call(None, "weather", {"city": "São Paulo"}),
                Call("call_2", "time", {}),
                Call("call_2", "time", {}),
            ),
            finish="stop",
            model="llama-x",
            usage=COUNTED,
        ),
    ),
    "an error in the middle": (
        ndjson(message("So f"), {"error": "model runner has stopped"}),
        answer("So f", model="llama-x", error="model runner has stopped"),
    ),
    "whole": (
        whole(message("4", DONE, thinking="Let me see.", tool_calls=CALLS[:1])),
        answer(
            "4",
            reasoning="Let me see.",
            calls=(Call(None, "weather", {"city": "São Paulo"}),),
            finish="stop",
            model="llama-x",
            usage=COUNTED,
        ),
    ),
    "a refused request": (
        whole({"error": "model 'a-model' not found"}, 404, streamed=True),
        answer(model=ASKED, error="model 'a-model' not found"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), CHATS.values(), ids=CHATS)
def test_a_chat_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(chat, client), said, meant, "chat")


def test_a_generated_text_is_read_as_the_sdk_reads_it(stage: Stage, client: Any) -> None:
    said = ndjson(LINE | {"response": "Hel"}, LINE | {"response": "lo"}, DONE | {"response": ""})
    meant = answer("Hello", finish="stop", model="llama-x", usage=COUNTED)
    hold(stage, partial(generate, client), said, meant, "generate")


def test_recorded_chats(stage: Stage, client: Any) -> None:
    """A few recorders filed chat completions of OpenAI's shape here: the SDK finds no message in them."""
    hold_all(stage, recorded_at("/api/chat$"), partial(chat, client))


def test_recorded_generated_texts(stage: Stage, client: Any) -> None:
    hold_all(stage, recorded_at("/api/generate$"), partial(generate, client))
