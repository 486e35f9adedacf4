"""Values to short texts for a screen: durations, rates, endpoints, sparklines, and text made harmless.

In: numbers and strings, the latter as peers sent them.  Out: one line of printable text.  Never here: colours, layout,
a terminal.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from .. import units

_MAX_CHARS = 1000
"""Characters of a foreign text that are shown at most; no line of a screen is longer."""
_BARS = "▁▂▃▄▅▆▇"
"""Without the full block: rows would grow together."""


def escape_unprintable(text: str) -> str:
    """`text` with everything that could steer a terminal or reorder a line spelled out, as ``repr`` would.

    Printable is what Unicode calls neither "Other" nor "Separator" (but the space): escape sequences, newlines,
    bidi controls and zero-width characters are not.
    """
    if len(text) > _MAX_CHARS:
        text = text[:_MAX_CHARS] + "…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def seconds(value: float | None) -> str:
    """A duration for a narrow cell, as `units.seconds` but without blanks: ``312ms``, ``4.81s``, ``12m3s``, ``3h20m``;
    empty for None."""
    return "" if value is None else units.seconds(value).replace(" min", "m").replace(" ", "")


def rate(value: float | None) -> str:
    """Per second, without a unit: ``7.3``, ``213``; empty for None."""
    if value is None:
        return ""
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def sparkline(counts: Sequence[int], cells: int) -> str:
    """The last `cells` counts as bars, right-aligned, the tallest full; a dot where there was none."""
    shown = counts[-cells:]
    tallest = max(shown, default=0) or 1
    bars = (_BARS[(count * len(_BARS) - 1) // tallest] if count else "·" for count in shown)
    return "".join(bars).rjust(cells)


def endpoint(url: str, room: int) -> str:
    """Host and path of `url` in at most `room` cells: whole, or its host and last segments, or those alone."""
    address = escape_unprintable((url.partition("://")[2] or url).partition("?")[0].partition("#")[0])
    if cell_len(address) <= room:
        return address
    host, _, path = address.partition("/")
    segments = path[-room:].split("/") if room > 0 else []  # no more can fit, and a path of any length costs the same
    for start, skip in ((f"{host}/…", 1), ("…", len(path) > room)):
        for first in range(skip, len(segments)):
            candidate = "/".join((start, *segments[first:]))
            if cell_len(candidate) <= room:
                return candidate
    return _last(address, room)


def _last(text: str, room: int) -> str:
    """The end of `text` in at most `room` cells, with a mark where it was cut."""
    end = text[-room:] if room > 0 else ""
    while cell_len(end) > max(room - 1, 0):
        end = end[1:]
    return "…" + end if room > 0 else ""
