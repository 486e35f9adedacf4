"""The table of events: every one while there is room, and never a silent cut."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import Event
from streamwatchlib.report.page.budget import budget
from streamwatchlib.report.page.events import events, sample

from ..records import BURSTY, FORM, MALFORMED, NO_TEXTS, STREAMING, UNRECORDED
from .tree import Node, parse

ROOMY = budget(1)


def rows(root: Node) -> list[list[str]]:
    return [[cell.text for cell in row.all("td")] for row in root.all("tr")][1:]


def test_each_event_has_its_time_its_gap_its_type_and_its_text() -> None:
    root = parse(events(STREAMING, ROOMY) or "")

    assert root.one("summary").text == "50 events"
    assert len(rows(root)) == 50
    assert rows(root)[0][:4] == ["0", "310 ms", "–", "message"]
    assert rows(root)[1][:3] == ["1", "353 ms", "42.7 ms"]
    assert rows(root)[-1][-1] == "[DONE]"


def test_events_of_one_read_have_a_ditto_mark() -> None:
    assert [row[2] for row in rows(parse(events(BURSTY, ROOMY) or ""))][12:16] == ["″", "″", "650 ms", "″"]


def test_without_times_there_are_none() -> None:
    assert {tuple(row[1:3]) for row in rows(parse(events(UNRECORDED, ROOMY) or ""))} == {("–", "–")}


def test_a_broken_event_says_why() -> None:
    (bad,) = parse(events(MALFORMED, ROOMY) or "").all("tr", "bad")

    assert bad.one("em").text == "not JSON: Expecting value (column 3)"
    assert bad.all("td")[-1].text.endswith('{"mess')


def test_events_that_were_not_kept_are_counted() -> None:
    assert parse(events(MALFORMED, ROOMY) or "").one("summary").text == ("50 events; 7 more were counted, not kept")


def test_events_without_content_are_quiet() -> None:
    assert len(parse(events(STREAMING, ROOMY) or "").all("tr", "quiet")) == 2


def test_there_is_no_table_without_events() -> None:
    assert events(FORM, ROOMY) is events(NO_TEXTS, ROOMY) is None


def test_a_text_that_was_not_kept_is_said_to_be_so() -> None:
    record = replace(STREAMING, events=(Event(0.1, 0, "message", None, None, True, None),), stream=None)

    assert rows(parse(events(record, ROOMY) or ""))[0][-1] == "text not kept"


def test_what_is_left_out_of_a_long_table_is_counted_where_it_would_stand() -> None:
    root = parse(events(STREAMING, ROOMY._replace(events=6)) or "")

    assert root.one("summary").text == "6 of 50 events"
    assert [row[0] for row in rows(root)] == ["0", "1", "2", "3", "44 more events, in the .jsonl", "48", "49"]


def test_a_long_text_is_cut_and_says_so() -> None:
    assert "more characters, in the .jsonl" in (events(STREAMING, ROOMY._replace(event_chars=10)) or "")


@given(st.lists(st.booleans(), max_size=60), st.integers(3, 20))
def test_a_sample_has_both_ends_and_the_broken_ones(broken: list[bool], most: int) -> None:
    some = [Event(0.0, 0, "x", None, "", True, "bad" if bad else None) for bad in broken]

    shown = sample(some, most)

    assert shown == sorted(set(shown))
    assert len(shown) <= max(len(some) if len(some) <= most else 2 * most, 0)
    if some:
        assert (shown[0], shown[-1]) == (0, len(some) - 1)
    assert {i for i, bad in enumerate(broken) if bad} <= set(shown) or sum(broken) > most
