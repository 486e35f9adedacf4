"""One exchange: a row of the list that opens into everything known of it.

In: a record.  Out: a `details` element, whose summary is the row.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...model import HELD_BACK, Measures, Network, Passage, Record, Suspect, Timing
from ...units import NOTHING, seconds, size
from ..rank import badness
from ..show import (
    confidence_text,
    count,
    exchange_error,
    finding,
    host,
    model_of,
    one_line,
    path,
    problems,
    share,
    time_of_day,
)
from . import bodies
from .answer import answer
from .budget import Budget
from .events import events
from .histogram import histogram
from .labels import badge
from .markup import Markup, join, prose, tag
from .responses import responses, sent
from .timeline import gaps
from .waterfall import strip, waterfall


def exchange(number: int, record: Record, budget: Budget) -> Markup:
    """The row and what it opens into; `number` makes its address, ``#x3``."""
    return tag(
        "details",
        tag("summary", *_row(record)),
        tag("div", *_sections(number, record, budget), class_="inside"),
        class_=f"exchange v-{record.verdict.label}",
        data_keys=_sort_keys(number, record),
    )


# --- the row ----------------------------------------------------------------------------------------------


def _row(record: Record) -> Iterable[Markup]:
    request, timing, measures = record.request, record.timing, record.verdict.measures
    what, where = (
        f"{request.method} {path(request.url)}",
        " · ".join(filter(None, (host(request.url), model_of(record)))),
    )
    yield tag("span", badge(record.verdict.label), problem_note(record), class_="c-verdict")
    yield tag("span", tag("b", one_line(what, 120)), tag("small", one_line(where, 120)), class_="c-request")
    yield tag("span", strip(record), tag("small", seconds(timing.end)), class_="c-strip")
    yield _figure("TTFT", seconds(timing.ttft))
    yield _itl(record)
    yield _figure("pieces", count(measures.content_events), "in", count(measures.deliveries))
    yield _figure("tok/s", count(timing.output_tokens_per_second))
    yield tag("span", time_of_day(record.started_at)[:8], class_="c-time")


def problem_note(record: Record) -> Markup | None:
    """Severity, how the exchange ended if not well, and the flags."""
    ill = problems(record)
    words = ", ".join(filter(None, (record.verdict.severity, *ill, *record.verdict.flags)))
    return tag("small", words, class_="warning" if ill else None) if words else None


def _itl(record: Record) -> Markup:
    """Percentiles of the gaps; of lumps only the longest gap: those inside a lump are nobody's latency."""
    itl = record.timing.itl
    if itl is None:
        return _figure("ITL", NOTHING)
    if record.verdict.label in HELD_BACK:
        return _figure("ITL", NOTHING, "", f"max {seconds(itl.max)}")  # the head of a wide page says p99 there
    return _figure("ITL p50", seconds(itl.p50), "p99", seconds(itl.p99))


def _figure(name: str, value: str, other: str = "", second: str = NOTHING) -> Markup:
    """A figure with its name, which only a narrow page shows (if there is a figure): a wide page has columns."""
    more = [tag("i", f" {other} "), tag("small", second)] if second != NOTHING else []
    absent = value == NOTHING and not more
    return tag("span", tag("i", f"{name} "), value, *more, class_="c-figure absent" if absent else "c-figure")


def _sort_keys(number: int, record: Record) -> str:
    """The keys that the script sorts by, in the order of the columns; empty where not observed."""
    timing = record.timing
    rank, severity, hold = badness(record)
    figures = (
        timing.end,
        timing.ttft,
        timing.itl.p50 if timing.itl and record.verdict.label not in HELD_BACK else None,
        record.verdict.measures.content_events,
        timing.output_tokens_per_second,
    )
    return "|".join(
        (
            f"{rank * 10 + severity + min(hold, 99) / 100:.4f}",
            path(record.request.url).replace("|", "/"),
            *("" if figure is None else f"{figure:.6f}" for figure in figures),
            str(number),
        )
    )


# --- the inside -------------------------------------------------------------------------------------------


def _sections(number: int, record: Record, budget: Budget) -> Iterable[Markup]:
    yield tag("h3", prose(one_line(finding(record.verdict))), id=f"x{number}", tabindex=-1)
    yield _finding(record)
    yield waterfall(record, budget.columns)
    if record.hop:
        yield _hop(record.hop, record.verdict.summary)
    yield tag("div", _times(record.timing), _measures(record.verdict.measures), _rhythm(record), class_="columns")
    if replies := responses(record, budget):
        yield _section("Responses", replies)
    elif record.llm:
        yield _section("Answer", answer(record.llm, budget.text_chars))
    yield tag(
        "div",
        _section("Request", bodies.request(record.request, budget.text_chars)),
        _response(record, budget),
        class_="columns two",
    )
    if table := sent(record, budget):
        yield _section("Sent", table)
    if table := events(record, budget):
        yield _section("Events", _deviations(record), table)


def _section(title: str, *content: Markup | None) -> Markup:
    return tag("section", tag("h4", title), *content)


def _response(record: Record, budget: Budget) -> Markup:
    if record.response is None:
        return _section("Response", tag("p", "No answer came.", class_="note"))
    # the text of a stream stands in its events
    max_chars = budget.text_chars // 4 if record.events else budget.text_chars
    return _section("Response", bodies.response(record.response, max_chars))


