"""The timeline of an exchange as SVG, and a small version of it for the list.

In: a record.  Out: markup.  Positions are percentages, so that the picture is as wide as the page while its text keeps
its size; only the marks lie in a box of their own that is stretched.  Style comes from the style sheet alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

from ...model import Record
from ...units import seconds, size
from ..show import count, plural
from .markup import Markup, number, percent, tag
from .timeline import Kind, Mark, Span, duration, marks, milestones, phases, silences, ticks

_BOX = 1000
"""Width of the marks' own coordinate system; its height is 100."""
_FEW = 24
"""So few marks are drawn thicker: a lump should look like one."""
_LETTER, _ON_A_PHONE = 0.0085, 0.0225
"""Width of a letter as a share of the picture on a wide page and on a narrow one, to keep labels apart: a label with
room only on a wide page has the class `roomy`, which the style sheet hides on a narrow one."""

KINDS: dict[Kind, tuple[str, str]] = {
    "text": ("text", "text"),
    "reasoning": ("reasoning", "reasoning"),
    "tool_calls": ("tools", "tool calls"),
    "events": ("text", "events"),
    "malformed": ("malformed", "malformed"),
    None: ("other", "no content"),
}
"""What a mark carries: its style class, and its name in the legend."""


def strip(record: Record) -> Markup:
    """The rhythm of the arrivals as a bar code, for the list."""
    found = marks(record, 90)
    path = _path(found, duration(record), _highest(found))
    return tag("svg", path, class_=_thickness("strip", found), aria_hidden="true", **_stretched())


def waterfall(record: Record, columns: int) -> Markup:
    """The exchange on one time axis: phases, arrivals as marks as high as their bytes, silences, milestones."""
    end, found = duration(record), marks(record, columns)
    picture = tag(
        "svg",
        *_grid(end),
        *_phases(record, end),
        *_silences(record, end),
        *_milestones(record, end),
        _arrivals(found, end),
        class_="waterfall",
        role="img",
        aria_label=_description(record, found),
    )
    track = tag(
        "div", picture, tag("div", class_="cursor"), class_="track", data_end=end, data_marks=_data(found), tabindex=0
    )
    return tag("figure", track, tag("output", class_="readout"), _legend(record, found), class_="timeline")


# --- arrivals ---------------------------------------------------------------------------------------------


def _arrivals(found: Sequence[Mark], end: float) -> Markup:
    kinds = _kinds(found)
    highest = _highest(found)
    paths = (
        _path([mark for mark in found if mark.kind == kind], end, highest, f"k-{KINDS[kind][0]}") for kind in kinds
    )
    return tag("svg", *paths, class_=_thickness("marks", found), y=46, height=92, **_stretched())


def _kinds(found: Sequence[Mark]) -> list[Kind]:
    """The kinds that occur, in the order of the legend."""
    return [kind for kind in KINDS if any(mark.kind == kind for mark in found)]


def _path(found: Iterable[Mark], end: float, highest: int, class_: str | None = None) -> Markup:
    """One path for all marks: an element for each would make a page of many exchanges slow to open."""
    lines = (f"M{number(mark.t / end * _BOX)} 100V{number(_height(mark.size, highest))}" for mark in found)
    return tag("path", d="".join(lines), class_=class_)


def _highest(found: Iterable[Mark]) -> int:
    return max((mark.size for mark in found), default=0) or 1


def _thickness(class_: str, found: Sequence[Mark]) -> str:
    return f"{class_} few" if len(found) <= _FEW else class_


def _height(bytes_: int, highest: int) -> float:
    """Where a mark's tip is: by the square root of its bytes, so that one great lump leaves the others visible."""
    return round(96 - 92 * sqrt(bytes_ / highest), 1)


def _stretched() -> dict[str, str]:
    return {"viewBox": f"0 0 {_BOX} 100", "preserveAspectRatio": "none", "width": "100%"}


def _data(found: Iterable[Mark]) -> str:
    """The marks for the script that shows what is under the cursor: seconds, bytes, reads, events."""
    return ";".join(f"{mark.t:.4f},{mark.size},{mark.reads},{mark.events}" for mark in found)


# --- around the arrivals ----------------------------------------------------------------------------------


