"""Services that search, then let a model answer."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import Reader
from streamwatchlib.model import Limits

from ..replies import context, frame, listened, streamed, whole

EXA = context("/answer", "api.exa.ai")
VECTARA = context("/v2/corpora/c/query", "api.vectara.io")
FOUND = {"type": "search_results", "search_results": [{"text": "t", "score": 0.9}]}


def test_exas_pieces_and_whole_answers() -> None:
    llm = streamed(EXA, {"citations": [{"url": "u"}]}, {"choices": [{"delta": {"content": "ab"}}]})
    assert (llm.provider, llm.api, llm.text) == ("exa", "answer", "ab")
    llm = whole(EXA, {"requestId": "r", "answer": "ab", "citations": []})
    assert (llm.provider, llm.response_id, llm.text) == ("exa", "r", "ab")


def test_vectaras_stream() -> None:
    piece = {"type": "generation_chunk", "generation_chunk": "ab"}
    listener = listened(VECTARA, ("search_results", FOUND), ("generation_chunk", piece))
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.text) == ("vectara", "query", "ab")
    assert streamed("/elsewhere", ("generation_chunk", piece)).provider == "vectara-compatible"


@pytest.mark.parametrize("member", ["answer", "summary"])
def test_vectaras_whole_answers(member: str) -> None:
    assert whole(VECTARA, {member: "ab", "search_results": []}).text == "ab"


def test_what_vectara_found_is_no_answer() -> None:
    reader = Reader(VECTARA, Limits())
    reader.read_whole({"search_results": []})
    assert reader.result() is None


def test_vectaras_errors_are_lists_of_sentences() -> None:
    llm = streamed(VECTARA, ("error", {"type": "error", "messages": ["a", "b"]}))
    assert llm.error == {"message": "a\nb"}
    assert whole(VECTARA, {"messages": ["a"], "request_id": "r"}).error == {"message": "a"}


def test_vectaras_end() -> None:
    reader = listened(VECTARA, ("search_results", FOUND))
    assert reader.read_event(frame({"type": "generation_end"}, "generation_end")).end is None
    assert reader.read_event(frame({"type": "end"}, "end")).end == "end"
