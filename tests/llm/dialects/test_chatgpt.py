"""ChatGPT, the app."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Context, ToolCall

from ..replies import context, frame, listened, streamed, whole

WHERE = context("/backend-api/f/conversation", "chatgpt.com", {"action": "next", "model": "auto"})
ENCODED = ("delta_encoding", "v1")
COMPLETE = {"type": "message_stream_complete", "conversation_id": "c"}


def message(id: str, role: str, *parts: str, **more: object) -> dict[str, object]:
    content = {"content_type": "text", "parts": list(parts)}
    said = {"id": id, "author": {"role": role}, "content": content, "status": "in_progress", "recipient": "all"}
    return {"message": {**said, "end_turn": None, "metadata": {}, **more}, "conversation_id": "c", "error": None}


def delta(new: object, **more: object) -> tuple[str, object]:
    return "delta", {"v": new, **more}


def patch(*changes: tuple[str, str, object]) -> tuple[str, object]:
    return delta([{"p": path, "o": how, "v": new} for path, how, new in changes], p="", o="patch")


TOLD_AGAIN = (
    delta(message("s", "system", "", status="finished_successfully", end_turn=True), p="", o="add", c=0),
    delta(message("u0", "user", "first", status="finished_successfully"), c=1),
    delta(message("a0", "assistant", "before", status="finished_successfully"), c=2),
    delta(message("u1", "user", "second", status="finished_successfully", end_turn=True), c=3),
    {"type": "input_message", "input_message": {"id": "u1"}},
    {"type": "server_ste_metadata", "metadata": {"model_slug": "gpt-5"}},
)
ANSWER = (
    delta(message("a1", "assistant", "", metadata={"model_slug": "gpt-5"}), c=4),
    delta("a", p="/message/content/parts/0", o="append"),
    delta("b"),
    patch(
        ("/message/content/parts/0", "append", "c"),
        ("/message/status", "replace", "finished_successfully"),
        ("/message/end_turn", "replace", True),
        ("/message/metadata", "append", {"finish_details": {"type": "stop"}}),
    ),
    COMPLETE,
    "[DONE]",
)


@pytest.mark.parametrize(
    ("where", "provider"), [(WHERE, "openai"), (context("/relay", body={"model": "auto"}), "openai-compatible")]
)
def test_patches_of_the_assistants_message_are_the_answer(where: Context, provider: str) -> None:
    listener = listened(where)
    told = [each if isinstance(each, tuple) else ("message", each) for each in (ENCODED, *TOLD_AGAIN, *ANSWER)]
    readings = [listener.read_event(frame(payload, name)) for name, payload in told]
    assert [reading.channels for reading in readings if reading.channels] == [("text",)] * 3
    assert [reading.end for reading in readings if reading.end] == ["message_stream_complete", "[DONE]"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == (provider, "conversation", "gpt-5", "a1")
    assert (llm.text, llm.reasoning, llm.finish_reason) == ("abc", None, "stop")


def test_thoughts_and_what_the_server_looks_up() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": []}
    code = {"content_type": "code", "text": ""}
    path = "/message/content/thoughts"
    llm = streamed(
        WHERE,
        ENCODED,
        delta(message("t", "assistant", content=thoughts)),
        patch((path, "append", [{"summary": "a title", "content": "x"}])),
        delta("y", p=f"{path}/0/content", o="append"),
        delta("z"),
        delta("another title", p=f"{path}/0/summary", o="replace"),
        delta(message("w", "assistant", content=code, recipient="web.run")),
        delta('{"q":', p="/message/content/text", o="append"),
        delta("1}"),
        delta(message("r", "tool", "what was found")),
        *ANSWER,
    )
    assert (llm.reasoning, llm.text) == ("xyz", "abc")
    assert llm.server_tool_calls == (ToolCall("w", "web.run", '{"q":1}'),)


def test_a_message_that_comes_again_with_more_of_it_is_said_once() -> None:
    done = message("a", "assistant", "abc", status="finished_successfully", end_turn=True)
    again = [message("a", "assistant", words) for words in ("", "a", "abc")]
    llm = streamed(WHERE, message("u", "user", "hi"), *again, done, "[DONE]")
    assert (llm.text, llm.finish_reason) == ("abc", "finished_successfully")
    patched = [delta(message("a", "assistant", "")), *[delta("a")] * 9]
    assert streamed(WHERE, *patched, message("a", "assistant", "a" * 9 + "b")).text == "a" * 9 + "b"


def test_errors_and_how_a_stream_is_asked_for() -> None:
    assert streamed(WHERE, {"message": None, "conversation_id": "c", "error": "no"}).error == {"message": "no"}
    failed = context("/backend-api/f/conversation", "chatgpt.com", status=429)
    assert whole(failed, {"detail": "too many"}).error == {"message": "too many"}
    asked = replace(WHERE, request_headers=(("accept", "text/event-stream"),))
    assert intent(asked) == (True, "header.accept")


def test_what_is_patched_beside_the_words_leaves_their_place_alone() -> None:
    begun = delta(message("t", "assistant", content={"content_type": "thoughts", "thoughts": []}))
    thought = delta("x", p="/message/content/thoughts/0/content", o="append")
    llm = streamed(WHERE, begun, thought, patch(("/message/metadata", "append", {})), delta("y"), delta({}), delta("z"))
    assert llm.reasoning == "xyz"


def test_what_goes_on_where_no_words_are_is_none_of_them() -> None:
    key = delta("k", p="/message/metadata/refresh_key_info", o="replace")
    llm = streamed(WHERE, ANSWER[0], delta("a"), key, delta("ey"), *ANSWER[3:])
    assert llm.text == "ac"


def test_a_stream_that_is_resumed_begins_amid_a_message() -> None:
    where = context("/backend-api/f/conversation/resume", "chatgpt.com")
    assert streamed(where, {"type": "resume_conversation_token"}, *ANSWER[3:]).text == "c"


def test_patches_within_patches_are_none() -> None:
    nested: list[object] = []
    for _ in range(500):
        nested = [{"p": "", "o": "patch", "v": nested}]
    assert streamed(WHERE, delta(nested), *ANSWER).text == "abc"
