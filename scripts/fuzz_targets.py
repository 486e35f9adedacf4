"""What `fuzz.py` holds everything to that reads what a peer, or a file, brought: one check a target.

In: any bytes.  Out: nothing, or an exception, which is a broken promise.  The promises: nothing raises but the
`ValueError` that is documented; the same bytes give the same events however they are cut; what comes of them can be
written down, obeys the schema and is read back the same.  Never here: the fuzzer, so that the tests can run the checks.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from typing import NamedTuple, get_args

import brotli
from fuzz_seeds import FRAMED, Choices, as_text, mend_checksums, named, spoil_json, spoken
from jsonschema import Draft202012Validator
from streamwatchlib import redact, report
from streamwatchlib.compare import table
from streamwatchlib.compare.sides import compared
from streamwatchlib.llm import DIALECTS, Reader, intent, reader
from streamwatchlib.model import ClockLag, Clocks, Context, Frame, Head, Limits, Opening, Outcome, Record
from streamwatchlib.observer import Observer
from streamwatchlib.replay.repertoire import Repertoire
from streamwatchlib.report import jsonl
from streamwatchlib.report.transcript import transcript
from streamwatchlib.stored import Leftover, Observation, pack, record_of, unpack
from streamwatchlib.wire import FRAMERS, STREAM_TYPES, fields, urlencoded
from streamwatchlib.wire.bodies import BodyReader, query_fields
from streamwatchlib.wire.codings import CODINGS
from streamwatchlib.wire.jsontext import JsonError, loads
from streamwatchlib.wire.multipart import MultipartReader

from tests.report.records import EVERY

type Check = Callable[[bytes], None]
type Mutate = Callable[[bytes, random.Random], bytes | None]

AMPLE, SCANT = Limits(), Limits(body=256, event=64, events=4, arrivals=3, moments=4)
FLAG = (False, True)
MEDIA = (
    *(None, "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B", "text/plain"),
    *("text/html; charset=gbk", "image/png", "application/octet-stream", "application/problem+json", "x", ""),
    *STREAM_TYPES,
)
CODED = (None, *CODINGS, "br, gzip", "identity", "unheard-of", "gzip, gzip, gzip, gzip, gzip")
COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}
SCHEMA = Draft202012Validator(json.loads(files("streamwatchlib.report").joinpath("schema.json").read_text("utf-8")))


class Target(NamedTuple):
    check: Check
    seeds: Callable[[], Iterator[bytes]]
    mutate: Mutate | None = None
    """How its inputs are changed so that they still get past the door; None: only as the fuzzer does."""


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """The same bytes one by one, and in pieces of seven."""
    for size in (1, 7):
        yield [data[at : at + size] for at in range(0, len(data), size)]


def text_of(data: bytes) -> str:
    """As a text that may hold anything: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


# --- wire ---------------------------------------------------------------------------------------------------


def framer(format: str, data: bytes) -> None:
    choices = Choices(data)
    limits, body = choices.of((AMPLE, SCANT)), choices.rest
    whole = _framed(format, [body], limits)
    for pieces in cuts(body):
        assert _framed(format, pieces, limits) == whole


def _framed(format: str, pieces: Sequence[bytes], limits: Limits) -> tuple[list[Frame], set[str]]:
    made = FRAMERS[format](limits)
    found = [frame for piece in pieces for frame in made.feed(piece)] + made.close()
    assert not made.pending
    for frame in found:
        "".join([frame.type, frame.data, frame.id or "", frame.malformed or ""]).encode()
    return [frame._replace(split=False) for frame in found], set(made.deviations)


def framer_seeds(format: str) -> Iterator[bytes]:
    for said in spoken():
        yield from (bytes([limits]) + FRAMED[format](named(said.stream)) for limits in (0, 1))


def body(data: bytes) -> None:
    choices = Choices(data)
    declared, coding, limits = choices.of(MEDIA), choices.of(CODED), choices.of((AMPLE, AMPLE, SCANT))
    compress, known, arrays, complete = (choices.of(FLAG) for _ in range(4))
    sent = COMPRESS.get(coding or "", bytes)(choices.rest) if compress else choices.rest
    headers = tuple((n, v) for n, v in (("Content-Type", declared), ("Content-Encoding", coding)) if v is not None)
    made = [
        _read(BodyReader(headers, limits=limits, length_known=known, array_streams=arrays), pieces, complete)
        for pieces in ([sent], *cuts(sent))
    ]
    if known and (compress or coding is None):  # what was read before an error depends on the cut
        assert made[0] == made[1] == made[2]


