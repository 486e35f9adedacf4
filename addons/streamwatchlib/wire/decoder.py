"""Undo Content-Encoding for reading; the bytes passed on stay encoded.

In: the bytes of a body as they arrive.  Out: what each piece decodes to, in slices of at most 16 KiB, so that a
decompression bomb is never held in memory and never read to its end.  Failures are reported in `Decoder.note`, never
raised.  https://www.rfc-editor.org/rfc/rfc9110#section-8.4
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from .codings import CODINGS, ERRORS, Coding, slices

_MAX_EXPANSION = 250
"""Text that means something compresses 5- to 50-fold; what expands more than this is a bomb."""
_MAX_BETWEEN = 10
"""Largest expansion by all but the last of several codings: their output is still compressed and hardly expands.  It
also bounds output that the last one decodes to nothing: a few bytes may unpack to millions of empty gzip members."""
_SLACK = 4 << 20
"""Decoded bytes below which no expansion is suspicious."""
_MAX_EVENTS = 200_000
"""Events allowed in any encoded body, more than any model has tokens for; besides, as many as fit into its encoded
bytes."""
_SHORTEST = 8
"""Bytes of the shortest event, about."""
_MIN_TEXT = 16
"""Bytes of text at the start of a body that prove it is not compressed: compressed data has others among its first
few."""

_MAX_CODINGS = 4
"""More codings than this are an attack."""
_TRIAL = 64 << 10
"""Encoded bytes kept while nothing has been decoded, to be read as they are if they turn out not to be encoded."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Bomb(Exception):
    """The data expands more than this many times."""


class Decoder:
    """Undoes the content-codings of one body.  Exhaust each iterator that it returns."""

    def __init__(self, codings: Sequence[str]) -> None:
        self.codings = tuple(codings) or None
        """The declared codings in the order applied; None if there were none."""
        self.note: str | None = None
        """What went wrong, a sentence; None if nothing did."""
        self.known = True
        """False if a coding is unknown, or there are too many: the output is then the encoded bytes."""
        self.cut = False
        """After `close`: the encoded data ended early, more of the content was due."""
        self.stopped = False
        """Decoding was given up because the output was too much; the rest of the body is not decoded."""
        self._names = ", ".join(codings)
        self._stages: list[Coding] = []
        self._head: bytes | None = None
        self._tried = bytearray()
        self._ended = False
        self._bytes_in = self._bytes_between = self._bytes_out = 0
        if len(codings) > _MAX_CODINGS or not all(name in CODINGS for name in codings):
            self.known = False
            self.note = f"No decoder for the content-coding {self._names[:100]}: the body is read as it is."
        elif codings:
            self._stages = [CODINGS[name]() for name in reversed(codings)]
            self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes decode to, in slices of at most 16 KiB."""
        if self._head is not None:
            data = self._head = self._head + data
            is_text = _is_text(data)
            if is_text and len(data) < _MIN_TEXT:
                return
            self._head = None
            if is_text:
                self._pass_through()
        yield from self._decode(data)

    def check_event_count(self, events: int) -> None:
        """Stop decoding if `events`, read from the output so far, are too many.  Reading them takes time: millions of
        them, unpacked from a few bytes, would delay all other exchanges."""
        if self._stages and events > _MAX_EVENTS + self._bytes_in // _SHORTEST:
            self._stop("unpacks to too many events")

    def close(self) -> Iterator[bytes]:
        """Yield what was held back until the end of the body."""
        if self._head:
            yield from self._short(self._head)
        if self._bytes_in and not self._ended and not self._finished:
            self.cut = True
            self.note = f"The {self._names} data is cut off."

    @property
    def _finished(self) -> bool:
        return all(stage.finished for stage in self._stages)

    def _short(self, head: bytes) -> list[bytes]:
        """Decode a body too short to be recognised by its bytes; it counts as encoded only if it decodes to its end."""
        decoded = list(self._decode(head))
        if self._finished:
            return decoded
        self._pass_through()
        return [head]

    def _pass_through(self) -> None:
        self.note = f"Declared {self._names}, but the bytes are not: they are read as they are."
        self._stages = []

    def _decode(self, data: bytes) -> Iterator[bytes]:
        if self._ended:
            return
        self._bytes_in += len(data)
        if self._stages and not self._bytes_out and len(self._tried) <= _TRIAL:
            self._tried += data
        pieces = slices(data)
        for stage in self._stages[:-1]:
            pieces = self._between(chain.from_iterable(map(stage.decode, pieces)))
        for stage in self._stages[-1:]:
            pieces = chain.from_iterable(map(stage.decode, pieces))
        try:
            for piece in pieces:
                if piece:
                    yield piece
                if self._ended:
                    return
                self._bytes_out += len(piece)
                if self._bytes_out > _SLACK + self._bytes_in * _MAX_EXPANSION:
                    raise _Bomb(_MAX_EXPANSION)
        except _Bomb as bomb:
            self._stop(f"expands more than {bomb}-fold")
        except ERRORS as error:
            if self._bytes_out or len(self._tried) > _TRIAL:
                self._end(f"Corrupt {self._names} data: {error}.")
            else:
                self._pass_through()
                yield from slices(bytes(self._tried))

    def _between(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pass on the output of one coding to the next; raise `_Bomb` if it expanded too much."""
        for piece in pieces:
            self._bytes_between += len(piece)
            if self._bytes_between > _SLACK + self._bytes_in * _MAX_BETWEEN:
                raise _Bomb(_MAX_BETWEEN)
            yield piece

    def _stop(self, why: str) -> None:
        self.stopped = True
        self._end(f"Decoding stopped: the {self._names} data {why}.")

    def _end(self, note: str) -> None:
        self.note, self._ended = note, True


def decoder(content_encoding: str | None) -> Decoder:
    """The decoder for the value of a Content-Encoding header (several headers joined by commas)."""
    names = (name.strip().lower() for name in (content_encoding or "").split(","))
    return Decoder([name for name in names if name not in ("", "identity")])


def _is_text(data: bytes) -> bool:
    """UTF-8 without control characters; the last character may be cut."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(data)
