"""How much of a silence the proxy's own standstills cover."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ClockLag
from streamwatchlib.pace.lag import time_not_reading


def test_nothing_known_is_nothing_to_subtract() -> None:
    assert time_not_reading((), None) is None
    assert time_not_reading((), ClockLag(0.0, 0.4)) is None


@pytest.mark.parametrize(
    ("earlier", "later", "deaf"),
    [
        (0.0, 5.0, 0.7),
        (0.0, 0.8, 0.0),
        (0.0, 1.0, 0.2),
        (0.9, 0.95, 0.05),
        (0.95, 3.0, 0.05 + 0.5),
        (2.6, 2.7, 0.1),
        (3.0, 9.0, 0.0),
    ],
)
def test_standstills_count_as_far_as_they_lie_between(earlier: float, later: float, deaf: float) -> None:
    """The loop stood still from 0.8 to 1.0 and from 2.5 to 3.0."""
    between = time_not_reading([(3.0, 0.5), (1.0, 0.2)], None)

    assert between is not None
    assert between(earlier, later) == pytest.approx(deaf)


def test_standstills_that_overlap_count_once() -> None:
    between = time_not_reading([(3.0, 2.0), (2.0, 0.5), (3.5, 1.0), (6.0, 0.5)], None)

    assert between is not None
    assert between(0.0, 9.0) == pytest.approx(2.5 + 0.5)
    assert between(1.8, 3.2) == pytest.approx(1.4)


def test_without_single_moments_every_silence_may_hide_the_99th_percentile() -> None:
    between = time_not_reading((), ClockLag(0.2, 0.9))

    assert between is not None
    assert between(1.0, 1.1) == pytest.approx(0.1)
    assert between(1.0, 2.0) == 0.2
