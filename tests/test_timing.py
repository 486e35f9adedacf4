"""TTFT, ITL and rates, against their definitions and against the standard library's statistics."""

from __future__ import annotations

from dataclasses import replace
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import ClockLag, Label, Moments, Signals, Usage
from streamwatchlib.timing import inter_token_latency, percentile, timing

from .simulate import signals_of_reads

STREAM = signals_of_reads(
    (1.5, 1),
    (1.6, 1),
    (1.8, 2),
    (2.5, 1),
    start=0.5,
    response_start=0.9,
    first_event=1.2,
    end=2.6,
    usage=Usage(output_tokens=11),
    lag=ClockLag(0.001, 0.004),
)


def test_every_offset_and_duration_is_what_its_name_says() -> None:
    t = timing(STREAM, "streaming")

    assert (t.request_end, t.response_start, t.first_byte, t.first_event) == (0.5, 0.9, 1.5, 1.2)
    assert (t.first_token, t.first_output_token, t.last_token, t.end) == (1.5, 1.5, 2.5, 2.6)
    assert t.ttft == 1.0
    assert t.e2e == pytest.approx(2.1)
    assert t.output_tokens_per_second == pytest.approx(10 / 1.0)
    assert t.tokens_per_second_e2e == pytest.approx(11 / 2.0)
    assert t.clock_lag == ClockLag(0.001, 0.004)


def test_inter_token_latency_is_over_the_gaps_of_successive_events_lumps_included() -> None:
    itl = timing(STREAM, "streaming").itl

    assert itl is not None
    assert itl.n == 4
    assert [itl.mean, itl.p50, itl.max] == pytest.approx([0.25, 0.15, 0.7])


def test_what_was_not_seen_is_none() -> None:
    nothing = Signals(outcome="error", recorded=True, requested=True, requested_by=None, status=None)
    t = timing(nothing, "not-applicable")

    assert {getattr(t, name) for name in t.__slots__} == {None}


def test_the_first_output_token_is_no_reasoning() -> None:
    reasoning, text = Moments([1.0, 1.1], [0, 1]), Moments([3.0], [2])
    content = Moments([1.0, 1.1, 3.0], [0, 1, 2])
    signals = replace(STREAM, moments={"reasoning": reasoning, "text": text}, content=content)

    t = timing(signals, "streaming")

    assert (t.first_token, t.first_output_token) == (1.0, 3.0)
    assert timing(replace(signals, moments={"reasoning": reasoning}), "streaming").first_output_token is None


@pytest.mark.parametrize("label", ["pseudo-streaming", "bursty"])
def test_the_rate_of_a_lump_is_no_rate(label: Label) -> None:
    t = timing(STREAM, label)

    assert t.output_tokens_per_second is None
    assert t.tokens_per_second_e2e is not None


@pytest.mark.parametrize(
    "signals",
    [
        pytest.param(replace(STREAM, usage=None), id="no usage"),
        pytest.param(replace(STREAM, usage=Usage(output_tokens=1)), id="one token"),
        pytest.param(signals_of_reads((1.0, 20), usage=Usage(output_tokens=20)), id="no width"),
        pytest.param(
            signals_of_reads((1.0, 10), (1.001, 10), usage=Usage(output_tokens=20)), id="faster than any engine"
        ),
    ],
)
def test_no_rate_is_made_up(signals: Signals) -> None:
    assert timing(signals, "inconclusive").output_tokens_per_second is None


def test_the_last_token_counts_even_where_its_moment_was_not_kept() -> None:
    t = timing(replace(STREAM, last_content=5.5), "streaming")

    assert t.last_token == 5.5
    assert t.output_tokens_per_second == pytest.approx(10 / 4.0)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=200), st.integers(1, 99))
def test_percentiles_are_the_linear_ones(values: list[float], percent: int) -> None:
    ordered = sorted(values)

    assert percentile(ordered, percent) == pytest.approx(quantiles(ordered, n=100, method="inclusive")[percent - 1])


def test_percentiles_of_one_value_are_that_value() -> None:
    assert [percentile([7.0], p) for p in (0, 50, 99, 100)] == [7.0] * 4


@given(st.lists(st.floats(0, 1e3), min_size=2, max_size=100))
def test_latency_figures_are_ordered(values: list[float]) -> None:
    itl = inter_token_latency(sorted(values))

    assert itl is not None
    assert 0 <= itl.p50 <= itl.p90 <= itl.p99 <= itl.max
