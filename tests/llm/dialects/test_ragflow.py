"""RAGFlow's chats and agents."""

from __future__ import annotations

import pytest

from ..replies import frame, listened, streamed, whole

CHAT, AGENT = "/api/v1/chats/c/completions", "/api/v1/agents/a/completions"


def ragflow(data: object, code: int = 0, message: str = "") -> dict[str, object]:
    return {"code": code, "message": message, "data": data}


@pytest.mark.parametrize("pieces", [("He", "llo", "!"), ("H", "He", "Hell", "Hello", "Hello!")])
def test_ragflow(pieces: tuple[str, ...]) -> None:
    listener = listened("/api/v1/chats/c/completions")
    stream = [ragflow({"answer": piece, "reference": {}, "id": "i", "session_id": "s"}) for piece in pieces]
    readings = [listener.read_event(frame(payload)) for payload in [*stream, ragflow(True)]]
    assert [reading.channels for reading in readings] == [("text",)] * len(pieces) + [()]
    assert [reading.end for reading in readings] == [None] * len(pieces) + ["data"]
    whole_ = whole("/any", ragflow({"answer": "Hello!", "reference": {}, "id": "i"}))
    for llm in (listener.result(), whole_):
        assert llm
        assert (llm.provider, llm.text, llm.response_id) == ("ragflow-compatible", "Hello!", "i")


def test_ragflow_complains_in_its_envelope() -> None:
    refused = ragflow(False, 102, "You don't own the chat")
    assert whole("/api/v1/chats/c/completions", refused).error == {"code": 102, "message": "You don't own the chat"}


def answer(words: str, **more: object) -> dict[str, object]:
    return ragflow({"answer": words, "reference": {}, "id": "i", "final": False, **more})


@pytest.mark.parametrize(("last", "text"), [("", "Hello"), ("Hello [ID:0]", "Hello [ID:0]")])
def test_thoughts_stand_between_their_signs_and_the_last_piece_may_tell_all_again(last: str, text: str) -> None:
    told = [
        (answer("", start_to_think=True), ()),
        (answer("h"), ("reasoning",)),
        (answer("m"), ("reasoning",)),
        (answer("", end_to_think=True), ()),
        (answer("Hel"), ("text",)),
        (answer("lo"), ("text",)),
        (answer(last, final=True), ()),
        (ragflow(True), ()),
    ]
    listener = listened(CHAT)
    assert [listener.read_event(frame(payload)).channels for payload, _ in told] == [channels for _, channels in told]
    llm = listener.result()
    assert llm
    assert (llm.text, llm.reasoning) == (text, "hm")


def test_an_answer_in_one_piece_is_the_last() -> None:
    assert streamed(CHAT, answer("Hello", final=True), ragflow(True)).text == "Hello"


def event(name: str, **data: object) -> dict[str, object]:
    return {"event": name, "message_id": "m", "created_at": 1, "task_id": "t", "session_id": "s", "data": data}


@pytest.mark.parametrize("where", [AGENT, "/somewhere"])
def test_the_events_of_an_agent(where: str) -> None:
    told = [
        (event("workflow_started", inputs={"q": "?"}), ()),
        (event("node_finished", outputs={"content": "no word"}), ()),
        (event("message", content="", start_to_think=True), ()),
        (event("message", content="h"), ("reasoning",)),
        (event("message", content="", end_to_think=True), ()),
        (event("message", content="He", audio_binary=None), ("text",)),
        (event("message", content="llo"), ("text",)),
        (event("message_end", reference={}), ()),
        (event("workflow_finished", outputs="Hello"), ()),
    ]
    listener = listened(where)
    readings = [listener.read_event(frame(payload)) for payload, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [reading.end for reading in readings] == [None] * 8 + ["workflow_finished"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text, llm.reasoning, llm.response_id) == ("ragflow-compatible", "Hello", "h", "m")


def test_an_agents_whole_answer() -> None:
    llm = whole(AGENT, ragflow(event("workflow_finished", content="Hello", outputs={})))
    assert (llm.text, llm.response_id) == ("Hello", "m")
