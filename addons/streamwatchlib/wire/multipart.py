"""List the parts of a multipart body: names, types, headers and sizes, never the contents of files.

In: the bytes of a body as they arrive and the value of its Content-Type.  Out: `Part`s, and the short values of a
form's fields, which name the model and the options requested.
https://www.rfc-editor.org/rfc/rfc2046#section-5.1 and, for forms, https://www.rfc-editor.org/rfc/rfc7578

Libraries read multipart in order to serve a form. python-multipart refuses preambles and folded headers, werkzeug
refuses parts without a Content-Disposition (``multipart/related`` has none) and miscounts where a boundary is cut in
two.  An observer needs less than either, sizes without contents, and must go on where they stop: hence this reader.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..headers import joined_header
from ..model import Headers, Part
from .header_params import media_type, parameters, unescape_form_name
from .urlencoded import MAX_VALUE

MAX_PARTS = 1000
"""Most parts that are listed."""
_MAX_PART_HEADERS = 128 << 10
"""Most bytes of one part's headers."""
MAX_ALL_HEADERS = 256 << 10
"""Bytes of all parts' headers beyond which no further parts are listed: four bytes are enough for a header field."""
_MAX_BOUNDARY = 200
"""Most bytes of a boundary; RFC 2046 allows 70."""
_MAX_PADDING = 100
"""Most blanks between a boundary and the end of its line."""

# What may follow a boundary: the end of all parts, or of the line.  `_AFTER_SO_FAR` is an incomplete one of these.
_AFTER = re.compile(rb"(--)|[ \t]{0,%d}\r?\n" % _MAX_PADDING)
_AFTER_SO_FAR = re.compile(rb"-?|[ \t]{0,%d}\r?" % _MAX_PADDING)
_END_OF_HEADERS = re.compile(rb"(?:\A|\r?\n)\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")

_FIELD = re.compile(r"([\w!#$%&'*+.^`|~-]+)[ \t]*:(.*)", re.ASCII)
_START = b"\r\n"
"""A line end that is assumed before the body, and before a part's content, since a boundary may begin there."""
_TECHNICAL = ("content-type", "content-length", "content-encoding", "content-transfer-encoding")
"""Header fields of a part that say how it is encoded; the others describe what it contains."""

NO_BOUNDARY = "Declared as multipart without a usable boundary parameter: its parts cannot be told apart."
NEVER_BEGAN = "Declared as multipart, but its boundary is nowhere in the body."
CUT_OFF = "The multipart body ends before its closing boundary."
LONG_HEADERS = f"The headers of a part are longer than {_MAX_PART_HEADERS} bytes: reading stopped there."
BROKEN_HEADERS = "Lines among the headers of a part are not header fields."
TOO_MANY = f"The multipart body has more than {MAX_PARTS} parts: only the first are listed."
TOO_MUCH = f"The headers of all parts are longer than {MAX_ALL_HEADERS >> 10} KiB: only the first are listed."


