"""The first bytes show framing and format, and nothing is concluded too early."""

from __future__ import annotations

import pytest
from streamwatchlib.wire.sniff import framing, has_sse_field, magic

from .framing import aws_event


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (b"data: x", "sse"),
        (b"event:x", "sse"),
        (b"id: 1", "sse"),
        (b"retry: 1", "sse"),
        (b": ping", "sse"),
        (b'error: {"error": {}}', "sse"),
        (b'error:{"a"', "sse"),
        (b"\xef\xbb\xbf\r\n\ndata:", "sse"),
        (b'{"a"', "ndjson"),
        (b" \n[", "json-array"),
        (b"\x1e", "json-seq"),
        (b'0:"a', "tagged-json"),
        (b"f:{", "tagged-json"),
        (b"f:", None),
        (b"9", None),
        (b"a: b", ""),
        (b"a:b", ""),
        (b"hello", ""),
        (b" data: x", ""),
        (b"dataset: x", ""),
        (b"error: x", ""),
        (b"errors: 0", ""),
        (b"<html>", ""),
        (aws_event("x", {})[:12], "aws-eventstream"),
        (aws_event("x", {})[:11], None),
        (b"\0" * 11 + b"\1", ""),
        (b"\0", None),
        (b"", None),
        (b"\r\n ", None),
        (b"\xef\xbb", None),
        (b"\xef\xbb\xbf", None),
        (b"dat", None),
        (b"error: {", None),
        (b"\nretry", None),
    ],
)
def test_the_first_bytes_suggest_a_framing(head: bytes, format: str | None) -> None:
    assert framing(head) == format


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"data: x\n", True),
        (b"x\rid:1", True),
        (b"x\n:comment", True),
        (b"\xef\xbb\xbfdata:", True),
        (b"data\n", True),
        (b"x\ndata", True),
        (b"x\n\xef\xbb\xbfdata:", False),
        (b'{"data": 1}\n{"id": 2}\n', False),
        (b"metadata: x", False),
    ],
)
def test_a_field_of_server_sent_events_is_found_at_the_start_of_a_line(body: bytes, found: bool) -> None:
    assert has_sse_field(body) is found


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpeg"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
        (b"\0\0\0\x20ftypavif", "avif"),
        (b"\0\0\0\x20ftypisom", "mp4"),
        (b"ID3\x04\0", "mp3"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04", "zip"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_binary_formats_are_named_by_their_first_bytes(data: bytes, format: str | None) -> None:
    assert magic(data) == format
