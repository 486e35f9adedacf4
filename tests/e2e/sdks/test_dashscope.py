"""dashscope: text and multimodal generation and applications, the responses that the SDK gives joined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, dumped, whole
from .holding import Recording, hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call, first
from .stage import KEY, Stage

dashscope = sdk("dashscope")

AS_IT_COMES = "an-omni-model"
"""For any other model the SDK asks for pieces, and joins them itself where its caller wants the text so far."""


@pytest.fixture(scope="module", autouse=True)
def base_url(stage: Stage) -> Iterator[None]:
    before = dashscope().base_http_api_url
    dashscope().base_http_api_url = stage.url + "/api/v1"
    yield
    dashscope().base_http_api_url = before


def ask(streamed: bool, *, pieces: bool = True, model: str = ASKED, api: str = "Generation") -> Meaning:
    """What the responses say: together if `pieces` are asked for, else each repeats what was said before it."""
    asked: dict[str, Any] = {"incremental_output": pieces} if streamed else {}
    if api == "Application":
        asked |= {"app_id": model, "prompt": "hi"}
    else:
        asked |= {"model": model, "messages": [{"role": "user", "content": "hi"}], "result_format": "message"}
    meaning = Meaning(model=model)
    fragments: dict[int, list[Any]] = {}
    said = getattr(dashscope(), api).call(api_key=KEY, stream=streamed, **asked)
    for response in said if streamed else [said]:
        meaning.named(None, response.request_id)
        if response.status_code == 200:
            take(meaning, response, pieces, fragments)
        else:
            meaning.error = f"{response.code}: {response.message}"
    if fragments:
        meaning.choice().calls = [call(*made) for made in fragments.values()]
    return meaning


def take(meaning: Meaning, response: Any, pieces: bool, fragments: dict[int, list[Any]]) -> None:
    """A response; tool calls grow in `fragments`, by their index: id, name, arguments."""
    for choice in response.output.get("choices") or [response.output]:
        one, said = meaning.choice(choice.get("index")), choice.get("message") or choice
        content = said.get("content") or said.get("text") or ""
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        one.text = one.text + text if pieces else text or one.text
        told = [step for step in said.get("thoughts") or [] if step.get("action_type") == "reasoning"]
        thought = said.get("reasoning_content") or "".join(step.get("thought") or "" for step in told)
        one.reasoning = one.reasoning + thought if pieces else thought or one.reasoning
        for position, made in enumerate(said.get("tool_calls") or []):
            grown = fragments.setdefault(made.get("index", position), [made.get("id"), "", ""])
            function = {"name": "", "arguments": ""} | made["function"]
            grown[1] = grown[1] or function["name"]
            grown[2] = grown[2] + function["arguments"] if pieces else function["arguments"]
        if choice.get("finish_reason") not in (None, "", "null"):
            one.finish = choice["finish_reason"]
    meaning.usage = usage(response.usage) or meaning.usage


def usage(counted: Any) -> Usage | None:
    """The SDK says 0 where nothing was counted."""
    counted = (counted.get("models") or [counted])[0]
    prompt, generated = counted.get("prompt_tokens_details") or {}, counted.get("output_tokens_details") or {}
    figures = Usage(
        counted.get("input_tokens"),
        counted.get("output_tokens"),
        generated.get("reasoning_tokens"),
        first(prompt.get("cached_tokens"), counted.get("cached_tokens")),
    )
    return figures if any(figures) else None


def events(*payloads: dict[str, Any], error: dict[str, Any] | None = None, status: int = 200) -> Answer:
    """Events as DashScope writes them: numbered, without blanks, the status in a comment."""
    lines = [f"id:{n}\nevent:result\n:HTTP_STATUS/200\ndata:{dumped(one)}\n\n" for n, one in enumerate(payloads, 1)]
    if error:
        lines.append(f"id:{len(lines) + 1}\nevent:error\n:HTTP_STATUS/400\ndata:{dumped(error)}\n\n")
    return Answer("".join(lines).encode(), "text/event-stream;charset=UTF-8", status)


COUNTED = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}


def payload(output: dict[str, Any]) -> dict[str, Any]:
    return {"output": output, "usage": COUNTED, "request_id": "d-1"}


def said(content: Any = "", finish: str = "null", index: int = 0, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **more}
    return payload({"choices": [{"index": index, "finish_reason": finish, "message": message}]})


def text(words: str, finish: str = "null") -> dict[str, Any]:
    return payload({"text": words, "finish_reason": finish})


def made(index: int, arguments: str, name: str = "", id: str = "") -> dict[str, Any]:
    return {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


BAD = {"code": "InvalidParameter", "message": "the prompt is too long", "request_id": "d-1"}
NAMES = {"id": "d-1", "usage": Usage(5, 7)}
HELLO = answer("Hello, 你好 🎉", finish="stop", model=ASKED, **NAMES)
CALLS = (Call("call_a", "weather", {"city": "São Paulo"}), Call("call_b", "time", {}))
PIECES = [said("Hel"), said("lo, 你好 🎉"), said("", "stop")]
SO_FAR = [said("Hel"), said("Hello, "), said("Hello, 你好"), said("Hello, 你好 🎉"), said("Hello, 你好 🎉", "stop")]
STORIES: dict[str, tuple[Answer, Meaning]] = {
    "messages": (events(*PIECES), HELLO),
    "texts": (events(text("Hel"), text("lo, 你好 🎉"), text("", "stop")), HELLO),
    "lists of parts": (events(said([{"text": "Hel"}]), said([{"text": "lo, 你好 🎉"}]), said([], "stop")), HELLO),
    "thinking, then text": (
        events(said(reasoning_content="Let me"), said(reasoning_content=" see."), said("4"), said("", "stop")),
        answer("4", reasoning="Let me see.", finish="stop", model=ASKED, **NAMES),
    ),
    "two tool calls": (
        events(
            said(tool_calls=[made(0, '{"city": "São', "weather", "call_a")]),
            said(tool_calls=[made(0, ' Paulo"}')]),
            said(tool_calls=[made(1, "{}", "time", "call_b")]),
            said("", "tool_calls"),
        ),
        answer(calls=CALLS, finish="tool_calls", model=ASKED, **NAMES),
    ),
    "two choices": (
        events(said("he"), said("ta", index=1), said("ads", "stop"), said("ils", "length", index=1)),
        Meaning({0: Said("heads", finish="stop"), 1: Said("tails", finish="length")}, ASKED, **NAMES),
    ),
    "an error in the middle": (
        events(said("So f"), error=BAD),
        answer("So f", model=ASKED, error="the prompt is too long", **NAMES),
    ),
    "nothing but an error": (
        events(error=BAD),
        answer(model=ASKED, id="d-1", error="the prompt is too long"),
    ),
    "a refused request, its answer framed as a stream": (
        events(error=BAD, status=400),
        answer(model=ASKED, id="d-1", error="the prompt is too long"),
    ),
    "a refused request": (
        whole(BAD, 400, streamed=True),
        answer(model=ASKED, id="d-1", error="the prompt is too long"),
    ),
    "whole": (
        whole(said("4", "stop", reasoning_content="Let me see.")),
        answer("4", reasoning="Let me see.", finish="stop", model=ASKED, **NAMES),
    ),
}


@pytest.mark.parametrize(("given", "meant"), STORIES.values(), ids=STORIES)
def test_a_generation_is_read_as_the_sdk_reads_it(stage: Stage, given: Answer, meant: Meaning) -> None:
    hold(stage, ask, given, meant, "generation")


def test_the_text_so_far_is_read_as_the_sdk_reads_it(stage: Stage) -> None:
    """`incremental_output` is off, and each event repeats what was said before it."""
    meant = answer("Hello, 你好 🎉", finish="stop", model=AS_IT_COMES, **NAMES)
    hold(stage, partial(ask, pieces=False, model=AS_IT_COMES), events(*SO_FAR), meant, "generation")


def test_the_text_so_far_that_the_sdk_makes_of_pieces(stage: Stage) -> None:
    """`incremental_output` is off for the SDK's caller and on for the server."""
    hold(stage, partial(ask, pieces=False), events(*PIECES), HELLO, "generation")


def asked_for_pieces(recording: Recording) -> bool:
    return '"incremental_output":true' in (recording["request"].get("body") or "").replace(" ", "")


@pytest.mark.parametrize("pieces", [True, False])
@pytest.mark.parametrize(
    ("where", "api"),
    [
        ("/text-generation/generation$", "Generation"),
        ("/multimodal-generation/generation$", "MultiModalConversation"),
        ("/apps/[^/]+/completion$", "Application"),
    ],
)
def test_recorded_generations(stage: Stage, where: str, api: str, pieces: bool) -> None:
    """Asked for as pieces or not, as they were when they were recorded."""
    found = [one for one in recorded_at(where) if asked_for_pieces(one[1]) is pieces]
    hold_all(stage, found, partial(ask, pieces=pieces, model=AS_IT_COMES, api=api))
