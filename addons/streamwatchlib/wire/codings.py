"""The content-codings, each an incremental decoder with bounded output.

In: compressed bytes in pieces of any size.  Out: slices of at most `SLICE` decoded bytes.  Corrupt data raises one of
`ERRORS`, which the caller turns into a note.  Names: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

SLICE = 16 << 10
"""Most decoded bytes yielded at a time."""


def _first_of(*names: str) -> Any:
    """Import the first of these modules that is installed, else None: mitmproxy's standalone binaries lack some."""
    for name in names:
        with suppress(ImportError):
            return import_module(name)
    return None


_brotli = _first_of("brotli")
_zstd = _first_of("compression.zstd", "backports.zstd")

ERRORS: tuple[type[Exception], ...] = (
    zlib.error,
    EOFError,
    getattr(_brotli, "error", EOFError),
    getattr(_zstd, "ZstdError", EOFError),
)
"""What `Coding.decode` raises on corrupt data."""


def slices(data: bytes) -> Iterable[bytes]:
    """The bytes in slices of at most `SLICE`."""
    return (data,) if len(data) <= SLICE else (data[at : at + SLICE] for at in range(0, len(data), SLICE))


class Coding(Protocol):
    @property
    def finished(self) -> bool:
        """The compressed data is complete."""
        ...

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes decode to, in slices.  Raises one of `ERRORS`."""
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
            before = self._stream.copy()
            try:
                out = self._stream.decompress(data, SLICE)
            except zlib.error:
                yield from self._up_to_error(before, data)
                raise
            if out:
                yield out
            data = self._stream.unconsumed_tail or self._stream.unused_data

    @staticmethod
    def _up_to_error(stream: Any, data: bytes) -> Iterator[bytes]:
        """What precedes the corrupt byte: zlib itself returns nothing for a piece that contains one."""
        with suppress(zlib.error):
            for byte in data:
                yield stream.decompress(bytes((byte,)))


class _Deflate:
    """``deflate`` should be a zlib stream (RFC 1950), but some send raw deflate data (RFC 1951): two bytes tell
    which."""

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
        self._stream = _brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._stream.is_finished())

    def decode(self, data: bytes) -> Iterator[bytes]:
        # at the limit the library stops growing its output, which may be twice as large by then; input that it has
        # consumed already may yield more
        out = self._stream.process(data, output_buffer_limit=SLICE)
        while len(out) >= SLICE or not self._stream.can_accept_more_data():
            yield from slices(out)
            out = self._stream.process(b"", output_buffer_limit=SLICE)
        yield from slices(out)


class _Zstd:
    """zstd, RFC 8878, several frames in a row included."""

    def __init__(self) -> None:
        self._stream = self._new()

    @staticmethod
    def _new() -> Any:
        # 8 MiB is the largest window that this coding allows: https://www.rfc-editor.org/rfc/rfc9659#section-3
        return _zstd.ZstdDecompressor(options={_zstd.DecompressionParameter.window_log_max: 23})

    @property
    def finished(self) -> bool:
        return bool(self._stream.eof)

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._stream.needs_input or self._stream.eof):
            if self._stream.eof:
                self._stream = self._new()
            yield self._stream.decompress(data, SLICE)
            data = self._stream.unused_data


CODINGS: Mapping[str, Callable[[], Coding]] = {
    name: coding
    for name, coding, there in (
        ("gzip", lambda: _Zlib(16 + zlib.MAX_WBITS), True),
        ("x-gzip", lambda: _Zlib(16 + zlib.MAX_WBITS), True),
        ("deflate", _Deflate, True),
        # brotli before 1.2 cannot bound its output
        ("br", _Brotli, hasattr(getattr(_brotli, "Decompressor", None), "can_accept_more_data")),
        ("zstd", _Zstd, _zstd is not None),
    )
    if there
}
"""Decoders by name of content-coding, as far as their libraries are installed."""
