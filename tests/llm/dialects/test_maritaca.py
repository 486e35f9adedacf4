"""Maritaca's own chat."""

from __future__ import annotations

from streamwatchlib.model import Usage

from ..replies import context, frame, listened, whole

WHERE = context("/api/chat/inference", "chat.maritaca.ai", {"model": "m"})


def test_pieces_and_an_end_without_data() -> None:
    listener = listened(WHERE, {"text": "a"}, {"text": "b"})
    assert listener.read_event(frame("", "end")).end == "end"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.text) == ("maritaca", "chat", "m", "ab")


def test_whole_answers_and_errors() -> None:
    llm = whole(WHERE, {"answer": "ab", "model": "n", "usage": {"prompt_tokens": 2, "completion_tokens": 1}})
    assert (llm.model, llm.text, llm.usage) == ("n", "ab", Usage(2, 1))
    assert whole(WHERE, {"error": {"message": "no"}}).error == {"message": "no"}