def _read(made: BodyReader, pieces: Sequence[bytes], complete: bool) -> str:
    frames = [frame for piece in pieces for frame in made.feed(piece)] + made.close(complete)
    body = made.body()
    assert body.size == sum(map(len, pieces))
    assert jsonl.clean(json.dumps([asdict(body), [frame.data for frame in frames]], default=str)).encode()
    return repr((body, made.value, [frame._replace(split=False) for frame in frames if made.framing]))


def body_seeds() -> Iterator[bytes]:
    for said in spoken():
        for media, type_ in enumerate(MEDIA):
            if type_ in STREAM_TYPES:
                yield bytes([media, 0, 0, 0, 1, 0, 1]) + FRAMED[STREAM_TYPES[type_]](named(said.stream))
        yield bytes([1, 1, 0, 1, 1, 0, 1]) + as_text(said.whole).encode()


def multipart(data: bytes) -> None:
    boundary, _, body = data.partition(b"\n")
    declared = "multipart/form-data; boundary=" + text_of(boundary)
    seen = []
    for pieces in ([body], *cuts(body)):
        made = MultipartReader(declared)
        for piece in pieces:
            made.feed(piece)
        made.close()
        seen.append((made.parts, made.complete, made.problem))
    assert seen[0] == seen[1] == seen[2]


def multipart_seeds() -> Iterator[bytes]:
    part = b"--B\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''%e4\r\nContent-Type: x/y\r\n\r\nx\r\n"
    yield from (b"B\n" + part * 2 + b"--B--\r\n", b"B\npreamble\r\n" + part + b"--B  \n\n", b'"B"\n' + part[:40])


def header_values(data: bytes) -> None:
    """A header's value, wherever it is read; what is no UTF-8 was replaced before."""
    value = data.decode(errors="replace")
    fields.parameters(value)
    query_fields(value)
    redact.url(value)
    for name in ("content-type", "content-encoding", "authorization", "cookie", "location"):
        headers = ((name, value),)
        redact.headers(headers)
        made = BodyReader(headers, limits=AMPLE)
        made.feed(b"--B\r\n\r\n\xff\xfe{}")
        made.close()
        repr(made.body()).encode()
    for url in ("http://" + value, "http://h/" + value):
        opening = Opening("i", 0.0, value, url, value, ((value, value),))
        written(Observer(opening, AMPLE).close(1.0, "error", value))


def header_seeds() -> Iterator[bytes]:
    yield b"multipart/form-data; boundary=\"B\"; name*0*=UTF-8''%e4; name*1=b; charset=latin-1"
    yield b"Basic dXNlcjpwYXNzd29yZA=="
    yield b"https://user:password@host/path?api_key=0123456789&x=%20#frag"
    yield b"br, gzip;q=1, identity, x-gzip"


def form(data: bytes) -> None:
    repr((urlencoded.fields(data), urlencoded.looks_like_form(data), query_fields(text_of(data)))).encode()


def form_seeds() -> Iterator[bytes]:
    yield from (b"a=1&b=%e4%ff&c=+&&=&d", b"/p?x=1#y", b"http://h/?a=b")


def json_text(data: bytes) -> None:
    """The values of the standard library, and its refusals but for what is no JSON."""
    for given in (data, text_of(data)):
        try:
            value = loads(given)
        except JsonError:
            continue
        assert repr(value) == repr(json.loads(given.removeprefix("\ufeff") if isinstance(given, str) else given))


def json_seeds() -> Iterator[bytes]:
    yield from (as_text(said.whole).encode(coding) for said in spoken() for coding in ("utf-8", "utf-16", "utf-32-le"))


# --- llm ----------------------------------------------------------------------------------------------------

PLACES = (
    *dict.fromkeys((said.where.host, said.where.path) for said in spoken()),
    *(("h", path) for path in ("/x", "/mcp", "/v1/threads/t/runs", "/ai/run/@cf/m", "/v1/audio/speech", "/completion")),
    *(("h", path) for path in ("/model/m/invoke", "/generate", "/v1/complete", "/interactions", "/v1/completions")),
)
SPEAKERS = (None, *dict.fromkeys(row.dialect for row in DIALECTS))


