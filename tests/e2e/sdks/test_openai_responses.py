"""openai: responses, as the SDK's stream puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, typed_sse, whole
from .holding import Broken, hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call, words
from .stage import KEY, Stage
from .test_openai import usage

openai = sdk("openai")


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    with openai().OpenAI(base_url=stage.url + "/v1", api_key=KEY, max_retries=0) as client:
        yield client


def respond(client: Any, streamed: bool) -> Meaning:
    """The response as the SDK's stream has it in the end, or a whole one."""
    meaning, items = Meaning(), {}
    try:
        if not streamed:
            return responded(meaning, client.responses.create(model=ASKED, input="hi"), [])
        with client.responses.stream(model=ASKED, input="hi") as stream:
            for event in stream:
                if event.type == "response.output_item.done":
                    items[event.output_index] = event.item
                elif event.type == "error":
                    meaning.error = event.message
                elif hasattr(event, "response"):
                    responded(meaning, event.response, items.values())
        if not meaning.error and meaning.choice().finish not in ("completed", "incomplete", "failed"):
            raise Broken  # `get_final_response` raises too
    except openai().APIError as problem:
        meaning.error = f"{problem} {words(problem.body)}"
    return meaning


def responded(meaning: Meaning, response: Any, items: Iterable[Any]) -> Meaning:
    """A response; its items are those that came before it where it leaves them out at its end, as ChatGPT's does."""
    one = meaning.choices[0] = Said(finish=response.status)
    meaning.named(response.model, response.id)
    meaning.usage = usage(response.usage) if response.usage else None
    meaning.error = response.error.message if response.error else meaning.error
    one.reasoning = response.reasoning if isinstance(response.reasoning, str) else ""
    summary = ""
    for item in (each.to_dict() for each in response.output or items):
        parts = item.get("content") or []
        if item["type"] == "reasoning":
            one.reasoning += "".join(part["text"] for part in parts)
            summary += "".join(part["text"] for part in item.get("summary") or [])
        elif item["type"] == "function_call":
            one.calls.append(call(item["call_id"], item["name"], item["arguments"]))
        else:
            one.text += "".join(part.get("text") or "" for part in parts)
            one.refusal += "".join(part.get("refusal") or "" for part in parts)
    one.reasoning = one.reasoning or summary
    return meaning


def response(status: str, *output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "r-1", "object": "response", "model": "gpt-x", "status": status, "output": list(output), **more}


def numbered(*events: dict[str, Any]) -> Answer:
    return typed_sse(*({**event, "sequence_number": number} for number, event in enumerate(events)))


THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Look it up."}]}
PART = {"type": "output_text", "text": "Let me look.", "annotations": []}
TEXT = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [PART]}
MADE = {"type": "function_call", "id": "fc_1", "call_id": "call_a", "name": "look", "arguments": '{"q": "x"}'}
TOLD = {"input_tokens": 5, "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 12}
OF_TEXT = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
OF_CALL = {"item_id": "fc_1", "output_index": 2}
MEANT = answer(
    "Let me look.",
    reasoning="Look it up.",
    calls=(Call("call_a", "look", {"q": "x"}),),
    finish="completed",
    model="gpt-x",
    id="r-1",
    usage=Usage(5, 7, 3),
)
RESPONSES: dict[str, tuple[Answer, Meaning]] = {
    "reasoning, text and a call": (
        numbered(
            {"type": "response.created", "response": response("in_progress")},
            {"type": "response.output_item.added", "output_index": 0, "item": {**THOUGHT, "summary": []}},
            {
                "type": "response.reasoning_summary_text.delta",
                "item_id": "rs_1",
                "output_index": 0,
                "summary_index": 0,
                "delta": "Look it up.",
            },
            {"type": "response.output_item.done", "output_index": 0, "item": THOUGHT},
            {"type": "response.output_item.added", "output_index": 1, "item": {**TEXT, "content": []}},
            {"type": "response.content_part.added", **OF_TEXT, "part": {**PART, "text": ""}},
            {"type": "response.output_text.delta", **OF_TEXT, "delta": "Let me", "logprobs": []},
            {"type": "response.output_text.delta", **OF_TEXT, "delta": " look.", "logprobs": []},
            {"type": "response.output_text.done", **OF_TEXT, "text": "Let me look.", "logprobs": []},
            {"type": "response.output_item.done", "output_index": 1, "item": TEXT},
            {"type": "response.output_item.added", "output_index": 2, "item": {**MADE, "arguments": ""}},
            {"type": "response.function_call_arguments.delta", **OF_CALL, "delta": '{"q": '},
            {"type": "response.function_call_arguments.delta", **OF_CALL, "delta": '"x"}'},
            {"type": "response.output_item.done", "output_index": 2, "item": MADE},
            {"type": "response.completed", "response": response("completed", THOUGHT, TEXT, MADE, usage=TOLD)},
        ),
        MEANT,
    ),
    "whole": (whole(response("completed", THOUGHT, TEXT, MADE, usage=TOLD)), MEANT),
    "one that failed": (
        numbered(
            {"type": "response.created", "response": response("in_progress")},
            {
                "type": "response.failed",
                "response": response("failed", error={"code": "server_error", "message": "it broke"}),
            },
        ),
        answer(finish="failed", model="gpt-x", id="r-1", error="it broke"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), RESPONSES.values(), ids=RESPONSES)
def test_a_response_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(respond, client), said, meant, "responses")


def test_recorded_responses(stage: Stage, client: Any) -> None:
    """A recorder filed chat completions here: the SDK misses the event that begins a response."""
    hold_all(stage, recorded_at("/responses$"), partial(respond, client))
