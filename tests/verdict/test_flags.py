"""The flags: what is remarkable about an exchange, whatever its label."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import ClockLag, Moments, Outcome, Signals, Usage
from streamwatchlib.verdict.flags import flags, visible_tokens_of

from ..simulate import signals_of_reads

FLOW = signals_of_reads(*((0.5 + 0.05 * i, 1) for i in range(40)))


def test_nothing_is_remarkable_about_a_plain_stream() -> None:
    assert flags(FLOW) == []


@pytest.mark.parametrize("outcome", ["client-disconnected", "server-disconnected", "error"])
def test_a_transport_that_broke_off_is_truncated_not_unterminated(outcome: Outcome) -> None:
    assert flags(replace(FLOW, outcome=outcome, terminator=None)) == ["truncated"]
    assert flags(replace(FLOW, outcome=outcome, status=None)) == []


def test_a_client_that_hangs_up_on_the_end_mark_has_missed_nothing() -> None:
    left = replace(FLOW, outcome="client-disconnected")

    assert flags(replace(left, terminator="[DONE]")) == []
    assert flags(replace(left, terminator="finish_reason")) == ["truncated"]  # of one choice of several
    assert flags(replace(left, outcome="server-disconnected", terminator="[DONE]")) == ["truncated"]


def test_what_was_killed_when_all_of_it_had_passed_is_not_truncated() -> None:
    assert flags(replace(FLOW, outcome="error", entire=True)) == []


def test_a_clean_end_without_the_due_marker_is_unterminated() -> None:
    assert flags(replace(FLOW, terminator=None)) == ["unterminated"]
    assert flags(replace(FLOW, terminator=None, terminator_due=False)) == []


@pytest.mark.parametrize(
    ("gap", "stalled"), [(0.4, False), (0.51, True), (5.0, True)]
)  # ten times the usual 50 ms and half a second
def test_one_silence_that_stands_out_is_a_stall(gap: float, stalled: bool) -> None:
    story = signals_of_reads(
        *((0.5 + 0.05 * i, 1) for i in range(20)), *((1.45 + gap + 0.05 * i, 1) for i in range(20))
    )

    assert ("stalled" in flags(story)) == stalled


@pytest.mark.parametrize(("late", "stalled"), [(0.75, False), (0.2, True)])
def test_a_silence_in_which_this_proxy_itself_heard_nothing_is_no_stall(late: float, stalled: bool) -> None:
    times = *((0.5 + 0.05 * i, 1) for i in range(20)), *((2.25 + 0.05 * i, 1) for i in range(20))
    story = signals_of_reads(*times, lags=[(2.25, late)], lag=ClockLag(late, late))

    assert ("stalled" in flags(story)) == stalled


def test_a_slow_stream_is_not_stalled() -> None:
    assert flags(signals_of_reads(*((0.5 + 2 * i, 1) for i in range(10)))) == []


def test_two_silences_are_too_few_to_know_the_usual_one() -> None:
    assert flags(signals_of_reads((0.5, 1), (0.6, 1), (9.0, 1))) == []


def test_a_silence_before_the_transport_broke_off_is_a_stall() -> None:
    hung = replace(FLOW, outcome="client-disconnected", end=60.0, terminator=None)

    assert flags(hung) == ["truncated", "stalled"]
    assert flags(replace(hung, end=None)) == ["truncated"]


@pytest.mark.parametrize(
    ("name", "value", "cached"),
    [
        ("Age", "35", True),
        ("Age", "0", False),
        ("Age", "000", False),
        ("Age", "1" * 5000, True),
        ("Age", "soon", False),
        ("Age", "-3", False),
        ("X-Cache", "Hit from cloudfront", True),
        ("X-Cache", "TCP_HIT", True),
        ("X-Cache", "Miss from cloudfront", False),
        ("CF-Cache-Status", "HIT", True),
        ("cf-cache-status", "DYNAMIC", False),
        ("Cache-Status", "ExampleCache; hit; ttl=30", True),
        ("cf-aig-cache-status", "HIT", True),
        ("X-Cache-Hits", "3", True),
        ("X-Cache-Hits", "0", False),
        ("Helicone-Cache", "HIT", True),
        ("X-White", "whitelist", False),
    ],
)
def test_a_cache_that_says_so_is_believed(name: str, value: str, cached: bool) -> None:
    assert flags(replace(FLOW, headers=((name, value),))) == (["cached"] if cached else [])


def test_an_age_that_the_exchange_itself_took_is_no_stored_answers() -> None:
    """Varnish with `do_stream = false`: it counts from when it began to read the answer."""
    read_whole = replace(FLOW, response_start=4.07)

    assert flags(replace(read_whole, headers=(("Age", "4"),))) == []
    assert flags(replace(read_whole, headers=(("Age", "6"),))) == ["cached"]


def test_a_label_that_lies_is_flagged() -> None:
    assert flags(replace(FLOW, mislabelled=True)) == ["mislabelled"]


@pytest.mark.parametrize(
    ("format_", "flagged"), [("sse", True), ("ndjson", True), ("json-array", True), ("unknown", False), (None, False)]
)
def test_a_length_is_remarkable_only_on_a_stream_of_events(format_: str | None, flagged: bool) -> None:
    story = replace(FLOW, format=format_, headers=(("Content-Length", "9"),))

    assert flags(story) == (["content-length-on-stream"] if flagged else [])


@pytest.mark.parametrize(("tokens", "coarse"), [(None, False), (40, False), (300, False), (320, True), (4000, True)])
def test_many_tokens_an_event_are_coarse(tokens: int | None, coarse: bool) -> None:
    assert flags(replace(FLOW, usage=Usage(output_tokens=tokens))) == (["coarse-events"] if coarse else [])


def test_few_tokens_are_never_coarse() -> None:
    assert flags(signals_of_reads((1.0, 1), usage=Usage(output_tokens=60))) == []
    assert flags(signals_of_reads((1.0, 1), usage=Usage(output_tokens=64))) == ["coarse-events"]


def test_sound_and_pictures_are_no_coarse_events() -> None:
    assert (
        flags(
            signals_of_reads(*((0.5 + 0.1 * i, 1) for i in range(20)), channel="events", usage=Usage(output_tokens=500))
        )
        == []
    )


def test_tokens_that_were_never_shown_do_not_count() -> None:
    hidden = replace(FLOW, usage=Usage(output_tokens=500, reasoning_tokens=460))
    shown: Signals = replace(hidden, moments={"reasoning": Moments([1.0], [0]), "text": FLOW.content})

    assert (visible_tokens_of(hidden), visible_tokens_of(shown)) == (40, 500)
    assert visible_tokens_of(FLOW) is None
