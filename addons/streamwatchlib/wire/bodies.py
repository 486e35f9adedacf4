"""One body, read as it arrives: decoded, framed, classified, and kept up to a limit.

In: the headers of a message and the bytes of its body, one call an arrival.  Out: events while the body arrives, and at
its end the record's `Body`.  What the bytes are is presumed from the first of them (`auto_framer`) and settled at the
end (`classify`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from ..headers import joined_header
from ..model import Batch, Body, Frame, Headers, Limits
from . import FRAMERS, charsets, media_types, urlencoded
from .auto_framer import AutoFramer
from .body_buffer import BodyBuffer
from .classify import Classification, Facts, classify
from .decoder import decoder
from .header_params import media_type, parameters
from .multipart import MultipartReader, without_filenames
from .outline import fault, outline
from .payload import broken_off
from .per_read import AUDIO_TYPES
from .sse import SseFramer
from .sse.data import Recognizer

_MAX_TOGETHER = 64 << 10
"""Most bytes that `BodyReader.feed_together` reads."""


class BodyReader:
    """Decodes, frames and classifies one body as it arrives, and keeps it up to the limit.

    Args:
        headers: of the message.
        keep_text: False keeps no text of the body in `body`: no `content`, no form values, no file names.
        length_known: the message declared the length of its body (never true with a Transfer-Encoding); without one, a
            body of no known format may be a stream.
        array_streams: the API that was called streams JSON arrays (Gemini without ``alt=sse``).
        streams_audio: audio was requested as it is generated: if its length is not declared, each read is an event.
        recognize: returns stand-ins for the values of some payloads if none of them needs parsing, else None.
    """

    def __init__(
        self,
        headers: Headers,
        *,
        limits: Limits,
        keep_text: bool = True,
        length_known: bool = True,
        array_streams: bool = False,
        streams_audio: bool = False,
        recognize: Recognizer = lambda payloads: None,
    ) -> None:
        self.value: object = None
        """After `close`: the parsed body if it is one JSON document, the short fields of a form, else None."""
        self._limits, self._keep_text = limits, keep_text
        self._length_known = length_known and joined_header(headers, "transfer-encoding") is None
        self._array_streams = array_streams
        content_type = joined_header(headers, "content-type") or ""
        self._declared = media_type(headers)
        self._charset = parameters(content_type).get("charset")
        self._decoder = decoder(joined_header(headers, "content-encoding"))
        is_multipart = (self._declared or "").startswith("multipart/")
        self._multipart = MultipartReader(content_type) if is_multipart else None
        self._buffer = BodyBuffer(limits.body, encoded=bool(self._decoder.codings))
        per_read = streams_audio and not self._length_known and (self._declared or "").startswith(AUDIO_TYPES)
        self._framer = AutoFramer(self._declared, limits, recognize, per_read=per_read)
        self._events = self._parsed = self._comments = self._deliveries = 0
        self._last_value: object = None
        self._classification: Classification | None = None
        self.text: str | None = None  # after `close`: the body's text, whether kept or not
        self.plain_text: str | None = None  # `text` of a body that has no structure, else None
        self._notes: list[str] = []

    # --- while the body arrives ---

    @property
    def pending(self) -> bool:
        """Bytes of an unfinished event are buffered."""
        return self._framer.pending

    @property
    def framing(self) -> str | None:
        """The format of the framer in use, presumed until `close`; None: the body has no events, discard its frames."""
        if self._classification is not None:
            return self._classification.format if self._classification.format in FRAMERS else None
        return self._framer.format

    @property
    def deviations(self) -> tuple[str, ...]:
        """How the bytes broke the framing's rules, a sentence each."""
        return self._framer.deviations

    def keep_no_more(self) -> None:
        """From now on keep nothing, only count."""
        self._buffer.keep_no_more()

    def skip_unread(self, size: int) -> None:
        """Count `size` more bytes that are not read; nothing after them will be read either."""
        self._buffer.skip_unread(size)

    @property
    def has_unread(self) -> bool:
        """The end of the body was not read, or not decoded."""
        return self._buffer.unread > 0 or self._decoder.stopped

    @property
    def size(self) -> int:
        """Bytes received."""
        return self._buffer.size

    @property
    def truncated(self) -> bool:
        """More bytes were received than are kept."""
        return self._buffer.raw_truncated

    def feed(self, data: bytes) -> list[Frame]:
        """Return the events that one arrival completed; `Frame.split` is relative to these calls."""
        return [*chain.from_iterable(self.iter_feed(data))]

    def peek_batch(self, pieces: Sequence[bytes]) -> Batch | None:
        """Return these arrivals as a `Batch` if they form one, else None.  Consumes nothing: see `take_batch`."""
        framer = self._framer.chosen
        return framer.peek_batch(pieces) if isinstance(framer, SseFramer) and not self._decoder.codings else None

    def take_batch(self, pieces: Sequence[bytes], batch: Batch) -> None:
        """Account for arrivals that the caller has read as a `Batch`."""
        self._buffer.add_plain(b"".join(pieces))
        self._events += len(batch.payloads)
        self._parsed += len(batch.payloads)
        self._deliveries += len(pieces)

    def feed_together(self, pieces: Sequence[bytes]) -> list[tuple[list[Frame], bool]] | None:
        """Read several arrivals together: for each, its events and whether its last byte ended one.

        Returns None, having read nothing, unless the body is known to be a stream, has no content-coding, and the
        arrivals are short, as they mostly are.
        """
        framer, data = self._framer.chosen, b"".join(pieces)
        if framer is None or self._decoder.codings or len(data) > _MAX_TOGETHER:
            return None
        self._buffer.add_plain(data)
        each = [(framer.feed(piece), not framer.pending) for piece in pieces]
        for frames, _ in each:
            before = self._events
            self._count(frames)
            self._deliveries += self._events > before
        return each

    def iter_feed(self, data: bytes) -> Iterator[list[Frame]]:
        """As `feed`, piece by piece, since a few bytes may unpack to millions of events.  Exhaust the iterator."""
        self._buffer.add_raw(data)
        started_earlier, before = self.pending, self._events
        for piece in self._decoder.feed(data):
            frames = self._take(piece)
            if not started_earlier:  # an event that spans pieces of one arrival is not split
                frames = [frame._replace(split=False) if frame.split else frame for frame in frames]
            self._count(frames)
            self._decoder.check_event_count(self._events + self._comments)
            started_earlier = started_earlier and self._events == before
            yield frames
        self._deliveries += self._events > before

    def _take(self, piece: bytes) -> list[Frame]:
        self._buffer.add_decoded(piece)
        if self._multipart:
            self._multipart.feed(piece)
        return self._framer.feed(piece)

    def _count(self, frames: list[Frame]) -> None:
        for _, _, value, _, _, _, comment in frames:
            if comment:
                self._comments += 1
            else:
                self._events += 1
                self._parsed += value is not None
        if frames:
            self._last_value = frames[-1].value

    # --- at the end of the body ---

    def close(self, complete: bool = True) -> list[Frame]:
        """End the body and return the events this yields.  `complete` is False if the transport broke off."""
        if self._classification is not None:
            return []
        ended = self._events
        frames = self._end(complete)
        self._count(frames)
        self._classification = (
            self._settle_multipart(self._multipart) if self._multipart else self._settle(complete, ended)
        )
        self.value = self._classification.value
        self.plain_text = (
            self.text if self._classification.kind == "text" or self._classification.format == "unknown" else None
        )
        return frames if self.framing else []

    def _end(self, complete: bool) -> list[Frame]:
        """The events that the decoder and the framer still hold."""
        if unread := self._buffer.unread:  # what decoder and framer hold is not the end of the body
            read = self.size - unread
            self._notes.append(f"The rest after {read:,} bytes was not read: it came faster than it could be read.")
            return self._framer.settle()
        frames = [*(frame for piece in self._decoder.close() for frame in self._take(piece)), *self._framer.settle()]
        last = self._framer.close()
        frames += last if complete else [broken_off(frame) for frame in last]
        self._notes += filter(None, [self._decoder.note])
        if not complete and self.size == 0 and self._length_known:
            self._notes.append("The transport broke off before any of it was passed on: what had arrived was not seen.")
        return frames

    def _settle_multipart(self, reader: MultipartReader) -> Classification:
        if not self.has_unread:
            reader.close()
        if self.size == 0:
            return Classification("empty")
        found = Classification("multipart", (self._declared or "").partition("/")[2], value=reader.fields or None)
        if reader.problem and not reader.parts:
            return found._replace(mismatch=reader.problem)
        self._notes += filter(None, [reader.problem])
        return found

    def _settle(self, complete: bool, ended: int) -> Classification:
        data = self._buffer.decoded
        # perhaps only its coding lacks the end
        fully_kept = not (self._buffer.decoded_truncated or (self._decoder.cut and not data))
        incomplete = not (fully_kept and complete) or self._decoder.cut
        text = charsets.decode(data, self._charset, cut=incomplete)
        if text is None and media_types.declares_text(self._declared) and b"\0" not in data:
            text = charsets.decode_replacing(data, self._charset)
            if "\ufffd" in text:
                self._notes.append("Bytes that are invalid in the charset were replaced by U+FFFD.")
        self.text = text
        return classify(
            Facts(
                declared=self._declared,
                data=data,
                text=text,
                incomplete=incomplete,
                fully_kept=fully_kept,
                length_known=self._length_known,
                framing=self._framer.format,
                events=self._events,
                parsed=self._parsed,
                ended=ended,
                comments=self._comments,
                deviations=self.deviations,
                deliveries=self._deliveries,
                last_value=self._last_value,
                array_streams=self._array_streams,
            )
        )

    def body(self) -> Body:
        """Return the record's `Body`.  Call `close` first."""
        assert self._classification is not None, "close() comes first"
        found, text = self._classification, self.text
        body = Body(
            kind=found.kind,
            format=found.format,
            declared=self._declared,
            size=self.size,
            decoded_size=self._buffer.decoded_size if self._decoder.known and not self.has_unread else None,
            encoding=self._decoder.codings,
            mismatch=found.mismatch,
            truncated=self._buffer.decoded_truncated or self.truncated or None,
            notes=tuple(self._notes),
        )
        if found.kind == "multipart" and self._multipart:
            parts = self._multipart.parts if self._keep_text else without_filenames(self._multipart.parts)
            return replace(body, parts=parts, complete=None if self.has_unread else self._multipart.complete)
        if found.kind == "form":
            fields, notes = urlencoded.listed(self._buffer.decoded)
            bare = tuple((name, None) for name, _ in fields)
            return replace(body, fields=fields if self._keep_text else bare, notes=body.notes + notes)
        if found.kind == "json":
            body = replace(body, valid=found.valid, error=fault(found.error), **outline(found, body.notes))
        if self._keep_text and text is not None and found.kind in ("json", "text", "streaming"):
            body = replace(body, content=text)
        return body
