"""Two exchanges are one request only if their contents and their times allow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamwatchlib.compare.fingerprint import fingerprint
from streamwatchlib.compare.links import SLACK, Link, link
from streamwatchlib.model import Arrival

from .taps import START, Tap, later, paced, whole

MADE = paced(20)
UP = Tap("up", START + 0.003, MADE)
DOWN = Tap("down", START, later(MADE, 0.005))
REQUEST_ID = (("content-type", "application/json"), ("x-request-id", "req-12345678"))
OTHER_QUESTION = {"model": "m", "stream": True, "messages": ["good-bye"]}


def linked(up: Tap, down: Tap) -> Link | None:
    return link(fingerprint(up.record(), "upstream"), fingerprint(down.record(), "downstream"))


@pytest.mark.parametrize(
    ("up", "down", "by"),
    [
        ({}, {}, ("id", "request", "response")),
        (
            {},
            {"pieces": later(paced(20, id="of-the-gateway"), 0.005), "asked": {"messages": ["hello"]}},
            ("request", "response"),
        ),
        ({"headers": REQUEST_ID}, {"headers": REQUEST_ID, "asked": OTHER_QUESTION}, ("id", "response")),
        ({}, {"pieces": later(MADE[:5], 0.005), "outcome": "client-disconnected"}, ("id", "request")),
        ({}, {"pieces": [(0.5, b"<h1>Gateway Timeout</h1>")], "status": 504}, ("request",)),
        ({"keep_text": False}, {}, ("id", "request", "response")),
    ],
    ids=["all", "gateway", "rewritten question", "left by the client", "timeout of the hop", "one without texts"],
)
def test_what_they_have_in_common(up: dict[str, Any], down: dict[str, Any], by: tuple[str, ...]) -> None:
    found = linked(replace(UP, **up), replace(DOWN, **down))

    assert found
    assert found.by == by
    assert found.sure is (len(by) > 1)


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ({"asked": OTHER_QUESTION, "pieces": paced(20, id="chatcmpl-2")}, {}),
        ({"pieces": paced(20, word="other")}, {}),
        ({"pieces": paced(20, id="chatcmpl-2")}, {}),
        ({"pieces": later(MADE, 0.5)}, {}),
        ({"id": "down"}, {}),
        ({"url": "http://model/v1/messages/count_tokens", "pieces": [(0.1, b'{"error": "x"}')], "status": 404}, {}),
    ],
    ids=[
        "another question",
        "another answer",
        "the same words, another answer's id",
        "answered too late",
        "itself",
        "its tokens were to be counted beforehand",
    ],
)
def test_what_cannot_be_one_request(up: dict[str, Any], down: dict[str, Any]) -> None:
    assert linked(replace(UP, **up), replace(DOWN, **down)) is None


def test_what_got_no_answer_on_either_side_is_known_by_its_request() -> None:
    up, down = UP.record(), DOWN.record()
    unanswered = {"response": None, "stream": None, "events": None, "llm": None}

    for one, other in ((up, replace(down, **unanswered)), (replace(up, **unanswered), down)):
        found = link(fingerprint(one, "upstream"), fingerprint(other, "downstream"))
        assert found
        assert found.by == ("request",)


def test_two_exchanges_of_one_place_are_two() -> None:
    assert link(fingerprint(UP.record(), "here"), fingerprint(DOWN.record(), "here")) is None


def test_the_clocks_can_differ_by_no_more_than_request_and_answer_allow() -> None:
    found = linked(UP, DOWN)

    assert found
    assert found.low == pytest.approx(-0.002, abs=1e-6), (
        "the request was complete 1 ms after its head, upstream 3 ms after"
    )
    assert found.high == pytest.approx(0.002, abs=1e-6), "no piece took longer than 2 ms back"
    assert found.allows(0.0)
    assert found.allows(0.002 + SLACK * 0.9)
    assert not found.allows(0.002 + SLACK * 1.1)
    assert not found.allows(-0.002 - SLACK * 1.1)


def test_a_request_that_was_passed_on_as_it_came_binds_only_by_its_head() -> None:
    down = DOWN.record()
    down = replace(down, request=replace(down.request, arrivals=(Arrival(0.0, 3, 0), Arrival(2.0, 3, 0))))
    down = replace(down, timing=replace(down.timing, request_end=2.0))

    found = link(fingerprint(UP.record(), "upstream"), fingerprint(down, "downstream"))

    assert found
    assert found.low == pytest.approx(-0.003, abs=1e-6)


def test_a_hop_that_holds_everything_back_leaves_the_last_piece_to_bind_the_clocks() -> None:
    found = linked(UP, replace(DOWN, pieces=later(whole(MADE), 0.005)))

    assert found
    assert found.high == pytest.approx(0.002, abs=1e-6)


def test_a_head_that_came_alone_binds_the_clocks() -> None:
    found = linked(replace(UP, pieces=[], head=0.1), replace(DOWN, pieces=[], head=0.105))

    assert found
    assert found.high == pytest.approx(0.002, abs=1e-6)


def test_a_side_that_was_not_seen_to_end_leaves_the_clocks_open() -> None:
    up, down = replace(UP, pieces=[]).record(), replace(DOWN, pieces=[]).record()
    bare = replace(down, timing=replace(down.timing, response_start=None, end=None))

    found = link(fingerprint(up, "upstream"), fingerprint(bare, "downstream"))

    assert found
    assert found.high == float("inf")
