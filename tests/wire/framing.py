"""How the tests of this room feed a framer and write down what came out."""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Callable, Iterable

from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire import FRAMERS

from ..helpers import feedings


def frames(format: str, pieces: Iterable[bytes], limits: Limits | None = None) -> list[Frame]:
    """All that a body in these pieces yields, the end of it included; `split` left out, as it tells of the pieces."""
    framer = FRAMERS[format](limits or Limits())
    found = [frame for piece in pieces for frame in framer.feed(piece)] + framer.close()
    return [frame._replace(split=False) for frame in found]


def data(format: str, body: bytes, limits: Limits | None = None) -> list[str]:
    """The payloads of the events of a body fed whole, comments left out."""
    return [frame.data for frame in frames(format, [body], limits) if not frame.comment]


def deviations(format: str, body: bytes) -> tuple[str, ...]:
    """What a framer notes of a body fed whole."""
    framer = FRAMERS[format](Limits())
    framer.feed(body)
    framer.close()
    return framer.deviations


def ends(format: str, body: bytes) -> list[int]:
    """For each event, how many bytes of the body had to come before it was there; -1 for what the end of it yields."""
    framer = FRAMERS[format](Limits())
    found = [at + 1 for at in range(len(body)) for frame in framer.feed(body[at : at + 1]) if not frame.comment]
    return found + [-1 for frame in framer.close() if not frame.comment]


def pending(format: str, body: bytes) -> bool:
    """Whether a framer that was fed this holds the beginning of an event: the same however the bytes are cut."""
    told = set()
    for pieces in feedings(body):
        framer = FRAMERS[format](Limits())
        for piece in pieces:
            framer.feed(piece)
        told.add(framer.pending)
    (held,) = told
    return held


def _bytes(payload: object) -> bytes:
    if isinstance(payload, bytes):
        return payload
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()


def aws(headers: dict[str, str], payload: object = "", *, head: bytes = b"") -> bytes:
    """One message of an AWS event stream; `head` is put before the string headers as it is."""
    block = head
    for name, value in headers.items():
        block += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value.encode())) + value.encode()
    body = _bytes(payload)
    prelude = struct.pack(">II", 16 + len(block) + len(body), len(block))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + block + body
    return message + struct.pack(">I", zlib.crc32(message))


def aws_event(type: str, payload: object) -> bytes:
    """An event of an AWS event stream as Bedrock sends it."""
    names = {":event-type": type, ":content-type": "application/json", ":message-type": "event"}
    return aws(names, payload)


def aws_bytes(data: bytes) -> bytes:
    """A piece of a stream of its own framing, as SageMaker sends it."""
    names = {":event-type": "PayloadPart", ":content-type": "application/octet-stream", ":message-type": "event"}
    return aws(names, data)


def seconds(work: Callable[[], object], enough: float = 0.0) -> float:
    """The least of three runs: what it takes when nobody interferes.  One that takes less than `enough` is the last."""
    best = 1e9
    for _ in range(3):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
        if best < enough:
            break
    return best