class MultipartReader:
    """Reads a body as it arrives; `parts`, `complete` and `problem` are final after `close`.

    The buffer is bounded by the headers of one part.
    """

    def __init__(self, content_type: str) -> None:
        boundary = parameters(content_type).get("boundary", "").encode(errors="replace")
        usable = 0 < len(boundary) <= _MAX_BOUNDARY
        self.problem: str | None = None if usable else NO_BOUNDARY
        """Why the parts could not be listed, or not fully; None if they could."""
        self.complete = False
        """The closing boundary was seen."""
        self._over = not usable
        self._delimiter = b"\n--" + boundary
        self._held = bytearray(_START)
        self._heads: list[Headers] = []
        self._sizes: list[int] = []
        self._values: list[bytearray] = []
        self._listed = False
        self._in_headers = False
        self._searched = self._header_bytes = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(map(_part, self._heads, self._sizes))

    @property
    def fields(self) -> dict[str, str]:
        """The short values of fields that are not files, by name; not to be recorded."""
        return {
            part.name: value[len(_START) :].decode(errors="replace")
            for part, value in zip(self.parts, self._values, strict=True)
            if part.name and part.filename is None and part.size <= MAX_VALUE
        }

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._held += b"" if self._over else data
        while not self._over and (self._headers() if self._in_headers else self._content()):
            pass

    def close(self) -> None:
        """End the body."""
        if self._over:
            return
        if not self._in_headers:
            self._skip(len(self._held))
        self._stop(CUT_OFF if self._heads or self._in_headers else NEVER_BEGAN)

    def _content(self) -> bool:
        """Read on to the next boundary; return False if that takes more bytes."""
        at = self._held.find(self._delimiter)
        if at < 0:
            self._skip(len(self._held) - len(self._delimiter))  # keep what may begin a boundary, and a CR before it
            return False
        end = at + len(self._delimiter)
        after = _AFTER.match(self._held, end)
        if not after:
            unknown = _AFTER_SO_FAR.fullmatch(self._held, end) is not None
            self._skip(at - 1 if unknown else at + 1)
            return not unknown
        content = at - (self._held[at - 1 : at] == b"\r")
        self._skip(content)
        del self._held[: after.end() - content]
        self.complete = self._over = after[1] is not None
        self._in_headers = not self._over
        return True

    def _skip(self, count: int) -> None:
        """Count bytes as content of the current part, keep the first of them, and drop them from the buffer."""
        if count > 0:
            if self._listed:
                self._sizes[-1] += count
                room = MAX_VALUE + len(_START) - len(self._values[-1])
                self._values[-1] += self._held[: min(count, room)]
            del self._held[:count]

    def _headers(self) -> bool:
        """Read a part's headers; return False if that takes more bytes."""
        end = _END_OF_HEADERS.search(self._held, max(0, self._searched - 3))
        self._searched = len(self._held)
        if not end:
            if self._searched > _MAX_PART_HEADERS:
                self._stop(LONG_HEADERS)
            return False
        self._begin_part(bytes(self._held[: end.start()]))
        self._held[: end.end()] = _START
        self._searched = 0
        self._in_headers = False
        return True

    def _begin_part(self, block: bytes) -> None:
        many, much = len(self._heads) >= MAX_PARTS, self._header_bytes > MAX_ALL_HEADERS
        self._listed = not (many or much)
        if not self._listed:
            self.problem = self.problem or (TOO_MANY if many else TOO_MUCH)
            return
        self._header_bytes += len(block)
        lines = _FOLD.sub(b" ", block).decode(errors="replace").replace("\r\n", "\n").split("\n")
        fields = [_FIELD.fullmatch(line) for line in lines if line]
        if None in fields:
            self.problem = self.problem or BROKEN_HEADERS
        self._heads.append(tuple((field[1], field[2].strip()) for field in fields if field))
        self._sizes.append(-len(_START))
        self._values.append(bytearray())

    def _stop(self, problem: str) -> None:
        self.problem, self._over = self.problem or problem, True
        self._held.clear()


def _part(headers: Headers, size: int) -> Part:
    disposition = parameters(joined_header(headers, "content-disposition") or "")
    name, filename = disposition.get("name"), disposition.get("filename")
    return Part(
        name=None if name is None else unescape_form_name(name),
        filename=None if filename is None else unescape_form_name(filename),
        content_type=media_type(headers),
        headers=headers,
        size=max(0, size),
    )


def without_filenames(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts without what a person may have written: file names, and all of their headers that is not technical."""
    return tuple(
        replace(part, filename=None, content_type=media_type(part.headers), headers=_technical(part.headers))
        for part in parts
    )


def _technical(headers: Headers) -> Headers:
    return tuple((name, value.partition(";")[0].strip()) for name, value in headers if name.lower() in _TECHNICAL)