def dialect(data: bytes) -> None:
    """Lines of an event's name, a tab and its payload, read by whoever claims them or by the dialect chosen."""
    choices = Choices(data)
    (host, path), forced = choices.of(PLACES), choices.of(SPEAKERS)
    status, limits = choices.of((200, 400)), choices.of((AMPLE, SCANT))
    frames = [_frame(line) for line in text_of(choices.rest).split("\n")]
    last = frames[-1].value
    where = Context("POST", host, path, request_value=last, status=status)
    assert (intent(where)[0] is None) == (intent(where)[1] is None)
    for whole in FLAG:
        listener = forced(where, limits) if forced else reader(where, limits)
        for frame in () if whole else frames:
            reading = listener.event(frame)
            assert set(reading.channels) <= {"text", "reasoning", "tool_calls", "events"}
            json.dumps(reading, default=str)
        if whole:
            listener.whole(last)
        llm = listener.result()
        assert llm == listener.result()
        json.dumps(llm and asdict(llm), ensure_ascii=False).encode()
        if isinstance(listener, Reader):
            json.dumps([listener.api, listener.model], ensure_ascii=False).encode()


def _frame(line: str) -> Frame:
    name, _, payload = line.encode(errors="replace").decode().partition("\t")
    try:
        value = loads(payload)
    except JsonError:
        value = None
    return Frame(name, payload, value if isinstance(value, dict | list) else None)


def dialect_seeds() -> Iterator[bytes]:
    for said in spoken():
        place = PLACES.index((said.where.host, said.where.path))
        stream = [*named(said.stream), ("message", said.whole)]
        yield bytes([place, 0, 0, 0]) + "\n".join(f"{name}\t{as_text(payload)}" for name, payload in stream).encode()
    for speaker in range(1, len(SPEAKERS)):
        yield bytes([0, speaker, 0, 0]) + b'message\t{"text": "a", "error": {"message": "b"}}'


# --- records ------------------------------------------------------------------------------------------------


def written(record: Record) -> None:
    """A record can be written in every format, obeys the schema and is read back the same."""
    line = jsonl.to_line(record)
    SCHEMA.validate(json.loads(line))
    assert jsonl.to_line(jsonl.from_line(line)) == line
    for suffix in report.WRITERS:
        report.render([record], suffix).encode()
    transcript(record).encode()


def masking(data: bytes) -> None:
    given, _, text = data.decode(errors="replace").partition("\n")
    secrets = frozenset(given.split(" "))
    masked = redact.text(text, secrets)
    assert redact.text(masked, secrets) == masked
    redact.url(text)
    for secret in secrets:
        plain = len(secret) < 8 or secret.isalpha() or "*" in secret or secret.lower() in redact._STAND_INS
        assert plain or secret not in masked


def masking_seeds() -> Iterator[bytes]:
    key = "sk-abcdefgh0123456789"
    yield f"{key} secret-1\nBearer {key}, Incorrect API key provided: {key}".encode()
    yield b'x\n{"api_key": "a\\"b", "arguments": "{\\"password\\": \\"p\\"}"}\n-----BEGIN PRIVATE KEY-----x'
    yield b"x\nhttps://u:p@h/?key=1&sig=2#f eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF AKIAIOSFODNN7EXAMPLE"


def archive(data: bytes) -> None:
    """A line of an archive that somebody else wrote."""
    try:
        record = jsonl.from_line(data.decode("utf-8", "surrogateescape"))
    except ValueError:
        return
    line = jsonl.to_line(record)
    assert jsonl.to_line(jsonl.from_line(line)) == line
    for suffix in report.WRITERS:
        report.render([record], suffix).encode()
    transcript(record).encode()
    table.render(compared([record], [record])).encode()
    Repertoire([record]).find("POST", "/v1/chat/completions?x=1", b"{}")


def archive_seeds() -> Iterator[bytes]:
    yield from (jsonl.to_line(record).encode() for record in EVERY if len(jsonl.to_line(record)) < 20_000)


ASKED = (b'{"model":"m","stream":true,"messages":[]}', b"", b'{"model":"m"}', b"a=1&api_key=0123456789", b"\x1f\x8b\0")
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome.__value__ if hasattr(Outcome, "__value__") else Outcome)
CLOCKS = (Clocks(), Clocks(ClockLag(0.001, 0.02), ((0.5, 0.02),)))


