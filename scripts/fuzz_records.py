"""The checks of records, of masking, and of all that makes or reads records: one per target of `fuzz.py`.

In: any bytes, as a peer or a file from elsewhere may hold them.  Out: nothing, or an exception, which is a broken
promise.  The promises: nothing raises but the documented `ValueError`; a record can be written in every format, obeys
the schema and is read back the same; what is stored with a flow gives the same record again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import get_args

from fuzz_reading import AMPLE, CODED, COMPRESS, FLAG, MEDIA, PLACES, SCANT
from fuzz_seeds import FRAMED, Choices, as_text, named, spoken
from jsonschema import Draft202012Validator
from streamwatchlib import redact, report
from streamwatchlib.compare import table
from streamwatchlib.compare.sides import compare_records
from streamwatchlib.credentials.spellings import DUMMY_KEYS
from streamwatchlib.model import ClockLag, Message, Outcome, ProxyConditions, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.observer.websocket import WebSocketObserver
from streamwatchlib.replay.catalog import ReplayCatalog
from streamwatchlib.report import jsonl
from streamwatchlib.report.transcript import transcript
from streamwatchlib.stored import Leftover, Observation, StoredExchange, observation, pack, rebuilt_record, unpack
from streamwatchlib.wire import STREAM_TYPES, header_params
from streamwatchlib.wire.bodies import BodyReader
from streamwatchlib.wire.urlencoded import query_fields

from tests.report.records import EVERY

SCHEMA = Draft202012Validator(json.loads(files("streamwatchlib.report").joinpath("schema.json").read_text("utf-8")))


def written(record: Record) -> None:
    """A record of our own obeys the schema and is `legible`."""
    SCHEMA.validate(json.loads(jsonl.to_line(record)))
    legible(record)


def legible(record: Record) -> None:
    """A record can be written in every format and is read back the same."""
    line = jsonl.to_line(record)
    assert jsonl.to_line(jsonl.from_line(line)) == line
    for suffix in report.RENDERERS:
        report.render([record], suffix).encode()
    transcript(record).encode()


def header_values(data: bytes) -> None:
    """A header's value can be read wherever it is; what is no UTF-8 was replaced before."""
    value = data.decode(errors="replace")
    header_params.parameters(value)
    query_fields(f"?{value}")
    redact.url(value)
    for name in ("content-type", "content-encoding", "authorization", "cookie", "location"):
        headers = ((name, value),)
        redact.headers(headers)
        made = BodyReader(headers, limits=AMPLE)
        made.feed(b"--B\r\n\r\n\xff\xfe{}")
        made.close()
        repr(made.body()).encode()
    for url in ("http://" + value, "http://h/" + value):
        opening = RequestHead("i", 0.0, value, url, value, ((value, value),))
        written(Observer(opening, AMPLE).close(1.0, "error", value))


def header_seeds() -> Iterator[bytes]:
    yield b"multipart/form-data; boundary=\"B\"; name*0*=UTF-8''%e4; name*1=b; charset=latin-1"
    yield b"Basic dXNlcjpwYXNzd29yZA=="
    yield b"https://user:password@host/path?api_key=0123456789&x=%20#frag"
    yield b"br, gzip;q=1, identity, x-gzip"


def masking(data: bytes) -> None:
    given, _, text = data.decode(errors="replace").partition("\n")
    secrets = frozenset(given.split(" "))
    masked = redact.text(text, secrets)
    at = 0
    for part in redact.text(masked, secrets).split("***"):  # masking again only hides more
        at = masked.index(part, at) + len(part)
    redact.url(text)
    for secret in secrets:
        plain = len(secret) < 8 or secret.isalpha() or "*" in secret or secret.lower() in DUMMY_KEYS
        assert plain or secret not in masked


def masking_seeds() -> Iterator[bytes]:
    key = "sk-abcdefgh0123456789"
    yield f"{key} secret-1\nBearer {key}, Incorrect API key provided: {key}".encode()
    yield b'x\n{"api_key": "a\\"b", "arguments": "{\\"password\\": \\"p\\"}"}\n-----BEGIN PRIVATE KEY-----x'
    yield b"x\nhttps://u:p@h/?key=1&sig=2#f eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF AKIAIOSFODNN7EXAMPLE"


def archive(data: bytes) -> None:
    """A line of an archive from elsewhere."""
    try:
        record = jsonl.from_line(data.decode("utf-8", "surrogateescape"))
    except ValueError:
        return
    legible(record)
    table.render(compare_records([record], [record])).encode()
    ReplayCatalog([record]).find("POST", "/v1/chat/completions?x=1", b"{}")


def archive_seeds() -> Iterator[bytes]:
    yield from (jsonl.to_line(record).encode() for record in EVERY if len(jsonl.to_line(record)) < 20_000)


