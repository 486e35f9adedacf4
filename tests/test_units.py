"""Durations and sizes are spelled one way."""

from __future__ import annotations

import pytest
from streamwatchlib.units import counted, seconds, size

SECONDS = [
    (None, "–"),
    (0.0, "0 ms"),
    (0.000004, "0 ms"),
    (0.00034, "0.34 ms"),
    (0.001, "1.00 ms"),
    (0.0523, "52.3 ms"),
    (0.5, "500 ms"),
    (0.99949, "999 ms"),
    (0.9996, "1.00 s"),
    (1.274, "1.27 s"),
    (12.5, "12.5 s"),
    (99.94, "99.9 s"),
    (99.95, "1 min 40 s"),
    (125.3, "2 min 5 s"),
    (3599.6, "1 h 0 min"),
    (12_000, "3 h 20 min"),
    (-0.25, "-250 ms"),
    (-0.000004, "0 ms"),
]


@pytest.mark.parametrize(("value", "shown"), SECONDS)
def test_a_duration_has_the_unit_that_suits_it(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0 B"),
        (1023, "1023 B"),
        (4096, "4.0 KiB"),
        (1_024_000, "1.0 MiB"),
        (1_500_000, "1.4 MiB"),
        (5 << 30, "5.0 GiB"),
    ],
)
def test_bytes_have_the_unit_that_suits_them(value: int | None, shown: str) -> None:
    assert size(value) == shown


def test_counted_things_are_plural_but_for_one() -> None:
    assert [counted(n, "field") for n in (0, 1, 2)] == ["0 fields", "1 field", "2 fields"]
