"""One reader for all APIs: how it finds the dialect, and what every dialect must do."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.llm import DIALECTS, Reader
from streamwatchlib.model import Context, Frame, Limits

from . import replies
from .replies import CHAT, Said, Spoken, chunk, context, frame, listened, streamed, whole

ANSWERS = {
    "chat.completions": chunk({"content": "hi"}),
    "completions": {"object": "text_completion", "choices": [{"index": 0, "text": "hi"}]},
    "responses": {"type": "response.output_text.delta", "delta": "hi"},
    "messages": {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}},
    "generateContent": {"candidates": [{"content": {"parts": [{"text": "hi"}]}}]},
    "chat": {"model": "m", "message": {"role": "assistant", "content": "hi"}, "done": False},
    "generate": {"model": "m", "response": "hi", "done": False},
    "generation": {"output": {"text": "hi", "finish_reason": "null"}, "request_id": "r"},
    "v2.chat": {"type": "content-delta", "delta": {"message": {"content": {"text": "hi"}}}},
    "v1.chat": {"event_type": "text-generation", "text": "hi"},
    "completion": {"content": "hi", "stop": False},
    "interactions": {"event_type": "step.delta", "delta": {"type": "text", "text": "hi"}},
    "text.generation": {"results": [{"generated_text": "hi"}]},
    "converse": {"contentBlockDelta": {"delta": {"text": "hi"}}},
}


@pytest.mark.parametrize("api", ANSWERS)
def test_a_dialect_is_known_behind_any_host_and_path(api: str) -> None:
    llm = streamed("/some/proxy", ANSWERS[api])
    assert (llm.api, llm.text) == (api, "hi")


@pytest.mark.parametrize("api", ANSWERS)
def test_payloads_overrule_the_path(api: str) -> None:
    llm = streamed("/v2/chat", ANSWERS[api])
    assert (llm.api, llm.text) == (api, "hi")


def test_before_the_first_payload_nothing_is_claimed_but_the_model_asked_for() -> None:
    listener = listened(context(CHAT, body={"model": "asked"}))
    assert (listener.model, listener.result()) == ("asked", None)
    assert not listener.terminator_due


def test_what_a_gateway_says_before_a_known_api_is_no_content() -> None:
    listener = listened(CHAT)
    payloads = [{"hook_results": {}}, {"id": "x"}, chunk({"content": "hi"})]
    assert [listener.read_event(frame(payload)).channels for payload in payloads] == [(), (), ("text",)]


def test_what_nobody_knows_is_content_though_its_place_is_known() -> None:
    listener = listened(CHAT)
    assert [listener.read_event(frame({"n": n})).channels for n in range(4)] == [(), (), ("events",), ("events",)]
    assert listened("/elsewhere").read_event(frame({"n": 1})).channels == ("events",)


@pytest.mark.parametrize(
    ("data", "type_", "malformed"),
    [
        ("upstream connect error", "message", True),
        ("upstream connect error", "status", False),
        ("ping", "message", False),
        ("DONE", "message", False),
        (" [DONE]", "message", False),
        ('"so be it"', "message", False),
        ("null", "message", False),
    ],
)
def test_words_where_an_api_has_json_are_malformed(data: str, type_: str, malformed: bool) -> None:
    listener = listened(CHAT)
    listener.read_event(frame(chunk({"content": "hi"})))
    assert bool(listener.read_event(Frame(type_, data)).malformed) is malformed


def test_what_came_before_an_api_was_known_is_no_content_once_its_first_content_comes() -> None:
    prologue, answer = [{"n": n} for n in range(8)], [chunk({"role": "assistant"}), chunk({"content": "hi"})]
    listener = listened("/elsewhere")
    readings = [listener.read_event(frame(payload)) for payload in (*prologue, *answer, chunk({"content": "!"}))]
    assert [reading.channels for reading in readings] == [("events",)] * 8 + [(), ("text",), ("text",)]
    assert [reading.first for reading in readings] == [False] * 9 + [True, False]


def test_an_answer_of_no_known_shape_stays_one_though_it_ends_with_one_that_is_known() -> None:
    listener = listened("/elsewhere")
    readings = [
        listener.read_event(frame(payload)) for payload in [*({"n": n} for n in range(9)), chunk({"content": "hi"})]
    ]
    assert not any(reading.first for reading in readings)


def test_a_model_is_named_in_whole_characters() -> None:
    assert listened(context(CHAT, body={"model": "a\ude00"})).model == "a\ufffd"
    assert listened(CHAT, chunk({}, model="b\ude00")).model == "b\ufffd"


@pytest.mark.parametrize(
    "value",
    [
        {"choices": ["Paris", "London"]},
        {"choices": [{"text": "Paris"}]},
        {"choices": [{"message": "Paris", "votes": 2}]},
        {"choices": []},
        {"candidates": [{"name": "A"}]},
        {"is_finished": True},
        {"event_type": "content.moderated"},
        {"text": "a"},
        {"content": "a"},
        {"response": "a"},
        {"results": [{"text": "a"}]},
        {"completions": [{"completion": "a"}]},
        {"message": {"content": "a"}},
        {"output": {"text": "a"}},
        {"type": "start"},
        {"error": {"message": "a"}},
    ],
)
def test_lookalikes_on_other_paths_are_not_claimed(value: object) -> None:
    listener = Reader(context("/quiz"), Limits())
    listener.read_whole(value)
    assert listener.result() is None
    assert listened("/quiz", value).result() is None


@pytest.mark.parametrize(
    ("where", "words", "error"),
    [
        (context(CHAT, status=422), "missing field `messages`\n", {"message": "missing field `messages`"}),
        (context("/v1/messages", status=502), "upstream " * 1000, {"message": ("upstream " * 1000)[:1000].strip()}),
        (context(CHAT, status=502), "\n <html><h1>Bad Gateway</h1></html>", None),
        (context(CHAT, status=200), "Success", None),
        (context("/quiz", status=404), "Not Found", None),
        (context(CHAT, status=404), "", None),
    ],
)
def test_a_sentence_is_an_error_where_an_api_was_asked(where: Context, words: str, error: object) -> None:
    listener = Reader(where, Limits())
    listener.read_whole(None)
    listener.read_plain_text(words)
    llm = listener.result()
    assert (llm and llm.error) == error
    assert llm is None or llm.provider.endswith("-compatible")


def test_a_sentence_may_come_as_a_json_string() -> None:
    assert whole(context(CHAT, status=401), "Invalid token").error == {"message": "Invalid token"}


def test_an_answer_of_no_known_shape_is_no_message() -> None:
    for value in (None, 3, "text", [], {}, {"embedding": [1, 2]}, {"message": "Success"}, [1, {"a": 2}]):
        listener = Reader(context(CHAT), Limits())
        listener.read_whole(value)
        assert listener.result() is None


@pytest.mark.parametrize(
    ("event", "channels", "end"),
    [
        (frame({"chunk": "e"}), ("events",), None),
        (frame("plain words"), ("events",), None),
        (frame([1, 2]), ("events",), None),
        (frame({"done": True}), ("events",), None),
        (frame("[DONE]"), (), "[DONE]"),
        (frame("[DONE] "), (), "[DONE]"),
        (frame('"[DONE]"'), (), "[DONE]"),
        (frame("[done]"), (), "[DONE]"),
        (frame("bye", "end"), (), "end"),
        (frame({"type": "Finish"}), (), "Finish"),
        (frame({"type": "ping"}), (), None),
        (frame("no", "error"), (), None),
        (frame(""), (), None),
        (Frame(data=": keep-alive", comment=True), (), None),
        (Frame(data='{"a', malformed="broken"), (), None),
    ],
)
def test_every_data_event_of_an_unknown_api_is_content(
    event: Frame, channels: tuple[str, ...], end: str | None
) -> None:
    reading = Reader(context("/stream"), Limits()).read_event(event)
    assert (reading.channels, reading.end) == (channels, end)


def test_an_api_that_stays_unknown_is_asked_about_no_more() -> None:
    listener = listened("/stream", *[{"chunk": n} for n in range(100)])
    assert listener.read_event(frame(chunk({"content": "a"}))).channels == ("events",)
    listener = listened("/stream", *[{"chunk": n} for n in range(20)])
    assert listener.read_event(frame(chunk({"content": "a"}))).channels == ("text",)


def test_the_type_of_an_event_can_be_written() -> None:
    listener = listened("/v1/messages", {"type": "message_start", "message": {}})
    assert listener.read_event(frame({"type": "odd\ud800"})).type == "odd\ufffd"


def test_malformed_frames_and_comments_say_nothing_to_a_known_dialect() -> None:
    listener = listened(CHAT, chunk({"content": "a"}))
    assert listener.read_event(Frame(data='{"choices', malformed="cut")).channels == ()
    assert listener.read_event(Frame("comment", "OPENROUTER PROCESSING", comment=True)).channels == ()
    assert listener.traits == {"queued"}


@pytest.mark.parametrize("where", [CHAT, "/v1/messages", "/api/chat", "/v2/chat", "/model/m/converse", "/v1/responses"])
def test_errors_are_read_by_the_dialect_of_the_path(where: str) -> None:
    llm = whole(context(where, status=400), {"error": {"message": "no such model", "type": "invalid", "code": 404}})
    assert llm.error == {"message": "no such model", "type": "invalid", "code": 404}
    assert llm.text is None


def test_a_failed_status_makes_looser_bodies_errors() -> None:
    assert whole(context(CHAT, status=422), {"detail": [{"loc": ["body"]}]}).error == {"message": '[{"loc":["body"]}]'}
    assert whole(context(CHAT, status=500), {"message": "down"}).error == {"message": "down"}


def test_an_error_event_of_plain_words_is_an_error() -> None:
    assert streamed(CHAT, ("error", "overloaded")).error == {"message": "overloaded"}
    assert streamed(CHAT, chunk({"content": "a"}), ("error", {"message": "x", "code": 1})).error == {
        "message": "x",
        "code": 1,
    }


def test_the_model_is_the_one_that_answers_or_else_the_one_asked_for() -> None:
    where = context(CHAT, body={"model": "alias"})
    assert streamed(where, {"choices": [{"delta": {"content": "a"}}]}).model == "alias"
    assert listened(where, chunk({"content": "a"})).model == "m"


# --- what every dialect owes ---

PIECES = st.lists(st.text(min_size=1, max_size=6), max_size=5)
ARGUMENTS = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=2)


def in_halves(text: str) -> list[str]:
    """The text cut into UTF-16 code units: surrogate pairs come apart, as they do in the field."""
    units = text.encode("utf-16-le")
    return [units[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(units), 2)]


@st.composite
def answers(draw: st.DrawFn) -> Said:
    calls = draw(st.lists(st.tuples(st.sampled_from(["add", "look_up"]), ARGUMENTS), max_size=2))
    pieces = [(name, in_halves(replies.compact(value))) for name, value in calls]
    text = [half for piece in draw(PIECES) for half in draw(st.sampled_from([[piece], in_halves(piece)]))]
    return Said(text, draw(PIECES), pieces)


@pytest.mark.parametrize("speak", replies.DIALECTS)
@given(said=answers())
def test_streamed_and_whole_the_same_answer_is_the_same(speak: Callable[[Said], Spoken], said: Said) -> None:
    spoken = speak(said)
    llm = streamed(spoken.where, *spoken.stream)
    assert llm == whole(spoken.where, spoken.whole)
    assert (llm.text or "", llm.reasoning or "") == (said.all_text, said.all_reasoning)
    assert [(call.id, call.name, json.loads(call.arguments)) for call in llm.tool_calls] == list(said.arguments())
    assert llm.finish_reason
    assert llm.usage
    assert llm.usage.output_tokens == 5


@pytest.mark.parametrize("speak", replies.DIALECTS)
def test_only_pieces_of_the_answer_are_content(speak: Callable[[Said], Spoken]) -> None:
    said = Said(["a", "b"], ["c"], [("f", ["{}"])])
    spoken = speak(said)
    listener = listened(spoken.where)
    heard = []
    for payload in spoken.stream:
        name, value = payload if isinstance(payload, tuple) else ("message", payload)
        heard += listener.read_event(frame(value, name)).channels
    assert set(heard) == {"text", "reasoning", "tool_calls"}
    assert heard.count("text") == 2
    assert heard.count("reasoning") == 1


@pytest.mark.parametrize("speak", replies.DIALECTS)
def test_the_end_is_told(speak: Callable[[Said], Spoken]) -> None:
    spoken = speak(Said(["a"]))
    listener = listened(spoken.where)
    ends = []
    for payload in spoken.stream:
        name, value = payload if isinstance(payload, tuple) else ("message", payload)
        ends.append(listener.read_event(frame(value, name)).end)
    assert any(ends)
    assert not any(ends[: len(ends) // 2])
    assert listener.terminator_due or speak is replies.langserve  # whose last event most often has no data


@pytest.mark.parametrize("speak", replies.DIALECTS)
def test_a_stream_can_be_looked_at_on_its_way_without_harm(speak: Callable[[Said], Spoken]) -> None:
    spoken = speak(Said(["Hello ", "\ud83d", "\ude00"], ["hm"], [("f", ['{"a":', "1}"])]))
    listener = listened(spoken.where)
    for payload in spoken.stream:
        name, value = payload if isinstance(payload, tuple) else ("message", payload)
        listener.read_event(frame(value, name))
        llm = listener.result()
        assert llm is None or "\ud83d" not in (llm.text or "")
    assert listener.result() == listener.result() == whole(spoken.where, spoken.whole)


@pytest.mark.parametrize("speak", replies.DIALECTS)
def test_what_is_kept_of_an_answer_is_bounded(speak: Callable[[Said], Spoken]) -> None:
    spoken = speak(Said(["12345"] * 40, ["12345"] * 40))
    llm = listened(spoken.where, *spoken.stream, limits=Limits(body=100)).result()
    assert llm
    assert len(llm.text or "") + len(llm.reasoning or "") <= 200
    assert len(llm.reasoning or "") <= 100
    assert "more was generated than is kept" in llm.notes


@pytest.mark.parametrize("speak", replies.DIALECTS)
def test_what_is_over_the_bound_is_generated_all_the_same(speak: Callable[[Said], Spoken]) -> None:
    spoken = speak(Said(["12345"] * 40, ["12345"] * 40, [("f", ['{"a":', '"b"', "}"])]))
    payloads = [payload if isinstance(payload, tuple) else ("message", payload) for payload in spoken.stream]
    ample, scant = (Reader(spoken.where, limits) for limits in (Limits(), Limits(body=100)))
    for name, payload in payloads:
        assert scant.read_event(frame(payload, name)).channels == ample.read_event(frame(payload, name)).channels


@pytest.mark.parametrize("speak", replies.DIALECTS)
@pytest.mark.parametrize("body", [60, 150, 230, 400])
def test_what_was_not_kept_is_no_loss_of_the_servers(speak: Callable[[Said], Spoken], body: int) -> None:
    spoken = speak(Said(["12345"] * 9, ["12345"] * 9, [("f", ['{"a":', f'"{"b" * 200}"', "}"])]))
    llm = listened(spoken.where, *spoken.stream, limits=Limits(body=body)).result()
    assert llm
    assert {*llm.notes} <= {"more was generated than is kept"}


def test_every_row_is_reached_by_a_place_and_tells_its_api() -> None:
    assert all(row.pattern and row.dialect.api and row.dialect.shape and row.dialect.__doc__ for row in DIALECTS)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"type": "message_start", "id": "i", "model": "m", "role": "assistant"}, "message"),
        ({"type": "message_delta", "content": "a"}, "message"),
        ({"type": "content-delta", "text": "a"}, "message"),
        ({"event": "stream-start", "data": {"generation_id": "g"}}, "stream-start"),
        ({"type": "message", "content": [{"type": "text", "text": "a"}]}, "message"),
        ({"type": "response.delta", "delta": "a"}, "message"),
        ({"output": {"message": "a"}, "usage": {"seconds": 3}}, "message"),
        ({"result": {"response": "a"}, "success": True}, "message"),
        ({"candidates": [{"name": "Bo", "content": "a"}]}, "message"),
        ({"text": "a", "is_finished": False}, "message"),
    ],
    ids=[
        "Anthropic's word",
        "another",
        "Cohere's word",
        "the AI SDK's word",
        "Anthropic's message",
        "OpenAI's event",
        "DashScope's output",
        "Cloudflare's result",
        "Gemini's candidates",
        "Cohere's end",
    ],
)
def test_a_word_that_others_use_as_well_makes_no_dialect(payload: dict[str, object], name: str) -> None:
    listener = listened("/some/app")
    assert listener.read_event(frame(payload, name)).channels == ("events",)
    assert listener.result() is None
