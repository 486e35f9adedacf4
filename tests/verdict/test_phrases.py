"""Durations in sentences."""

from __future__ import annotations

import pytest
from streamwatchlib.verdict.phrases import seconds


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0 ms"),
        (-0.00000047, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.2164, "216 ms"),
        (0.9996, "1 s"),
        (-0.9996, "-1 s"),
        (1.2, "1.2 s"),
        (-1.5, "-1.5 s"),
        (24.44, "24.4 s"),
        (240.4, "240 s"),
        (1234.5, "1234 s"),
    ],
)
def test_a_duration_is_told_in_three_figures_and_no_finer_than_it_is_known(value: float, told: str) -> None:
    assert seconds(value) == told
