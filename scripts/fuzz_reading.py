"""The checks of framers, dialects and all else that reads bytes: one per target of `fuzz.py`.

In: any bytes.  Out: nothing, or an exception, which is a broken promise.  The promises: nothing raises; the same bytes
give the same events however they are cut; the results can be serialized.  Never here: records.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

import brotli
from fuzz_seeds import FRAMED, Choices, as_text, named, spoken
from streamwatchlib.llm import DIALECTS, Reader, intent
from streamwatchlib.model import Context, Frame, Limits
from streamwatchlib.report import jsonl
from streamwatchlib.wire import FRAMERS, STREAM_TYPES, urlencoded
from streamwatchlib.wire.bodies import BodyReader
from streamwatchlib.wire.codings import CODINGS
from streamwatchlib.wire.jsontext import JsonError, loads
from streamwatchlib.wire.multipart import MultipartReader
from streamwatchlib.wire.urlencoded import query_fields

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


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """The same bytes one by one, and in pieces of seven."""
    for size in (1, 7):
        yield [data[at : at + size] for at in range(0, len(data), size)]


def text_of(data: bytes) -> str:
    """The bytes as a text that may hold anything: what is no UTF-8 becomes lone surrogates."""
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
    assert jsonl.escape_unsafe(json.dumps([asdict(body), [frame.data for frame in frames]], default=str)).encode()
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


def form(data: bytes) -> None:
    repr((urlencoded.fields(data), urlencoded.looks_like_form(data), query_fields(f"?{text_of(data)}"))).encode()


def form_seeds() -> Iterator[bytes]:
    yield from (b"a=1&b=%e4%ff&c=+&&=&d", b"x=1#y", b"a=http://h/?a=b")


def json_text(data: bytes) -> None:
    """What is accepted as JSON has the value that the standard library gives; a refusal is a `JsonError`."""
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
    """Read lines of an event's name, a tab and its payload, with the dialect that claims them or the one chosen."""
    choices = Choices(data)
    (host, path), forced = choices.of(PLACES), choices.of(SPEAKERS)
    status, limits = choices.of((200, 400)), choices.of((AMPLE, SCANT))
    frames = [_frame(line) for line in text_of(choices.rest).split("\n")]
    last = frames[-1].value
    where = Context("POST", host, path, request_value=last, status=status)
    assert (intent(where)[0] is None) == (intent(where)[1] is None)
    for whole in FLAG:
        listener = forced(where, limits) if forced else Reader(where, limits)
        for frame in () if whole else frames:
            reading = listener.read_event(frame)
            assert set(reading.channels) <= {"text", "reasoning", "tool_calls", "events"}
            json.dumps(reading, default=str)
        if whole:
            listener.read_whole(last)
        llm = listener.result()
        assert llm == listener.result()
        json.dumps(llm and asdict(llm), ensure_ascii=False).encode()
        if isinstance(listener, Reader):
            json.dumps(listener.model, ensure_ascii=False).encode()


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
