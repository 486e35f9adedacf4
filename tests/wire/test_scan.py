"""The scanner finds the same ends as one that looks at every byte by itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.scan import Scanner


def plainly(data: bytes, base: int) -> list[tuple[int, bytes, int]]:
    """What `Scanner.marks` has to give, byte by byte."""
    marks, depth, string, escaped = [], 0, False, False
    for end, value in enumerate(data, 1):
        byte = bytes([value])
        if string:
            string = escaped or byte != b'"'
            escaped = not escaped and byte == b"\\"
            if not string and depth == base:
                marks.append((end, byte, depth))
        elif byte == b'"':
            string = True
        elif byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth = max(0, depth - 1)
            if depth <= base:
                marks.append((end, byte, depth))
        elif byte == b"," and depth == base:
            marks.append((end, byte, depth))
    return marks


@settings(deadline=None)
@given(st.lists(st.text('"\\{}[],a \n').map(str.encode)), st.integers(0, 2))
def test_any_cutting_gives_what_every_byte_by_itself_gives(pieces: list[bytes], base: int) -> None:
    scanner, at, found = Scanner(), 0, []
    for piece in pieces:
        found += [(at + end, byte, depth) for end, byte, depth in scanner.marks(piece, base)]
        at += len(piece)
    assert found == plainly(b"".join(pieces), base)


def test_inside_means_that_the_document_is_not_over() -> None:
    scanner = Scanner()
    states = []
    for byte in b'{"a\\"":[1]} "x"':
        scanner.marks(bytes([byte]), 0)
        states.append(scanner.inside)
    assert states == [True] * 10 + [False] * 2 + [True] * 2 + [False]
