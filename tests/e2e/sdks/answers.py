"""Responses of an origin to an SDK, and how they are written: events, lines, frames, whole documents."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from loopback import Step, chunk, head

from ...helpers import pieces

_OUR_OWN = {"content-type", "content-length", "transfer-encoding", "connection", "keep-alive"}


@dataclass(frozen=True)
class Answer:
    """A response; its body goes out in pieces of random sizes if it is a stream, else whole with its length."""

    body: bytes
    content_type: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    streamed: bool = True

    def steps(self) -> Iterator[Step]:
        fields = {name: value for name, value in self.headers if name.lower() not in _OUR_OWN}
        fields["content-type"] = self.content_type
        if not self.streamed:
            yield head(self.status, **fields, content_length=str(len(self.body))) + self.body
            return
        yield head(self.status, **fields, transfer_encoding="chunked")
        for piece in pieces(self.body, random.Random(zlib.crc32(self.body)), most=8192):
            yield chunk(piece)
        yield chunk(b"")


def dumped(payload: object) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)


def whole(payload: object, status: int = 200, *, streamed: bool = False) -> Answer:
    """One JSON document; `streamed` where a stream was asked for."""
    return Answer(dumped(payload).encode(), "application/json", status, streamed=streamed)


def sse(*payloads: object) -> Answer:
    """Events of data alone."""
    return Answer("".join(f"data: {dumped(payload)}\n\n" for payload in payloads).encode(), "text/event-stream")


def typed_sse(*payloads: dict[str, object]) -> Answer:
    """Events named by their payload's ``type``."""
    events = (f"event: {payload['type']}\ndata: {dumped(payload)}\n\n" for payload in payloads)
    return Answer("".join(events).encode(), "text/event-stream")


def ndjson(*payloads: object) -> Answer:
    """A line a payload."""
    return Answer("".join(f"{dumped(payload)}\n" for payload in payloads).encode(), "application/x-ndjson")


def eventstream(*frames: tuple[str, object], exception: tuple[str, object] | None = None) -> Answer:
    """AWS's frames of (event type, payload), ended by an exception if one is given.

    https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
    """
    encoded = [frame({":message-type": "event", ":event-type": name}, payload) for name, payload in frames]
    if exception:
        encoded.append(frame({":message-type": "exception", ":exception-type": exception[0]}, exception[1]))
    return Answer(b"".join(encoded), "application/vnd.amazon.eventstream")


def frame(headers: dict[str, str], payload: object) -> bytes:
    """Prelude, its CRC, headers (all of type 7, string), payload, the CRC of all."""
    fields = b"".join(
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(value)) + value.encode()
        for name, value in (headers | {":content-type": "application/json"}).items()
    )
    body = dumped(payload).encode()
    prelude = struct.pack(">II", len(fields) + len(body) + 16, len(fields))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + fields + body
    return message + struct.pack(">I", zlib.crc32(message))
