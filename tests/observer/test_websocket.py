"""One WebSocket through all rooms: messages of both sides, and the responses on it, each judged by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import Limits, Message, Outcome, Record, RequestHead, ResponseHead, ToolCall, Usage
from streamwatchlib.observer import Observer, replies
from streamwatchlib.observer.websocket import WebSocketObserver, observer_for
from streamwatchlib.report import jsonl
from streamwatchlib.stored import Observation, StoredExchange, rebuilt_record

UPGRADE = (("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Authorization", "Bearer very-secret-key-1"))
SWITCHED = ResponseHead(101, "HTTP/1.1", (("Upgrade", "websocket"),))
WORDS = [f"word {i} " for i in range(40)]
TEXT = "".join(WORDS)
REALTIME, RESPONSES = "wss://llm.example/v1/realtime?model=m", "wss://llm.example/v1/responses"
type Said = tuple[float, bool, object]
"""(moment, by the client, payload)"""


def opening(url: str = REALTIME) -> RequestHead:
    return RequestHead("id", 1_760_000_000.25, "GET", url, "HTTP/1.1", UPGRADE)


def messages(said: Iterable[Said]) -> list[Message]:
    return [
        Message(t, value if isinstance(value, bytes) else _text(value), by_client, not isinstance(value, bytes))
        for t, by_client, value in said
    ]


def _text(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def play(
    said: Iterable[Said],
    url: str = REALTIME,
    limits: Limits = Limits(),
    keep_text: bool = True,
    outcome: Outcome = "complete",
    error: str | None = None,
) -> Record:
    made = observer_for(opening(url), limits, keep_text=keep_text)
    made.end_request(None, 0.001)
    made.response_head(SWITCHED, 0.01)
    for message in messages(said):
        made.message(message)
    record = made.close(100.0, outcome, error)
    line = jsonl.to_line(record)
    assert jsonl.to_line(jsonl.from_line(line)) == line
    return record


def ask(t: float, **more: object) -> Said:
    return t, True, {"type": "response.create", **more}


def server(t: float, type_: str, **more: object) -> Said:
    return t, False, {"type": type_, "event_id": "e", **more}


def response(name: str, start: float, gap: float, words: Iterable[str] = WORDS) -> list[Said]:
    """A response of Realtime: each word `gap` seconds after the one before."""
    words = list(words)
    said = [server(start, "response.created", response={"id": name})]
    for i, word in enumerate(words):
        said.append(server(round(start + 0.1 + gap * i, 6), "response.output_text.delta", response_id=name, delta=word))
    output = [{"type": "message", "content": [{"type": "output_text", "text": "".join(words)}]}]
    final = {"id": name, "status": "completed", "output": output, "usage": {"input_tokens": 3, "output_tokens": 60}}
    return [*said, server(said[-1][0] + 0.0001, "response.done", response=final)]


LIVE = "wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"


def live(t: float, **said: object) -> Said:
    """Google sends its JSON as bytes."""
    return t, False, json.dumps(said).encode()


def words_of(start: float) -> list[Said]:
    parts = [{"modelTurn": {"parts": [{"text": word}]}} for word in WORDS]
    return [live(round(start + 0.05 * i, 6), serverContent=part) for i, part in enumerate(parts)]


def test_turns_of_geminis_live_api_are_responses() -> None:
    sound = {"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "UklG"}}]}}
    call = {"functionCalls": [{"id": "c", "name": "f", "args": {"x": 1}}]}
    record = play(
        [
            (0.1, True, {"setup": {"model": "models/g"}}),
            live(0.2, setupComplete={}),
            (1.0, True, {"clientContent": {"turns": [], "turnComplete": True}}),
            *words_of(1.5),
            live(4.0, serverContent={"generationComplete": True}),
            live(
                9.0,
                serverContent={"turnComplete": True},
                usageMetadata={"promptTokenCount": 9, "responseTokenCount": 5},
            ),
            (20.0, True, {"realtimeInput": {"audio": {"data": "UklG"}}}),
            live(21.0, serverContent={"inputTranscription": {"text": "said aloud"}}),
            live(22.0, serverContent=sound),
            live(22.1, serverContent={"outputTranscription": {"text": "a"}}),
            live(22.2, toolCall=call),
            (23.0, True, {"toolResponse": {"functionResponses": []}}),
            live(23.5, serverContent={"modelTurn": {"parts": [{"text": "b"}]}}),
            live(23.6, serverContent={"interrupted": True}),
            live(23.7, serverContent={"turnComplete": True}),
        ],
        LIVE,
    )
    assert record.request.stream_requested
    assert record.responses
    first, spoken, last = record.responses
    assert (first.label, first.terminator, first.content_events, first.t) == ("streaming", "turnComplete", 40, 1.0)
    assert first.ttft == pytest.approx(0.5)
    assert first.llm
    assert (first.llm.provider, first.llm.api, first.llm.text) == ("gemini", "live", TEXT)
    assert (first.llm.model, record.request.model) == ("models/g", "models/g")
    assert first.llm.usage == Usage(9, 5)
    assert spoken.llm
    assert (spoken.t, spoken.llm.text, spoken.terminator) == (None, "a", "toolCall")
    assert spoken.llm.tool_calls == (ToolCall("c", "f", '{"x":1}'),)
    assert last.llm
    assert (last.t, last.llm.text, last.llm.finish_reason) == (23.0, "b", "interrupted")
    assert "UklG" not in jsonl.to_line(record)


def test_what_gemini_hears_is_the_answer_of_a_model_that_transcribes() -> None:
    heard = [
        ("interimInputTranscription", "Hello wor"),
        ("inputTranscription", "Hello world."),
        ("interimInputTranscription", "Hi"),
        ("interimInputTranscription", "How are"),
    ]
    said = [live(1.0 + i, serverContent={key: {"text": words}}) for i, (key, words) in enumerate(heard)]
    for model, text, news in (
        ("models/gemini-9-transcribe-live", "Hello world.\nHow are", 4),
        ("models/gemini-9-live", None, 0),
    ):
        setup = (0.1, True, {"setup": {"model": model, "inputAudioTranscription": {}}})
        sound = (0.5, True, {"realtimeInput": {"audio": {"data": "UklG"}}})
        record = play([setup, live(0.2, setupComplete={}), sound, *said], LIVE)
        assert record.llm
        assert record.stream
        assert (record.llm.text, record.stream.content_events) == (text, news)


def test_one_response_is_the_connections() -> None:
    record = play([ask(1.0), *response("r1", 1.1, 0.05)])
    assert record.response
    assert (record.response.status, record.response.body.kind) == (101, "streaming")
    assert record.stream
    assert (record.stream.format, record.stream.events, record.stream.terminator) == ("websocket", 42, "response.done")
    assert (record.stream.sent, record.stream.responses) == (1, 1)
    assert record.stream.arrivals
    assert {arrival.events for arrival in record.stream.arrivals} == {1}
    assert (record.request.stream_requested, record.request.stream_requested_by) == (True, "message.type")
    assert record.llm
    assert (record.llm.api, record.llm.text, record.llm.response_id) == ("realtime", TEXT, "r1")
    (reply,) = record.responses
    assert reply.ttft == record.timing.ttft == pytest.approx(0.2)
    assert reply.end
    assert reply.e2e == pytest.approx(reply.end - 1.0)
    assert record.timing.output_tokens_per_second == pytest.approx(59 / (39 * 0.05))
    assert record.timing.tokens_per_second_e2e == pytest.approx(60 / (0.2 + 39 * 0.05), rel=1e-3)
    assert (reply.t, reply.label, reply.llm) == (1.0, record.verdict.label, record.llm) == (1.0, "streaming", reply.llm)


def test_the_worst_of_several_stands_and_idle_between_them_is_nobodys_latency() -> None:
    said = [ask(1.0), *response("r1", 1.1, 0.05), ask(60.0), *response("r2", 63.0, 0.0002), ask(80.0)]
    record = play([*said, *response("r3", 80.1, 0.05)])
    assert [(reply.response_id, reply.label) for reply in record.responses] == [
        ("r1", "streaming"),
        ("r2", "pseudo-streaming"),
        ("r3", "streaming"),
    ]
    assert (record.verdict.label, record.timing.ttft) == ("pseudo-streaming", pytest.approx(3.1))
    assert record.verdict.summary.startswith("The worst of 3 responses: ")
    assert record.timing.first_token == pytest.approx(1.2)
    assert record.timing.itl
    assert record.timing.itl.max < 1


def test_responses_of_one_id_after_one_another_are_two() -> None:
    record = play([ask(1.0), *response("same", 1.1, 0.05), ask(60.0), *response("same", 63.0, 0.0002)])

    assert [(reply.t, reply.label, reply.content_events) for reply in record.responses] == [
        (1.0, "streaming", 40),
        (60.0, "pseudo-streaming", 40),
    ]
    assert record.stream
    assert record.stream.responses == 2


def test_responses_made_side_by_side_are_told_apart_by_their_lanes() -> None:
    said: list[Said] = []
    for lane, start, gap in (("a", 1.0, 0.05), ("b", 1.5, 0.07)):
        said.append(ask(start, stream_id=lane, model=f"model {lane}"))
        said.append(server(start + 0.1, "response.created", stream_id=lane, response={"id": lane}))
        for i, word in enumerate(WORDS):
            t = start + 0.2 + gap * i
            said.append(server(t, "response.output_text.delta", stream_id=lane, output_index=0, delta=lane + word))
        said.append(
            server(start + 9, "response.completed", stream_id=lane, response={"id": lane, "status": "completed"})
        )
    record = play(sorted(said, key=lambda one: one[0]), RESPONSES)
    assert [reply.t for reply in record.responses] == [1.0, 1.5]
    for reply in record.responses:
        assert reply.llm
        assert reply.llm.model == f"model {reply.response_id}"
        assert reply.llm.text == "".join(f"{reply.response_id}{word}" for word in WORDS)
        assert (reply.llm.api, reply.terminator, reply.label) == ("responses", "response.completed", "streaming")


def test_a_response_that_the_server_began_by_itself_has_no_latency() -> None:
    record = play(response("r1", 1.1, 0.05))
    (reply,) = record.responses
    assert (reply.t, reply.ttft, reply.label) == (None, None, "streaming")
    assert record.request.stream_requested is None


def test_a_refused_wish_is_its_own_and_takes_no_other_ones_place() -> None:
    begun = response("r1", 1.1, 0.05)
    refusal = server(1.6, "error", error={"message": "busy", "event_id": "w2"})
    said = [ask(1.0, event_id="w1"), *begun, ask(1.55, event_id="w2"), refusal, ask(9.0), *response("r2", 9.1, 0.05)]
    record = play(sorted(said, key=lambda one: one[0]))
    assert [(reply.response_id, reply.t, reply.label) for reply in record.responses] == [
        ("r1", 1.0, "streaming"),
        (None, 1.55, "not-applicable"),
        ("r2", 9.0, "streaming"),
    ]
    refused = record.responses[1].llm
    assert refused
    assert refused.error
    assert refused.error["message"] == "busy"


def refusal(t: float, code: str) -> Said:
    return server(t, "error", error={"code": code, "message": "no", "event_id": None})


@pytest.mark.parametrize("code", ["response_cancel_not_active", "item_truncate_invalid_item_id"])
def test_what_came_too_late_to_be_cut_off_refuses_no_wish(code: str) -> None:
    record = play([(1.0, True, {"type": "response.cancel"}), ask(1.01), refusal(1.1, code), *response("r", 1.2, 0.05)])
    ((reply, llm),) = [(reply, reply.llm) for reply in record.responses]
    assert (reply.response_id, reply.t, reply.label) == ("r", 1.01, "streaming")
    assert llm
    assert (llm.text, llm.error) == (TEXT, None)


@pytest.mark.parametrize("wishes", [0, 1])
def test_a_wish_that_comes_too_early_is_no_fault_of_the_response_under_way(wishes: int) -> None:
    refused = [ask(1.5), refusal(1.6, "conversation_already_has_active_response")][1 - wishes :]
    said = [ask(1.0), *response("r1", 1.1, 0.05), *refused, ask(9.0), *response("r2", 9.1, 0.05)]
    record = play(sorted(said, key=lambda one: one[0]))
    told = [(reply.response_id, reply.t, reply.llm and reply.llm.error is not None) for reply in record.responses]
    assert told == [("r1", 1.0, False), *[(None, 1.5, True)] * wishes, ("r2", 9.0, False)]


def test_a_response_goes_on_where_it_could_not_be_steered() -> None:
    named = {"id": "r", "object": "response", "model": "m"}
    word = {"output_index": 0, "content_index": 0, "item_id": "i"}
    failed = {"steer": {"previous_response_id": "r", "input": "b"}, "error": {"code": "x", "message": "no"}}
    record = play(
        [
            ask(1.0, model="m"),
            server(1.1, "response.created", sequence_number=0, response=named),
            server(1.2, "response.output_text.delta", sequence_number=1, delta="Hel", **word),
            (1.3, True, {"type": "response.steer", "previous_response_id": "r", "input": "b"}),
            server(1.4, "response.steer.failed", sequence_number=2, **failed),
            server(1.5, "response.output_text.delta", sequence_number=3, delta="lo", **word),
            server(1.6, "response.completed", sequence_number=4, response={**named, "status": "completed"}),
        ],
        RESPONSES,
    )
    llm = record.llm
    assert llm
    assert (llm.text, llm.finish_reason, llm.error, llm.notes) == ("Hello", "completed", None, ())


def test_an_error_answers_the_wish_before_it() -> None:
    record = play([ask(1.0), server(1.1, "error", error={"message": "no"}), ask(2.0), *response("r", 2.1, 0.05)])
    assert [(reply.t, reply.end) for reply in record.responses] == [(1.0, 1.1), (2.0, record.responses[1].end)]


def test_sound_is_sized_and_dated_and_not_kept() -> None:
    said = [
        (0.5, True, {"type": "input_audio_buffer.append", "audio": "c3BlZWNo"}),
        ask(1.0),
        server(1.1, "response.created", response={"id": "r"}),
        server(1.2, "response.output_audio.delta", response_id="r", delta="c291bmQ="),
        server(1.3, "response.output_audio_transcript.delta", response_id="r", delta="hi"),
        (1.4, False, b"\x00\x01"),
    ]
    record = play(said)
    line = jsonl.to_line(record)
    assert "c3BlZWNo" not in line
    assert "c291bmQ=" not in line
    assert record.events
    assert [(event.type, event.data is None, event.content) for event in record.events[1:]] == [
        ("response.output_audio.delta", True, False),
        ("response.output_audio_transcript.delta", False, True),
        ("binary", True, True),
    ]
    assert record.sent[0].size == len(messages(said)[0].data)


@pytest.mark.parametrize(("outcome", "flags"), [("complete", ("unterminated",)), ("error", ("truncated",))])
def test_a_response_without_its_end_says_so(outcome: Outcome, flags: tuple[str, ...]) -> None:
    record = play([ask(1.0), *response("r1", 1.1, 0.05)[:-1]], outcome=outcome)
    (reply,) = record.responses
    assert (record.verdict.flags[:1], reply.end, reply.e2e) == (flags, None, None)


def test_a_protocol_that_is_not_known_is_framed_and_dated_and_not_judged() -> None:
    said: list[Said] = [(1 + i / 10, i % 2 == 0, {"type": "chat", "n": i}) for i in range(60)]
    record = play([*said, (9.0, False, "not JSON"), (9.1, False, b"\xff")], "wss://chat.example/socket")
    assert (record.verdict.label, record.llm, record.responses) == ("not-applicable", None, ())
    assert record.stream
    assert (record.stream.content_events, len(record.sent), record.stream.malformed) == (32, 30, 0)
    assert record.events
    assert {event.type for event in record.events} == {"chat", "message", "binary"}
    assert (record.timing.first_event, record.timing.ttft) == (1.1, None)


def test_one_that_is_not_known_is_judged_where_the_request_asked_for_a_stream() -> None:
    said: list[Said] = [(1 + i / 20, False, {"n": i}) for i in range(60)]
    record = play(said, "wss://chat.example/socket?stream=true")
    assert (record.verdict.label, record.verdict.channel) == ("streaming", "events")


@pytest.mark.parametrize("keep_text", [True, False])
def test_the_reason_given_for_closing_is_a_text(keep_text: bool) -> None:
    told = "WebSocket closed by the server with 4000: you said: word 1"
    record = play([ask(1.0)], keep_text=keep_text, outcome="error", error=told)
    assert record.error == (told if keep_text else "WebSocket closed by the server with 4000")


def test_without_texts_there_are_times_and_verdicts_and_no_word() -> None:
    record = play([ask(1.0, instructions="word 1"), *response("r1", 1.1, 0.05)], keep_text=False)
    assert "word" not in jsonl.to_line(record)
    assert (record.verdict.label, record.sent[0].data, record.events) == ("streaming", None, None)


def test_credentials_are_masked_in_messages_of_both_sides() -> None:
    said = [
        ask(1.0, tools=[{"authorization": "tool-secret-22"}]),
        *response("r1", 1.1, 0.05, ["very-secret-key-1"] * 20),
    ]
    line = jsonl.to_line(play(said))
    assert "tool-secret-22" not in line
    assert "very-secret-key-1" not in line


def test_a_credential_that_a_response_spells_out_is_masked_in_each_message() -> None:
    key = "sk" + "-proj-" + "Ab1Cd2Ef3Gh4Ij5Kl6Mn7"
    pieces = [key[at : at + 3] for at in range(0, len(key), 3)]
    record = play([ask(1.0), *response("r1", 1.1, 0.05, ["It is ", *pieces, ", is it?"])])
    told = "".join(json.loads(event.data or "").get("delta", "") for event in record.events or ())
    assert told == "It is " + "***" * len(pieces) + ", is it?"


def test_what_is_kept_is_bounded_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "MAX_RESPONSES", 3)
    said = [one for i in range(5) for one in (ask(10.0 * i + 1), *response(f"r{i}", 10.0 * i + 2, 0.05))]
    record = play(said, limits=Limits(body=1000, event=100, events=7, arrivals=50, moments=50))
    assert record.stream
    assert (record.stream.responses, len(record.responses)) == (5, 3)
    assert (record.stream.sent, len(record.sent)) == (5, 5)
    assert (record.stream.events, len(record.events or ())) == (210, 7)
    assert len(record.stream.arrivals or ()) == 50
    assert len(jsonl.to_line(record)) < 30_000


def test_halves_of_characters_come_to_no_record() -> None:
    half = "\ud800"
    begun = server(1.1, "response.created", response={"id": half})
    record = play([ask(1.0, type_=half), begun, (1.2, False, {"type": half}), (1.3, True, {"type": half})])
    jsonl.to_line(record).encode()
    assert (record.responses[0].response_id, record.sent[1].type) == ("\ufffd", "\ufffd")


def test_a_clock_that_is_set_back_sets_no_moment_back() -> None:
    said = [(2.0, False, "a"), (1.0, False, "b"), (3.0, True, "c")]
    record = play(said, "wss://chat.example/socket")
    assert record.stream
    assert [arrival.t for arrival in record.stream.arrivals or ()] == [2.0, 2.0]


def test_an_upgrade_that_is_refused_is_an_exchange_like_any_other() -> None:
    made = observer_for(opening(), Limits())
    made.response_head(ResponseHead(401, "HTTP/1.1", (("content-type", "application/json"),)), 0.1)
    made.feed(b'{"error": {"message": "no key"}}', 0.1)
    made.message(Message(0.2, b"late", False, True))
    record = made.close(0.3, "complete")
    assert (record.verdict.label, record.stream, record.sent) == ("not-applicable", None, ())
    assert record.response
    assert record.response.body.kind == "json"


def test_only_an_upgrade_makes_a_websocket() -> None:
    plain = RequestHead("id", 1.0, "GET", REALTIME, "HTTP/1.1", (("Upgrade", "h2c"),))
    made = observer_for(plain, Limits())
    assert type(made) is Observer
    assert isinstance(observer_for(opening(), Limits()), WebSocketObserver)


def test_live_and_offline_agree() -> None:
    said = [ask(1.0), *response("r1", 1.1, 0.05)]
    seen = Observation("complete", None, 0.001, 0.01, 100.0)
    again = rebuilt_record(
        StoredExchange(opening(), None, SWITCHED, b"", seen, messages=tuple(messages(said))), Limits()
    )
    assert again == play(said)


_JSON = st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda v: st.lists(v, max_size=2), max_leaves=4)
_HOSTILE = st.dictionaries(
    st.sampled_from(["type", "response", "response_id", "stream_id", "error", "event_id", "delta", "output"]),
    _JSON
    | st.sampled_from(["response.create", "response.created", "response.done", "error", "a", "response.text.delta"])
    | st.dictionaries(st.sampled_from(["id", "event_id", "status", "output"]), _JSON | st.just("a"), max_size=3),
)


@given(st.lists(st.tuples(st.floats(0, 50), st.booleans(), _HOSTILE | st.binary(max_size=9) | st.text(max_size=9))))
def test_nothing_that_is_sent_raises(said: list[Said]) -> None:
    play(said)


def test_what_a_client_sends_over_the_limit_is_counted_and_not_kept() -> None:
    said = [(0.1 * n, True, {"type": "input_text", "n": n}) for n in range(5)]
    record = play([*said, *response("r", 1.0, 0.1)], limits=Limits(events=3))
    assert record.stream is not None
    assert record.stream.sent == 5
    assert [json.loads(sent.data or "")["n"] for sent in record.sent] == [0, 1, 2]


def test_the_name_of_a_message_takes_room_though_its_text_is_not_kept() -> None:
    said = [(0.1 * n, True, {"type": "x" * 40}) for n in range(5)]
    record = play(said, limits=Limits(body=50), keep_text=False)
    assert record.stream is not None
    assert (record.stream.sent, len(record.sent)) == (5, 2)


def test_what_is_translated_as_it_is_spoken_is_the_text_and_no_sound_is_kept() -> None:
    sound = "c3BlZWNo" * 100
    record = play(
        [
            server(0.1, "session.created", session={"id": "s", "type": "translation", "model": "m"}),
            (0.2, True, {"type": "session.input_audio_buffer.append", "audio": sound}),
            server(0.3, "session.input_transcript.delta", delta="Guten Tag"),
            server(0.4, "session.output_transcript.delta", delta="Good "),
            server(0.4, "session.output_audio.delta", delta=sound, sample_rate=24000),
            server(0.6, "session.output_transcript.delta", delta="day"),
            (0.7, True, {"type": "session.close"}),
            server(0.8, "session.closed"),
        ],
        "wss://llm.example/v1/realtime/translations?model=m",
    )
    assert record.llm
    assert (record.llm.api, record.llm.model, record.llm.text) == ("realtime", "m", "Good day")
    assert sound not in jsonl.to_line(record)
    assert record.verdict.label == "not-applicable"


TASKS = "wss://dashscope.aliyuncs.com/api-ws/v1/inference"


def task(t: float, event: str, name: str = "a", **payload: object) -> Said:
    return t, False, {"header": {"event": event, "task_id": name}, "payload": payload}


def test_sound_between_the_events_of_a_task_is_its_content() -> None:
    speak = {"header": {"action": "run-task", "task_id": "a"}, "payload": {"model": "cosyvoice"}}
    sound: list[Said] = [(round(1 + 0.1 * i, 6), False, bytes([200 + i])) for i in range(20)]
    said = [(0.5, True, speak), (0.6, False, b"\x80"), task(0.7, "task-started"), *sound, task(3.1, "task-finished")]
    record = play([*said, (9.0, False, b"\x80")], TASKS)
    assert record.responses is not None
    [reply] = record.responses
    assert (reply.response_id, reply.t, reply.first_token, reply.end) == ("a", 0.5, 1.0, 3.1)
    assert (reply.label, reply.content_events, reply.events) == ("streaming", 20, 22)
    assert reply.llm is not None
    assert reply.llm.model == "cosyvoice"


def test_of_a_task_that_breaks_off_the_end_is_missing() -> None:
    heard = {"sentence": {"text": "so far", "end_time": None}}
    listen = {"header": {"action": "run-task", "task_id": "a"}, "payload": {"model": "fun-asr"}}
    record = play([(0.5, True, listen), task(0.7, "task-started"), task(1.0, "result-generated", output=heard)], TASKS)
    assert record.responses is not None
    [reply] = record.responses
    assert (reply.flags, reply.end) == (("unterminated",), None)
    assert reply.llm is not None
    assert reply.llm.text == "so far"


@pytest.mark.parametrize(
    ("text_at", "label", "told"),
    [
        ([0.7], "bursty", "64 events in 8 lumps"),
        ([0.7, 1.5, 2.5, 3.5, 4.5], "inconclusive", "while the client was still sending its input"),
    ],
)
def test_lumps_of_what_the_client_sends_meanwhile_are_nobodys(text_at: list[float], label: str, told: str) -> None:
    more = {"header": {"action": "continue-task", "task_id": "a"}, "payload": {"input": {"text": "x"}}}
    said: list[Said] = [(round(1 + s + 0.003 * i, 6), False, b"\x80") for s in range(8) for i in range(8)]
    said += [(at, True, more) for at in text_at]
    run = {"header": {"action": "run-task", "task_id": "a"}, "payload": {"model": "cosyvoice"}}
    begun: list[Said] = [(0.5, True, run), task(0.6, "task-started")]
    record = play([*begun, *sorted(said, key=lambda each: each[0]), task(9.0, "task-finished")], TASKS)
    assert record.responses is not None
    [reply] = record.responses
    assert reply.label == label
    assert told in reply.summary
