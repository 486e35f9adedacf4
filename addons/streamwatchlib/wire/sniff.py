"""What bytes look like, whatever was declared.

In: the first bytes of a body, or all that was kept of it.  Out: the framing they suggest, the name of a binary format.
"""

from __future__ import annotations

import re
import zlib

from .lines import BOM

MAX_BLANK = 1024
"""Most leading blank bytes (some servers send them as keep-alives) that are kept until others follow."""
_BLANK = b" \t\r\n"
_SSE_FIELD = re.compile(rb"(?:data|event|id|retry)?:|error: ?\{\"")  # for ``error:`` see `sse`
_SSE_LINE = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])(?:(?:data|event|id|retry)?:|data(?:[\r\n]|\Z))")
_SSE_NAMES = (b"data:", b"event:", b"id:", b"retry:", b'error:{"', b'error: {"')
_TAGGED = re.compile(rb"[0-9a-z]:[\"{\[]")
_PRELUDE = 12
"""Bytes of an AWS event stream's prelude: two lengths, the first beginning with a zero byte, and their checksum."""

_RPC = re.compile(r"application/(?:grpc(?:-web(?:-text)?)?|connect)(?:\+\w+)?$")
_ENVELOPE = 5
"""Bytes before each message of gRPC or Connect: a flag and the length."""

_MAGIC = (
    (b"\xff\xd8\xff", 0, "jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "png"),
    (b"GIF8", 0, "gif"),
    (b"WEBP", 8, "webp"),
    (b"WAVE", 8, "wav"),
    (b"ftypavif", 4, "avif"),
    (b"ftypheic", 4, "heic"),
    (b"ftypM4A", 4, "m4a"),
    (b"ftyp", 4, "mp4"),
    (b"ID3", 0, "mp3"),
    (b"\xff\xfb", 0, "mp3"),
    (b"\xff\xf3", 0, "mp3"),
    (b"\xff\xf2", 0, "mp3"),
    (b"\xff\xf1", 0, "aac"),
    (b"\xff\xf9", 0, "aac"),
    (b"OggS", 0, "ogg"),
    (b"fLaC", 0, "flac"),
    (b"\x1aE\xdf\xa3", 0, "webm"),
    (b"%PDF-", 0, "pdf"),
    (b"PK\x03\x04", 0, "zip"),
    (b"\x1f\x8b", 0, "gzip"),
    (b"(\xb5/\xfd", 0, "zstd"),
    (b"BM", 0, "bmp"),
    (b"II*\x00", 0, "tiff"),
    (b"MM\x00*", 0, "tiff"),
    (b"\x00asm", 0, "wasm"),
)


def magic(data: bytes) -> str | None:
    """The binary format that the first bytes indicate, or None."""
    return next((name for sign, at, name in _MAGIC if data.startswith(sign, at)), None)


def framing(head: bytes) -> str | None:
    """The framing that the first bytes of a body suggest, ``""`` if they suggest none, None if they are too few."""
    text = head.removeprefix(BOM)
    start = text.lstrip(_BLANK)
    if not start or head == BOM[: len(head)]:
        return None
    if head[:1] == b"\0" and len(head) < _PRELUDE:
        return None
    if len(head) >= _PRELUDE and zlib.crc32(head[:8]) == int.from_bytes(head[8:_PRELUDE]):
        return "aws-eventstream"
    if start[:1] == b"{":
        return "ndjson"
    if start[:1] == b"[":
        return "json-array"
    if start[:1] == b"\x1e":
        return "json-seq"
    line = text.lstrip(b"\r\n")
    if _SSE_FIELD.match(line):
        return "sse"
    if _TAGGED.match(line):
        return "tagged-json"
    if line[:1].isalnum() and line[1:] in (b"", b":"):
        return None  # it may be a tag, if a value follows
    return None if any(name.startswith(line) for name in _SSE_NAMES) else ""


def has_sse_field(data: bytes) -> bool:
    """Some line is a field or comment of server-sent events."""
    return _SSE_LINE.search(data) is not None


def is_rpc(declared: str) -> bool:
    """The media type is one of gRPC, gRPC-Web or Connect, whatever stands behind the plus sign.
    https://connectrpc.com/docs/protocol#streaming-rpcs"""
    return _RPC.match(declared) is not None


def is_rpc_stream(declared: str | None, data: bytes) -> bool:
    """The body holds more than one message of such a protocol; a call with one answer is answered with one.
    https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"""
    return declared is not None and is_rpc(declared) and len(data) > _ENVELOPE + int.from_bytes(data[1:_ENVELOPE])
