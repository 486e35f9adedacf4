"""Find where JSON documents end in a flow of bytes, without parsing them.

In: bytes in pieces of any size.  Out: the offsets at which brackets and strings close back to a given depth.  Each byte
is looked at once.  What stands in between is not validated: the parser does that.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Possessive throughout, so that no byte is looked at twice.
_CHARACTERS = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_REST_OF_STRING = re.compile(_CHARACTERS + rb'("?)', re.DOTALL)
# Above the requested depth only brackets count: one match skips to the next, over whole strings.
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"' + _CHARACTERS + rb'")*+(["{}\[\]])', re.DOTALL)
_ANY = re.compile(rb'[^"{}\[\],]*+(["{}\[\],])')


class Mark(NamedTuple):
    """A byte that ends something."""

    end: int
    """Offset just behind it."""
    byte: bytes
    depth: int
    """Brackets that are open behind it."""


class Scanner:
    """Tracks strings and nesting.  `depth` counts open brackets; a surplus closing bracket leaves it at 0."""

    __slots__ = ("_escaped", "_in_string", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._in_string = False
        self._escaped = False

    @property
    def inside(self) -> bool:
        """Within brackets or a string: the document is unfinished."""
        return self._in_string or self.depth > 0

    def marks(self, data: bytes, base: int) -> list[Mark]:
        """What ends at depth `base`: closing brackets and quotes that return to it, commas at it, brackets below it."""
        marks: list[Mark] = []
        at = self._in_string_at(data, 0, base, marks) if self._in_string else 0
        while found := (_ANY if self.depth == base else _BRACKET).match(data, at):
            at, byte = found.end(), found[1]
            if byte == b'"':
                at = self._in_string_at(data, at, base, marks)
            elif byte in b"{[":
                self.depth += 1
            else:
                self.depth -= byte != b"," and self.depth > 0
                if self.depth <= base:
                    marks.append(Mark(at, byte, self.depth))
        return marks

    def _in_string_at(self, data: bytes, at: int, base: int, marks: list[Mark]) -> int:
        """Skip the rest of a string from offset `at`; return the offset behind what is here of it."""
        if at == len(data):
            self._in_string = True
            return at
        found = _REST_OF_STRING.match(data, at + self._escaped)
        assert found is not None  # it matches the empty string
        self._in_string = not found[1]
        # in an unfinished string only the backslash of an escape that is cut in two is left unmatched
        self._escaped = self._in_string and found.end() < len(data)
        if self._in_string:
            return len(data)
        if self.depth == base:
            marks.append(Mark(found.end(), b'"', base))
        return found.end()
