"""An exchange: a row with the essentials, and an inside with the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import Measures, Record, Timing
from streamwatchlib.report.page.budget import budget
from streamwatchlib.report.page.exchange import badge, exchange

from ..records import (
    BURSTY,
    CUT,
    EVERY,
    FAILED,
    FORM,
    HOPPED,
    INJECTED,
    LEFT,
    MALFORMED,
    NOT_STREAMED,
    PSEUDO,
    STREAMING,
    UNRECORDED,
)
from .tree import Node, parse

ROOMY = budget(1)


def shown(record: Record) -> Node:
    return parse(exchange(7, record, ROOMY)).one("details", "exchange")


def row(record: Record) -> list[str]:
    summary = (
        shown(record).one("summary") if len(shown(record).all("summary")) == 1 else shown(record).all("summary")[0]
    )
    return [" ".join(child.text.split()) for child in summary.children if isinstance(child, Node)]


def test_the_row_tells_the_essential() -> None:
    assert row(STREAMING) == [
        "streaming",
        "POST /compatible-mode/v1/chat/completionsdashscope.aliyuncs.com · qwen2.5-7b-instruct",
        "2.73 s",
        "TTFT 351 ms",
        "ITL p50 48.9 ms p99 59.9 ms",
        "pieces 48 in 50",
        "tok/s 20.7",
        "10:15:02",
    ]


def test_the_duration_is_that_of_the_axis_and_of_the_terminal_also_where_the_request_took_its_time() -> None:
    long = replace(STREAMING, timing=replace(STREAMING.timing, end=32.7, e2e=2.7, request_end=30.0))

    assert row(long)[2] == "32.7 s"
    assert (shown(long)["data-keys"] or "").split("|")[2] == "32.700000"


def test_lumps_have_no_latency_between_tokens() -> None:
    assert row(BURSTY)[4] == "ITL – max 650 ms"
    assert (shown(BURSTY)["data-keys"] or "").split("|")[4] == "", "it is not the fastest when sorted by it"
    assert "<small>max 650 ms</small>" in exchange(7, BURSTY, ROOMY), "on a wide page the head says p99 above it"


def test_what_was_not_observed_is_a_dash() -> None:
    assert row(FORM)[2:7] == ["13.0 ms", "TTFT –", "ITL –", "pieces –", "tok/s –"]


@pytest.mark.parametrize(("record", "absent"), [(FORM, 4), (STREAMING, 0)])
def test_a_narrow_page_can_leave_out_figures_that_were_not_observed(record: Record, absent: int) -> None:
    assert exchange(7, record, ROOMY).count('class="c-figure absent"') == absent


def test_how_it_ended_stands_beside_the_verdict() -> None:
    assert row(CUT)[0] == "streamingserver-disconnected, truncated"
    assert row(PSEUDO)[0] == "pseudo-streamingsevere"
    assert row(MALFORMED)[0] == "streamingAPI error, 1 malformed event"
    assert FORM.response
    assert row(replace(FORM, response=replace(FORM.response, status=429)))[0] == "not-applicablestatus 429"


def test_the_keys_to_sort_by_are_numbers_or_empty() -> None:
    keys = (shown(STREAMING)["data-keys"] or "").split("|")

    assert keys == [
        "0.0000",
        "/compatible-mode/v1/chat/completions",
        "2.733550",
        "0.351487",
        "0.048908",
        "48.000000",
        "20.660597",
        "7",
    ]
    assert (shown(FORM)["data-keys"] or "").split("|")[3:7] == ["", "", "", ""]
    assert len((shown(INJECTED)["data-keys"] or "").split("|")) == 8


def test_the_worse_has_the_greater_key() -> None:
    def key(record: Record) -> float:
        return float((shown(record)["data-keys"] or "").split("|")[0])

    assert key(PSEUDO) > key(NOT_STREAMED) > key(BURSTY) > key(CUT) > key(STREAMING)


def test_the_inside_opens_with_the_finding_at_its_address() -> None:
    inside = shown(PSEUDO).one("div", "inside")

    assert inside.one("h3").text == PSEUDO.verdict.summary
    assert inside.one("h3")["id"] == "x7"
    assert "high confidence" in inside.one("div", "finding").text


def test_the_channel_judged_is_named_where_it_is_not_all_there_is() -> None:
    assert PSEUDO.stream
    more = replace(PSEUDO.stream, content_events=PSEUDO.stream.content_events + 20)

    assert "judged by its text" in shown(replace(PSEUDO, stream=more)).one("div", "finding").text
    assert "judged by" not in shown(PSEUDO).one("div", "finding").text


def test_suspects_come_with_evidence_and_remedy() -> None:
    first, second = shown(PSEUDO).one("ol", "suspects").all("li")

    assert first.one("b").text == "nginx response buffering"
    assert first.one("small").text == " intermediary, high confidence"
    assert first.one("p", "remedy").all("code")[0].text == "proxy_buffering off;"
    assert second.one("p", "evidence").text.startswith("headers came")


def test_sections_follow_the_exchange() -> None:
    def titles(record: Record) -> list[str]:
        return [section.all("h4")[0].text for section in shown(record).all("section")]

    assert titles(STREAMING) == [
        "Times",
        "What the verdict rests on",
        "Gaps between pieces",
        "Answer",
        "Request",
        "Response",
        "Events",
    ]
    assert titles(FAILED) == ["Times", "What the verdict rests on", "Request", "Response"]


def test_a_figure_is_called_what_it_is_a_figure_of() -> None:
    """A read of the socket, a block of bytes and a delivery are three things, and their numbers differ."""
    section = next(each for each in shown(BURSTY).all("section") if "rests on" in each.all("h4")[0].text)
    facts = dict(zip((n.text for n in section.all("dt")), (n.text for n in section.all("dd")), strict=True))

    assert facts["pieces per read"] == f"{BURSTY.verdict.measures.events_per_arrival:g}"
    assert facts["blocks that end with an event"] == "0%"


def test_an_answer_that_never_came_is_said_to_be_missing() -> None:
    assert "No answer came." in shown(FAILED).text
    assert FAILED.error in [node.text for node in shown(FAILED).all("p", "warning")]


def test_how_the_framing_went_is_said() -> None:
    section = shown(MALFORMED).all("section")[-1]

    assert section.all("p", "note")[0].text == (
        "ndjson · ended by done · events split across reads: 0 · malformed: 1 · comments: 3"
    )
    assert section.all("p", "warning")[0].text == "the last line has no line end"


def test_what_a_hop_did_is_told_where_both_sides_were_seen() -> None:
    section = next(each for each in shown(HOPPED).all("section") if "hop" in each.all("h4")[0].text)

    assert section.all("p")[0].text == HOPPED.hop.summary  # type: ignore[union-attr]
    assert section.one("p", "warning").text == "merged 50 reads into 4"
    assert [cell.text for cell in section.all("dd")][:5] == ["50", "4", "312 ms", "300 ms", "620 ms"]
    assert "What the hop did" not in shown(BURSTY).text


def test_what_a_hop_did_is_told_once() -> None:
    assert HOPPED.hop
    proven = replace(
        HOPPED, verdict=replace(HOPPED.verdict, summary=f"{HOPPED.hop.summary.removesuffix('.')}; remedy: x.")
    )

    assert shown(proven).text.count(HOPPED.hop.summary.removesuffix(".")) == 1


def test_a_hop_without_events_of_its_own_has_no_delays() -> None:
    record = replace(HOPPED, hop=replace(HOPPED.hop, event_delay=None))  # type: ignore[type-var]

    assert "event delay" not in shown(record).text


def test_a_stream_without_an_end_marker_says_so() -> None:
    stream = replace(LEFT.stream, terminator=None)  # type: ignore[type-var]

    assert "ended by nothing" in shown(replace(LEFT, stream=stream)).text


def test_without_times_of_events_there_is_no_histogram_but_the_figures() -> None:
    record = replace(UNRECORDED, timing=STREAMING.timing)
    section = next(each for each in shown(record).all("section") if "Gaps" in each.text)

    assert not section.all("svg")
    assert "p50 48.9 ms" in section.text


def test_figures_that_were_not_measured_are_left_out() -> None:
    bare = shown(replace(FORM, timing=Timing(), verdict=replace(FORM.verdict, measures=Measures())))

    assert [each.text for each in bare.all("section")[:2]] == [
        "TimesNothing was measured.",
        "What the verdict rests onNothing was measured.",
    ]


def test_a_share_is_told_as_one() -> None:
    inside = shown(replace(BURSTY, verdict=replace(BURSTY.verdict, measures=Measures(spread=0.776))))
    facts = dict(zip((each.text for each in inside.all("dt")), (each.text for each in inside.all("dd")), strict=True))

    assert facts["first to last piece, of the total time"] == "78%"


def test_events_without_a_stream_need_no_words_on_framing() -> None:
    assert shown(replace(STREAMING, stream=None)).all("section")[-1].all("details")


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id[:20])
def test_every_kind_of_record_is_shown(record: Record) -> None:
    assert shown(record).one("figure", "timeline")


def test_a_verdict_is_told_by_sign_colour_and_word() -> None:
    root = parse(badge("bursty", "mild")).one("span", "v-bursty")

    assert root.one("use")["href"] == "#sign-bursty"
    assert root.text == "burstymild"