ASKED = (b'{"model":"m","stream":true,"messages":[]}', b"", b'{"model":"m"}', b"a=1&api_key=0123456789", b"\x1f\x8b\0")
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
CLOCKS = (ProxyConditions(), ProxyConditions(ClockLag(0.001, 0.02), ((0.5, 0.02),)))


def exchange(data: bytes) -> None:
    """One exchange from end to end, and again from what is stored of it."""
    choices = Choices(data)
    host, path = choices.of(PLACES)
    asked, status, declared, coding = (choices.of(o) for o in (ASKED, (200, 200, 404, 500, 204), MEDIA, CODED))
    limits, keep_text, dated = choices.of((AMPLE, AMPLE, SCANT)), not choices.of(FLAG), not choices.of(FLAG)
    outcome, clocks, size, pause = (choices.of(o) for o in (OUTCOMES, CLOCKS, (64, 1000, 1, 7), (0.05, 0.0, 2.0)))
    sent = COMPRESS.get(coding or "", bytes)(choices.rest)
    opening = RequestHead(
        "id", 1_760_000_000.25, "POST", f"https://{host}{path}", "HTTP/1.1", (("Authorization", "k"),)
    )
    headers = tuple((n, v) for n, v in (("Content-Type", declared), ("Content-Encoding", coding)) if v is not None)
    head = ResponseHead(status, "HTTP/1.1", headers)
    made = Observer(opening, limits, keep_text=keep_text)
    made.end_request(asked, 0.001)
    made.response_head(head, 0.1)
    for number, at in enumerate(range(0, len(sent), size)):
        made.feed(sent[at : at + size], round(0.2 + pause * number, 6) if dated else None)
    made.snapshot(99.0)
    record = made.close(100.0, outcome, None, clocks)
    written(record)
    kept = StoredExchange(opening, asked, head, sent[: limits.body], unpack(pack(observation(made, record))))
    again = rebuilt_record(kept, limits, keep_text=keep_text)
    assert jsonl.to_line(again) == jsonl.to_line(record)


def exchange_seeds() -> Iterator[bytes]:
    declared = {format: MEDIA.index(type_) for type_, format in reversed(STREAM_TYPES.items())} | {"json-array": 1}
    declared["tagged-json"] = MEDIA.index(None)
    for number, said in enumerate(spoken()):
        place = PLACES.index((said.where.host, said.where.path))
        for format, frame in FRAMED.items():
            chosen = bytes([place, 0, 0, declared[format], number % 4, 0, 0, 0, 0, 0, number % 4, 0])
            yield chosen + frame(named(said.stream))
        yield bytes([place, 0, 0, 1]) + bytes(8) + as_text(said.whole).encode()


def stored(data: bytes) -> None:
    """What is stored with a flow from elsewhere, and the record made of it."""
    try:
        seen = unpack(data.decode("utf-8", "surrogateescape"))
    except ValueError:
        return
    opening = RequestHead("id", 0.0, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ())
    head = ResponseHead(200, "HTTP/1.1", (("content-type", "text/event-stream"),))
    body = FRAMED["sse"](named(next(spoken()).stream))
    (legible if seen.leftover else written)(rebuilt_record(StoredExchange(opening, ASKED[0], head, body, seen), AMPLE))


def stored_seeds() -> Iterator[bytes]:
    yield pack(Observation("complete")).encode()
    yield pack(Observation("error", "x", 0.1, 0.2, 3.0, ((0.1, 5),), ((0.3, 50), (0.4, 7)), 4, CLOCKS[1])).encode()
    made = Observer(
        RequestHead("i", 0.0, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ()), AMPLE, keep_text=False
    )
    made.end_request(ASKED[0], 0.001)
    made.response_head(ResponseHead(200, "HTTP/1.1", (("content-type", "text/event-stream"),)), 0.1)
    made.feed(FRAMED["sse"](named(next(spoken()).stream)), 0.2)
    record = made.close(1.0, "complete", None, CLOCKS[1])
    yield pack(Observation("complete", end=1.0, leftover=Leftover(record, made.signals))).encode()


UPGRADE = (("Upgrade", "websocket"), ("Authorization", "Bearer k"))
SOCKETS = ("wss://h/v1/realtime?model=m", "wss://h/v1/responses", "wss://h/socket?stream=true")


