"""OpenAI Realtime."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed

WHERE = "/v1/realtime"


def event(type_: str, **more: object) -> dict[str, object]:
    return {"type": type_, "event_id": "e", "response_id": "r", "output_index": 0, "content_index": 0, **more}


def done(*output: object, status: str = "completed", **more: object) -> dict[str, object]:
    return event("response.done", response={"id": "r", "status": status, "output": list(output), **more})


def spoken(words: str) -> dict[str, object]:
    return {"type": "message", "content": [{"type": "output_audio", "transcript": words}]}


@pytest.mark.parametrize(
    ("type_", "more", "channels"),
    [
        ("response.output_text.delta", {"delta": "a"}, ("text",)),
        ("response.text.delta", {"delta": "a"}, ("text",)),
        ("response.output_audio_transcript.delta", {"delta": "a"}, ("text",)),
        ("response.audio_transcript.delta", {"delta": "a"}, ("text",)),
        ("response.function_call_arguments.delta", {"delta": "{"}, ("tool_calls",)),
        ("response.output_audio.delta", {"delta": "AAAA"}, ()),
        ("response.audio.delta", {"delta": "AAAA"}, ()),
        ("session.updated", {"session": {}}, ()),
        ("rate_limits.updated", {"rate_limits": []}, ()),
    ],
)
@pytest.mark.parametrize("where", [WHERE, "/elsewhere"])
def test_channels(where: str, type_: str, more: dict[str, object], channels: tuple[str, ...]) -> None:
    reading = listened(where, event("session.created")).read_event(frame(event(type_, **more)))
    assert (reading.channels, reading.type) == (channels, type_)
    assert reading.kept == ("audio.delta" not in type_)


def test_a_spoken_answer_is_its_transcript() -> None:
    usage = {"input_tokens": 9, "output_tokens": 7, "input_token_details": {"cached_tokens": 4}}
    llm = streamed(
        WHERE,
        event("response.output_audio_transcript.delta", delta="hel"),
        event("response.output_audio.delta", delta="AAAA"),
        event("response.output_audio_transcript.delta", delta="lo"),
        done(spoken("hello"), usage=usage),
    )
    assert (llm.api, llm.text, llm.response_id, llm.finish_reason, llm.notes) == (
        "realtime",
        "hello",
        "r",
        "completed",
        (),
    )
    assert llm.usage == Usage(9, 7, None, 4)


@pytest.mark.parametrize("name", ["model", "deployment"])
def test_the_model_is_the_one_that_the_url_names(name: str) -> None:
    asked = replace(context(WHERE), query=((name, "gpt-realtime"),))
    assert streamed(asked, done(spoken("hello"))).model == "gpt-realtime"


def test_a_call_of_a_tool_is_put_together() -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f"}
    llm = streamed(
        WHERE,
        event("response.output_item.added", item=item),
        event("response.function_call_arguments.delta", delta='{"a":'),
        event("response.function_call_arguments.delta", delta="1}"),
        done({**item, "arguments": '{"a":1}'}),
    )
    assert (llm.tool_calls, llm.notes) == ((ToolCall("c", "f", '{"a":1}'),), ())


def test_an_answer_that_was_talked_over_is_no_loss_of_data() -> None:
    llm = streamed(
        WHERE, event("response.audio_transcript.delta", delta="hello"), done(spoken("hel"), status="cancelled")
    )
    assert (llm.text, llm.finish_reason, llm.notes) == ("hello", "cancelled", ())


@pytest.mark.parametrize(
    ("status", "details", "error", "notes"),
    [
        ("completed", None, None, ()),
        ("failed", {"type": "failed", "error": {"code": "insufficient_quota"}}, {"code": "insufficient_quota"}, ()),
        ("cancelled", {"type": "cancelled", "reason": "turn_detected"}, None, ("cancelled: turn_detected",)),
        ("incomplete", {"reason": "max_output_tokens", "error": None}, None, ("incomplete: max_output_tokens",)),
    ],
)
def test_why_a_response_did_not_complete(status: str, details: object, error: object, notes: tuple[str, ...]) -> None:
    llm = streamed(WHERE, done(status=status, status_details=details))
    assert (llm.finish_reason, llm.error, llm.notes) == (status, error, notes)


@pytest.mark.parametrize(("status", "fault"), [("completed", False), ("failed", True), ("cancelled", True)])
def test_an_error_that_no_response_failed_by_is_not_its_own(status: str, fault: bool) -> None:
    refused = {"type": "error", "event_id": "e", "error": {"code": "unknown_parameter", "message": "no"}}
    llm = streamed(WHERE, event("response.output_text.delta", delta="a"), refused, done(spoken("a"), status=status))
    assert (llm.text, llm.error is not None, bool(llm.notes)) == ("a", fault, not fault)


def test_what_was_lost_on_the_way_is_reported() -> None:
    llm = streamed(WHERE, event("response.text.delta", delta="he"), done(spoken("hello")))
    assert (llm.text, len(llm.notes)) == ("hello", 1)


# --- speech that is recognised, translated and made ---

HEARD = "conversation.item.input_audio_transcription"
LISTENS = [
    (context("/v1/realtime"), event("session.updated", session={"type": "transcription"})),
    (replace(context("/v1/realtime"), query=(("intent", "transcription"),)), event("session.created")),
    (replace(context("/v1/realtime"), query=(("model", "qwen3-asr-flash-realtime"),)), event("session.created")),
]


def heard(step: str, item: str, **more: object) -> dict[str, object]:
    return {"type": f"{HEARD}.{step}", "event_id": "e", "item_id": item, **more}


@pytest.mark.parametrize(("where", "opened"), LISTENS)
def test_what_a_session_recognises_is_its_answer_a_line_an_item(where: Context, opened: object) -> None:
    counted = {"type": "tokens", "input_tokens": 5, "output_tokens": 3, "total_tokens": 8}
    told = [
        (heard("delta", "i", delta="Hel"), ("text",)),
        (heard("delta", "i", delta="lo"), ("text",)),
        (heard("completed", "i", transcript="Hello", usage=counted), ()),
        (heard("delta", "j", delta="you"), ("text",)),
        (heard("completed", "j", transcript="you", usage=counted), ()),
        (heard("segment", "k", text="Bye", speaker="A"), ()),
        (heard("completed", "k", transcript="Bye"), ("text",)),
    ]
    listener = listened(where, opened)
    assert [listener.read_event(frame(value)).channels for value, _ in told] == [channels for _, channels in told]
    llm = listener.result()
    assert llm is not None
    assert (llm.text, llm.usage) == ("Hello\nyou\nBye", Usage(10, 6))


def test_qwen_tells_a_sentence_again_until_it_is_over() -> None:
    told = [
        (heard("text", "i", text="", stash="Helo"), ("text",)),
        (heard("text", "i", text="", stash="Helo"), ()),
        (heard("text", "i", text="Hello", stash=" yo"), ("text",)),
        (heard("completed", "i", transcript="Hello you."), ("text",)),
        (heard("text", "j", text="", stash="By"), ("text",)),
    ]
    listener = listened(*LISTENS[2])
    assert [listener.read_event(frame(value)).channels for value, _ in told] == [channels for _, channels in told]
    llm = listener.result()
    assert llm is not None
    assert llm.text == "Hello you.\nBy"


def test_speech_that_cannot_be_recognised_is_an_error() -> None:
    llm = streamed(*LISTENS[0], heard("failed", "i", error={"code": "audio_unintelligible", "message": "what?"}))
    assert llm.error == {"code": "audio_unintelligible", "message": "what?"}


def test_in_a_conversation_what_the_user_said_is_no_answer() -> None:
    listener = listened(WHERE, event("session.updated", session={"type": "realtime"}))
    assert listener.read_event(frame(heard("delta", "i", delta="Hello"))).channels == ()
    llm = listener.result()
    assert llm is not None
    assert llm.text is None


@pytest.mark.parametrize(("stem", "field"), [("response.text", "text"), ("response.audio_transcript", "transcript")])
def test_a_translation_is_told_again_until_it_is_over(stem: str, field: str) -> None:
    part = {"type": "audio", "transcript": "Hello you."}
    item = {"type": "message", "id": "m", "content": [part]}
    told = [
        (event(f"{stem}.text", item_id="m", text="", stash="Helo"), ("text",)),
        (event(f"{stem}.text", item_id="m", text="Hello", stash=" yo"), ("text",)),
        (event(f"{stem}.done", item_id="m", **{field: "Hello you."}), ("text",)),
        (event("response.output_item.done", item=item), ()),
        (done(item), ()),
    ]
    listener = listened(WHERE, event("session.created"))
    assert [listener.read_event(frame(value)).channels for value, _ in told] == [channels for _, channels in told]
    llm = listener.result()
    assert llm is not None
    assert (llm.text, llm.notes) == ("Hello you.", ())


def test_sound_is_the_content_of_a_model_that_only_speaks() -> None:
    where = replace(context(WHERE), query=(("model", "qwen3-tts-flash-realtime"),))
    listener = listened(where, event("response.created", response={"id": "r"}))
    reading = listener.read_event(frame(event("response.audio.delta", delta="AAAA")))
    assert (reading.channels, reading.kept) == (("events",), False)


def test_vllm_recognises_without_responses() -> None:
    usage = {"prompt_tokens": 4, "completion_tokens": 2}
    llm = streamed(
        WHERE,
        {"type": "session.created", "id": "s"},
        {"type": "transcription.delta", "delta": "Hello "},
        {"type": "transcription.delta", "delta": "you"},
        {"type": "transcription.done", "text": "Hello you", "usage": usage},
    )
    assert (llm.api, llm.text, llm.usage) == ("realtime", "Hello you", Usage(4, 2))


# --- sessions of OpenAI's Live API, which know no responses but those of models they delegate to ---


def delegated(type_: str, **more: object) -> dict[str, object]:
    return {
        "type": "response.event",
        "event_id": "e",
        "event": {"type": f"response.{type_}", "output_index": 0, **more},
    }


def delegated_call(number: int) -> list[tuple[dict[str, object], tuple[str, ...]]]:
    item = {"type": "function_call", "id": f"i{number}", "call_id": f"c{number}", "name": "f"}
    piece = delegated("function_call_arguments.delta", item_id=f"i{number}", delta=f"[{number}]")
    return [
        (delegated("output_item.added", item={**item, "arguments": ""}), ()),
        (piece, ("tool_calls",)),
        (delegated("function_call_arguments.done", item_id=f"i{number}", arguments=f"[{number}]"), ()),
        (delegated("output_item.done", item={**item, "arguments": f"[{number}]"}), ()),
    ]


@pytest.mark.parametrize("where", ["/v1/live/sessions", "/v1/live/sessions/s/fork", "/elsewhere"])
def test_a_live_session_is_what_it_says_and_which_calls_its_delegates_make(where: str) -> None:
    told = [
        ({"type": "session.input_transcript.delta", "event_id": "e", "delta": "not mine"}, ()),
        ({"type": "session.output_transcript.delta", "event_id": "e", "delta": "Hel"}, ("text",)),
        ({"type": "session.output_audio.delta", "delta": "AAAA"}, ()),
        ({"type": "session.output_transcript.delta", "event_id": "e", "delta": "lo"}, ("text",)),
        (delegated("output_text.delta", delta="for the one that speaks"), ()),
        *delegated_call(1),
        *delegated_call(2),
        (delegated("completed", response={"id": "r", "model": "other", "output": []}), ()),
        ({"type": "session.input_audio.append", "audio": "AAAA"}, ()),
    ]
    listener = listened(where, event("session.started", session={"id": "s", "model": "live"}))
    readings = [listener.read_event(frame(value)) for value, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [value["type"] for (value, _), reading in zip(told, readings, strict=True) if not reading.kept] == [
        "session.output_audio.delta",
        "session.input_audio.append",
    ]
    llm = listener.result()
    assert llm is not None
    assert (llm.api, llm.model, llm.text) == ("realtime", "live", "Hello")
    assert llm.tool_calls == (ToolCall("c1", "f", "[1]"), ToolCall("c2", "f", "[2]"))