def exchange(data: bytes) -> None:
    """One exchange from end to end, and again from what is stored of it."""
    choices = Choices(data)
    host, path = choices.of(PLACES)
    asked, status, declared, coding = (choices.of(o) for o in (ASKED, (200, 200, 404, 500, 204), MEDIA, CODED))
    limits, keep_text, dated = choices.of((AMPLE, AMPLE, SCANT)), not choices.of(FLAG), not choices.of(FLAG)
    outcome, clocks, size, pause = (choices.of(o) for o in (OUTCOMES, CLOCKS, (64, 1000, 1, 7), (0.05, 0.0, 2.0)))
    sent = COMPRESS.get(coding or "", bytes)(choices.rest)
    opening = Opening("id", 1_760_000_000.25, "POST", f"https://{host}{path}", "HTTP/1.1", (("Authorization", "k"),))
    headers = tuple((n, v) for n, v in (("Content-Type", declared), ("Content-Encoding", coding)) if v is not None)
    head = Head(status, "HTTP/1.1", headers)
    made = Observer(opening, limits, keep_text=keep_text)
    made.request_body(asked, 0.001)
    made.response_head(head, 0.1)
    for number, at in enumerate(range(0, len(sent), size)):
        made.feed(sent[at : at + size], round(0.2 + pause * number, 6) if dated else None)
    made.snapshot(99.0)
    record = made.close(100.0, outcome, None, clocks)
    written(record)
    whole = keep_text and not made.truncated and len(made.tally.arrivals) == made.tally.seen
    seen = Observation(
        outcome=outcome,
        request_end=made.request_end,
        response_start=made.response_start,
        end=100.0,
        arrivals=tuple((a.t, a.size) for a in made.tally.arrivals),
        callbacks=made.callbacks,
        clocks=clocks,
        leftover=None if whole else Leftover(record, made.signals),
    )
    again = record_of(opening, asked, head, made.kept, unpack(pack(seen)), limits, keep_text=keep_text)
    assert jsonl.to_line(again) == jsonl.to_line(record)


def exchange_seeds() -> Iterator[bytes]:
    declared = {format: MEDIA.index(type_) for type_, format in reversed(STREAM_TYPES.items())} | {"json-array": 1}
    for number, said in enumerate(spoken()):
        place = PLACES.index((said.where.host, said.where.path))
        for format, frame in FRAMED.items():
            chosen = bytes([place, 0, 0, declared[format], number % 4, 0, 0, 0, 0, 0, number % 4, 0])
            yield chosen + frame(named(said.stream))
        yield bytes([place, 0, 0, 1]) + bytes(8) + as_text(said.whole).encode()


def stored(data: bytes) -> None:
    """What lies with a flow that somebody else wrote, and the record made of it."""
    try:
        seen = unpack(data.decode("utf-8", "surrogateescape"))
    except ValueError:
        return
    opening = Opening("id", 0.0, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ())
    head = Head(200, "HTTP/1.1", (("content-type", "text/event-stream"),))
    body = FRAMED["sse"](named(next(spoken()).stream))
    written(record_of(opening, ASKED[0], head, body, seen, AMPLE))


def stored_seeds() -> Iterator[bytes]:
    yield pack(Observation("complete")).encode()
    yield pack(Observation("error", "x", 0.1, 0.2, 3.0, ((0.1, 5),), ((0.3, 50), (0.4, 7)), 4, CLOCKS[1])).encode()
    made = Observer(Opening("i", 0.0, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ()), AMPLE, keep_text=False)
    made.request_body(ASKED[0], 0.001)
    made.response_head(Head(200, "HTTP/1.1", (("content-type", "text/event-stream"),)), 0.1)
    made.feed(FRAMED["sse"](named(next(spoken()).stream)), 0.2)
    record = made.close(1.0, "complete", None, CLOCKS[1])
    yield pack(Observation("complete", end=1.0, leftover=Leftover(record, made.signals))).encode()


def _mended(data: bytes, rng: random.Random) -> bytes | None:
    spoilt = spoil_json(data[1:], rng)
    return data[:1] + mend_checksums(spoilt or data[1:])


TARGETS: Mapping[str, Target] = {
    **{
        format: Target(
            partial(framer, format),
            partial(framer_seeds, format),
            _mended if format == "aws-eventstream" else spoil_json,
        )
        for format in FRAMERS
    },
    "body": Target(body, body_seeds, spoil_json),
    "multipart": Target(multipart, multipart_seeds),
    "headers": Target(header_values, header_seeds),
    "form": Target(form, form_seeds),
    "json": Target(json_text, json_seeds, spoil_json),
    "dialect": Target(dialect, dialect_seeds, spoil_json),
    "redact": Target(masking, masking_seeds),
    "archive": Target(archive, archive_seeds, spoil_json),
    "exchange": Target(exchange, exchange_seeds, spoil_json),
    "stored": Target(stored, stored_seeds, spoil_json),
}
