"""What the whole capture says, before any single exchange: the finding, the spread, the endpoints, the worst.

In: records.  Out: markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from ...model import HELD_BACK, Record
from ...units import NOTHING, seconds
from ..rank import count_labels, group_similar, with_problems
from ..show import count, exchange_error, finding, host, model_of, one_line, path, plural, time_of_day
from .exchange import problem_note, suspect
from .histogram import histogram
from .labels import badge
from .markup import Markup, percent, prose, table, tag
from .timeline import gaps

WORST = 3
"""How many of the worst are shown on the first screen."""

_JUDGED = ("streaming", "bursty", "pseudo-streaming", "not-streamed")


def title(records: Sequence[Record]) -> str:
    """The finding in one sentence."""
    judged = [record for record in records if record.verdict.label in _JUDGED]
    bad = sum(record.verdict.label != "streaming" for record in judged)
    if not records:
        return "Nothing was captured"
    if not judged:
        return "No stream could be judged"
    if not bad:
        return "The stream really streamed" if len(judged) == 1 else f"All {count(len(judged))} streams really streamed"
    if len(judged) == 1:
        return "The stream did not really stream"
    return f"{count(bad)} of {count(len(judged))} streams did not really stream"


def subtitle(records: Sequence[Record]) -> str:
    """How much was captured, and when."""
    if not records:
        return "The client did not use the proxy, or nothing passed the filter."
    days = sorted(record.started_at for record in records)
    first, last = days[0], days[-1]
    until = f" to {time_of_day(last)[:8]}" if last != first else ""
    hosts = {host(record.request.url) for record in records}
    return (
        f"{one_line(first[:10])}, {time_of_day(first)[:8]}{until} UTC · {plural(len(records), 'exchange')} with "
        f"{plural(len(hosts), 'host')}"
    )


def overview(records: Sequence[Record]) -> Markup:
    """Everything above the list."""
    places = {id(record): number for number, record in enumerate(records, 1)}
    cards = [_card(group, places[id(group[0])]) for group in group_similar(with_problems(records))[:WORST]]
    return tag(
        "section",
        _mix(records),
        tag("div", _ttft(records), _itl(records), class_="columns two charts"),
        tag("h2", "Look here first") if cards else None,
        tag("ol", *cards, class_="worst") if cards else None,
        _endpoints(records),
        aria_label="Overview",
    )


def _mix(records: Sequence[Record]) -> Markup:
    """One bar of all exchanges, cut by verdict, over its legend."""
    items = (
        tag("li", badge(label), tag("b", count(n)), tag("small", _MEANING[label])) for label, n in count_labels(records)
    )
    return tag("div", _bar(records), tag("ul", *items, class_="legend"))


def _bar(records: Sequence[Record]) -> Markup:
    parts, start = [], 0.0
    for label, n in count_labels(records):
        share = n / len(records)
        parts.append(tag("rect", x=percent(start), width=percent(share), height="100%", class_=f"v-{label}"))
        start += share
    return tag("svg", *parts, class_="mix", aria_hidden="true")


_MEANING = {
    "streaming": "pieces came as they were generated",
    "bursty": "pieces came in lumps",
    "pseudo-streaming": "held back, then sent at once",
    "not-streamed": "asked for a stream, got a whole body",
    "inconclusive": "cannot tell; the summary says why",
    "not-applicable": "did not ask for a stream, or got an error",
}


# --- distributions ----------------------------------------------------------------------------------------


def _ttft(records: Sequence[Record]) -> Markup:
    values = _by_label(records, [[t] if (t := record.timing.ttft) is not None else [] for record in records])
    return _chart("Time to first token", values, "exchange", "from the end of the request to the first generated token")


def _itl(records: Sequence[Record]) -> Markup:
    values = _by_label(records, [gaps(record) or [] for record in records])
    return _chart("Gaps between pieces", values, "gap", "one per piece of content; under 1 ms: they came together")


def _by_label(records: Sequence[Record], values: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    out: dict[str, list[float]] = {}
    for record, some in zip(records, values, strict=True):
        out.setdefault(f"v-{record.verdict.label}", []).extend(some)
    return out


def _chart(title: str, values: Mapping[str, Sequence[float]], what: str, note: str) -> Markup:
    pooled = sorted(value for some in values.values() for value in some)
    figures = f"median {seconds(median(pooled))} · longest {seconds(pooled[-1])}" if pooled else "none observed"
    return tag(
        "figure",
        tag("figcaption", tag("b", title), " ", tag("span", figures, class_="note")),
        histogram(values, what) if pooled else None,
        tag("p", note, class_="note"),
    )


# --- endpoints --------------------------------------------------------------------------------------------


def _endpoints(records: Sequence[Record]) -> Markup | None:
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        model = record.request.model or model_of(record) or NOTHING
        place = path(record.request.url).partition("?")[0]
        groups.setdefault((place, host(record.request.url), model), []).append(record)
    if len(groups) < 2:
        return None
    rows = (_endpoint(*names, some) for names, some in sorted(groups.items(), key=lambda group: -len(group[1])))
    return tag("div", tag("h2", "Endpoints"), table(_HEADS, rows), class_="endpoints")


_HEADS = (
    "endpoint",
    "model",
    "exchanges",
    "verdicts",
    "TTFT, median",
    "ITL p50, median",
    "ITL p99, worst",
    "tok/s, median",
)


def _endpoint(where: str, host: str, model: str, records: Sequence[Record]) -> Markup:
    itls = [itl for record in records if (itl := record.timing.itl) and record.verdict.label not in HELD_BACK]
    words = ", ".join(f"{n} {label}" for label, n in count_labels(records))
    figures = (
        _median([record.timing.ttft for record in records]),
        _median([itl.p50 for itl in itls]),
        seconds(max((itl.p99 for itl in itls), default=None)),
    )
    rates = [rate for record in records if (rate := record.timing.output_tokens_per_second) is not None]
    return tag(
        "tr",
        tag("td", tag("b", one_line(where, 120)), tag("small", one_line(host, 80))),
        tag("td", one_line(model, 80)),
        tag("td", count(len(records)), class_="n"),
        tag("td", _bar(records), tag("small", words)),
        *(tag("td", figure, class_="n") for figure in figures),
        tag("td", count(median(rates)) if rates else NOTHING, class_="n"),
    )


def _median(values: Sequence[float | None]) -> str:
    seen = [value for value in values if value is not None]
    return seconds(median(seen)) if seen else NOTHING


# --- the worst --------------------------------------------------------------------------------------------


def _card(group: Sequence[Record], place: int) -> Markup:
    record, *others = group
    address = one_line(f"{record.request.method} {host(record.request.url)}{path(record.request.url)}", 160)
    suspects = record.verdict.suspects[:1]
    return tag(
        "li",
        tag("p", badge(record.verdict.label), " ", problem_note(record)),
        tag("p", tag("a", prose(one_line(finding(record.verdict))), href=f"#x{place}"), class_="lead"),
        tag("p", one_line(why, 200), class_="warning") if (why := exchange_error(record)) else None,
        tag("p", address + (f", and {count(len(others))} more like it" if others else ""), class_="note"),
        tag("ul", *map(suspect, suspects), class_="suspects") if suspects else None,
        class_=f"v-{record.verdict.label}",
    )
