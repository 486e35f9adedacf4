"""Durations, sizes and counts as people read them, spelt in one way everywhere.

In: seconds, bytes, counts.  Out: short plain text.  Imports nothing of ours, so that every room may use it.
"""

from __future__ import annotations

NOTHING = "–"
"""Stands for what was not observed."""


def seconds(value: float | None) -> str:
    """A duration to three digits in a suitable unit: ``0.34 ms``, ``52.3 ms``, ``1.27 s``, ``2 min 5 s``.

    No finer than 10 µs: no clock here is more precise.
    """
    if value is None:
        return NOTHING
    if value >= 99.95:
        minutes, rest = divmod(round(value), 60)
        return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
    if abs(value) >= 0.9995:
        return f"{_three_digits(value)} s"
    return f"{_three_digits(value * 1e3)} ms" if abs(value) >= 0.001 else f"{round(value * 1e3, 2) + 0.0:g} ms"


def _three_digits(value: float) -> str:
    return f"{value:#.3g}".removesuffix(".")


def size(value: int | None) -> str:
    """Bytes in a suitable unit: ``512 B``, ``4.0 KiB``, ``1.3 MiB``."""
    if value is None:
        return NOTHING
    if value < 1 << 10:
        return f"{value} B"
    if value < 1000 << 10:
        return f"{value / (1 << 10):.1f} KiB"
    return f"{value / (1 << 20):.1f} MiB" if value < 1000 << 20 else f"{value / (1 << 30):.1f} GiB"


def counted(number: int, thing: str) -> str:
    """``1 field``, ``3 fields``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