def conversation(data: bytes) -> None:
    """A WebSocket, live and stored: a line per message, whose first byte gives its delay and its sender."""
    choices = Choices(data)
    url, limits, keep_text, outcome = (choices.of(o) for o in (SOCKETS, (AMPLE, SCANT), (True, False), OUTCOMES))
    opening = RequestHead("id", 1_760_000_000.25, "GET", url, "HTTP/1.1", UPGRADE)
    head = ResponseHead(101, "HTTP/1.1", (("Upgrade", "websocket"),))
    messages, now = [], 0.0
    for line in choices.rest.split(b"\n"):
        chosen = Choices(line)
        by_client, is_text, gap = (chosen.of(o) for o in ((False, True), (True, True, False), (0.05, 0.0, 0.0003, 3.0)))
        now = round(now + gap, 6)
        messages.append(Message(now, chosen.rest, by_client, is_text))
    made = WebSocketObserver(opening, limits, keep_text=keep_text)
    made.end_request(None, 0.001)
    made.response_head(head, 0.002)
    for message in messages:
        made.message(message)
    made.snapshot(now)
    record = made.close(now + 1, outcome)
    written(record)
    seen = Observation(outcome, None, 0.001, 0.002, now + 1)
    again = rebuilt_record(
        StoredExchange(opening, None, head, b"", seen, messages=tuple(messages)), limits, keep_text=keep_text
    )
    assert jsonl.to_line(again) == jsonl.to_line(record)


def conversation_seeds() -> Iterator[bytes]:
    """Answers of every dialect, a task of DashScope's, and two responses of Realtime's."""
    run = {"header": {"action": "run-task", "task_id": "t"}, "payload": {"model": "m"}}
    sentence = {"text": "word", "begin_time": 0, "end_time": None}
    outputs = ({"sentence": sentence}, {"transcription": sentence, "translations": [sentence]}, {"sentence": {}})
    told = [("task-started", {}), *(("result-generated", output) for output in outputs), ("task-failed", {})]
    tasks = [as_text({"header": {"event": e, "task_id": "t"}, "payload": {"output": o}}).encode() for e, o in told]
    yield b"\0\0\0\0" + b"\n".join((b"\1\0\0" + as_text(run).encode(), *(b"\0\0\0" + task for task in tasks)))
    for said in spoken():
        stream = b"\n".join(b"\0\0\0" + as_text(payload).encode() for _, payload in named(said.stream))
        yield b"\0\0\0\0" + b'\1\0\0{"type":"response.create"}\n' + stream
    for number in range(3):
        turns = []
        for name in "ab":
            turns.append(b"\1\0\0" + as_text({"type": "response.create", "event_id": name, "stream_id": name}).encode())
            about = {"event_id": "e", "response_id": name, "stream_id": name}
            events = (
                {"type": "response.created", "response": {"id": name}},
                {"type": "response.output_text.delta", **about, "delta": "word"},
                {"type": "response.audio.delta", **about, "delta": "c291bmQ="},
                {"type": "response.function_call_arguments.delta", **about, "item_id": "i", "delta": "{}"},
                {"type": "error", "error": {"message": "no", "event_id": name}},
                {"type": "response.done", "response": {"id": name, "status": "completed", "output": []}},
            )
            turns += [b"\0\0\0" + as_text(event).encode() for event in events]
        yield bytes([number, 0, 0, 0]) + b"\n".join(turns) + b'\n\1\1\0{"type":"input_audio_buffer.append"}\n\0\2\0\0\1'


METHODS = ("POST", "GET", "HEAD", "PUT", "")
ACCEPTS = (None, "text/event-stream", "application/json, text/event-stream", "*/*")


def asking(data: bytes) -> None:
    """A request of any class to any API: its value, whether it asks for a stream, and its part of the record."""
    choices = Choices(data)
    (host, path), method, accept = choices.of(PLACES), choices.of(METHODS), choices.of(ACCEPTS)
    declared, coding, compress = choices.of(MEDIA), choices.of(CODED), choices.of(FLAG)
    limits, keep_text, size = choices.of((AMPLE, SCANT)), choices.of((True, False)), choices.of((None, 1, 7))
    query, _, rest = choices.rest.partition(b"\n")
    sent = COMPRESS.get(coding or "", bytes)(rest) if compress else rest
    named_so = (("Accept", accept), ("Content-Type", declared), ("Content-Encoding", coding), ("X-API-Key", "k1234567"))
    headers = tuple((name, value) for name, value in named_so if value is not None)
    url = f"https://{host}{path}?{query.decode(errors='replace')}"
    made = Observer(RequestHead("id", 0.0, method, url, "HTTP/1.1", headers), limits, keep_text=keep_text)
    for at in range(0, len(sent), size) if size else ():
        made.request_data(sent[at : at + size], 0.001)
    made.end_request(None if size else sent, 0.002)
    asked, by = made.request.stream_intent
    assert (asked is None) == (by is None)
    record = made.close(1.0, "error", "no answer")
    assert record.request.body.size == len(sent)
    written(record)


def asking_seeds() -> Iterator[bytes]:
    part = b'--B\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n--B--\r\n'
    bodies = {
        "application/json": b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}],"api_key":"sk-1"}',
        "application/x-www-form-urlencoded": b"model=m&stream=true&api_key=0123456789&q=%e4%ff",
        "multipart/form-data; boundary=B": part,
    }
    for place in range(len(PLACES)):
        for declared, body in bodies.items():
            yield bytes([place, 0, place, MEDIA.index(declared), 0, 0, 0, 0, 0]) + b"stream=true&alt=sse\n" + body
