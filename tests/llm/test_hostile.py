"""Whatever a peer sends, nothing raises, and the result can be serialized."""

from __future__ import annotations

import ast
import gc
import json
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import streamwatchlib.llm
from hypothesis import given, note, settings
from hypothesis import strategies as st
from streamwatchlib.llm import DIALECTS, Reader, intent
from streamwatchlib.model import Context, Frame, Limits

from . import replies
from .replies import Said, Spoken, context, frame, listened

SOURCES = Path(streamwatchlib.llm.__file__).parent.rglob("*.py")
WORDS = sorted(
    {
        node.value
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 40
    }
)
"""Every word that any dialect looks for."""

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
    | st.text(st.characters(categories=["Cs"]), max_size=2)
    | st.sampled_from([10**4000, -(10**30), float("nan"), float("inf")])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["message", "error", "chunk", *WORDS])
PLACES = [
    "/v1/chat/completions",
    "/x",
    "/mcp",
    "/v1/threads/t/runs",
    "/ai/run/@cf/m",
    "/v1/audio/speech",
    "/v1/audio/transcriptions",
    "/model/m/invoke",
    "/model/m/converse-stream",
    "/generate",
    "/v1/complete",
    "/interactions",
    "/api/v1/apps/a/completion",
    "/v1beta/m:streamGenerateContent",
    "/agents/a/runs",
    "/chatkit",
    "/message:stream",
]


def written(listener: Reader) -> None:
    """All that a reader says can be taken down as JSON in UTF-8."""
    llm = listener.result()
    if llm is not None:
        json.dumps(asdict(llm), ensure_ascii=False).encode()
    json.dumps([listener.model, sorted(listener.traits), listener.terminator_due]).encode()


def heard(listener: Reader, value: object, name: str) -> None:
    reading = listener.read_event(Frame(name, "data", value))
    assert set(reading.channels) <= {"text", "reasoning", "tool_calls", "events"}
    json.dumps([reading.type, reading.end, reading.clock], ensure_ascii=False).encode()


@settings(max_examples=300)
@given(st.sampled_from(PLACES), st.lists(st.tuples(JSON, NAMES), max_size=6))
def test_any_payloads_anywhere(place: str, payloads: list[tuple[object, str]]) -> None:
    listener = listened(place)
    for value, name in payloads:
        heard(listener, value, name)
    written(listener)
    listener = Reader(context(place, status=500), Limits())
    listener.read_whole(payloads[0][0] if payloads else None)
    written(listener)


@given(st.lists(st.tuples(JSON, NAMES), max_size=6), JSON)
def test_any_payloads_to_every_dialect(payloads: list[tuple[object, str]], value: object) -> None:
    for dialect in dict.fromkeys(row.dialect for row in DIALECTS):
        note(dialect.__name__)
        for make in (lambda d: d.read_whole(value), lambda d: None):
            speaker = dialect(context(), Limits())
            for payload, name in payloads:
                speaker.read_event(Frame(name, "data", payload))
            make(speaker)
            json.dumps(asdict(speaker.result()), ensure_ascii=False).encode()


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Context, list[tuple[str, object]], object]:
    """A proper stream and whole answer with something put where it doesn't belong."""
    speak: Callable[[Said], Spoken] = draw(st.sampled_from(replies.DIALECTS))
    spoken = speak(Said(["a", "b"], ["c"], [("f", ['{"x":', "1}"])]))
    named = [payload if isinstance(payload, tuple) else ("message", payload) for payload in spoken.stream]
    stream = [(name, json.loads(json.dumps(value))) for name, value in named]
    whole = json.loads(json.dumps(spoken.whole))
    target = draw(st.sampled_from([*(value for _, value in stream if isinstance(value, dict)), whole]))
    for _ in range(draw(st.integers(1, 3))):
        spoil(draw, target)
    return spoken.where, stream, whole


