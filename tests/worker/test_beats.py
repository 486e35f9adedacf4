"""The error bar that follows from the lag of the proxy's event loop."""

from __future__ import annotations

import time

import pytest
from streamwatchlib.model import ClockLag, ProxyConditions
from streamwatchlib.worker.beats import KEPT, NOTABLE, Beats


def test_an_exchange_is_told_of_the_beats_from_its_beginning_to_the_one_after_its_end() -> None:
    beats = Beats()
    beats.add([(1.0, 0.5), (2.0, 0.001), (2.5, NOTABLE)])
    beats.add([(3.0, 0.02), (3.5, 0.7)])
    assert beats.between(2.0, 2.9) == ProxyConditions(ClockLag(0.02, 0.02), ((0.5, NOTABLE), (1.0, 0.02)))
    assert beats.between(2.0, 3.0) == ProxyConditions(ClockLag(0.7, 0.7), ((0.5, NOTABLE), (1.0, 0.02), (1.5, 0.7)))
    assert beats.between(4.0, 5.0) == ProxyConditions(), "nothing is known of a time nobody watched"


def test_one_stall_in_a_hundred_beats_is_not_the_99th_percentile() -> None:
    beats = Beats()
    beats.add((0.02 * i, 0.1 if i == 50 else 0.001) for i in range(200))
    lag = beats.between(0.0, 4.0).lag
    assert lag == ClockLag(p99=0.001, max=0.1)


def test_only_the_last_half_hour_is_kept() -> None:
    beats = Beats()
    for n in range(3):
        beats.add((n * KEPT + i, 0.1 / (n + 1)) for i in range(KEPT))
    assert beats.between(0.0, 3.0 * KEPT).lag == ClockLag(
        pytest.approx(0.1 / 3, abs=1e-6), pytest.approx(0.1 / 3, abs=1e-6)
    )
    assert len(beats._at) <= 2 * KEPT


def test_what_a_short_exchange_costs_does_not_grow_with_how_long_others_have_been_watched() -> None:
    def seconds(count: int) -> float:
        beats = Beats()
        beats.add((0.02 * i, 0.001) for i in range(count))

        def one() -> float:
            began = time.perf_counter()
            assert beats.between(0.02 * count - 0.5, 0.02 * count).lag is not None
            return time.perf_counter() - began

        return min(one() for _ in range(20))

    assert seconds(90_000) < 5 * seconds(100)
