"""Where no texts are kept, a name stays and a sentence does not, wherever an API has room for a name."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamwatchlib.model import Limits, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.report import jsonl

SENTENCE = "tell me of Zanzibar"
JSON = "application/json"
CHAT, RESPONSES, GEMINI = "/v1/chat/completions", "/v1/responses", "/v1beta/models/g:generateContent"


def record(
    answer: object = None,
    path: str = CHAT,
    asked: bytes = b'{"model": "m"}',
    declared: str = JSON,
    error: str | None = None,
) -> Record:
    opening = RequestHead("id", 1_760_000_000.0, "POST", f"http://h{path}", "HTTP/1.1", (("Content-Type", declared),))
    made = Observer(opening, Limits(), keep_text=False)
    made.end_request(asked, 0.001)
    made.response_head(ResponseHead(200, "HTTP/1.1", (("content-type", JSON),)), 0.1)
    made.feed(json.dumps(answer).encode(), 0.2)
    return made.close(1.0, "error" if error else "complete", error)


def chat(word: str) -> Record:
    call = {"id": word, "type": "function", "function": {"name": word, "arguments": "{}"}}
    choices = [
        {"index": index, "message": {"content": "", "tool_calls": [call]}, "finish_reason": word} for index in (0, 1)
    ]
    return record({"id": word, "model": "m", "choices": choices})


def form(word: str) -> Record:
    return record(asked=f"{word}&a=b".encode(), declared="application/x-www-form-urlencoded")


def parts(word: str) -> Record:
    body = f'--B\r\nContent-Disposition: form-data; name="{word}"\r\n\r\nx\r\n--B--\r\n'
    return record(asked=body.encode(), declared="multipart/form-data; boundary=B")


def keys(word: str) -> Record:
    return record({word: "x"}, asked=json.dumps({word: "x"}).encode())


def incomplete(word: str) -> Record:
    return record({"object": "response", "status": "incomplete", "incomplete_details": {"reason": word}}, RESPONSES)


def blocked(word: str) -> Record:
    return record({"promptFeedback": {"blockReason": word}}, GEMINI)


@pytest.mark.parametrize("made", [chat, form, parts, keys, incomplete, blocked])
def test_a_name_stays_and_a_sentence_does_not(made: Callable[[str], Record]) -> None:
    assert "get_weather" in jsonl.to_line(made("get_weather"))
    assert "Zanzibar" not in jsonl.to_line(made(SENTENCE))


def test_that_there_was_one_is_told() -> None:
    llm = chat(SENTENCE).llm
    assert llm
    assert (llm.response_id, llm.tool_calls[0].name, llm.finish_reason) == ("…", "…", "…")
    assert form(SENTENCE).request.body.fields == (("…", None), ("a", None))


@pytest.mark.parametrize("quoted", [repr(bytearray(b"it's Zanzibar\r\n")), repr(b'"Zanzibar')])
def test_the_bytes_that_an_error_of_the_protocol_quotes_are_a_text(quoted: str) -> None:
    error = record(error=f"HTTP/1 protocol error: illegal chunk header: {quoted}").error
    assert error
    assert error.startswith("HTTP/1 protocol error: illegal chunk header: ")
    assert "Zanzibar" not in error
