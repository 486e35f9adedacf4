"""The timeline as a picture."""

from __future__ import annotations

import re
from dataclasses import replace

from streamwatchlib.model import Arrival, Stream
from streamwatchlib.report.page.waterfall import strip, waterfall

from ..records import BURSTY, FAILED, MALFORMED, NO_TEXTS, NOT_STREAMED, PSEUDO, REASONING, STREAMING, UNRECORDED
from .tree import Node, parse


def drawn(path: Node) -> list[tuple[float, float]]:
    """x, from 0 to 1000, and height, from 0 to 100, of each mark of a path."""
    return [(float(x), 100 - float(y)) for x, y in re.findall(r"M([\d.]+) 100V([\d.]+)", path["d"] or "")]


def test_each_arrival_is_a_mark_at_its_time() -> None:
    (path,) = parse(waterfall(BURSTY, 900)).one("svg", "marks").all("path")

    assert [round(x) for x, _ in drawn(path)] == [243, 498, 745, 1000]


def test_more_bytes_make_a_higher_mark() -> None:
    stream = Stream("sse", (Arrival(0.1, 100, 1), Arrival(0.5, 400, 1), Arrival(0.9, 0, 0)))

    (path,) = parse(waterfall(replace(NO_TEXTS, stream=stream), 900)).one("svg", "marks").all("path")

    assert [height for _, height in drawn(path)] == [50, 96, 4]


def test_each_kind_has_its_colour_and_its_word() -> None:
    root = parse(waterfall(REASONING, 900))

    assert {path["class"] for path in root.one("svg", "marks").all("path")} == {"k-text", "k-reasoning", "k-other"}
    assert [key.text for key in root.all("span", "key")[-3:]] == ["text", "reasoning", "no content"]


def test_a_broken_event_stands_out() -> None:
    assert "k-malformed" in waterfall(MALFORMED, 900)


def test_kinds_are_not_claimed_where_events_were_not_kept() -> None:
    keys = parse(waterfall(NO_TEXTS, 900)).all("span", "key")

    assert [key.text.split()[0] for key in keys] == ["request", "wait", "headers", "body"]


def test_few_marks_are_drawn_thick() -> None:
    assert parse(waterfall(BURSTY, 900)).all("svg", "few")
    assert not parse(waterfall(STREAMING, 900)).all("svg", "few")
    assert parse(strip(BURSTY)).all("svg", "few")


def test_silences_are_shaded_and_named() -> None:
    root = parse(waterfall(REASONING, 900))

    assert len(root.all("rect", "silence")) == 2
    assert [node.text for node in root.all("text", "silent")] == ["2.95 s silence"]  # the wait is too narrow for words


def test_labels_of_moments_do_not_overlap() -> None:
    root = parse(waterfall(PSEUDO, 900))

    assert [node.text for node in root.all("text", "moment")] == ["first token 2.51 s", "headers 20.0 ms"]
    assert len(root.all("line", "milestone")) == 5


def test_labels_that_a_narrow_page_has_no_room_for_say_so() -> None:
    timing = replace(PSEUDO.timing, end=1.0, response_start=0.0, first_byte=0.2, first_token=0.2, last_token=0.95)
    root = parse(waterfall(replace(PSEUDO, timing=timing, stream=Stream("sse", (Arrival(0.2, 9, 1),))), 900))

    assert [(node.text, node["class"]) for node in root.all("text", "moment")] == [
        ("first token 200 ms", "moment start"),
        ("headers 0 ms", "moment start roomy"),
        ("last token 950 ms", "moment end roomy"),
    ]


def test_a_picture_says_in_words_what_it_shows() -> None:
    svg = parse(waterfall(PSEUDO, 900)).one("svg", "waterfall")

    assert svg["role"] == "img"
    assert svg["aria-label"] == (
        "Timeline: 1 arrival; first token at 2.51 s, headers at 20.0 ms, first byte at 2.51 s, "
        "last token at 2.51 s, end at 2.51 s"
    )


def test_notes_tell_what_was_not_drawn() -> None:
    def note(markup: str) -> str:
        return parse(markup).one("figcaption").one("span", "note").text

    assert note(waterfall(NOT_STREAMED, 900)) == "Not a stream: only the message’s own times."
    assert note(waterfall(UNRECORDED, 900)) == "No arrival times were recorded."
    assert note(waterfall(PSEUDO, 900)).startswith("1 read; height: ")
    assert note(waterfall(STREAMING, 10)).startswith("50 reads (those in one column are drawn as one); ")
    assert note(waterfall(MALFORMED, 900)).endswith("; 2 more reads were counted, not kept")


def test_the_script_finds_the_marks_in_an_attribute() -> None:
    track = parse(waterfall(BURSTY, 900)).one("div", "track")

    assert track["data-marks"].split(";")[0] == "0.6200,1687,1,14"  # type: ignore[union-attr]
    assert track["data-end"] == "2.55"


def test_an_exchange_without_an_answer_has_a_picture_too() -> None:
    assert parse(waterfall(FAILED, 900)).all("rect", "p-no")


def test_the_strip_is_one_path() -> None:
    assert len(parse(strip(STREAMING)).all("path")) == 1
    assert drawn(parse(strip(NOT_STREAMED)).one("path")) == []
