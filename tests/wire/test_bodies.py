"""Bodies: what they are, whatever was declared; their events at their own arrival; nothing kept that should not be."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Body, Frame, Headers, Limits
from streamwatchlib.wire import STREAM_TYPES, outline
from streamwatchlib.wire.bodies import BodyReader
from streamwatchlib.wire.outline import MAX_KEYS
from streamwatchlib.wire.urlencoded import MAX_FIELDS, TOO_MANY, query_fields

from ..helpers import feedings
from .framing import aws_event

SSE, NDJSON, JSON = "text/event-stream", "application/x-ndjson", "application/json"
CALLED = b"\0\0\0\0\4\x0a\2\xff\xfe"
"""A message of gRPC."""
FORM, BYTES = "application/x-www-form-urlencoded", "application/octet-stream"
LINES, EVENTS = "newline-delimited JSON", "a stream of server-sent events"
EVENT = b'data: {"a":1}\n\n'


def reader(declared: str | None, encoding: str | None = None, **options: Any) -> BodyReader:
    headers: Headers = () if declared is None else (("Content-Type", declared),)
    if encoding:
        headers += (("content-encoding", encoding),)
    return BodyReader(headers, limits=options.pop("limits", Limits()), **options)


def read(declared: str | None, pieces: Sequence[bytes], **options: Any) -> tuple[BodyReader, list[Frame]]:
    """A body in these pieces, read to its end; its frames, or none if it turned out to be no stream of events."""
    complete = options.pop("complete", True)
    body = reader(declared, **options)
    frames = [frame for piece in pieces for frame in body.feed(piece)] + body.close(complete)
    return body, frames if body.framing else []


def told(declared: str | None, data: bytes, **options: Any) -> Body:
    """What is said of a body, the same however its bytes are cut."""
    body, frames = read(declared, [data], **options)
    for pieces in feedings(data):
        other, others = read(declared, pieces, **options)
        assert other.body() == body.body()
        assert other.value == body.value
        assert [frame._replace(split=False) for frame in others] == [frame._replace(split=False) for frame in frames]
    return body.body()


# --- what it is ---

KINDS = [
    (None, b"", "empty", None, None),
    (JSON, b"", "empty", None, None),
    (JSON, b'{"a": 1}', "json", "json", None),
    ("application/problem+json; charset=utf-8", b"[1]", "json", "json", None),
    (JSON, b"12", "json", "json", None),
    (None, b'{"a": 1}', "json", "json", "A JSON document was sent without a Content-Type."),
    ("text/plain", b" [1]\n", "json", "json", "Declared as text/plain, but the body is a JSON document."),
    (FORM, b'{"a": 1}', "json", "json", f"Declared as {FORM}, but the body is a JSON document."),
    ("image/png", b'{"a": 1}', "json", "json", "Declared as image/png, but the body is a JSON document."),
    (BYTES, b"{}", "json", "json", f"Declared as {BYTES}, but the body is a JSON document."),
    (SSE, b'{"error": {"code": 404}}', "json", "json", f"Declared as {SSE}, but the body is a JSON document."),
    (SSE, b'{\n "error": {\n }\n}\n', "json", "json", f"Declared as {SSE}, but the body is a JSON document."),
    (NDJSON, b'{\n "error": 1\n}', "json", "json", f"Declared as {NDJSON}, but the body is a JSON document."),
    (JSON, b"\n\n\n\n{}\n", "json", "json", None),
    (JSON, b"\xef\xbb\xbf{}", "json", "json", None),
    (JSON, b"oops", "json", "json", f"Declared as {JSON}, but the body is not JSON."),
    (JSON, b'{"a": 1,}', "json", "json", None),
    (JSON, b"a=1&b=2", "form", "urlencoded", f"Declared as {JSON}, but the body is a URL-encoded form."),
    (FORM, b"a=1&b=2", "form", "urlencoded", None),
    (FORM, b"just text", "form", "urlencoded", None),
    (None, b"a=1&b=2", "form", "urlencoded", "A URL-encoded form was sent without a Content-Type."),
    ("text/plain", b"a=1&b=2", "text", "plain", None),
    (SSE, EVENT, "streaming", "sse", None),
    (SSE, b": ping\n\n", "streaming", "sse", None),
    (SSE, b"retry: 1\n\n", "streaming", "sse", None),
    (SSE, b"\n\n", "streaming", "sse", None),
    (SSE, b"data", "streaming", "sse", None),
    (SSE, b'data: {"a":1}\n\n{"error":\n1}\n', "streaming", "sse", None),
    (SSE, b'{"a":1}\n{"b":2}\n', "streaming", "ndjson", f"Declared as {SSE}, but the body is {LINES}."),
    (SSE, b"Internal Server Error", "text", None, f"Declared as {SSE}, but the body is text."),
    (JSON, EVENT, "streaming", "sse", f"Declared as {JSON}, but the body is {EVENTS}."),
    (
        JSON,
        b'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"x"}\n\n',
        "streaming",
        "sse",
        f"Declared as {JSON}, but the body is {EVENTS}.",
    ),
    ("text/plain", EVENT, "streaming", "sse", f"Declared as text/plain, but the body is {EVENTS}."),
    ("text/plain", b"data: hi\n\n", "streaming", "sse", f"Declared as text/plain, but the body is {EVENTS}."),
    (None, EVENT, "streaming", "sse", "A stream of server-sent events was sent without a Content-Type."),
    (NDJSON, EVENT, "streaming", "sse", f"Declared as {NDJSON}, but the body is {EVENTS}."),
    ("text/plain", b"data:\n  - a\n\nid: 3\n", "text", "plain", None),
    ("text/plain", b"data: x", "text", "plain", None),
    (NDJSON, b'{"a":1}\n', "streaming", "ndjson", None),
    (NDJSON, b'{"a":1}\noops\n', "streaming", "ndjson", None),
    (NDJSON, b"[1]\n[2]\n", "streaming", "ndjson", None),
    (NDJSON, b"oops\n", "text", None, f"Declared as {NDJSON}, but the body is text."),
    (JSON, b'{"a":1}\n{"b":2}\n', "streaming", "ndjson", f"Declared as {JSON}, but the body is {LINES}."),
    (JSON, b'{"a":1}{"b":2}', "streaming", "ndjson", f"Declared as {JSON}, but the body is {LINES}."),
    (None, b'{"a":1}\n{"b":2}\n', "streaming", "ndjson", "Newline-delimited JSON was sent without a Content-Type."),
    (JSON, b'{"a":1}\noops\n', "json", "json", None),
    ("application/json-seq", b'\x1e{"a":1}\n', "streaming", "json-seq", None),
    ("application/geo+json-seq", b'\x1e{"type":"Feature"}\n', "streaming", "json-seq", None),
    ("text/plain", b'0:"a"\nd:{}\n', "streaming", "tagged-json", None),
    ("text/x-component", b'0:{"a":1}\n1:"b"\n', "text", "x-component", None),
    (None, b'0:"a"\nb\n', "text", None, None),
    ("application/json-seq", b'{"a":1}\n{"b":2}\n', "streaming", "ndjson",
     "Declared as application/json-seq, but the body is newline-delimited JSON."),
    ("application/vnd.amazon.eventstream", aws_event("x", {}), "streaming", "aws-eventstream", None),
    ("application/vnd.amazon.eventstream", b'{"message":"denied"}', "json", "json",
     "Declared as application/vnd.amazon.eventstream, but the body is a JSON document."),
    ("text/html; charset=utf-8", b"<html></html>", "text", "html", None),
    (None, b"hello", "text", None, None),
    ("text/plain; charset=gbk", "每日".encode("gbk"), "text", "plain", None),
    ("text/plain", b"a\xffb", "text", "plain", None),
    (None, b"a\xffb", "binary", None, None),
    ("text/plain", b"a\0\xff", "binary", None, "Declared as text/plain, but the body is binary data."),
    (JSON, b"\xff\xd8\xff\0", "binary", "jpeg", f"Declared as {JSON}, but the body is binary data."),
    ("image/jpeg", b"\xff\xd8\xff\0", "binary", "jpeg", None),
    ("audio/mpeg", b"ID3\x04\0", "binary", "mp3", None),
    (BYTES, b"\0\1\2", "binary", None, None),
    ("application/pdf", b"%PDF-1.7\n", "binary", "pdf", None),
    ("image/svg+xml", b"<svg/>", "text", None, None),
    ("image/png", b"not found", "text", None, "Declared as image/png, but the body is text."),
    ("x bogus", b"hello", "text", None, None),
    ("multipart/form-data", b"--x\r\n", "multipart", "form-data",
     "Declared as multipart without a usable boundary parameter: its parts cannot be told apart."),
    ("multipart/form-data; boundary=x", b"--x--", "multipart", "form-data", None),
    ("multipart/mixed; boundary=x", b"", "empty", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "data", "kind", "format", "mismatch"), KINDS, ids=lambda value: repr(value)[:40])
def test_a_body_is_what_its_bytes_are(
    declared: str | None, data: bytes, kind: str, format: str | None, mismatch: str | None
) -> None:
    body = told(declared, data)
    assert (body.kind, body.format, body.mismatch) == (kind, format, mismatch)
    assert body.declared == (declared and declared.partition(";")[0])
    assert body.size == body.decoded_size == len(data)


@pytest.mark.parametrize(
    ("declared", "data", "kind", "format"),
    [
        (None, b"hello", "streaming", "unknown"),
        ("text/plain", b"hello", "streaming", "unknown"),
        ("text/plain", b"a=1", "streaming", "unknown"),
        (BYTES, b"\0\1\2", "streaming", "unknown"),
        (SSE, b"hello", "streaming", "unknown"),
        ("application/grpc", CALLED * 2, "streaming", "unknown"),
        ("application/grpc+proto", CALLED * 2, "streaming", "unknown"),
        ("application/connect+proto", CALLED * 2, "streaming", "unknown"),
        ("application/connect+json", CALLED * 2, "streaming", "unknown"),
        ("application/grpc-web+proto", CALLED * 2, "streaming", "unknown"),
        ("application/grpc", CALLED, "binary", None),
        ("application/grpc", CALLED[:3], "binary", None),
        (None, b"\xff\xd8\xff\0", "binary", "jpeg"),
        ("text/html", b"<html>", "text", "html"),
        (JSON, b'{"a":1}', "json", "json"),
        (None, b'{"a":1}', "json", "json"),
        ("audio/pcm", b"\0\1\2", "binary", None),
        (None, b"", "empty", None),
    ],
)
def test_without_a_length_a_body_whose_bytes_tell_nothing_else_is_a_stream(
    declared: str | None, data: bytes, kind: str, format: str | None
) -> None:
    body = told(declared, data, length_known=False)
    assert (body.kind, body.format) == (kind, format)


def test_messages_of_rpc_are_what_they_were_declared_as_whatever_they_hold() -> None:
    for declared in ("application/connect+json", "application/grpc+json", "application/grpc-web+json"):
        for length_known in (False, True):
            assert told(declared, CALLED * 2, length_known=length_known).mismatch is None


def test_chunked_transfer_coding_gives_no_length() -> None:
    body = BodyReader((("Transfer-Encoding", "chunked"),), limits=Limits())
    body.feed(b"hello")
    body.close()
    assert body.body().kind == "streaming"


def test_a_stream_of_no_known_format_says_so_of_its_declaration() -> None:
    body = told(SSE, b"hello", length_known=False)
    assert body.mismatch == f"Declared as {SSE}, but the body is not a stream of events."


# --- a JSON array: stream or document ---

ROWS = [b" [\n[0.1,0.2]", b",[0.3,", b"0.4]]"]
ARRAY = [b'[{"a":1}', b',\r\n{"b":2}', b"]"]


@pytest.mark.parametrize(
    ("pieces", "options", "format"),
    [
        (ARRAY, {"length_known": False}, "json-array"),
        (ARRAY, {"length_known": True}, None),
        (ROWS, {"length_known": False}, None),
        ([b"".join(ARRAY)], {"length_known": False}, None),
        ([b"".join(ARRAY)], {"array_streams": True}, "json-array"),
        ([b"[]"], {"array_streams": True}, "json-array"),
        ([b'[{"error":{}}\n]'], {"array_streams": True}, "json-array"),
        ([b'{"error":{}}'], {"array_streams": True}, None),
    ],
)
def test_an_array_is_a_stream_if_it_came_as_one_or_was_asked_for_as_one(
    pieces: list[bytes], options: dict[str, bool], format: str | None
) -> None:
    body, _ = read(JSON, pieces, **options)
    assert body.framing == format
    assert body.body().kind == ("streaming" if format else "json")
    assert body.value == json.loads(b"".join(pieces))
    assert body.body().mismatch is None


def test_an_array_that_broke_off_is_a_stream_if_it_came_as_one() -> None:
    body, frames = read(JSON, [*ARRAY[:2], b',{"c'], length_known=False, complete=False)
    assert body.framing == "json-array"
    assert [frame.value for frame in frames] == [{"a": 1}, {"b": 2}, None]


# --- events at their arrival ---


@pytest.mark.parametrize("declared", [SSE, JSON, "text/plain", None])
def test_mislabelled_events_come_at_their_own_arrival(declared: str | None) -> None:
    body = reader(declared)
    assert [len(body.feed(EVENT)) for _ in range(3)] == [1, 1, 1]
    assert body.framing == "sse"
    assert body.close() == []


def test_the_framing_is_presumed_until_the_end_and_settled_then() -> None:
    body = reader(JSON)
    assert body.framing is None
    assert len(body.feed(b'{"a":1}\n')) == 1
    assert body.framing == "ndjson"
    assert body.close() == []
    assert body.framing is None
    assert body.value == {"a": 1}


def test_a_declared_framing_is_presumed_before_the_first_byte() -> None:
    for declared, format in STREAM_TYPES.items():
        body = reader(declared)
        assert body.framing == format
        assert not body.pending


def test_of_a_body_that_is_no_stream_the_end_yields_no_events() -> None:
    body = reader(SSE)
    assert body.feed(b'{"error"') == []
    assert body.feed(b":1}") == []
    assert body.close() == []
    assert body.value == {"error": 1}


def test_blank_lines_before_an_answer_are_nothing() -> None:
    body = reader(JSON)
    for _ in range(5000):
        assert body.feed(b"\n") == []
        assert not body.pending
    body.feed(b'{"a":1}')
    body.close()
    assert body.body().kind == "json"
    assert body.value == {"a": 1}


def test_pending_follows_the_framer() -> None:
    body = reader(None)
    assert not body.pending
    body.feed(b"da")
    assert body.pending
    body.feed(b"ta: 1\n")
    assert body.pending
    body.feed(b"\n")
    assert not body.pending


def test_bodies_without_events_are_never_pending() -> None:
    body = reader("image/png")
    body.feed(b"data: x")
    assert not body.pending


def test_split_is_relative_to_arrivals_not_to_the_slices_they_are_decoded_in() -> None:
    event = b"data: " + b"x" * 400_000 + b"\n\n"
    whole = gzip.compress(EVENT + event + EVENT)
    body = reader(SSE, "gzip")
    assert [frame.split for frame in body.feed(whole)] == [False] * 3
    body = reader(SSE, "gzip")
    found = [*body.feed(whole[:12]), *body.feed(whole[12:])]
    assert [frame.split for frame in found] == [False] * 3
    body = reader(SSE)
    assert [frame.split for piece in (b"data", b": 1\n\ndata: 2\n\n") for frame in body.feed(piece)] == [True, False]


def test_an_event_that_fills_several_slices_of_one_arrival_is_whole_and_not_split() -> None:
    payload = "x" * 200_000

    (frame,) = reader("text/event-stream").feed(f"data: {payload}\n\n".encode())

    assert (frame.data, frame.split) == (payload, False)


def test_deviations_are_the_framers() -> None:
    body, _ = read(SSE, [b"data: x"])
    assert body.deviations == ("The last event was not closed by a blank line.",)
    assert read("image/png", [b"x"])[0].deviations == ()


@pytest.mark.parametrize(
    ("declared", "data", "malformed"),
    [
        (SSE, b"data: Hel", "The body broke off inside this event."),
        (SSE, b'data: {"a":', "Not JSON: Expecting value (line 1, column 6)."),
        (SSE, b'data: {"a":1}', None),
        (NDJSON, b"12", "The body broke off inside this event."),
        (NDJSON, b'{"a":1}', None),
    ],
)
def test_a_last_event_is_only_whole_if_its_own_bytes_prove_it_where_the_body_broke_off(
    declared: str, data: bytes, malformed: str | None
) -> None:
    _, frames = read(declared, [EVENT if declared == SSE else b'{"x":1}\n', data], complete=False)
    assert frames[-1].malformed == malformed
    _, frames = read(declared, [EVENT if declared == SSE else b'{"x":1}\n', data])
    assert (frames[-1].malformed is None) == (data[-5:] != b'{"a":')


@pytest.mark.parametrize("came", [b"", b"d", b"\ndat", b"\xef\xbb"])
def test_a_stream_that_broke_off_before_it_said_anything_is_what_it_was_declared_as(came: bytes) -> None:
    """gzip sends its head at once, and what follows when there is enough of it."""
    packed = zlib.compressobj(wbits=31)
    begun = packed.compress(came) + packed.flush(zlib.Z_SYNC_FLUSH)
    for complete in (True, False):
        body, frames = read(SSE, [begun], encoding="gzip", length_known=False, complete=complete)
        assert (body.body().kind, body.body().format, body.body().mismatch, frames) == ("streaming", "sse", None, [])
        assert body.body().notes == ("The gzip data is cut off.",)


def test_a_document_that_lacks_only_the_end_of_its_coding_is_whole() -> None:
    body, _ = read(JSON, [gzip.compress(b'{"a": 1}')[:-8]], encoding="gzip")
    assert (body.value, body.body().notes) == ({"a": 1}, ("The gzip data is cut off.",))


def test_a_comment_that_broke_off_is_still_a_comment() -> None:
    _, frames = read(SSE, [EVENT, b": pin"], complete=False)
    assert frames[-1] == Frame("comment", " pin", comment=True)


def test_json_that_broke_off_is_json_of_which_nothing_is_known() -> None:
    body, _ = read(None, [b'{"a": [1, 2'], complete=False)
    assert (body.body().kind, body.body().valid, body.value) == ("json", None, None)


def test_a_document_that_is_whole_counts_though_the_transport_broke_off() -> None:
    body, _ = read(JSON, [b'{"a": 1}'], complete=False)
    assert body.value == {"a": 1}


def test_lines_of_json_that_broke_off_are_a_stream() -> None:
    body, frames = read(JSON, [b'{"a": 1}\n{"b":'], complete=False)
    assert body.framing == "ndjson"
    assert len(frames) == 2


def test_a_body_of_which_nothing_was_passed_on_is_not_said_to_have_been_empty() -> None:
    """mitmproxy keeps one of known length to its end: where that never comes, nobody else sees any of it."""
    body, _ = read(JSON, [], length_known=True, complete=False)
    note = "The transport broke off before any of it was passed on: what had arrived was not seen."
    assert body.body().notes == (note,)
    assert read(JSON, [], length_known=True)[0].body().notes == ()
    assert read(JSON, [b"{"], length_known=True, complete=False)[0].body().notes == ()


# --- what the record says ---


@pytest.mark.parametrize(
    ("data", "top", "keys"),
    [
        (b'{"b": 1, "a": 2}', "object", ("b", "a")),
        (b'{"\\ud800": 1}', "object", ("\ufffd",)),
        (b"[1]", "array", None),
        (b'"x"', "string", None),
        (b"1.5", "number", None),
        (b"1", "number", None),
        (b"true", "boolean", None),
        (b"null", "null", None),
    ],
)
def test_of_json_the_top_is_told(data: bytes, top: str, keys: tuple[str, ...] | None) -> None:
    body = told(JSON, data)
    assert (body.valid, body.top, body.keys, body.error) == (True, top, keys, None)


@pytest.mark.parametrize("coding", [None, "gzip"])
def test_a_body_that_may_keep_no_more_holds_what_it_held_and_counts_on(coding: str | None) -> None:
    headers = (("Content-Type", "text/plain"), *((("Content-Encoding", coding),) if coding else ()))
    reader = BodyReader(headers, limits=Limits())
    pack = zlib.compressobj(wbits=31) if coding else None
    first, second = b"x" * 50, b"y" * 50
    if pack:
        first, second = pack.compress(first) + pack.flush(zlib.Z_SYNC_FLUSH), pack.compress(second) + pack.flush()
    reader.feed(first)
    reader.keep_no_more()
    reader.feed(second)
    reader.close()
    body = reader.body()
    assert (body.content, body.truncated) == ("x" * 50, True)
    assert (body.size, body.decoded_size) == (len(first) + len(second), 100)


def test_an_event_stream_of_aws_is_found_behind_any_declaration() -> None:
    stream = aws_event("messageStart", {"role": "assistant"}) + aws_event("messageStop", {})
    for declared in ("application/octet-stream", "text/event-stream", "application/json"):
        for pieces in feedings(stream):
            reader = BodyReader((("Content-Type", declared),), limits=Limits())
            found = [frame.type for piece in pieces for frame in reader.feed(piece)] + [f.type for f in reader.close()]
            assert (found, reader.body().format) == (["messageStart", "messageStop"], "aws-eventstream")
            assert reader.body().mismatch


def test_json_with_numbers_that_only_python_writes_is_not_valid_and_is_read() -> None:
    reader = BodyReader((("Content-Type", "application/json"),), limits=Limits())
    reader.feed(b'{"a": NaN, "b": 1}')
    reader.close()
    body = reader.body()
    assert (body.kind, body.valid, (body.error or {})["message"]) == ("json", False, "NaN is not JSON")
    assert isinstance(reader.value, dict)
    assert reader.value["b"] == 1


def test_json_that_does_not_parse_says_why_and_where() -> None:
    body = told(JSON, b'{"a":\n oops}')
    assert (body.valid, body.top, body.keys) == (False, None, None)
    assert body.error == {"message": "Expecting value", "line": 2, "column": 2}


def test_a_form_has_its_fields_in_order_and_no_content() -> None:
    body = told(FORM, b"a=abc&a=def&b=%E6%AF%8F+x&c")
    assert body.fields == (("a", "abc"), ("a", "def"), ("b", "每 x"), ("c", ""))
    assert body.content is None


def test_a_multipart_body_has_its_parts_and_no_content() -> None:
    data = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n123\r\n--x--\r\n'
    body = told("multipart/form-data; boundary=x", data)
    assert body.complete is True
    assert [(part.name, part.size) for part in body.parts or ()] == [("a", 3)]
    assert body.content is None
    body = told("multipart/form-data; boundary=x", data[:-9])
    assert body.complete is False
    assert body.notes == ("The multipart body ends before its closing boundary.",)


@pytest.mark.parametrize(
    ("declared", "data", "content"),
    [
        (JSON, b'{"a": 1}', '{"a": 1}'),
        (SSE, EVENT, EVENT.decode()),
        ("text/plain; charset=gbk", "每日".encode("gbk"), "每日"),
        ("image/png", b"\x89PNG\r\n\x1a\n", None),
        ("application/vnd.amazon.eventstream", aws_event("x", {}), None),
    ],
)
def test_content_is_the_text(declared: str, data: bytes, content: str | None) -> None:
    assert told(declared, data).content == content


def test_a_document_is_read_in_its_charset() -> None:
    made, _ = read("application/json; charset=gbk", ['{"error": "参数错误"}'.encode("gbk")])
    assert made.value == {"error": "参数错误"}


def test_text_that_does_not_fit_its_charset_is_replaced_and_noted() -> None:
    body = told("text/plain", b"a\xffb")
    assert body.content == "a\ufffdb"
    assert body.notes == ("Bytes that are invalid in the charset were replaced by U+FFFD.",)


def test_text_with_control_characters_is_text_if_it_was_declared_as_such() -> None:
    body = told("text/plain", b"a\x01b")
    assert (body.kind, body.content, body.notes) == ("text", "a\x01b", ())


# --- content-codings ---


def test_a_coded_body_is_read_as_it_comes_and_both_sizes_are_told() -> None:
    data = brotli.compress(EVENT * 3)
    body, frames = read(SSE, [data], encoding="br")
    assert len(frames) == 3
    record = body.body()
    assert (record.size, record.decoded_size, record.encoding) == (len(data), len(EVENT) * 3, ("br",))
    assert record.content == (EVENT * 3).decode()


def test_an_unknown_coding_leaves_the_decoded_size_unknown() -> None:
    body, _ = read(None, [b"\0\1\2"], encoding="compress")
    assert body.body().decoded_size is None
    assert body.body().notes == ("No decoder for the content-coding compress: the body is read as it is.",)


def test_a_body_decoded_already_is_read_as_it_is_and_noted() -> None:
    body, frames = read(SSE, [EVENT], encoding="gzip")
    assert len(frames) == 1
    assert body.body().notes == ("Declared gzip, but the bytes are not: they are read as they are.",)


# --- bounds ---


def test_of_a_coded_body_as_many_events_are_read_as_a_plain_one_could_hold_and_some_more() -> None:
    """It is not said to have had no end, nor how large it is."""
    body = reader(SSE, "gzip", length_known=False)
    events = sum(map(len, body.iter_feed(gzip.compress(b":\n\ndata: 1\n\n" * 250_000))))
    assert 200_000 < events < 220_000
    body.close()
    assert (body.has_unread, body.body().decoded_size) == (True, None)
    assert body.body().notes == ("Decoding stopped: the gzip data unpacks to too many events.",)


def test_what_is_over_the_limit_is_counted_and_not_kept() -> None:
    body, frames = read(SSE, [EVENT] * 10, limits=Limits(body=20))
    assert len(frames) == 10
    assert body.truncated
    assert (body.size, body.body().decoded_size) == (150, 150)
    assert body.body().truncated is True
    assert body.body().content == (EVENT * 2)[:20].decode()


def test_content_is_cut_between_characters() -> None:
    body, _ = read("text/plain", ["每日".encode()], limits=Limits(body=4))
    assert body.body().content == "每"


def test_a_decoded_body_is_bounded_too() -> None:
    body, _ = read("text/plain", [gzip.compress(b"x" * 1000)], encoding="gzip", limits=Limits(body=100))
    assert not body.truncated
    record = body.body()
    assert (record.content, record.decoded_size, record.truncated) == ("x" * 100, 1000, True)


@pytest.mark.parametrize(
    ("declared", "data", "kind", "formats"),
    [
        (SSE, EVENT * 3, "streaming", {"sse"}),
        (None, EVENT * 3, "streaming", {"sse"}),
        (NDJSON, b'{"a":1}\n' * 3, "streaming", {"ndjson"}),
        (JSON, b'{"a":1}\n' * 3, "streaming", {"ndjson"}),
        (JSON, b'[{"a":1},{"a":2}]', "streaming", {"json-array"}),
        (JSON, b'{"a": 12}\n', "json", {"json"}),
        (FORM, b"a=1&b=2", "form", {"urlencoded"}),
        ("text/plain", b"one\ntwo", "text", {"plain", None}),
        ("image/png", b"\x89PNG\r\n\x1a\n...", "binary", {"png", None}),
    ],
)
def test_what_a_body_is_does_not_hang_on_how_much_of_it_is_kept(
    declared: str | None, data: bytes, kind: str, formats: set[str | None]
) -> None:
    whole = told(declared, data, array_streams=True)
    for limit in range(len(data) + 2):
        body = told(declared, data, limits=Limits(body=limit), array_streams=True)
        assert (body.kind, body.format in formats, body.mismatch) == (kind, True, whole.mismatch), limit
        assert body.truncated == (True if limit < len(data) else None)


def test_json_over_the_limit_is_json_of_which_nothing_is_known() -> None:
    body, _ = read(JSON, [b'{\n"a": "' + b"x" * 100 + b'"}'], limits=Limits(body=50))
    record = body.body()
    assert (record.kind, record.valid, record.top, record.truncated) == ("json", None, None, True)


@pytest.mark.parametrize("data", [b"1234567890", b"true" + b" " * 10, b' "a string"'])
def test_nothing_is_known_either_where_the_part_that_is_kept_is_no_object(data: bytes) -> None:
    body, _ = read(JSON, [data], limits=Limits(body=5))
    record = body.body()
    assert (record.kind, record.valid, record.mismatch, body.value) == ("json", None, None, None)


def multipart(data: bytes) -> bytes:
    return b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + data


@pytest.mark.parametrize(
    ("kind", "coding", "data"),
    [
        (SSE, None, EVENT + b"data: unfin"),
        (SSE, "gzip", gzip.compress(EVENT * 1000)[:-20]),
        (JSON, None, b'[{"a": 1}, '),
        ("multipart/form-data; boundary=B", None, multipart(b"12345")),
        ("text/plain", None, "每".encode()[:2]),
    ],
    ids=["events", "packed events", "JSON", "a form", "text"],
)
def test_what_passes_unread_is_counted_and_breaks_nothing_off(kind: str, coding: str | None, data: bytes) -> None:
    headers = [("content-type", kind), *([("content-encoding", coding)] if coding else [])]
    reader = BodyReader(tuple(headers), limits=Limits())
    before = reader.feed(data)
    reader.skip_unread(1000)
    reader.skip_unread(1)
    assert reader.close() == [], "an event that is not finished was not broken off by its server"
    body = reader.body()
    assert (body.size, body.decoded_size, body.truncated) == (len(data) + 1001, None, True)
    assert body.notes == (f"The rest after {len(data)} bytes was not read: it came faster than it could be read.",)
    assert (body.complete, body.valid, body.error) == (None, None, None)
    assert all(frame.malformed is None for frame in before)


def test_within_the_limit_nothing_is_said_of_truncation() -> None:
    body, _ = read("text/plain", [b"x"])
    assert not body.truncated
    assert body.body().truncated is None


@pytest.mark.parametrize(
    ("declared", "data"),
    [
        (JSON, b'{"name": "SECRET"}'),
        (JSON, b'{"name": SECRET}'),
        (SSE, b"data: SECRET\n\n"),
        (FORM, b"name=SECRET"),
        ("text/plain", b"SECRET"),
        (None, b"SECRET"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nSECRET\r\n--x--'),
    ],
)
def test_without_texts_none_is_left_anywhere(declared: str | None, data: bytes) -> None:
    body = told(declared, data, keep_text=False)
    assert "SECRET" not in repr(body)
    assert body.size == len(data)


def test_without_texts_names_and_keys_stay() -> None:
    assert told(JSON, b'{"a": "x"}', keep_text=False).keys == ("a",)
    assert told(FORM, b"a=x&b", keep_text=False).fields == (("a", None), ("b", None))


def test_an_object_of_more_keys_than_are_listed_says_so() -> None:
    body = read(JSON, [json.dumps(dict.fromkeys(map(str, range(MAX_KEYS + 1)))).encode()])[0].body()
    assert body.keys == tuple(map(str, range(MAX_KEYS)))
    assert body.notes == (outline.TOO_MANY,)


def test_a_form_of_more_fields_than_are_listed_says_so() -> None:
    body, _ = read(FORM, [b"ab=cd&" * 2000])
    assert (len(body.body().fields or ()), body.body().notes) == (MAX_FIELDS, (TOO_MANY,))


def test_closing_again_changes_nothing() -> None:
    body, _ = read(JSON, [b'{"a": 1}'])
    record = body.body()
    assert body.close(complete=False) == []
    assert body.body() == record


# --- queries ---


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("http://h/p?q=1&r=a+b&q=%E6%AF%8F", (("q", "1"), ("r", "a b"), ("q", "每"))),
        ("http://h/p?q=1#frag?x=2", (("q", "1"),)),
        ("http://h/p", ()),
        ("/p?x", (("x", ""),)),
        ("/p", ()),
        ("http://h/p?q=1&u=http://h/?", (("q", "1"), ("u", "http://h/?"))),
        ("http://h/?", ()),
        ("", ()),
        ("http://h/?q=\ud800", (("q", "?"),)),
    ],
)
def test_query_fields_keep_their_order_and_repeats(text: str, fields: tuple[tuple[str, str], ...]) -> None:
    assert query_fields(text) == fields


# --- anything ---

DECLARED = [
    None,
    SSE,
    NDJSON,
    JSON,
    FORM,
    "application/json-seq",
    "text/html; charset=gbk",
    "multipart/x; boundary=B",
    "x",
]
SIGNS = [b"data: ", b"\n", b"{", b"}", b"[", b'"a":1', b"\x1e", b"--B", b"a=1", b"\xef\xbb\xbf", b"\xff", b"\0", EVENT]


@settings(deadline=None)
@given(
    st.sampled_from(DECLARED),
    st.sampled_from([None, "gzip", "deflate", "br, gzip", "x"]),
    st.lists(st.one_of(st.sampled_from(SIGNS), st.binary(max_size=9))),
    st.booleans(),
    st.booleans(),
)
def test_no_body_raises_and_every_record_is_valid_text(
    declared: str | None, encoding: str | None, pieces: list[bytes], flag: bool, complete: bool
) -> None:
    body, frames = read(declared, pieces, encoding=encoding, length_known=flag, array_streams=flag, complete=complete)
    repr((body.body(), frames)).encode()
    assert body.size == sum(map(len, pieces))
    for frame in frames:
        frame.data.encode()
    (body.body().content or "").encode()
