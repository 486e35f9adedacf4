"""A multipart body to the list of its parts: names, types, headers and sizes, never what they hold.

In: the bytes of a body and the value of its Content-Type.  Out: `Part`s.  Finding the parts is werkzeug's work; what is
ours is to read on where a web framework would refuse: parts without a Content-Disposition (``multipart/related`` has
none), headers that are not UTF-8, names as browsers of all ages write them.
https://www.rfc-editor.org/rfc/rfc7578, https://www.rfc-editor.org/rfc/rfc2046#section-5.1
"""

from __future__ import annotations

from werkzeug.datastructures import Headers as WerkzeugHeaders
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData, State

from ..model import Headers, Part
from .fields import header, media_type, parameters, unescaped

MOST_PARTS = 1000
"""Parts that are listed."""
_MOST_HELD = 1 << 20
"""Bytes without an end of headers or a boundary in them after which the rest is given up."""
_LONGEST_BOUNDARY = 200
"""RFC 2046 allows 70; what is far beyond is no boundary."""


class _Decoder(MultipartDecoder):
    """werkzeug's decoder, except that it takes the headers of any part."""

    def _parse_headers(self, data: bytes | bytearray) -> WerkzeugHeaders:
        text = bytes(data).decode(errors="replace").encode()
        headers = super()._parse_headers(text)
        self.part_headers: Headers = tuple(headers.items())
        headers.setdefault("Content-Disposition", "")
        return headers


class MultipartReader:
    """Fed a body as it comes; `parts` and `complete` at its end.  Holds no more than some unfinished headers."""

    def __init__(self, content_type: str) -> None:
        boundary = parameters(content_type).get("boundary", "")
        self.problem: str | None = None
        """Why the parts could not (all) be told, or None."""
        self.complete = False
        """The closing boundary was seen."""
        self._heads: list[Headers] = []
        self._sizes: list[int] = []
        self._decoder: _Decoder | None = None
        if boundary and len(boundary) <= _LONGEST_BOUNDARY:
            self._decoder = _Decoder(boundary.encode(errors="replace"), _MOST_HELD, max_parts=MOST_PARTS)
        else:
            self.problem = "Declared as multipart without a usable boundary parameter: its parts cannot be told apart."

    @property
    def unusable(self) -> bool:
        """No part could be told: there was no boundary to tell it by."""
        return self._decoder is None and not self.complete and not self._heads

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(map(_part, self._heads, self._sizes))

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        for at in range(0, len(data), _MOST_HELD // 4):
            self._take(data[at : at + _MOST_HELD // 4])

    def close(self) -> None:
        """The body has ended."""
        if self._decoder is not None:
            self._give_up("The body ends before its closing boundary.")

    def _take(self, data: bytes) -> None:
        if self._decoder is None:
            return
        try:
            self._decoder.receive_data(data)
            self._drain(self._decoder)
        except RequestEntityTooLarge:
            self._give_up(f"Reading stopped at {MOST_PARTS} parts, or at {_MOST_HELD} bytes in which no part ends.")
        except ValueError as error:
            self._give_up(f"Not well-formed multipart: {error}.")

    def _drain(self, decoder: _Decoder) -> None:
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, Field | File):
                self._heads.append(decoder.part_headers)
                self._sizes.append(0)
            elif isinstance(event, Data):
                self._sizes[-1] += len(event.data)
        if decoder.state is State.EPILOGUE:  # what may follow is to be ignored
            self.complete = True
            self._decoder = None

    def _give_up(self, problem: str) -> None:
        self.problem, self._decoder = problem, None


def _part(headers: Headers, size: int) -> Part:
    disposition = parameters(header(headers, "content-disposition") or "")
    name, filename = disposition.get("name"), disposition.get("filename")
    return Part(
        name=None if name is None else unescaped(name),
        filename=None if filename is None else unescaped(filename),
        content_type=media_type(headers),
        headers=headers,
        size=size,
    )
