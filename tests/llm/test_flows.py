"""Flows that people draw."""

from __future__ import annotations

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


def test_what_others_stream_at_such_places_is_not_theirs() -> None:
    for where in ("/api/v1/run/f", "/api/v1/prediction/f"):
        assert listened(where, {"event": "token"}, {"outputs": []}).result() is None
