"""One exchange through all rooms: what a record says of the bytes and the times at which they came."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Headers, Limits, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.report import jsonl

from ..helpers import pieces
from ..keys import SHAPED

SSE = ResponseHead(200, "HTTP/1.1", (("content-type", "text/event-stream"),))
ASK = json.dumps({"model": "m", "stream": True, "messages": []}).encode()


STRANDS = (
    {"messageStart": {"role": "assistant"}},
    *({"contentBlockDelta": {"delta": {"text": word}, "contentBlockIndex": 0}} for word in ("Hel", "lo")),
)
"""What Bedrock says, as an agent of Strands passes it on."""


def observer(
    body: bytes = ASK,
    url: str = "http://localhost:8000/v1/chat/completions",
    headers: Headers = (("Content-Type", "application/json"),),
    limits: Limits = Limits(),
    keep_text: bool = True,
) -> Observer:
    made = Observer(RequestHead("id", 1_760_000_000.25, "POST", url, "HTTP/1.1", headers), limits, keep_text=keep_text)
    made.end_request(body, 0.001)
    return made


def chunks(*texts: str) -> list[bytes]:
    out = [
        b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"
        for text in texts
    ]
    return [*out, b"data: [DONE]\n\n"]


def play(
    arrivals: Sequence[tuple[float, bytes]], made: Observer, head: ResponseHead = SSE, end: float = 100.0
) -> Record:
    made.response_head(head, arrivals[0][0] if arrivals else 0.1)
    for at, data in arrivals:
        made.feed(data, at)
    return made.close(end, "complete")


def every(gap: float, parts: Sequence[bytes]) -> list[tuple[float, bytes]]:
    return [(round(0.2 + gap * i, 6), part) for i, part in enumerate(parts)]


def test_an_id_that_is_sent_once_makes_no_record_of_gigabytes() -> None:
    record = play(
        every(0.1, [b"id: " + b"i" * 10_000 + b"\n\n", *chunks("a") * 200]), observer(limits=Limits(body=100_000))
    )
    assert record.stream is not None
    assert record.stream.events == 400
    assert len(jsonl.to_line(record)) < 300_000


@pytest.mark.parametrize("keep_text", [True, False])
@pytest.mark.parametrize(
    ("declared", "asked"),
    [
        ("application/json", '{"api_key": "SECRET"}'),
        ("application/x-www-form-urlencoded", "a=b&api_key=SECRET"),
        ("text/plain", "api_key=SECRET"),
        (
            "multipart/form-data; boundary=B",
            '--B\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nSECRET\r\n--B--\r\n',
        ),
    ],
)
def test_what_a_body_proves_itself_with_is_masked_where_it_is_echoed(
    declared: str, asked: str, keep_text: bool
) -> None:
    secret = "Zq8kP0aVb3LmN7xTf2YcJ5hRw9DgE4uS"
    made = observer(
        asked.replace("SECRET", secret).encode(), headers=(("Content-Type", declared),), keep_text=keep_text
    )
    error = json.dumps({"error": {"message": f"No such key: {secret}", "code": secret}}).encode()
    head = ResponseHead(401, "HTTP/1.1", (("content-type", "application/json"), ("location", f"/login?hint={secret}")))
    record = play([(0.1, error)], made, head)
    assert secret not in jsonl.to_line(record)
    assert record.response is not None
    assert record.response.headers[1] == ("location", "/login?hint=***")


@pytest.mark.parametrize("length", [(), (("content-length", "13"),)])
@pytest.mark.parametrize("keep_text", [True, False])
def test_a_sentence_for_an_answer_is_an_error_and_is_kept_where_texts_are(keep_text: bool, length: Headers) -> None:
    head = ResponseHead(429, "HTTP/1.1", (("content-type", "text/plain"), *length))
    record = play([(0.1, b"No more today")], observer(b'{"model": "m"}', keep_text=keep_text), head)
    assert record.llm is not None
    assert (record.llm.api, record.llm.model) == ("chat.completions", "m")
    assert record.llm.error == ({"message": "No more today"} if keep_text else {})
    assert "today" not in jsonl.to_line(record) or keep_text


def test_sound_is_sized_and_dated_and_its_text_is_nowhere_in_the_record() -> None:
    piece = b'data: {"type": "speech.audio.delta", "audio": "' + b"UklG" * 100 + b'"}\n\n'
    parts = [*[piece] * 20, b'data: {"type": "speech.audio.done"}\n\n']
    record = play(every(0.1, parts), observer(url="http://h/v1/audio/speech"), end=3.0)
    assert record.response is not None
    assert record.stream is not None
    assert (record.response.body.size, record.stream.content_events) == (sum(map(len, parts)), 20)
    assert (record.verdict.label, record.verdict.channel) == ("streaming", "events")
    assert "UklG" not in jsonl.to_line(record)
    assert record.response.body.notes == ("Its text holds audio or images and is not kept.",)


def test_a_form_with_a_file_can_ask_for_a_stream_and_its_fields_stay_out_of_the_record() -> None:
    form = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in (
            ("file", '; filename="a.wav"', "RIFF"),
            ("model", "", "gpt-transcribe"),
            ("stream", "", "true"),
            ("prompt", "", "names"),
        )
    )
    headers = (("Content-Type", "multipart/form-data; boundary=B"),)
    made = observer(f"{form}--B--\r\n".encode(), "http://h/v1/audio/transcriptions", headers)
    said = b'data: {"type": "transcript.text.delta", "delta": "hi"}\n\n'
    record = play([(0.2, said)], made)
    assert (record.request.stream_requested, record.request.stream_requested_by) == (True, "body.stream")
    assert record.llm is not None
    assert (record.llm.model, record.llm.text) == ("gpt-transcribe", "hi")
    assert '"names"' not in jsonl.to_line(record)


def test_a_stream_is_dated_put_together_and_judged() -> None:
    parts = chunks(*"abcdefghijklmnopqrstuvwxyz")
    record = play(every(0.1, parts), observer(), end=3.0)
    assert record.verdict.label == "streaming"
    assert record.llm is not None
    assert record.llm.text == "abcdefghijklmnopqrstuvwxyz"
    assert record.stream is not None
    assert (record.stream.format, record.stream.terminator, record.stream.events) == ("sse", "[DONE]", 27)
    assert (record.timing.first_token, record.timing.last_token, record.timing.end) == (0.2, 2.7, 3.0)
    assert record.timing.ttft == 0.2 - 0.001
    assert record.events is not None
    assert [event.arrival for event in record.events] == list(range(27))
    assert record.started_at == "2025-10-09T08:53:20.250000Z"
    assert (record.request.stream_requested, record.request.stream_requested_by) == (True, "body.stream")


def test_an_event_is_dated_by_the_byte_that_completed_it() -> None:
    record = play([(1.0, b"data: x\n"), (2.0, b"\nda"), (3.0, b"ta: y\n\n")], observer())
    assert record.events is not None
    assert [(event.t, event.data) for event in record.events] == [(2.0, "x"), (3.0, "y")]
    assert record.stream is not None
    assert [arrival.events for arrival in record.stream.arrivals or ()] == [0, 1, 1]
    assert record.stream.split_events == 2


def test_what_only_the_end_completes_came_with_the_last_arrival() -> None:
    record = play([(1.0, b"data: x\n\n"), (2.0, b"data: y\n")], observer(), end=9.0)
    assert record.events is not None
    assert [(event.t, event.data) for event in record.events] == [(1.0, "x"), (2.0, "y")]
    assert record.stream is not None
    assert [arrival.events for arrival in record.stream.arrivals or ()] == [1, 1]


def test_beyond_the_arrivals_that_are_kept_events_are_dated_all_the_same_and_point_at_none() -> None:
    arrivals = [*every(0.1, chunks("a", "b", "c", "d")), (0.9, chunks("e")[0][:-2])]
    for most in (2, 5, 6):
        record = play(arrivals, observer(limits=Limits(arrivals=most)))
        assert record.events
        assert record.stream
        assert record.stream.arrivals
        assert [event.t for event in record.events] == [t for t, _ in arrivals]
        assert [event.arrival for event in record.events] == [*range(most), *[None] * (6 - most)]
        assert [came.events for came in record.stream.arrivals] == [1] * most
        assert record.timing.last_token == 0.9


@pytest.mark.parametrize("keep_text", [True, False])
def test_what_an_api_sends_before_it_can_be_known_is_no_first_token(keep_text: bool) -> None:
    made = observer(b"{}", "http://localhost/app", keep_text=keep_text)
    said = [{"init_event_loop": True}, {"start": True}, *({"event": event} for event in STRANDS)]

    record = play(every(0.5, [b"data: " + json.dumps(each).encode() + b"\n\n" for each in said]), made)

    assert record.stream
    assert record.llm
    assert record.llm.api == "converse"
    assert (record.timing.first_event, record.timing.first_token, record.timing.last_token) == (0.2, 1.7, 2.2)
    assert (record.stream.events, record.stream.content_events) == (5, 2)
    assert record.timing.itl
    assert record.timing.itl.n == 1
    assert [event.content for event in record.events or ()] == ([False, False, False, True, True] if keep_text else [])


def test_words_amid_the_json_of_an_api_are_a_malformed_event() -> None:
    first, last, end = chunks("a", "b")
    record = play(every(0.1, [first, b"data: not json\n\n", last, end]), observer())
    assert record.stream
    assert (record.stream.events, record.stream.content_events, record.stream.malformed) == (4, 2, 1)
    assert [bool(event.malformed) for event in record.events or ()] == [False, True, False, False]


def test_a_whole_answer_is_no_stream() -> None:
    answer = {"object": "chat.completion", "choices": [{"index": 0, "message": {"content": "hi"}}]}
    head = ResponseHead(200, "HTTP/1.1", (("content-type", "application/json"), ("content-length", "9")))
    record = play([(1.0, json.dumps(answer).encode())], observer(), head)
    assert (record.stream, record.events, record.verdict.label) == (None, None, "not-streamed")
    assert record.llm is not None
    assert record.llm.text == "hi"


LINES = b"".join(b'{"custom_id":"%d","result":{"type":"succeeded"}}\n' % i for i in range(100))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/files/file-1/content", (("content-type", "application/octet-stream"),)),
        ("/v1beta/files/1:download?alt=media", (("content-type", "application/octet-stream"),)),
        ("/v1/messages/batches/msgbatch_1/results", (("content-type", "application/x-jsonl"),)),
        ("/export", (("Content-Disposition", 'Attachment; filename="lines.jsonl"'), ("Content-Length", "4900"))),
        (
            "/bucket/out.jsonl",
            (("Last-Modified", "Sat, 28 Nov 2026 08:00:00 GMT"), ("Content-Type", "binary/octet-stream")),
        ),
    ],
)
def test_a_stored_file_is_no_stream_that_somebody_holds_back(path: str, headers: Headers) -> None:
    made = Observer(RequestHead("id", 1_760_000_000.25, "GET", f"https://host{path}", "HTTP/1.1", ()), Limits())
    made.end_request(None, 0.001)
    record = play([(3.0, LINES)], made, ResponseHead(200, "HTTP/1.1", headers))
    assert (record.verdict.label, record.verdict.flags, record.timing.ttft) == ("not-applicable", (), None)
    assert record.stream
    assert record.stream.events == 100


def test_a_stream_that_was_asked_for_is_one_however_it_is_to_be_saved() -> None:
    head = ResponseHead(
        200, "HTTP/1.1", (("Content-Disposition", "attachment"), ("Content-Type", "application/x-ndjson"))
    )
    assert play([(3.0, LINES)], observer(), head).verdict.label == "pseudo-streaming"


SOUND = [b"\xff\xfb\x90" + bytes([i]) * 400 for i in range(40)]
SPEECH = "https://host/v1/audio/speech"
CHUNKED = ResponseHead(200, "HTTP/1.1", (("Content-Type", "audio/mpeg"), ("Transfer-Encoding", "chunked")))


@pytest.mark.parametrize(("gap", "label"), [(0.1, "streaming"), (0.0, "pseudo-streaming")])
def test_sound_that_was_asked_for_as_it_is_made_is_judged_by_its_arrivals(gap: float, label: str) -> None:
    made = observer(b'{"model": "m", "stream_format": "audio"}', SPEECH)
    record = play([(round(5 + gap * i, 6), part) for i, part in enumerate(SOUND)], made, CHUNKED)
    assert (record.verdict.label, record.verdict.flags, record.timing.ttft) == (label, (), 4.999)
    assert record.response is not None
    assert (record.response.body.kind, record.response.body.format, record.response.body.mismatch) == (
        "streaming",
        "unknown",
        None,
    )
    assert record.llm is not None
    assert (record.llm.api, record.llm.model) == ("audio.speech", "m")


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (b'{"model": "m"}', CHUNKED),
        (b'{"model": "m", "stream_format": "audio"}', replace(CHUNKED, status=400)),
        (b'{"model": "m"}', replace(CHUNKED, headers=(("Content-Type", "audio/mpeg"), ("Content-Length", "16120")))),
    ],
)
def test_other_sound_is_no_stream(body: bytes, head: ResponseHead) -> None:
    assert play(every(0.1, SOUND), observer(body, SPEECH), head).verdict.label == "not-applicable"


def test_no_answer_has_no_response_and_no_verdict() -> None:
    record = observer().close(0.5, "error", "connection refused")
    assert (record.response, record.stream, record.error) == (None, None, "connection refused")
    assert record.verdict.label == "not-applicable"


def test_a_client_that_leaves_in_its_request_is_recorded_too() -> None:
    opening = RequestHead("id", 0.0, "POST", "http://h/", "HTTP/1.1", ())
    record = Observer(opening, Limits()).close(0.5, "client-disconnected", "Client disconnected.")
    assert (record.outcome, record.timing.request_end) == ("client-disconnected", None)


def test_a_url_that_is_none_is_recorded_as_it_is() -> None:
    """A client can send any Host, and mitmproxy makes a URL of it."""
    record = play([(1.0, chunks("a")[0])], observer(url="http://[x/v1/chat/completions?a=1"))
    assert (record.request.url, record.request.query) == ("http://[x/v1/chat/completions?a=1", (("a", "1"),))
    assert record.llm is not None
    assert record.llm.text == "a"


def test_a_request_passed_through_in_more_pieces_than_are_kept_is_read_whole() -> None:
    opening = RequestHead("id", 0.0, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ())
    made = Observer(opening, Limits(arrivals=2))
    for at, start in enumerate(range(0, len(ASK), 10)):
        made.request_data(ASK[start : start + 10], float(at))
    request = made.close(99.0, "client-disconnected").request
    assert (request.body.content, request.arrivals and len(request.arrivals)) == (ASK.decode(), 2)


def test_what_may_be_kept_no_more_before_an_answer_came_is_not_kept_then() -> None:
    made = observer()
    made.keep_no_more()
    record = play(every(0.1, chunks("a", "b")), made)
    assert record.stream is not None
    assert (record.stream.events, record.stream.events_omitted) == (3, 3)
    assert record.response is not None
    body = record.response.body
    assert (body.kind, body.truncated, body.content) == ("streaming", True, "")
    assert (record.timing.first_byte, record.stream.arrivals_omitted) == (0.2, 2)


def test_bytes_before_a_head_are_ignored() -> None:
    made = observer()
    made.feed(b"data: x\n\n", 1.0)
    assert made.close(2.0, "error").stream is None


def test_without_arrival_times_nothing_is_timed_and_all_is_read() -> None:
    made = observer()
    made.response_head(SSE, 0.1)
    made.feed(b"".join(chunks("a", "b")), None)
    record = made.close(1.0, "complete")
    assert record.stream is not None
    assert (record.stream.arrivals, record.stream.callbacks, record.stream.split_events) == (None, None, None)
    assert record.events is not None
    assert {(event.t, event.arrival) for event in record.events} == {(None, None)}
    assert (record.timing.first_token, record.verdict.label) == (None, "inconclusive")
    assert "recorded" in record.verdict.summary
    assert record.llm is not None
    assert record.llm.text == "ab"


def test_without_texts_every_time_count_and_verdict_is_the_same_and_no_text_is_left() -> None:
    secret = "whispered"
    parts = chunks(*[secret] * 20)
    full = play(every(0.1, parts), observer(ASK.replace(b"[]", b'["whispered"]')))
    bare = play(every(0.1, parts), observer(ASK.replace(b"[]", b'["whispered"]'), keep_text=False))
    assert secret in repr(full)
    assert secret not in repr(bare)
    assert (bare.timing, bare.stream, bare.events) == (full.timing, full.stream, None)
    assert (bare.verdict.label, bare.verdict.measures) == (full.verdict.label, full.verdict.measures)


def test_a_secret_reaches_no_record() -> None:
    key = "sk-madeup0123456789abcdefghijklmnop"
    made = observer(
        url=f"http://h/v1/chat/completions?api_key={key}",
        headers=(("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")),
    )
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {key}"}}).encode()
    record = play([(1.0, body)], made, ResponseHead(401, "HTTP/1.1", (("content-type", "application/json"),)))
    assert key not in repr(record)
    assert "Incorrect API key" in repr(record)


def test_what_may_be_kept_no_more_is_counted_and_judged_by_what_came_before() -> None:
    made, parts = observer(), chunks(*["word "] * 40)
    made.response_head(SSE, 0.1)
    for at, part in every(0.05, parts[:20]):
        made.feed(part, at)
    made.keep_no_more()
    for at, part in every(0.05, parts[20:]):
        made.feed(part, 1.0 + at)
    record = made.close(9.0, "complete")
    assert record.stream is not None
    assert (record.stream.events, record.stream.events_omitted) == (len(parts), len(parts) - 20)
    assert (record.stream.arrivals_omitted, len(record.events or ())) == (len(parts) - 20, 20)
    assert record.response is not None
    assert (record.response.body.size, record.response.body.truncated) == (sum(map(len, parts)), True)
    assert record.verdict.label == "streaming"


def test_the_first_of_each_kind_of_content_is_dated_though_no_more_may_be_kept() -> None:
    delta = b'data: {"choices":[{"index":0,"delta":{"%s":"word "}}]}\n\n'
    made = observer()
    made.response_head(SSE, 0.1)
    made.feed(b": begun\n\n", 0.5)
    made.keep_no_more()
    for at, part in every(1.0, [delta % b"reasoning"] * 20 + [delta % b"content"] * 20):
        made.feed(part, at)
    timing = made.close(99.0, "complete").timing
    assert (timing.first_token, timing.first_output_token, timing.last_token) == (0.2, 20.2, 39.2)
    assert timing.itl is None, "moments that are not kept make no gaps"


@pytest.mark.parametrize(
    ("version", "length", "at", "flags"),
    [
        ("HTTP/1.1", 2, 0.2, ()),
        ("HTTP/1.1", 3, 0.2, ("truncated",)),
        ("HTTP/2.0", 2, 0.2, ("truncated",)),
        ("HTTP/1.1", 2, None, ("truncated",)),
    ],
    ids=["as long as it said", "shorter", "its end is told beside its bytes", "kept by the proxy"],
)
def test_what_was_killed_lacks_something_unless_as_many_bytes_passed_as_its_head_told(
    version: str, length: int, at: float | None, flags: Sequence[str]
) -> None:
    made = Observer(RequestHead("id", 0.0, "POST", "http://h/v1/chat/completions", version, ()), Limits())
    made.end_request(ASK, 0.001)
    made.response_head(ResponseHead(200, "HTTP/1.1", (("content-length", str(length)),)), 0.1)
    made.feed(b"{}", at)
    assert made.close(0.3, "error", "Connection killed.").verdict.flags == flags


def test_of_what_passes_unread_nothing_is_claimed() -> None:
    def closed(read: Sequence[tuple[float, bytes]], unread: int) -> Record:
        made = observer()
        made.response_head(SSE, 0.1)
        for at, part in read:
            made.feed(part, at)
        made.skip_unread(unread)
        assert made.snapshot(3.0).bytes == sum(len(part) for _, part in read) + unread
        return made.close(9.0, "complete")

    parts = every(0.05, chunks(*["word "] * 40)[:-1])
    record, cut = closed(parts, 1000), closed(parts, 0)
    assert cut.verdict.flags == ("unterminated",)
    assert record.verdict.flags == (), "the end that was not read may have had its marker"
    assert (record.timing.last_token, record.timing.ttft) == (None, cut.timing.ttft)
    assert record.stream is not None
    assert record.stream.events == len(parts)


@pytest.mark.parametrize(
    ("kind", "flags"), [("text/event-stream", ("unterminated",)), ("application/x-ndjson", ())], ids=["events", "lines"]
)
def test_the_end_marker_of_events_is_not_missed_among_lines(kind: str, flags: Sequence[str]) -> None:
    parts = chunks(*["word "] * 40)[:-1]
    if not flags:  # as OpenAI's clients write what they were sent
        parts = [part.removeprefix(b"data: ")[:-1] for part in parts]
    record = play(every(0.05, parts), observer(), ResponseHead(200, "HTTP/1.1", (("content-type", kind),)))
    assert record.verdict.flags == flags
    assert record.llm is not None
    assert record.llm.text == "word " * 40


def test_a_snapshot_tells_how_it_stands() -> None:
    made = observer(url="http://h/v1/chat/completions?key=secretsecret")
    made.response_head(SSE, 0.1)
    for at, part in every(0.5, chunks("a", "b")[:2]):
        made.feed(part, at)
    snapshot = made.snapshot(4.7)
    assert "secretsecret" not in snapshot.url
    assert (snapshot.arrivals, snapshot.content_events, snapshot.model) == (2, 2, "m")
    assert snapshot.since_last == 4.0
    assert snapshot.longest_silence == 4.0
    assert snapshot.first_token == 0.2 - 0.001


def test_a_key_where_a_model_is_named_is_masked_in_a_snapshot_as_in_the_record() -> None:
    made = observer(json.dumps({"model": SHAPED["OpenAI"], "stream": True}).encode())
    made.response_head(SSE, 0.1)
    assert made.snapshot(1.0).model == "***"
    assert made.close(2.0, "complete").request.model == "***"


@pytest.mark.parametrize("keep_text", [True, False])
def test_the_model_asked_for_is_told_though_a_gateway_answers_in_its_place(keep_text: bool) -> None:
    bad = ResponseHead(502, "HTTP/1.1", (("content-type", "text/html"),))
    record = play([(0.2, b"<h1>502 Bad Gateway</h1>")], observer(keep_text=keep_text), bad)
    assert (record.llm, record.request.model) == (None, "m")
    assert jsonl.from_line(jsonl.to_line(record)) == record
    cars = observer(url="http://cars.example/cars")
    assert cars.close(1.0, "error").request.model is None, "not all that is called a model is one"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(), st.sampled_from(["text/event-stream", "application/x-ndjson", "", "x"]))
def test_any_bytes_in_any_pieces_give_a_record(data: bytes, seed: int, kind: str) -> None:
    made = observer()
    head = ResponseHead(200, "HTTP/1.1", (("content-type", kind),) if kind else ())
    record = play([(0.1 * i, part) for i, part in enumerate(pieces(data, random.Random(seed)))], made, head)
    assert record.response is not None
    assert record.response.body.size == len(data)


def test_a_call_that_failed_behind_a_good_status_is_an_error() -> None:
    head = ResponseHead(200, "HTTP/2.0", (("Content-Type", "application/grpc"),))
    message = b"\0\0\0\0\x04abcd"
    for keep_text, told in ((True, "gRPC status 8: Quota exceeded"), (False, "gRPC status 8")):
        made = observer(keep_text=keep_text)
        made.response_head(head, 0.1)
        made.feed(message, 0.2)
        made.feed(message, 0.3)
        record = made.close(9.0, "complete", "gRPC status 8: Quota exceeded")
        assert (record.verdict.label, record.verdict.flags, record.error) == ("not-applicable", (), told)
        assert record.verdict.summary == "The response is not a success (status 200, an error)."
