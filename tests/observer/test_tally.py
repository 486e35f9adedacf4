"""The dated pieces of an answer and their bounds."""

from __future__ import annotations

from streamwatchlib.model import Arrival, Frame, Limits, Reading, Signals
from streamwatchlib.observer.tally import Tally

TEXT = Reading(channels=("text",))


def test_events_over_the_limit_are_counted_and_not_kept() -> None:
    tally = Tally(Limits(events=2), keep_text=True)
    for i in range(5):
        tally.take(Frame(data=str(i)), TEXT, float(i), i)
    assert [event.data for event in tally.events] == ["0", "1"]
    assert (tally.events_seen, tally.content_seen, tally.last_content) == (5, 5, 4.0)


def test_texts_over_the_body_limit_are_counted_and_not_kept() -> None:
    tally = Tally(Limits(body=4), keep_text=True)
    for _ in range(5):
        tally.take(Frame(type="t", data="xx"), TEXT, 0.0, 0)
    assert (len(tally.events), tally.events_seen) == (2, 5)


def test_names_and_ids_of_events_are_texts_that_take_room_in_each() -> None:
    for frame in (Frame(type="t" * 30, data="x"), Frame(data="x", id="i" * 30)):
        tally = Tally(Limits(body=50), keep_text=True)
        for _ in range(5):
            tally.take(frame, TEXT, 0.0, 0)
        assert (len(tally.events), tally.events_seen) == (2, 5)


def test_arrivals_over_the_limit_are_counted_and_not_kept() -> None:
    tally = Tally(Limits(arrivals=1), keep_text=True)
    for i in range(3):
        tally.arrival(float(i), 10, 1, True)
    assert (tally.arrivals, tally.arrivals_seen, tally.last_arrival) == ([Arrival(0.0, 10, 1)], 3, 2.0)


def test_moments_over_the_limit_are_counted_and_not_kept() -> None:
    tally = Tally(Limits(moments=2), keep_text=True)
    for i in range(4):
        tally.take(Frame(data="x"), Reading(channels=("text",), clock=1.0), float(i), i)
    assert list(tally.content.t) == [0.0, 1.0]
    signals = tally.with_times(Signals("complete", True, None, None, 200))
    assert list(signals.moments["text"].arrival) == [0, 1]
    assert (len(tally.clocks), tally.first_content, tally.last_content) == (2, 0.0, 3.0)


def test_comments_are_counted_and_are_no_events() -> None:
    tally = Tally(Limits(), keep_text=True)
    assert tally.take(Frame(data=" ping", comment=True), Reading(), 1.5, 0) == 0
    assert (tally.comments_seen, tally.events_seen) == (1, 0)


def test_what_the_end_completes_belongs_to_the_last_arrival() -> None:
    tally = Tally(Limits(), keep_text=True)
    tally.arrival(1.0, 10, 1, False)
    tally.late_events(2)
    assert (tally.arrivals, tally.boundary) == ([Arrival(1.0, 10, 3)], [True])


def test_without_times_everything_is_counted_and_nothing_dated() -> None:
    tally = Tally(Limits(), keep_text=True)
    tally.take(Frame(data="x"), TEXT, None, 0)
    tally.arrival(None, 10, 1, True)
    assert (tally.recorded, tally.content_seen, tally.first_content) == (False, 1, None)
    assert (tally.events[0].t, tally.events[0].arrival) == (None, None)


def test_texts_that_are_not_wanted_are_not_kept() -> None:
    tally = Tally(Limits(), keep_text=False)
    tally.take(Frame(data="secret"), TEXT, 0.0, 0)
    assert tally.events == []
    assert tally.stream("sse", 1, ()).events_omitted == 0, "it is under the limit"


def test_the_longest_silence_counts_the_wait_for_the_first_arrival() -> None:
    tally = Tally(Limits(), keep_text=True)
    tally.silent_until(3.0, since=1.0)
    tally.arrival(3.0, 1, 0, True)
    tally.silent_until(3.5, since=1.0)
    assert tally.longest_silence == 2.0


def test_recent_seconds_for_a_sparkline() -> None:
    tally = Tally(Limits(), keep_text=True)
    for second in (0.1, 0.2, 2.5, *range(3, 100)):
        tally.arrival(float(second), 1, 0, True)
    assert tally.recent(99.5) == (1,) * 16
    fresh = Tally(Limits(), keep_text=True)
    fresh.arrival(0.1, 1, 0, True)
    fresh.arrival(0.2, 1, 0, True)
    fresh.arrival(2.5, 1, 0, True)
    assert fresh.recent(3.0) == (2, 0, 1, 0)


def test_an_event_names_its_channel_where_it_is_not_text() -> None:
    tally = Tally(Limits(), keep_text=True)
    for channels in (("text",), ("reasoning", "text"), ("events",), ()):
        tally.take(Frame(data="x"), Reading(channels=channels), 0.0, 0)
    assert [event.channel for event in tally.events] == [None, "reasoning", None, None]
