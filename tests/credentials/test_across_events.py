"""A credential spread over several pieces is masked in each of them, and nothing else is touched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pytest
from streamwatchlib import redact
from streamwatchlib.credentials import across_events
from streamwatchlib.model import Limits, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.report import RENDERERS, render

from ..keys import SHAPED, SHAPELESS
from ..wire.framing import seconds

KEY, CARRIED, PASSWORD = SHAPED["OpenAI, project"], SHAPELESS["Cohere"], "hunter2x9"
TEXT = f"Your key is {KEY}, the header says {CARRIED}, password: {PASSWORD}. Really “nothing” else?\n"
ARGUMENTS = json.dumps({"command": f"export KEY={KEY} && run", "api_key": PASSWORD, "path": "a\\b, and so on"})


def cut(text: str, size: int = 3) -> Iterable[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def chat(choice: int = 0, **delta: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": choice, "delta": delta}]}


def call(piece: str) -> dict[str, Any]:
    return chat(tool_calls=[{"index": 0, "id": "call_1", "function": {"name": "run", "arguments": piece}}])


def block(type_: str, **delta: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": type_, **delta}}


ANTHROPIC_START = {
    "type": "message_start",
    "message": {"id": "msg_1", "role": "assistant", "model": "m", "content": []},
}

STREAMS: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "chat": ("/v1/chat/completions", "text/event-stream", [chat(content=piece) for piece in cut(TEXT)]),
    "arguments": ("/v1/chat/completions", "text/event-stream", [call(piece) for piece in cut(ARGUMENTS)]),
    "messages": (
        "/v1/messages",
        "text/event-stream",
        [ANTHROPIC_START, *(block("text_delta", text=piece) for piece in cut(TEXT, 5))],
    ),
    "input": (
        "/v1/messages",
        "text/event-stream",
        [
            ANTHROPIC_START,
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "tool_use", "id": "t", "name": "run"},
            },
            *(block("input_json_delta", partial_json=piece) for piece in cut(ARGUMENTS)),
        ],
    ),
    "responses": (
        "/v1/responses",
        "text/event-stream",
        [{"type": "response.output_text.delta", "output_index": 0, "delta": piece} for piece in cut(TEXT)],
    ),
    "ollama": (
        "/api/chat",
        "application/x-ndjson",
        [{"model": "m", "message": {"role": "assistant", "content": piece}, "done": False} for piece in cut(TEXT, 1)],
    ),
}


def observed(path: str, media_type: str, values: Sequence[dict[str, Any]], dumps: Callable[[Any], str]) -> Record:
    headers = (("Authorization", f"Bearer {CARRIED}"),)
    observer = Observer(RequestHead("id", 1.7e9, "POST", f"http://host{path}", "HTTP/1.1", headers), Limits())
    observer.end_request(b'{"stream": true}', 0.1)
    observer.response_head(ResponseHead(200, "HTTP/1.1", (("Content-Type", media_type),)), 0.2)
    form = "data: {}\n\n" if "event" in media_type else "{}\n"
    for number, value in enumerate(values):
        observer.feed(form.format(dumps(value)).encode(), 0.3 + number / 100)
    return observer.close(9.0, "complete")


def said(values: Iterable[Any]) -> str:
    """What values say in all the members that bear words."""
    found = re.findall(
        r'"(?:content|text|delta|arguments|partial_json)": ("(?:[^"\\]|\\.)*")', json.dumps(list(values))
    )
    return "".join(map(json.loads, found))


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("ascii_", [True, False])
def test_what_a_model_spells_out_stands_in_no_event(name: str, *, ascii_: bool) -> None:
    path, media_type, values = STREAMS[name]
    record = observed(path, media_type, values, partial(json.dumps, ensure_ascii=ascii_))
    assert record.events
    assert record.response
    lines = (record.response.body.content or "").splitlines()
    of_body = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    assert said(values).count(KEY) == 1
    for told in ([json.loads(event.data or "") for event in record.events], of_body):
        assert len(told) == len(values)
        assert told[-3:] == values[-3:], "what says nothing of it stays"
        text = re.sub(r"(?:\*\*\*)+", "***", said(told))
        assert text == redact.text(said(values), frozenset({CARRIED}))
        assert text.count("***") >= 2


def test_choices_that_are_told_at_a_time_are_put_together_one_by_one() -> None:
    values = [chat(choice, content=piece) for piece in cut(TEXT) for choice in range(2)]
    record = observed("/v1/chat/completions", "text/event-stream", values, json.dumps)
    assert record.events
    assert record.response
    body = (record.response.body.content or "").removesuffix("\n\n").split("\n\n")
    for told in ([event.data or "" for event in record.events], [each.removeprefix("data: ") for each in body]):
        for choice in range(2):
            text = re.sub(r"(?:\*\*\*)+", "***", said(map(json.loads, told[choice::2])))
            assert text == redact.text(TEXT, frozenset({CARRIED}))


def masked(*texts: str) -> list[str]:
    return across_events.mask(texts, redact.text)


def test_pieces_are_those_of_one_name() -> None:
    start, end = KEY[:9], KEY[9:]
    assert masked(f'{{"a": "{start}"}}', '{"b": "x"}', f'{{"a": "{end}"}}') == [
        '{"a": "***"}',
        '{"b": "x"}',
        '{"a": "***"}',
    ]
    apart = [f'{{"a": "{start}"}}', f'{{"b": "{end}"}}']
    assert masked(*apart) == apart


def test_what_stands_beside_a_credential_stays() -> None:
    told = (f'{{"t": "it\\"s {KEY[:20]}"}}', f'{{"t": "{KEY[20:40]}"}}', f'{{"t": "{KEY[40:]}, é?"}}')
    assert masked(*told) == ['{"t": "it\\"s ***"}', '{"t": "***"}', '{"t": "***, \\u00e9?"}']


def test_a_text_that_grows_has_no_beginning_of_one() -> None:
    """What each event says again, and what the last says after it, stays."""
    whole = f"The key {CARRIED} is yours"
    told = [json.dumps({"model": "m", "text": whole[:size]}) for size in range(4, len(whole) + 1, 3)]
    said = [json.loads(each)["text"] for each in across_events.mask(told, lambda text: text.replace(CARRIED, "***"))]
    assert not any(CARRIED[:3] in each for each in said)
    assert (said[0], said[4], said[-1]) == ("The ", "The key ***", "The key *** is you")


def test_two_credentials_with_little_between_are_masked_as_one() -> None:
    other = SHAPED["Groq"]
    assert masked(f'{{"t": "{KEY[:9]}"}}', f'{{"t": "{KEY[9:]} {other[:9]}"}}', f'{{"t": "{other[9:]} end"}}') == [
        '{"t": "***"}',
        '{"t": "***"}',
        '{"t": "*** end"}',
    ]


def test_where_what_stands_beside_it_was_put_in_other_words_all_of_it_is_masked() -> None:
    (first, second) = masked('{"t": "\\\\u003d sk-"}', f'{{"t": "{KEY[3:]} end"}}')
    assert KEY[3:10] not in first + second
    assert second == '{"t": "*** end"}'


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": "\\u12"}', '{"a": "\\', '"a":"b"' * 3, '0:"x"\n', "\x00", '{"a": "\\ud83d"}']
)
def test_whatever_there_is_of_json_comes_through(text: str) -> None:
    assert masked(text, text) == [text, text]


@pytest.mark.parametrize(
    "one", ['"a":"', '"a":"b",', '"a" ', '"a":"\\"', '"', '\\"a\\":\\"', "\n0:", '{"key":"sk-'], ids=repr
)
def test_work_is_linear_in_the_text(one: str) -> None:
    text = one * (40_000 // len(one))
    most = 4 * 8 * max(seconds(lambda: masked(text)), 0.001)
    assert seconds(lambda: masked(text * 8), most) < most


def test_the_reports_have_no_piece_of_it() -> None:
    record = observed(*STREAMS["chat"], json.dumps)
    for suffix in RENDERERS:
        assert KEY[-3:] not in render([record], f"report{suffix}").replace("***", "")
