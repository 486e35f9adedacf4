"""Marks on flows: what is wrong stands out, what the user put there stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from mitmproxy import flowfilter, http
from mitmproxy.flow import Flow
from mitmproxy.io import tnetstring
from mitmproxy.test import taddons, tflow
from streamwatchlib.model import Label, Record
from streamwatchlib.suite.mark import mark

from ..report.records import BURSTY, CUT, NOT_STREAMED, PSEUDO, STREAMING


class Screen:
    """Stands for the addon that draws mitmproxy's list."""

    def __init__(self) -> None:
        self.drawn: list[Flow] = []

    def update(self, flows: Sequence[Flow]) -> None:
        self.drawn += flows


@pytest.fixture
def screen() -> Iterator[Screen]:
    with taddons.context(screen := Screen()):
        yield screen


@pytest.fixture
def flow(screen: Screen) -> http.HTTPFlow:
    return tflow.tflow(resp=True)


def matches(flow: http.HTTPFlow, expression: str) -> bool:
    return bool(flowfilter.match(expression, flow))


@pytest.mark.parametrize(
    ("record", "word", "marker"),
    [
        (PSEUDO, "pseudo-streaming", ":red_circle:"),
        (BURSTY, "bursty", ":yellow_circle:"),
        (NOT_STREAMED, "not-streamed", ":purple_circle:"),
        (CUT, "truncated", ":scissors:"),
    ],
)
def test_what_is_wrong_can_be_seen_and_found(flow: http.HTTPFlow, record: Record, word: str, marker: str) -> None:
    mark(flow, record)
    assert flow.marked == marker
    assert flow.comment.startswith(f"streamwatch: {word}. ")
    assert record.verdict.summary[:20] in flow.comment
    assert matches(flow, f"~marker {marker}")
    assert matches(flow, f"~comment {word}")
    assert matches(flow, f"~meta verdict:.{record.verdict.label}")


@pytest.mark.parametrize("label", ["streaming", "inconclusive", "not-applicable"])
def test_what_is_not_wrong_has_only_its_label(flow: http.HTTPFlow, screen: Screen, label: Label) -> None:
    mark(flow, replace(STREAMING, verdict=replace(STREAMING.verdict, label=label, flags=())))
    assert (flow.marked, flow.comment) == ("", "")
    assert matches(flow, f"~meta verdict:.{label}")
    assert screen.drawn == []


def test_an_error_that_the_status_hides_is_told_by_the_apis_own_words(flow: http.HTTPFlow) -> None:
    assert STREAMING.llm
    assert STREAMING.response
    record = replace(STREAMING, llm=replace(STREAMING.llm, error={"message": "Overloaded"}))
    mark(flow, record)
    assert (flow.marked, flow.comment) == (":warning:", "streamwatch: API error. Overloaded")
    mark(flow, replace(record, response=replace(STREAMING.response, status=529)))
    assert (flow.marked, flow.comment) == ("", ""), "the list shows the status"


def test_screens_draw_a_marked_flow_anew(flow: http.HTTPFlow, screen: Screen) -> None:
    mark(flow, PSEUDO)
    assert screen.drawn == [flow]


@pytest.mark.parametrize(("marked", "comment"), [(":grapes:", ""), ("", "look here"), (":grapes:", "look here")])
def test_what_the_user_put_there_stays(flow: http.HTTPFlow, marked: str, comment: str) -> None:
    flow.marked, flow.comment = marked, comment
    mark(flow, PSEUDO)
    assert flow.marked == (marked or ":red_circle:")
    assert flow.comment.startswith(comment or "streamwatch: pseudo-streaming")


def test_what_the_user_changed_since_stays(flow: http.HTTPFlow) -> None:
    mark(flow, PSEUDO)
    flow.comment = "seen to"
    mark(flow, BURSTY)
    assert (flow.marked, flow.comment) == (":yellow_circle:", "seen to")


def test_a_second_answer_takes_the_marks_of_the_first_away(flow: http.HTTPFlow) -> None:
    mark(flow, PSEUDO)
    mark(flow, STREAMING)
    assert (flow.marked, flow.comment) == ("", "")


def test_marks_are_known_again_in_a_flow_file(flow: http.HTTPFlow) -> None:
    mark(flow, PSEUDO)
    again = http.HTTPFlow.from_state(tnetstring.loads(tnetstring.dumps(flow.get_state())))
    assert (again.marked, again.comment) == (flow.marked, flow.comment)
    mark(again, BURSTY)
    assert again.marked == ":yellow_circle:"


@pytest.mark.parametrize("strange", ["", 1, [], ["a"], {"a": 1}, [1, 2], ["x", "y", "z"]])
def test_strange_metadata_of_a_file_is_not_trusted(flow: http.HTTPFlow, strange: object) -> None:
    flow.metadata["streamwatch_mark"] = strange
    flow.comment = "mine"
    mark(flow, PSEUDO)
    assert (flow.marked, flow.comment) == (":red_circle:", "mine")


def test_a_comment_steers_no_terminal(flow: http.HTTPFlow) -> None:
    mark(flow, replace(PSEUDO, verdict=replace(PSEUDO.verdict, summary="held\x1b[2J\nback\u202e")))
    assert flow.comment.isprintable()
