"""What the whole capture says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import Record
from streamwatchlib.report.page.overview import overview, subtitle, title

from ..records import BURSTY, CUT, EVERY, FAILED, FORM, INCONCLUSIVE, NOT_STREAMED, PSEUDO, REASONING, STREAMING, many
from .tree import Node, parse


def shown(*records: Record) -> Node:
    return parse(overview(records))


TITLES = [
    ([], "Nothing was captured"),
    ([FORM, INCONCLUSIVE, FAILED], "No stream could be judged"),
    ([STREAMING, FORM], "The stream really streamed"),
    ([STREAMING, REASONING], "All 2 streams really streamed"),
    ([PSEUDO], "The stream did not really stream"),
    ([STREAMING, PSEUDO, BURSTY, NOT_STREAMED, FORM], "3 of 4 streams did not really stream"),
]


@pytest.mark.parametrize(("records", "words"), TITLES, ids=[words for _, words in TITLES])
def test_the_finding_is_one_sentence(records: list[Record], words: str) -> None:
    assert title(records) == words


def test_the_subtitle_says_when_and_how_much() -> None:
    assert subtitle([STREAMING]) == "2026-03-04, 10:15:02 UTC · 1 exchange with 1 host"
    assert subtitle([PSEUDO, STREAMING]) == "2026-03-04, 10:15:02 to 10:15:31 UTC · 2 exchanges with 2 hosts"
    assert subtitle([]).startswith("The client did not use the proxy")


def test_verdicts_are_a_bar_and_a_legend() -> None:
    root = shown(STREAMING, STREAMING, PSEUDO, BURSTY)

    assert [(rect["x"], rect["width"]) for rect in root.all("svg", "mix")[0].all("rect")] == [
        ("0%", "50%"),
        ("50%", "25%"),
        ("75%", "25%"),
    ]
    assert [item.one("b").text for item in root.one("ul", "legend").all("li")] == ["2", "1", "1"]


def test_distributions_have_their_figures() -> None:
    ttft, itl = (figure.one("figcaption").text for figure in shown(STREAMING, PSEUDO).all("figure"))

    assert ttft == "Time to first token median 1.43 s · longest 2.51 s"
    assert itl.startswith("Gaps between pieces median ")


def test_what_was_not_observed_has_no_picture() -> None:
    (ttft, itl) = shown(FORM, FAILED).all("figure")

    assert ttft.one("figcaption").text == "Time to first token none observed"
    assert not itl.all("svg")


def test_the_worst_are_shown_first_and_lead_to_their_exchange() -> None:
    cards = shown(STREAMING, BURSTY, PSEUDO).one("ol", "worst").all("li", "v-bursty"), shown(STREAMING, BURSTY, PSEUDO)
    links = [link["href"] for link in cards[1].one("ol", "worst").all("a")]

    assert links == ["#x3", "#x2"]
    assert cards[0]


def test_the_worst_of_one_kind_are_shown_once() -> None:
    root = shown(PSEUDO, replace(PSEUDO, id="2"), replace(PSEUDO, id="3"))

    assert len(root.one("ol", "worst").all("a")) == 1
    assert "and 2 more like it" in root.text


def test_a_card_without_a_suspect_has_no_remedy() -> None:
    assert not shown(REASONING).one("ol", "worst").all("ul")


def test_a_card_says_why_it_is_there() -> None:
    (card,) = shown(CUT).one("ol", "worst").all("li")

    assert CUT.error
    assert CUT.error in card.text
    assert "server-disconnected, truncated" in card.text


def test_a_good_capture_has_no_worst() -> None:
    assert "Look here first" not in shown(STREAMING, FORM).text


def test_endpoints_are_compared_by_path_host_and_model() -> None:
    heads, *rows = [
        [cell.text for cell in row.children if isinstance(cell, Node)]
        for row in shown(STREAMING, STREAMING, PSEUDO, FORM).one("table").all("tr")
    ]

    assert heads[0] == "endpoint"
    assert rows[0] == [
        "/compatible-mode/v1/chat/completionsdashscope.aliyuncs.com",
        "qwen2.5-7b-instruct",
        "2",
        "2 streaming",
        "351 ms",
        "48.9 ms",
        "59.9 ms",
        "20.7",
    ]
    assert rows[2][1:] == ["–", "1", "1 not-applicable", "–", "–", "–", "–"]


def test_the_gaps_inside_a_lump_are_no_endpoints_latency() -> None:
    other = replace(PSEUDO, id="2", verdict=replace(PSEUDO.verdict, label="bursty"))
    rows = [row.all("td") for row in shown(PSEUDO, other, STREAMING).one("table").all("tr")[1:]]

    assert [[cell.text for cell in row[5:7]] for row in rows] == [["–", "–"], ["48.9 ms", "59.9 ms"]]


def test_one_endpoint_needs_no_comparison() -> None:
    assert not shown(STREAMING, STREAMING).all("table")


def test_a_big_capture_has_a_small_overview() -> None:
    assert len(overview(many(100, 10))) < 60_000


def test_every_kind_of_record_is_counted() -> None:
    assert sum(int(item.one("b").text) for item in shown(*EVERY).one("ul", "legend").all("li")) == len(EVERY)