def _finding(record: Record) -> Markup:
    verdict = record.verdict
    sure = tag("span", f"{confidence_text(verdict.confidence)}{_judged(record)}", class_="note")
    return tag(
        "div",
        tag("p", badge(verdict.label), problem_note(record), sure),
        tag("p", one_line(why), class_="warning") if (why := exchange_error(record)) else None,
        tag("ol", *map(suspect, verdict.suspects), class_="suspects") if verdict.suspects else None,
        tag("p", verdict.untold, class_="note") if verdict.untold else None,
        class_="finding",
    )


def _judged(record: Record) -> str:
    """The channel that the answer was judged by; nothing if all of its content was judged together."""
    verdict, stream = record.verdict, record.stream
    if verdict.channel is None or (stream and stream.content_events == verdict.measures.content_events):
        return ""
    return f", judged by its {verdict.channel.replace('_', ' ')}"


def suspect(suspect: Suspect) -> Markup:
    """Who may have held the response back, the evidence, and what to change."""
    return tag(
        "li",
        tag("p", tag("b", suspect.cause), tag("small", f" {suspect.hop}, {confidence_text(suspect.confidence)}")),
        tag("p", prose(suspect.evidence), class_="evidence"),
        tag("p", prose(suspect.remedy), class_="remedy"),
    )


def _hop(hop: Passage, known_text: str) -> Markup:
    """What a hop did to an exchange that was watched on both sides of it; with its summary unless
    `known_text` has that."""
    delay = hop.event_delay
    pieces = {
        "reads upstream of the hop": count(hop.arrivals.upstream),
        "reads downstream of it": count(hop.arrivals.downstream),
        "mean hold of an event": seconds(hop.hold),
        "event delay, p50": seconds(delay.p50 if delay else None),
        "event delay, p99": seconds(delay.p99 if delay else None),
    }
    moments = {
        "request delay": seconds(hop.request_added),
        "header delay": seconds(hop.head_added),
        "first byte delay": seconds(hop.first_byte_added),
        "first token delay": seconds(hop.first_token_added),
        "last byte delay": seconds(hop.last_byte_added),
        "clock downstream ahead by": seconds(hop.clock_offset),
        "give or take": seconds(hop.clock_error),
    }
    changes = (tag("p", prose(clause), class_="warning") for clause in hop.changed)
    facts = tag("div", _facts(pieces), _facts(moments), class_="columns two")
    sentence = None if hop.summary.removesuffix(".") in known_text else tag("p", hop.summary)
    return _section("What the hop did", sentence, *changes, facts)


def _times(timing: Timing) -> Markup:
    facts = {
        "time to first token": seconds(timing.ttft),
        "request sent": seconds(timing.request_end),
        "headers": seconds(timing.response_start),
        "first byte": seconds(timing.first_byte),
        "first event": seconds(timing.first_event),
        "first token": seconds(timing.first_token),
        "first output token": seconds(timing.first_output_token),
        "last token": seconds(timing.last_token),
        "end": seconds(timing.end),
        "tokens per second": count(timing.output_tokens_per_second),
        "tokens per second, wait included": count(timing.tokens_per_second_e2e),
        "error bar (the proxy’s own lag, p99)": seconds(timing.clock_lag.p99 if timing.clock_lag else None),
        "round trip to the next hop, at least": seconds(timing.network.rtt if timing.network else None),
        "segments out of order": _out_of_order(timing.network),
    }
    return _section("Times", _facts(facts))


def _out_of_order(network: Network | None) -> str:
    if network is None or network.out_of_order is None:
        return NOTHING
    return f"{count(network.out_of_order)} of {count(network.segments)}"


def _measures(measures: Measures) -> Markup:
    facts = {
        "pieces with content": count(measures.content_events),
        "deliveries": count(measures.deliveries),
        "effective deliveries": count(measures.effective_deliveries),
        "pieces per read": count(measures.events_per_arrival),
        "share of pieces in bursts": share(measures.burst_share),
        "time between bursts": seconds(measures.burst_gap),
        "mean hold of a piece": seconds(measures.mean_hold),
        "first to last piece, of the total time": share(measures.spread),
        "blocks that end with an event": share(measures.aligned),
        "block size": size(measures.block_size),
        "headers ahead of the body by": seconds(measures.header_lead),
    }
    return _section("What the verdict rests on", _facts(facts))


def _facts(facts: dict[str, str]) -> Markup:
    known = [(name, value) for name, value in facts.items() if value != NOTHING]
    if not known:
        return tag("p", "Nothing was measured.", class_="note")
    return tag("dl", *(cell for name, value in known for cell in (tag("dt", name), tag("dd", value))))


def _rhythm(record: Record) -> Markup | None:
    itl, found = record.timing.itl, gaps(record)
    if itl is None:
        return None
    figures = f"p50 {seconds(itl.p50)} · p90 {seconds(itl.p90)} · p99 {seconds(itl.p99)} · max {seconds(itl.max)}"
    picture = histogram({f"v-{record.verdict.label}": found}, "gap") if found else None
    return _section("Gaps between pieces", picture, tag("p", figures, class_="note"))


def _deviations(record: Record) -> Markup | None:
    stream = record.stream
    if stream is None:
        return None
    facts = {
        stream.format: "",
        "ended by ": stream.terminator or "nothing",
        "events split across reads: ": count(stream.split_events),
        "malformed: ": count(stream.malformed) if stream.malformed else None,
        "comments: ": count(stream.comments) if stream.comments else None,
    }
    words = " · ".join(f"{name}{value}" for name, value in facts.items() if value is not None)
    return join([tag("p", words, class_="note"), *(tag("p", each, class_="warning") for each in stream.deviations)])