def spoil(draw: st.DrawFn, value: Any) -> None:
    """Put any JSON in place of something inside."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if isinstance(value[key], dict | list) and value[key] and draw(st.booleans()):
            value = value[key]
            continue
        value[key] = draw(JSON)
        return


@settings(max_examples=300)
@given(spoiled())
def test_spoiled_answers(case: tuple[Context, list[tuple[str, object]], object]) -> None:
    where, stream, whole = case
    listener = listened(where)
    for name, value in stream:
        heard(listener, value, name)
        written(listener)
    listener = Reader(where, Limits())
    listener.read_whole(whole)
    written(listener)


@given(JSON, st.sampled_from(PLACES), st.lists(st.tuples(st.sampled_from(WORDS), st.text(max_size=9)), max_size=3))
def test_intent_of_anything(body: object, place: str, headers: list[tuple[str, str]]) -> None:
    asked, by = intent(Context("POST", "h", place, tuple(headers), tuple(headers), body))
    assert asked in (True, False, None)
    assert (asked is None) == (by is None)


def test_a_flood_of_choices_and_calls_is_bounded_and_linear() -> None:
    listener = listened("/v1/chat/completions")
    for number in range(3000):
        delta = {"tool_calls": [{"index": number, "id": f"c{number}", "function": {"name": "f", "arguments": "{}"}}]}
        choices = [{"index": number, "delta": {"content": "a"}}, {"index": 0, "delta": delta}]
        listener.read_event(frame({"object": "chat.completion.chunk", "choices": choices}))
    llm = listener.result()
    assert llm
    assert len(llm.choices) == len(llm.tool_calls) == 1000
    assert "more was generated than is kept" in llm.notes


def test_a_flood_of_names_and_ids_is_bounded() -> None:
    """Pieces of one name, and calls of many choices, each with an id: what is kept is what may be kept of texts."""
    piece = "n" * 10_000
    listener = listened("/v1/chat/completions", limits=Limits(body=100_000))
    for number in range(200):
        calls = [
            {"index": 0, "function": {"name": f"{number}{piece}", "arguments": ""}},
            *({"index": 1 + i, "id": f"{number}-{i}{piece}"} for i in range(3)),
        ]
        choice = {"index": number, "delta": {"tool_calls": calls}, "finish_reason": f"{number}{piece}"}
        first = {"index": 0, "delta": {"tool_calls": calls[:1]}}
        listener.read_event(frame({"object": "chat.completion.chunk", "choices": [choice, first]}))
    llm = listener.result()
    assert llm
    words = [word or "" for choice in llm.choices for call in choice.tool_calls for word in (call.id, call.name)]
    assert len(words) < 2 * 1000
    assert max(map(len, words)) == 1000
    assert sum(map(len, words)) <= 100_000
    assert max(len(choice.finish_reason or "") for choice in llm.choices) == 1000
    assert "more was generated than is kept" in llm.notes


def held(listener: Reader, events: Iterable[tuple[object, str]]) -> int:
    """Bytes, after these events."""
    tracemalloc.start()
    for event in events:
        listener.read_event(frame(*event))
    gc.collect()  # what is over a bound may hold itself
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size


def _messages(n: int) -> tuple[object, str]:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    return {"type": "content_block_start", "index": n, "content_block": block}, "message"


def _interactions(n: int) -> tuple[object, str]:
    step = {"type": "function_call", "id": "t", "name": "f", "arguments": {}}
    return {"event_type": "step.start", "index": n, "step": step}, "message"


def _runs(n: int) -> tuple[object, str]:
    calls = [{"id": f"c{n}", "name": "f", "args": {}}]
    return [{"type": "ai", "id": "m", "content": "", "additional_kwargs": {}, "tool_calls": calls}], "messages/partial"


def _vertex(n: int) -> tuple[object, str]:
    call = {"name": "f", "willContinue": True, "partialArgs": [{"jsonPath": f"$.a{n}", "stringValue": "x" * 99}]}
    return {"candidates": [{"content": {"parts": [{"functionCall": call}]}}]}, "message"


@pytest.mark.parametrize(
    ("place", "event"),
    [
        ("/v1/messages", _messages),
        ("/interactions", _interactions),
        ("/runs/stream", _runs),
        ("/v1/models/m:streamGenerateContent", _vertex),
    ],
)
def test_of_a_flood_of_arguments_no_more_is_held(place: str, event: Callable[[int], tuple[object, str]]) -> None:
    few, many = (listened(place, limits=Limits(body=100_000)) for _ in range(2))
    assert held(many, map(event, range(4_000))) < held(few, map(event, range(1_500))) + 100_000
    for listener in (few, many):
        llm = listener.result()
        assert llm
        assert "more was generated than is kept" in llm.notes


WORDS_AT: dict[str, Callable[[str], tuple[object, str]]] = {
    "/v1/chat/completions": lambda words: (
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"id": words, "function": {"name": "f"}}]}}]},
        "message",
    ),
    "/v1/responses": lambda words: ({"type": "response.output_text.delta", "item_id": words, "delta": "a"}, "message"),
    "/v1/sessions/s/events/stream": lambda words: (
        {"type": "event_delta", "event_id": words, "delta": {"content": {"text": "a"}}},
        "message",
    ),
    "/message:stream": lambda words: (
        {"artifactUpdate": {"artifact": {"artifactId": words, "parts": [{"text": "a"}]}}},
        "message",
    ),
    "/v1/messages": lambda words: (
        {
            "type": "content_block_start",
            "index": int(words[:9]),
            "content_block": {"type": "tool_use", "name": "f", "input": {"a": words}},
        },
        "message",
    ),
    "/runs/stream": lambda words: (
        [{"type": "ai", "content": "", "additional_kwargs": {}, "tool_calls": [{"id": words[:9], "args": [words]}]}],
        "messages/partial",
    ),
    "/api-ws/v1/inference": lambda words: (
        {
            "header": {"event": "result-generated", "task_id": "t"},
            "payload": {"output": {"translations": [{}] * int(words[:9]) + [{"text": words}]}},
        },
        "message",
    ),
    "/v1/models/m:streamGenerateContent": lambda words: ({"promptFeedback": {"blockReason": words}}, "message"),
}
"""An event of an API with words in it that a server may make as long as it likes: an id, arguments, a reason."""


@pytest.mark.parametrize(("place", "event"), WORDS_AT.items())
def test_of_a_flood_of_long_words_no_more_is_held_than_may_be_kept(
    place: str, event: Callable[[str], tuple[object, str]]
) -> None:
    listener = listened(place, limits=Limits(body=100_000))
    assert held(listener, (event(f"{n:09}{'w' * 100_000}") for n in range(100))) < 1_000_000
    assert listener.result()


@pytest.mark.parametrize("depth", [100, 5_000, 50_000])
def test_deep_payloads(depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = {"error": deep} if depth < 200 else [deep]
    listener = listened("/v1/chat/completions")
    delta = {"content": deep, "tool_calls": [{"index": 0, "function": {"name": "f", "arguments": deep}}]}
    heard(listener, {"object": "chat.completion.chunk", "choices": [{"delta": delta}]}, "message")
    heard(listener, {"error": deep}, "message")
    written(listener)
