"""Content-Encoding, undone for reading while the bytes pass: what passes stays encoded.

In: the bytes of a body as they come.  Out: the decoded bytes that each piece yields, in slices of at most 16 KiB, so
that a bomb is never held, and never read to its end.  What cannot be decoded is told in `Decoder.note`, never raised.
https://www.rfc-editor.org/rfc/rfc9110#section-8.4
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from .codings import CODINGS, ERRORS, Coding, slices

_MOST_EXPANSION = 250
"""Text that means something compresses 5- to 50-fold; what expands more than this is a bomb."""
_MOST_BETWEEN = 10
"""What one coding leaves to the next is compressed and hardly expands.  This holds for what comes to nothing, too: a
few bytes unpack to millions of gzip members that are empty."""
_SLACK = 4 << 20
"""Decoded bytes below which no expansion is suspicious."""
_MOST_EVENTS = 200_000
"""More than any model has tokens for; besides these as many as the bytes that came could be without a coding."""
_SHORTEST = 8
"""Bytes of an event, about."""
_TELLING = 16
"""So many bytes of text at the start of a body are not compressed: those have other bytes among the first few."""

_MOST_CODINGS = 4
"""More than these in a row are an attack."""
_TRIAL = 64 << 10
"""Bytes that are kept while nothing has come out of them, to be read as they are if they turn out not to be encoded."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Bomb(Exception):
    """The data expands more than so many times."""


class Decoder:
    """Undoes the content-codings of one body.  Each iterator returned must be read to its end."""

    def __init__(self, codings: Sequence[str]) -> None:
        self.codings = tuple(codings) or None
        """What was declared, in the order applied; None if nothing was."""
        self.note: str | None = None
        """What went wrong, a sentence."""
        self.known = True
        """What is given is the content; False if it could not be decoded."""
        self.cut = False
        """After `close`: the encoded data has no end, more of the content was due."""
        self.stopped = False
        """What comes is not decoded any more, for it would be too much."""
        self._names = ", ".join(codings)
        self._stages: list[Coding] = []
        self._head: bytes | None = None
        self._tried = bytearray()
        self._ended = False
        self._fed = self._passed = self._given = 0
        if len(codings) > _MOST_CODINGS or not all(name in CODINGS for name in codings):
            self.known = False
            self.note = f"No decoder for the content-coding {self._names[:100]}: the body is read as it is."
        elif codings:
            self._stages = [CODINGS[name]() for name in reversed(codings)]
            self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes yield, in slices of at most 16 KiB."""
        if self._head is not None:
            data = self._head = self._head + data
            is_text = _is_text(data)
            if is_text and len(data) < _TELLING:
                return
            self._head = None
            if is_text:
                self._pass_through()
        yield from self._decode(data)

    def found(self, events: int) -> None:
        """So many events have been read.  It is they that take time: a few bytes that unpack to millions of them would
        keep all others waiting."""
        if self._stages and events > _MOST_EVENTS + self._fed // _SHORTEST:
            self._stop("unpacks to too many events")

    def close(self) -> Iterator[bytes]:
        """What was held back until the end of the body."""
        if self._head:
            yield from self._short(self._head)
        if self._fed and not self._ended and not self._finished:
            self.cut = True
            self.note = f"The {self._names} data is cut off."

    @property
    def _finished(self) -> bool:
        return all(stage.finished for stage in self._stages)

    def _short(self, head: bytes) -> list[bytes]:
        """A body too short to be told by its bytes is encoded if it decodes to its end, and nothing else."""
        self._head = None
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
        self._fed += len(data)
        if self._stages and not self._given and len(self._tried) <= _TRIAL:
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
                self._given += len(piece)
                if self._given > _SLACK + self._fed * _MOST_EXPANSION:
                    raise _Bomb(_MOST_EXPANSION)
        except _Bomb as bomb:
            self._stop(f"expands more than {bomb}-fold")
        except ERRORS as error:
            if self._given or len(self._tried) > _TRIAL:
                self._end(f"Corrupt {self._names} data: {error}.")
            else:
                self._pass_through()
                yield from slices(bytes(self._tried))

    def _between(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """What one coding leaves to the next, bounded."""
        for piece in pieces:
            self._passed += len(piece)
            if self._passed > _SLACK + self._fed * _MOST_BETWEEN:
                raise _Bomb(_MOST_BETWEEN)
            yield piece

    def _stop(self, why: str) -> None:
        self.stopped = True
        self._end(f"Decoding stopped: the {self._names} data {why}.")

    def _end(self, note: str) -> None:
        self.note, self._ended = note, True


def decoder(content_encoding: str | None) -> Decoder:
    """The decoder for the value of a Content-Encoding header (several of them joined by commas)."""
    names = (name.strip().lower() for name in (content_encoding or "").split(","))
    return Decoder([name for name in names if name not in ("", "identity")])


def _is_text(data: bytes) -> bool:
    """Text so far: UTF-8 without control characters, the last character perhaps cut."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(data)
