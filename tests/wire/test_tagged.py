"""Lines of tagged JSON."""

from __future__ import annotations

from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.tagged import TaggedFramer

from ..helpers import feedings
from .framing import deviations, ends, frames

BODY = b'f:{"a":1}\r\n\n0:"x\\n"\n0: "\xe6\xaf\x8f"\nd:[1]'


def test_each_line_is_a_value_under_its_tag_however_the_bytes_are_cut() -> None:
    for pieces in feedings(BODY):
        found = frames("tagged-json", pieces)
        assert [(frame.type, frame.value) for frame in found] == [
            ("f", {"a": 1}),
            ("0", "x\n"),
            ("0", "每"),
            ("d", [1]),
        ]
        assert not any(frame.malformed for frame in found)
    assert deviations("tagged-json", BODY) == ()
    assert ends("tagged-json", BODY) == [11, 20, 29, -1]


def test_what_is_no_tagged_value_keeps_its_text() -> None:
    for line in ("hello", 'abc:"x"', ':"x"', "ab"):
        assert frames("tagged-json", [b'0:"a"\n', line.encode(), b"\n"])[1] == Frame(
            data=line, malformed="Not a value after its tag."
        )
    broken = frames("tagged-json", [b"0:oops\n"])[0]
    assert (broken.type, broken.data, broken.malformed) == (
        "0",
        "oops",
        "Not JSON: Expecting value (line 1, column 1).",
    )


def test_a_line_over_the_limit_keeps_its_head() -> None:
    long, after = frames("tagged-json", [b'0:"aaaaaaaaaaaaaaaaaaaaaaaa"\n0:"b"\n'], Limits(event=9))
    assert (long.data, bool(long.malformed)) == ('0:"aaaaaa', True)
    assert after == Frame("0", '"b"', "b")


def test_split_tells_of_lines_that_spanned_several_reads() -> None:
    framer = TaggedFramer(Limits())
    found = [frame.split for piece in (b'0:"a"\n0:"b', b'"\n0:"c"\n', b'0:"d"\n') for frame in framer.feed(piece)]
    assert found == [False, True, False, False]
