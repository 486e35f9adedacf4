"""Payloads recognized by their looks are read as if they had been parsed, and so are those that only look alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.llm import Reader
from streamwatchlib.llm.templates import StandIn
from streamwatchlib.model import Context, Frame, Limits, Llm, Reading
from streamwatchlib.wire.sse import SseFramer

type Make = Callable[[str], Any]


def openai(word: str, **more: object) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": word}, "logprobs": None, "finish_reason": None}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": "gpt-4o"}
    return {**head, "choices": [choice], "usage": None, **more}


def thinking(word: str) -> dict[str, object]:
    return {"id": "1", "choices": [{"index": 0, "delta": {"role": "assistant", "reasoning_content": word}}]}


def anthropic(word: str) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}


def padded(word: str) -> dict[str, object]:
    return openai(word, obfuscation="x" * (len(word) % 7), created=1_760_000_000 + len(word))


def context(path: str = "/v1/chat/completions") -> Context:
    return Context("POST", "localhost", path, (), (), {"stream": True}, 200, ())


def frames(payloads: Sequence[str], read: Reader | None, name: str = "message") -> list[Frame]:
    """The payloads framed one by one, as they come; by a framer that asks this reader, if any."""
    framer = SseFramer(Limits(), read.recognize) if read else SseFramer(Limits())
    event = f"event: {name}\n" if name != "message" else ""
    return [frame for payload in payloads for frame in framer.feed(f"{event}data: {payload}\n\n".encode())]


def heard(
    payloads: Sequence[str], *, by_looks: bool, at: Context | None = None
) -> tuple[list[Reading], Llm | None, int]:
    """What each payload meant, what came of all, and how many were known by their looks."""
    read = Reader(at or context(), Limits())
    readings, known = [], 0
    framer = SseFramer(Limits(), read.recognize) if by_looks else SseFramer(Limits())
    for payload in payloads:
        for frame in framer.feed(f"data: {payload}\n\n".encode()):
            known += isinstance(frame.value, StandIn)
            readings.append(read.read_event(frame))
    return readings, read.result(), known


def agree(payloads: Sequence[str], at: Context | None = None) -> int:
    """Both ways say the same; how many were known by their looks."""
    parsed, said, _ = heard(payloads, by_looks=False, at=at)
    readings, told, known = heard(payloads, by_looks=True, at=at)
    assert readings == parsed
    assert told == said
    return known


@pytest.mark.parametrize("make", [openai, thinking, anthropic, padded])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_most_of_a_stream_is_known_by_its_looks(make: Make, ascii_only: bool) -> None:
    words = [f' wörd{i} \n"{"你好" * (i % 3)}"' for i in range(100)]
    payloads = [json.dumps(make(word), ensure_ascii=ascii_only, separators=(",", ":")) for word in words]
    assert agree(payloads) >= 95


def test_where_all_so_far_may_be_said_only_what_is_said_once_is_known_by_its_looks() -> None:
    where = Context("POST", "coding.dashscope.aliyuncs.com", "/v1/chat/completions", (), (), {"stream": True}, 200, ())
    words = [f" word{i}" for i in range(100)]
    assert agree([json.dumps(openai(word)) for word in words], at=where) >= 95
    assert agree([json.dumps(openai("".join(words[: i + 1]))) for i in range(100)], at=where) == 0


WORDS = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ['"', "\\", "}", '"}', "\ud83d", "", "[DONE]"]
)
ODD: tuple[Callable[[str], str], ...] = (
    lambda word: json.dumps(openai(word)),
    lambda word: json.dumps(openai(word, usage={"completion_tokens": len(word)})),
    lambda word: json.dumps(openai(word, created=len(word))),
    lambda word: json.dumps(openai(word, model=word)),
    lambda word: json.dumps(openai(word))[:-1],
    lambda word: json.dumps(openai(word)) + " ",
    lambda word: json.dumps({**openai(word), "choices": [{"index": 1, "delta": {"content": word}}]}),
    lambda word: json.dumps({**openai(word), "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
    lambda word: json.dumps({**openai(word), "choices": [{"index": 0, "message": {"content": word}}]}),
    lambda word: json.dumps(thinking(word)),
    lambda word: json.dumps({"error": {"message": word}}),
    lambda word: json.dumps(openai(word)).replace('"content": "', '"content": "\\u00', 1),
    lambda word: json.dumps(openai(word)).replace("1760000000", "1e5"),
    lambda word: json.dumps(openai(word)).replace("1760000000", "0" * 5 + "1"),
    lambda word: json.dumps(openai(word)).replace("1760000000", "9" * 5000),
    lambda word: json.dumps(openai(word)).replace("null", "NaN", 1),
    lambda word: "[DONE]",
)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(ODD[:1] * 8 + ODD), WORDS), min_size=5, max_size=40))
def test_whatever_comes_in_between_it_is_read_as_if_all_were_parsed(
    said: list[tuple[Callable[[str], str], str]],
) -> None:
    agree([make(word) for make, word in said])


def test_what_is_framed_ahead_is_read_by_what_was_read_before_it() -> None:
    """A burst is framed as a whole before any of it is read: a template may be out of date by then."""
    words = [json.dumps(openai(f"w{i}")) for i in range(10)]
    late = [*words, json.dumps({"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}), *words]
    read, plain = Reader(context(), Limits()), Reader(context(), Limits())
    for frame in frames(words, read):
        read.read_event(frame)
    ahead = frames(late, read)
    assert sum(isinstance(frame.value, StandIn) for frame in ahead) == 20
    for frame in frames(words, None):
        plain.read_event(frame)
    assert [read.read_event(frame) for frame in ahead] == [plain.read_event(frame) for frame in frames(late, None)]
    assert read.result() == plain.result()


def test_an_event_of_another_name_is_read_as_what_it_is() -> None:
    words = [json.dumps(openai(f"w{i}")) for i in range(10)]
    read = Reader(context(), Limits())
    for frame in frames(words, read):
        read.read_event(frame)
    assert read.read_batch("message", words[:1]) is not None
    assert read.read_batch("error", words[:1]) is None
    (wrong,) = frames(words[:1], read, "error")
    read.read_event(wrong)
    result = read.result()
    assert result is not None
    assert result.error is not None


def test_documents_of_several_lines_are_parsed() -> None:
    """Where one payload ends and the next begins is told by line ends: a template has none."""
    payloads = [json.dumps(openai(f"w{i}"), indent=1).replace("\n", "\ndata: ") for i in range(20)]
    assert agree(payloads) == 0


def test_arguments_of_tools_are_always_read() -> None:
    def call(piece: str) -> str:
        function = {"name": "f", "arguments": piece}
        return json.dumps({"id": "1", "choices": [{"index": 0, "delta": {"tool_calls": [{"function": function}]}}]})

    assert agree([call(piece) for piece in ("{", "1", "}", "{", "2", "}") * 5]) == 0


def numbered(i: int, number: int) -> str:
    delta = {"type": "response.output_text.delta", "sequence_number": number, "item_id": "m", "delta": f"w{i}"}
    return json.dumps({**delta, "obfuscation": "x" * (i % 5)})


RESPONSES = context("/v1/responses")


def test_numbers_that_count_the_events_are_followed() -> None:
    assert agree([numbered(i, i + 7) for i in range(50)], RESPONSES) >= 45


@given(st.lists(st.sampled_from([1] * 20 + [0, 2, 7, -1]), min_size=10, max_size=60))
def test_a_number_that_is_not_the_next_is_read(steps: list[int]) -> None:
    """An event that was lost is noted, whether the others are known by their looks or not."""
    payloads, number = [], 9
    for i, step in enumerate(steps):
        number = max(1, number + step)
        payloads.append(numbered(i, number))
    agree(payloads, RESPONSES)
    by_lot, one_by_one = Reader(RESPONSES, Limits()), Reader(RESPONSES, Limits())
    for start in range(0, len(payloads), 8):
        some = payloads[start : start + 8]
        if by_lot.read_batch("message", some) is None:
            for frame in frames(some, None):
                by_lot.read_event(frame)
        for frame in frames(some, None):
            one_by_one.read_event(frame)
        assert by_lot.result() == one_by_one.result()


def test_a_number_that_means_something_else_is_read() -> None:
    def indexed(i: int) -> str:
        return json.dumps({"type": "response.output_text.delta", "output_index": i, "delta": f"w{i}"})

    assert agree([indexed(i) for i in range(1, 50)], RESPONSES) == 0


def test_tries_grow_rare_where_nothing_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    monkeypatch.setattr("streamwatchlib.llm.templates.derive_template", lambda *both: tries.append(both))
    agree([json.dumps({**openai(f"w{i}"), f"key{i}": i}) for i in range(2000)])
    assert 10 <= len(tries) <= 24, "of two streams of 2000"
