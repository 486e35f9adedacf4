"""Where JSON documents end in a flow of bytes, without parsing them.

In: bytes in pieces of any size.  Out: the offsets at which brackets and strings close back to a given depth.  Each byte
is looked at once.  What is in between is not checked: that is the parser's work.
"""

from __future__ import annotations

import re

_STRUCTURE = re.compile(rb'["{}\[\],]')
_IN_STRING = re.compile(rb'["\\]')
_OPEN, _CLOSE = b"{[", b"}]"


class Scanner:
    """Follows strings and nesting.  `depth` counts open brackets; a closing bracket too many leaves it at 0."""

    __slots__ = ("_escaped", "_in_string", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._in_string = False
        self._escaped = False

    @property
    def inside(self) -> bool:
        """Within brackets or a string: the document is not over."""
        return self._in_string or self.depth > 0

    def marks(self, data: bytes, base: int) -> list[tuple[int, bytes, int]]:
        """(offset just behind, the byte, depth behind it) of each byte that ends something at depth `base`.

        That is: a closing bracket or quote that returns to `base`, a comma at `base`, a closing bracket below it.
        """
        marks: list[tuple[int, bytes, int]] = []
        at = 0
        while True:
            if self._in_string:
                at = self._string(data, at)
                if at < 0:
                    return marks
                if self.depth == base:
                    marks.append((at, b'"', base))
            found = _STRUCTURE.search(data, at)
            if not found:
                return marks
            at, byte = found.end(), found.group()
            if byte == b'"':
                self._in_string = True
            elif self._step(byte, base):
                marks.append((at, byte, self.depth))

    def _step(self, byte: bytes, base: int) -> bool:
        if byte in _OPEN:
            self.depth += 1
            return False
        if byte in _CLOSE:
            self.depth = max(0, self.depth - 1)
            return self.depth <= base
        return self.depth == base

    def _string(self, data: bytes, at: int) -> int:
        """The offset behind the closing quote, or -1 if it has not come yet."""
        if self._escaped and at < len(data):
            self._escaped = False
            at += 1
        while found := _IN_STRING.search(data, at):
            at = found.end()
            if found.group() == b'"':
                self._in_string = False
                return at
            if at == len(data):
                self._escaped = True
                return -1
            at += 1
        return -1
