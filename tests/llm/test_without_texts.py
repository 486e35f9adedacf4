"""A message without its texts."""

from __future__ import annotations

from dataclasses import asdict

from streamwatchlib.llm.without_texts import without_texts
from streamwatchlib.model import Llm, Usage

from .replies import CHAT, chunk, streamed


def test_figures_stay_and_words_go() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "look", "arguments": "SECRET"}}
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    llm = streamed(
        CHAT,
        chunk({"content": "SECRET", "reasoning_content": "SECRET", "refusal": "SECRET"}),
        chunk({"tool_calls": [call]}, "stop", 1, usage=usage),
        {"error": {"type": "t", "code": 5, "message": "SECRET", "param": "SECRET"}},
    )
    bare = without_texts(llm)
    assert "SECRET" in str(asdict(llm))
    assert "SECRET" not in str(asdict(bare))
    assert (bare.usage, bare.error) == (Usage(1, 2), {"type": "t", "code": 5})
    assert [choice.finish_reason for choice in bare.choices] == [None, "stop"]
    assert bare.choices[1].tool_calls[0].name == "look"


def test_no_error_stays_none() -> None:
    assert without_texts(Llm("p", "a")) == Llm("p", "a")


def test_a_code_that_is_a_sentence_goes_with_the_message() -> None:
    llm = Llm("p", "a", error={"type": "some.error-1", "code": "the word was SECRET", "status": None})
    assert without_texts(llm).error == {"type": "some.error-1", "status": None}
