"""The binary event stream of AWS (``application/vnd.amazon.eventstream``), as Bedrock sends it.

In: the bytes of a body.  Out: each message at its last byte, its ``:event-type``, ``:exception-type`` or error code as
`Frame.type`, its payload as text.  Both checksums are verified.  Behaviour follows botocore's parser and
https://smithy.io/2.0/aws/amazon-eventstream.html, but where botocore gives up, this parser goes on:

- a message with a wrong checksum is malformed; the prelude's checksum has vouched for its length, so the next message
  is found;
- messages with a binary payload are pieces of a stream with a framing of its own, as SageMaker relays one;
- a prelude with a wrong checksum, or with lengths beyond the format's bounds, is one malformed frame; parsing resumes
  at the next twelve bytes that are a valid prelude.
"""

from __future__ import annotations

import re
import struct
import zlib

from ..model import ErrorFrame, Frame, Limits
from .nested import Nested
from .payload import Notes, json_frame, oversize, text

RESYNC = "Bytes that are not a message were skipped up to the next valid prelude."

_PRELUDE = struct.Struct(">III")
_AROUND = 16
"""Bytes of a message besides its headers and payload: the prelude before them, the checksum behind."""
_MAX_HEADERS = 128 << 10
_MAX_PAYLOAD = 24 << 20
# the high bytes of lengths within these bounds: saves computing a checksum at nearly every skipped byte
_MAY_BE_PRELUDE = re.compile(rb"[\x00\x01].{3}\x00[\x00-\x02].{6}", re.DOTALL)

_STRING = 7
_VALUE_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Sizes of header types: true, false, byte, short, int, long, timestamp, UUID.  Types 6 and 7 carry their length."""

_CONTENT_TYPE, _BYTES = ":content-type", "application/octet-stream"
_TYPE_HEADERS = (":event-type", ":exception-type", ":error-code")
"""Headers that name a message; ``:message-type`` determines which of them is present."""
_ERROR_HEADERS = frozenset(_TYPE_HEADERS[1:])


class AwsEventStreamFramer:
    """Parses the messages.  Buffers at most one, which the format bounds to some 24 MiB."""

    format = "aws-eventstream"

    def __init__(self, limits: Limits) -> None:
        self._limits, self._limit = limits, limits.event
        self._notes = Notes()
        self._held = bytearray()
        self._message_size = 0
        self._resyncing = False
        self._started_earlier = False
        self._nested: Nested | None = None

    @property
    def pending(self) -> bool:
        return bool(self._held) or (self._nested is not None and self._nested.pending)

    @property
    def deviations(self) -> tuple[str, ...]:
        return self._notes.all() + (self._nested.deviations if self._nested else ())

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._started_earlier = self.pending
        self._held += data
        frames: list[Frame] = []
        while len(self._held) >= (self._message_size or _PRELUDE.size):
            frames += self._message() if self._message_size else self._prelude()
        if not frames:
            return []
        first, *rest = frames
        started_earlier, self._started_earlier = self._started_earlier, False
        return [
            first._replace(split=started_earlier),
            *(frame._replace(split=False) if frame.split else frame for frame in rest),
        ]

    def close(self) -> list[Frame]:
        frames = self._nested.close() if self._nested else []
        cut, self._held = bool(self._held) and not self._resyncing, bytearray()
        broken = [Frame(malformed="Cut off inside a message.", split=self._started_earlier)]
        return frames or broken if cut else frames

    def _prelude(self) -> list[Frame]:
        """Learn the message's length from its prelude; only the first of several invalid preludes yields a frame."""
        total, headers, checksum = _PRELUDE.unpack_from(self._held)
        possible = headers <= _MAX_HEADERS and _AROUND <= total - headers <= _AROUND + _MAX_PAYLOAD
        if possible and zlib.crc32(self._held[:8]) == checksum:
            self._message_size, self._resyncing = total, False
            return []
        found = _MAY_BE_PRELUDE.search(self._held, 1)
        del self._held[: found.start() if found else 1 - _PRELUDE.size]
        if self._resyncing:
            return []
        self._resyncing = True
        self._notes.add(RESYNC)
        return [Frame(malformed="Not a message: its prelude is out of bounds or its checksum is wrong.")]

    def _message(self) -> list[Frame]:
        message = bytes(self._held[: self._message_size])
        del self._held[: self._message_size]
        self._message_size = 0
        ends = _PRELUDE.size + int.from_bytes(message[4:8])
        payload = message[ends:-4]
        if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:]):
            return [Frame(data=text(payload, self._notes), malformed="The checksum of the message is wrong.")]
        try:
            headers = _strings(message[_PRELUDE.size : ends])
        except (LookupError, struct.error) as error:
            broken = f"The headers of the message are broken: {error}."
            return [Frame(data=text(payload, self._notes), malformed=broken)]
        if headers.get(_CONTENT_TYPE) == _BYTES:
            self._nested = self._nested or Nested(self._limits, self._notes)
            return self._nested.feed(payload)
        return [self._event(headers, payload)]

    def _event(self, headers: dict[str, str], payload: bytes) -> Frame:
        type_ = next((headers[name] for name in _TYPE_HEADERS if name in headers), "message")
        payload = payload or headers.get(":error-message", "").encode()
        if len(payload) > self._limit:
            return oversize(payload, self._limit, type=type_)
        if payload[:1] == b"{":
            frame = json_frame(payload, self._limit, self._notes)._replace(type=type_)
        else:
            frame = Frame(type_, text(payload, self._notes))
        return frame if _ERROR_HEADERS.isdisjoint(headers) else ErrorFrame(*frame)


def _strings(block: bytes) -> dict[str, str]:
    """Return the headers that hold strings; skip the others.

    Raises:
        LookupError, struct.error: the block is not a sequence of headers.
    """
    headers: dict[str, str] = {}
    at = 0
    while at < len(block):
        name_end = at + 1 + block[at]
        type_, value = block[name_end], name_end + 1
        size = _VALUE_SIZES.get(type_)
        if size is None:
            (size,) = struct.unpack_from(">H", block, value)
            value += 2
        if type_ > max(_VALUE_SIZES) or value + size > len(block):
            raise LookupError(f"header at byte {at}")
        if type_ == _STRING:
            headers[block[at + 1 : name_end].decode(errors="replace")] = block[value : value + size].decode(
                errors="replace"
            )
        at = value + size
    return headers
