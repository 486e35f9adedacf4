"""Multipart bodies: every part is described, nothing of its content is kept, and reading goes on where others stop."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Part
from streamwatchlib.wire.multipart import (
    BROKEN_HEADERS,
    CUT_OFF,
    LONG_HEADERS,
    MAX_ALL_HEADERS,
    MAX_PARTS,
    NEVER_BEGAN,
    NO_BOUNDARY,
    TOO_MANY,
    TOO_MUCH,
    MultipartReader,
    without_filenames,
)

from ..helpers import feedings

TYPE = "multipart/form-data; boundary=B"
FORM = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n123\r\n'
    b'--B\r\nContent-Disposition: form-data; name="file4"; filename="a.txt"\r\na: b\r\nContent-Type: text\r\n\r\n'
    b"line\r\n--Bogus\r\n--B-\r\n\r\n--B--\r\n"
)
PARTS = (
    Part("a", None, None, (("Content-Disposition", 'form-data; name="a"'),), 3),
    Part(
        "file4",
        "a.txt",
        "text",
        (("Content-Disposition", 'form-data; name="file4"; filename="a.txt"'), ("a", "b"), ("Content-Type", "text")),
        21,
    ),
)


def read(pieces: list[bytes], content_type: str = TYPE) -> MultipartReader:
    reader = MultipartReader(content_type)
    for piece in pieces:
        reader.feed(piece)
    reader.close()
    return reader


def told(body: bytes, content_type: str = TYPE) -> tuple[list[tuple[str | None, int]], bool, str | None]:
    """Names and sizes of the parts, whether they are all, and the problem: the same however the bytes are cut."""
    first = read([body], content_type)
    for pieces in feedings(body):
        other = read(pieces, content_type)
        assert (other.parts, other.complete, other.problem) == (first.parts, first.complete, first.problem)
        assert other.fields == first.fields
    return [(part.name, part.size) for part in first.parts], first.complete, first.problem


def field(name: str, value: bytes) -> bytes:
    return b'--B\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"


def test_short_fields_are_told_and_no_file_is() -> None:
    body = field("stream", b"true") + field("empty", b"") + field("odd", b"\xff") + field("long", b"x" * 101) + FORM
    for pieces in feedings(body):
        assert read(pieces).fields == {"stream": "true", "empty": "", "odd": "\ufffd", "a": "123"}


def test_parts_are_told_however_the_bytes_are_cut() -> None:
    assert told(FORM) == ([("a", 3), ("file4", 21)], True, None)
    assert read([FORM]).parts == PARTS


@pytest.mark.parametrize(
    ("body", "sizes"),
    [
        (b"--B--", []),
        (b"preamble\r\n--B\r\n\r\nx\r\n--B--\r\nepilogue\r\n--B\r\n\r\ny\r\n--B--", [1]),
        (b"--B  \t\r\n\r\nx\r\n--B--  ", [1]),
        (b"--B\n\nx\n--B\nContent-Type: a/b\n\ny\n\n--B--", [1, 2]),
        (b"--B\r\nA: b\r\n\r\n--B--", [0]),
        (b"--B\r\n\r\n\r\n--B--", [0]),
        (b"--B\r\n\r\n\r\n\r\n--B--", [2]),
        (b"--B\r\nA: b\r\n\r\n\r\r\n--B--", [1]),
        (b"--B\r\n\r\nx--B--\r\n--B--", [6]),
    ],
    ids=["none", "preamble and epilogue", "padding", "LF", "no content", "no headers", "a line", "CR", "not on a line"],
)
def test_boundaries_are_lines_of_their_own(body: bytes, sizes: list[int]) -> None:
    parts, complete, problem = told(body)
    assert ([size for _, size in parts], complete, problem) == (sizes, True, None)


def test_folded_headers_and_bytes_of_any_charset_are_read() -> None:
    body = b'--B\r\nContent-Disposition: form-data;\r\n name="a\xff"\r\nX:\r\n\r\n\r\n--B--'
    (part,) = read([body]).parts
    assert part.headers == (("Content-Disposition", 'form-data; name="a\ufffd"'), ("X", ""))
    assert part.name == "a\ufffd"


def test_parts_of_other_multipart_types_need_no_disposition() -> None:
    body = b"--B\r\nContent-Type: a/json; charset=UTF-8\r\n\r\n{}\r\n--B\r\nContent-Type: image/png\r\n\r\nx\r\n--B--"
    parts = read([body], 'multipart/related; type="a/b"; boundary="B"').parts
    assert [(part.name, part.content_type, part.size) for part in parts] == [
        (None, "a/json", 2),
        (None, "image/png", 1),
    ]


@pytest.mark.parametrize(
    ("content_type", "problem"),
    [
        ("multipart/form-data", NO_BOUNDARY),
        ("multipart/form-data; boundary=", NO_BOUNDARY),
        ('multipart/form-data; boundary=""', NO_BOUNDARY),
        ("multipart/form-data; boundary=" + "x" * 201, NO_BOUNDARY),
        ("multipart/form-data; boundary=other", NEVER_BEGAN),
    ],
)
def test_without_the_right_boundary_there_are_no_parts_and_that_is_said(content_type: str, problem: str) -> None:
    assert told(FORM, content_type) == ([], False, problem)


@pytest.mark.parametrize(
    ("kept", "parts", "problem"),
    [
        (FORM[: FORM.index(b"--B--")], [("a", 3), ("file4", 23)], CUT_OFF),
        (FORM[: FORM.index(b"2")], [("a", 1)], CUT_OFF),
        (FORM[:20], [], CUT_OFF),
        (FORM[:4], [], NEVER_BEGAN),
        (b"", [], NEVER_BEGAN),
    ],
)
def test_a_body_that_is_cut_off_says_so_and_tells_what_came(
    kept: bytes, parts: list[tuple[str, int]], problem: str
) -> None:
    assert told(kept) == (parts, False, problem)


@pytest.mark.parametrize("line", [b"no colon", b": no name", b"a b: c", b"a\rb: c"])
def test_lines_that_are_no_headers_are_said_and_passed_over(line: bytes) -> None:
    parts, complete, problem = told(b"--B\r\n" + line + b'\r\nContent-Disposition: x; name="n"\r\n\r\nx\r\n--B--')
    assert (parts, complete, problem) == ([("n", 1)], True, BROKEN_HEADERS)


def test_headers_without_end_are_given_up() -> None:
    reader = read([b"--B\r\n"] + [b"x: y\r\n" * 1000] * 30 + [b"\r\n\r\n--B--"])
    assert (reader.parts, reader.complete, reader.problem) == ((), False, LONG_HEADERS)


def test_only_so_many_parts_are_listed() -> None:
    reader = read([b"--B\r\n\r\nxy\r\n"] * (MAX_PARTS + 5) + [b"--B--"])
    assert (len(reader.parts), reader.complete, reader.problem) == (MAX_PARTS, True, TOO_MANY)


def test_only_so_much_of_headers_is_listed() -> None:
    lines = b"a:b\r\n" * 20_000
    reader = read([b"--B\r\n" + lines + b"\r\nxy\r\n"] * 20 + [b"--B--"])
    assert (reader.complete, reader.problem) == (True, TOO_MUCH)
    assert [part.size for part in reader.parts] == [2] * (MAX_ALL_HEADERS // len(lines) + 1)
    assert {part.size for part in reader.parts} == {2}


def test_what_a_part_holds_is_counted_and_not_kept() -> None:
    reader = MultipartReader(TYPE)
    reader.feed(b"--B\r\n\r\n")
    piece = b"x\r\n--" * 20_000
    tracemalloc.start()
    for _ in range(100):
        reader.feed(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reader.feed(b"\r\n--B--")
    assert reader.parts[0].size == 100 * len(piece)
    assert peak < 3 * len(piece)


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"--B", b"--", b"\r", b"\n", b" ", b"A: b", b"x", b"-", b"B", b"\r\n\r\n", b"\xff"])))
def test_any_cutting_gives_the_same_parts(pieces: list[bytes]) -> None:
    whole, cut = read([b"".join(pieces)]), read(pieces)
    assert (cut.parts, cut.complete, cut.problem) == (whole.parts, whole.complete, whole.problem)


def test_names_of_files_can_be_left_out() -> None:
    headers = (
        ("Content-Disposition", "x"),
        ("Content-Type", 'text/plain; name="mine.txt"'),
        ("Content-Description", "mine"),
        ("Content-Length", "5"),
    )
    left = (("Content-Type", "text/plain"), ("Content-Length", "5"))
    part = Part("a", "mine.txt", 'text/plain; name="mine.txt"', headers, 5)
    assert without_filenames((part,)) == (Part("a", None, "text/plain", left, 5),)
