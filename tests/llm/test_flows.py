"""Flows that people draw."""

from __future__ import annotations

import pytest

from .replies import frame, listened, streamed, whole


def event(name: str, data: object) -> dict[str, object]:
    return {"event": name, "data": data}


FLOWISE = [
    (event("start", "He"), ()),  # which the first token says again
    (event("token", "He"), ("text",)),
    (event("usedTools", [{"tool": "t", "toolInput": {}, "toolOutput": "no word"}]), ()),
    (event("token", "llo"), ("text",)),
    (event("metadata", {"chatId": "c", "chatMessageId": "i"}), ()),
    (event("end", "[DONE]"), ()),
]
LANGFLOW = [
    (event("add_message", {"text": "q", "sender": "User", "id": "i"}), ()),
    (event("token", {"chunk": "He", "id": "i", "timestamp": "t"}), ("text",)),
    (event("token", {"chunk": "llo", "id": "i"}), ("text",)),
    (event("add_message", {"text": "Hello", "sender": "Machine", "id": "i"}), ()),
]
RESULT = {"session_id": "s", "outputs": [{"outputs": [{"results": {"message": {"text": "Hello"}}}]}]}


def test_flowise() -> None:
    listener = listened("/api/v1/prediction/f")
    readings = [listener.event(frame(payload)) for payload, _ in FLOWISE]
    assert [reading.channels for reading in readings] == [channels for _, channels in FLOWISE]
    assert [reading.end for reading in readings] == [None] * 5 + ["end"]
    answered = {"text": "Hello", "question": "q", "chatId": "c", "chatMessageId": "i"}
    for llm in (listener.result(), whole("/api/v1/prediction/f", answered)):
        assert llm
        assert (llm.provider, llm.api, llm.text, llm.response_id) == ("flowise-compatible", "prediction", "Hello", "i")
    assert streamed("/api/v1/prediction/f", event("error", "no")).error == {"message": "no"}


def test_langflow() -> None:
    listener = listened("/api/v1/run/f")
    readings = [listener.event(frame(payload)) for payload, _ in [*LANGFLOW, (event("end", {"result": RESULT}), ())]]
    assert [reading.channels for reading in readings] == [*(channels for _, channels in LANGFLOW), ()]
    assert readings[-1].end == "end"
    for llm in (listener.result(), whole("/api/v1/run/f", RESULT)):
        assert llm
        assert (llm.provider, llm.api, llm.text) == ("langflow-compatible", "run", "Hello")


def test_the_end_of_a_langflow_in_which_nothing_streams_says_all() -> None:
    listener = listened("/api/v1/run/f")
    assert listener.event(frame(event("end", {"result": RESULT}))).channels == ("text",)
    assert streamed("/api/v1/run/f", event("error", {"text": "no"})).error == {"message": "no"}


def n8n(type_: str, **more: object) -> dict[str, object]:
    return {"type": type_, **more, "metadata": {"nodeId": "i", "nodeName": "AI Agent", "runIndex": 0}}


def test_n8n() -> None:
    listener = listened("/webhook/w/chat")
    stream = [n8n("begin"), n8n("item", content="He"), n8n("item", content="llo"), n8n("end")]
    readings = [listener.event(frame(payload)) for payload in stream]
    assert [reading.channels for reading in readings] == [(), ("text",), ("text",), ()]
    assert readings[-1].end == "end"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text) == ("n8n-compatible", "Hello")
    assert streamed("/any", n8n("error", content="no")).error == {"message": "no"}
    assert listened("/any", {"type": "item", "content": "a"}).result() is None


def ragflow(data: object, code: int = 0, message: str = "") -> dict[str, object]:
    return {"code": code, "message": message, "data": data}


@pytest.mark.parametrize("pieces", [("He", "llo", "!"), ("H", "He", "Hell", "Hello", "Hello!")])
def test_ragflow(pieces: tuple[str, ...]) -> None:
    listener = listened("/api/v1/chats/c/completions")
    stream = [ragflow({"answer": piece, "reference": {}, "id": "i", "session_id": "s"}) for piece in pieces]
    readings = [listener.event(frame(payload)) for payload in [*stream, ragflow(True)]]
    assert [reading.channels for reading in readings] == [("text",)] * len(pieces) + [()]
    assert [reading.end for reading in readings] == [None] * len(pieces) + ["data"]
    whole_ = whole("/any", ragflow({"answer": "Hello!", "reference": {}, "id": "i"}))
    for llm in (listener.result(), whole_):
        assert llm
        assert (llm.provider, llm.text, llm.response_id) == ("ragflow-compatible", "Hello!", "i")


def test_ragflow_complains_in_its_envelope() -> None:
    refused = ragflow(False, 102, "You don't own the chat")
    assert whole("/api/v1/chats/c/completions", refused).error == {"code": 102, "message": "You don't own the chat"}


def test_what_others_stream_at_such_places_is_not_theirs() -> None:
    for where in ("/api/v1/run/f", "/api/v1/prediction/f"):
        assert listened(where, {"event": "token"}, {"outputs": []}).result() is None
