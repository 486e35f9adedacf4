"""The numbers that the timeline's pictures are drawn from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import Arrival, Event, Record, Stream, Timing
from streamwatchlib.report.page.timeline import (
    Mark,
    Span,
    duration,
    gaps,
    marks,
    milestones,
    phases,
    silences,
    ticks,
)

from ..records import BURSTY, FAILED, FORM, NO_TEXTS, NOT_STREAMED, PSEUDO, REASONING, STREAMING, UNRECORDED


def with_arrivals(*arrivals: Arrival, end: float | None = None, events: tuple[Event, ...] | None = None) -> Record:
    return replace(STREAMING, stream=Stream("sse", arrivals), events=events, timing=Timing(request_end=0.0, end=end))


def test_the_axis_ends_with_the_last_thing_seen() -> None:
    assert duration(STREAMING) == STREAMING.timing.end
    assert duration(with_arrivals(Arrival(2.0, 1, 1), end=1.0)) == 2.0
    assert duration(replace(FORM, timing=Timing(request_end=0.25))) == 0.25


def test_the_axis_is_never_empty() -> None:
    assert duration(replace(FORM, timing=Timing())) > 0


class TestMarks:
    def test_each_arrival_is_a_mark_while_there_is_room(self) -> None:
        found = marks(BURSTY, 1000)

        assert [(mark.t, mark.reads, mark.events) for mark in found] == [
            (0.62, 1, 14),
            (1.27, 1, 14),
            (1.9, 1, 13),
            (2.55, 1, 9),
        ]

    def test_those_in_one_column_are_one_mark_with_the_sum_of_both(self) -> None:
        record = with_arrivals(Arrival(0.1, 10, 1), Arrival(0.2, 20, 2), Arrival(9.0, 5, 0), end=10.0)

        assert marks(record, 10) == [Mark(0.1, 30, 2, 3, None), Mark(9.0, 5, 1, 0, None)]

    def test_nothing_is_drawn_where_nothing_was_dated(self) -> None:
        assert marks(UNRECORDED, 10) == marks(NOT_STREAMED, 10) == []

    def test_a_mark_bears_what_its_first_event_of_note_was(self) -> None:
        def event(arrival: int | None, content: bool = True, **more: object) -> Event:
            return Event(1.0, arrival, "message", None, "", content, None)._replace(**more)

        record = with_arrivals(
            *(Arrival(float(t), 1, 1) for t in range(5)),
            end=5.0,
            events=(
                event(0, content=False),
                event(1),
                event(1, channel="reasoning"),
                event(2, channel="reasoning"),
                event(3, content=False, malformed="broken"),
                event(None),
            ),
        )

        assert [mark.kind for mark in marks(record, 100)] == [None, "text", "reasoning", "malformed", None]

    def test_a_merged_mark_keeps_the_first_kind_of_note(self) -> None:
        assert {mark.kind for mark in marks(REASONING, 2)} == {"reasoning", "text"}

    @given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 9)), max_size=50), st.integers(1, 20))
    def test_no_byte_is_lost_and_no_column_is_used_twice(self, reads: list[tuple[float, int]], columns: int) -> None:
        record = with_arrivals(*(Arrival(t, size, 1) for t, size in sorted(reads)))

        found = marks(record, columns)

        assert sum(mark.size for mark in found) == sum(size for _, size in reads)
        assert sum(mark.reads for mark in found) == len(reads)
        assert len(found) <= columns + 1


class TestPhases:
    def test_an_answer_has_four(self) -> None:
        timing = Timing(request_end=0.1, response_start=0.4, first_byte=0.9)

        assert phases(timing, 2.0) == [
            Span("request", 0.0, 0.1),
            Span("wait for the answer", 0.1, 0.4),
            Span("headers only", 0.4, 0.9),
            Span("body", 0.9, 2.0),
        ]

    def test_what_has_no_length_or_was_not_observed_is_left_out(self) -> None:
        assert phases(Timing(response_start=0.4, first_byte=0.4), 0.4) == [Span("wait for the answer", 0.0, 0.4)]
        assert phases(Timing(request_end=0.1, response_start=0.4), 0.5) == [
            Span("request", 0.0, 0.1),
            Span("wait for the answer", 0.1, 0.4),
        ]

    def test_no_answer_is_a_phase_of_its_own(self) -> None:
        assert phases(FAILED.timing, 0.004) == [Span("request", 0.0, 0.001), Span("no answer", 0.001, 0.004)]


class TestSilences:
    def test_a_pause_that_stands_out_is_one(self) -> None:
        names = [(span.name, round(span.end - span.start, 1)) for span in silences(REASONING)]

        assert names == [("wait", 0.3), ("silence", 2.9)]

    def test_an_even_stream_has_only_its_wait(self) -> None:
        assert [span.name for span in silences(STREAMING)] == ["wait"]
        assert [span.name for span in silences(PSEUDO)] == ["wait"]

    def test_even_lumps_are_no_silence_either(self) -> None:
        assert [span.name for span in silences(BURSTY)] == ["wait"]

    def test_what_nobody_notices_is_none(self) -> None:
        assert silences(with_arrivals(Arrival(0.05, 1, 1), Arrival(0.051, 1, 1), Arrival(0.08, 1, 1))) == []

    def test_without_arrivals_there_is_nothing_to_tell(self) -> None:
        assert silences(UNRECORDED) == []


def test_milestones_are_those_that_were_observed() -> None:
    assert milestones(Timing(response_start=0.1, end=2.0)) == [("headers", 0.1), ("end", 2.0)]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (2.73, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]),
        (8.0, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
        (0.004, [0.0, 0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.0035, 0.004]),
    ],
)
def test_ticks_are_round(end: float, expected: list[float]) -> None:
    assert ticks(end) == pytest.approx(expected)


@given(st.floats(1e-6, 1e18))
def test_ticks_are_few_whatever_the_length(end: float) -> None:
    assert 4 <= len(ticks(end)) <= 9
    assert ticks(end)[-1] <= end * 1.000001


def test_gaps_lie_between_pieces_of_content() -> None:
    found = gaps(STREAMING)

    assert found is not None
    assert len(found) == 47
    assert gaps(NO_TEXTS) is gaps(UNRECORDED) is None
