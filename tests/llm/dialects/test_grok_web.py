"""Grok, the app."""

from __future__ import annotations

import pytest

from ..replies import context, listened, streamed

BEGINS = "/rest/app-chat/conversations/new"


def line(**told: object) -> dict[str, dict[str, object]]:
    return {"result": {"response": told}}


def piece(words: str, thinking: bool = False) -> dict[str, dict[str, object]]:
    return line(token=words, isThinking=thinking, isSoftStop=False, responseId="r")


LINES: list[dict[str, dict[str, object]]] = [
    {"result": {"conversation": {"conversationId": "c"}}},
    line(userResponse={"responseId": "u", "message": "q"}),
    piece("Hm", thinking=True),
    piece("Hel"),
    piece("lo"),
    line(modelResponse={"responseId": "r", "message": "Hello", "model": "g-1"}),
    {"result": {"title": {"newTitle": "Greeting"}}},
]


@pytest.mark.parametrize("host", ["grok.com", "elsewhere.example"])
@pytest.mark.parametrize("inner", [True, False])
def test_pieces(host: str, inner: bool) -> None:
    said = LINES if inner else [{"result": each["result"].get("response", each["result"])} for each in LINES]
    llm = streamed(context(BEGINS, host), *said)
    assert (llm.provider, llm.api, llm.model) == ("xai" if host == "grok.com" else "xai-compatible", "chat", "g-1")
    assert (llm.reasoning, llm.text) == ("Hm", "Hello")


def test_an_answer_without_pieces_and_its_end() -> None:
    listener = listened(context(BEGINS, "grok.com"), *LINES[:2], LINES[5])
    assert (llm := listener.result())
    assert llm.text == "Hello"


def test_errors() -> None:
    llm = streamed(context(BEGINS, "grok.com"), piece("a"), {"error": {"code": 8, "message": "Too many requests"}})
    assert llm.error == {"code": 8, "message": "Too many requests"}