def _grid(end: float) -> Iterable[Markup]:
    for t in ticks(end):
        x = percent(t / end)
        yield tag("line", x1=x, x2=x, y1=28, y2=142, class_="grid")
        anchor = "end" if t > 0.96 * end else "start" if t < 0.04 * end else "middle"
        yield tag("text", _tick(t), x=x, y=156, class_=f"tick {anchor}")


def _tick(t: float) -> str:
    return f"{t:g} s" if t >= 1 or t == 0 else f"{t * 1e3:g} ms"


def _phases(record: Record, end: float) -> Iterable[Markup]:
    for span in phases(record.timing, end):
        title = tag("title", f"{span.name}: {seconds(span.end - span.start)}")
        yield tag("rect", title, class_=f"phase {_class(span)}", y=30, height=6, **_extent(span, end))


def _silences(record: Record, end: float) -> Iterable[Markup]:
    for span in silences(record):
        yield tag("rect", class_="silence", y=42, height=100, **_extent(span, end))
        words = f"{seconds(span.end - span.start)} {'wait' if span.name == 'wait' else 'silence'}"
        room = (span.end - span.start) / end / (len(words) + 1)
        if room > _LETTER:
            middle = percent((span.start + span.end) / 2 / end)
            yield tag("text", words, x=middle, y=92, class_=f"silent middle{_roomy(room > _ON_A_PHONE)}")


def _milestones(record: Record, end: float) -> Iterable[Markup]:
    """A line for each milestone, and a label if there is room for it; the table of times has all of them, too."""
    page, phone = _Labels(_LETTER), _Labels(_ON_A_PHONE)
    for name, t in milestones(record.timing):
        x, words = t / end, f"{name} {seconds(t)}"
        ends = x + _ON_A_PHONE * len(words) > 1
        yield tag("line", x1=percent(x), x2=percent(x), y1=22, y2=142, class_="milestone")
        if page.takes(x, words, ends):
            side = f"{'end' if ends else 'start'}{_roomy(phone.takes(x, words, ends))}"
            yield tag("text", words, x=percent(x), y=16, class_=f"moment {side}")


class _Labels:
    """The occupied parts of the line that labels stand on, given the width of a letter."""

    def __init__(self, letter: float) -> None:
        self._letter = letter
        self._taken: list[tuple[float, float]] = []

    def takes(self, x: float, words: str, ends: bool) -> bool:
        """Return whether there is room for `words` that begin (or, if `ends`, end) at `x`, and occupy it if so."""
        width = self._letter * len(words)
        start = x - width if ends else x
        if free := all(start >= right or start + width <= left for left, right in self._taken):
            self._taken.append((start, start + width))
        return free


def _roomy(everywhere: bool) -> str:
    return "" if everywhere else " roomy"


def _class(phase: Span) -> str:
    return f"p-{phase.name.split()[0]}"


def _extent(span: Span, end: float) -> dict[str, str]:
    return {"x": percent(span.start / end), "width": percent((span.end - span.start) / end)}


def _legend(record: Record, found: Sequence[Mark]) -> Markup:
    shown = [KINDS[kind] for kind in _kinds(found)] if record.events is not None else []
    keys = [tag("span", name, class_=f"key k-{class_}") for class_, name in shown]
    spans = [
        tag("span", f"{span.name} {seconds(span.end - span.start)}", class_=f"key bar {_class(span)}")
        for span in phases(record.timing, duration(record))
    ]
    return tag("figcaption", *spans, *keys, tag("span", _note(record, found), class_="note"))


def _note(record: Record, found: Sequence[Mark]) -> str:
    if record.stream is None:
        return "Not a stream: only the message’s own times."
    if not found:
        return "No arrival times were recorded."
    reads, omitted = sum(mark.reads for mark in found), record.stream.arrivals_omitted
    together = " (those in one column are drawn as one)" if reads > len(found) else ""
    highest = size(max(mark.size for mark in found))
    more = f"; {count(omitted)} more reads were counted, not kept" if omitted else ""
    return f"{plural(reads, 'read')}{together}; height: square root of the bytes, at most {highest}{more}"


def _description(record: Record, found: Sequence[Mark]) -> str:
    moments = ", ".join(f"{name} at {seconds(t)}" for name, t in milestones(record.timing))
    return f"Timeline: {plural(sum(mark.reads for mark in found), 'arrival')}; {moments or 'no times observed'}"
