"""Content-Encoding, undone for reading while the bytes pass: what passes stays encoded.

In: the bytes of a body as they come.  Out: the decoded bytes that each piece yields, in slices of at most 256 KiB, so
that a bomb is never held, and never read to its end.  What cannot be decoded is told in `Decoder.note`, never raised.
https://www.rfc-editor.org/rfc/rfc9110#section-8.4
"""

from __future__ import annotations

import codecs
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SLICE = 256 << 10
"""The most decoded bytes that are given at a time."""
_MOST_EXPANSION = 1100
"""gzip cannot expand more than some 1030-fold; what does is a bomb, of use to nobody."""
_SLACK = 1 << 20
"""Decoded bytes below which no expansion is suspicious."""
_TELLING = 16
"""So many bytes of text at the start of a body are not compressed: those have other bytes among the first few."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError, EOFError)


class _Coding(Protocol):
    @property
    def finished(self) -> bool:
        """The compressed data is whole."""
        ...

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The slices that these bytes yield.  Raises one of `_ERRORS`."""
        ...


class _Zlib:
    """gzip (RFC 1952), several members in a row included, and deflate."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)

    @property
    def finished(self) -> bool:
        return self._stream.eof

    def decode(self, data: bytes) -> Iterator[bytes]:
        out = b""
        while data or len(out) == SLICE:
            if self._stream.eof:
                data = data.lstrip(b"\0")  # padding between members is allowed
                if not data:
                    return
                self._stream = zlib.decompressobj(self._wbits)
            out = self._stream.decompress(data, SLICE)
            if out:
                yield out
            data = self._stream.unconsumed_tail or self._stream.unused_data


class _Deflate:
    """``deflate`` should be a zlib stream (RFC 1950), yet some send raw deflate data (RFC 1951): two bytes tell."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: _Zlib | None = None

    @property
    def finished(self) -> bool:
        return self._stream is not None and self._stream.finished

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._stream = _Zlib(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        yield from self._stream.decode(data)


class _Brotli:
    """br, RFC 7932."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._stream.is_finished())

    def decode(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.process(data, output_buffer_limit=SLICE)
        while not self._stream.can_accept_more_data():
            yield self._stream.process(b"", output_buffer_limit=SLICE)


class _Zstd:
    """zstd, RFC 8878, several frames in a row included."""

    def __init__(self) -> None:
        self._stream = self._new()

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        # 8 MiB of window is the most that this coding allows: https://www.rfc-editor.org/rfc/rfc9659#section-3
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})

    @property
    def finished(self) -> bool:
        return self._stream.eof

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._stream.needs_input or self._stream.eof):
            if self._stream.eof:
                self._stream = self._new()
            yield self._stream.decompress(data, SLICE)
            data = self._stream.unused_data


_CODINGS: Mapping[str, Callable[[], _Coding]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "x-gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}


class Decoder:
    """Undoes the content-codings of one body.  Each iterator returned must be read to its end."""

    def __init__(self, codings: Sequence[str]) -> None:
        self.codings = tuple(codings) or None
        """What was declared, in the order applied; None if nothing was."""
        self.note: str | None = None
        """What went wrong, a sentence."""
        self.known = True
        """What is given is the content; False if it could not be decoded."""
        self._stages: list[_Coding] = []
        self._head: bytes | None = b""
        self._ended = False
        self._fed = self._given = 0
        unknown = [name for name in codings if name not in _CODINGS]
        if unknown:
            self.note = f"Unknown content-coding: {', '.join(unknown)}. The body is read as it is."
            self.known = False
        if unknown or not codings:
            self._pass_through()
        else:
            self._stages = [_CODINGS[name]() for name in reversed(codings)]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes yield, in slices of at most 256 KiB."""
        if self._head is not None:
            data = self._head = self._head + data
            if _is_text(data) and len(data) < _TELLING:
                return
            self._settle(data)
        yield from self._decode(data)

    def close(self) -> Iterator[bytes]:
        """What was held back until the end of the body."""
        if self._head:
            head = self._head
            self._settle(head)
            yield from self._decode(head)
        if self._fed and not self._ended and not all(stage.finished for stage in self._stages):
            self.note = f"The {self._names} data is cut off."

    @property
    def _names(self) -> str:
        return ", ".join(self.codings or ())

    def _settle(self, head: bytes) -> None:
        """Decide by the first bytes whether they are encoded at all."""
        self._head = None
        if _is_text(head):
            self.note = f"Declared {self._names}, but the bytes are not: they are read as they are."
            self._pass_through()

    def _pass_through(self) -> None:
        self._head, self._stages = None, []

    def _decode(self, data: bytes) -> Iterator[bytes]:
        if self._ended:
            return
        self._fed += len(data)
        slices: Iterator[bytes] = (data[at : at + SLICE] for at in range(0, len(data), SLICE))
        for stage in self._stages:
            slices = chain.from_iterable(map(stage.decode, slices))
        try:
            for piece in slices:
                if piece:
                    yield piece
                self._given += len(piece)
                if self._given > _SLACK + self._fed * _MOST_EXPANSION:
                    self._end(f"Decoding stopped: the {self._names} data expands more than {_MOST_EXPANSION}-fold.")
                    return
        except _ERRORS as error:
            self._end(f"Corrupt {self._names} data: {error}.")

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
