"""The cadence of deliveries: period, punctuality, and whether they bring a constant number of events."""

from __future__ import annotations

import pytest
from streamwatchlib.pace.cadence import cadence


def test_too_few_lots_have_no_beat() -> None:
    assert cadence([1, 2, 3, 4], [5, 5, 5, 5]) is None


def test_a_steady_beat_has_its_period_and_no_jitter() -> None:
    beat = cadence([0.5 + 0.2 * i for i in range(10)], [10] * 9 + [3])

    assert beat is not None
    assert (beat.lots, beat.count, beat.constant) == (8, 10, True)
    assert [beat.period, beat.shortest, beat.jitter] == pytest.approx([0.2, 0.2, 0.0])


def test_a_false_start_is_no_jitter() -> None:
    beat = cadence([0.5, 0.54, *(0.75 + 0.21 * i for i in range(8))], [13, 4] + [14] * 8)

    assert beat is not None
    assert beat.jitter == pytest.approx(0, abs=1e-9)


def test_a_beat_that_found_nothing_to_bring_is_no_jitter() -> None:
    beat = cadence([0, 0.2, 0.4, 1.0, 1.2, 1.4, 1.6], [1] * 7)

    assert beat is not None
    assert beat.jitter == pytest.approx(0)


def test_uneven_gaps_and_counts_are_seen() -> None:
    beat = cadence([0, 0.2, 0.5, 0.6, 1.0, 1.1], [4, 7, 2, 9, 3, 3])

    assert beat is not None
    assert beat.jitter > 0.2
    assert not beat.constant


def test_a_few_odd_gaps_do_not_hide_a_beat() -> None:
    times = [0.2 * i for i in range(12)]

    beat = cadence([*times, 2.21, 4.4, *(4.4 + 0.2 * i for i in range(1, 12))], [10] * 25)

    assert beat is not None
    assert (beat.period, beat.shortest) == (pytest.approx(0.2), pytest.approx(0.2))
    assert beat.jitter < 0.01


def test_lots_at_one_moment_are_no_division_by_zero() -> None:
    beat = cadence([1.0] * 6, [1] * 6)

    assert beat is not None
    assert (beat.period, beat.jitter) == (0, 0)
