"""The gate: which exchanges break the rules, and the XML that CI servers read."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from json import loads
from xml.etree import ElementTree

import pytest
from streamwatchlib.model import Record
from streamwatchlib.report.gate import FAIL_ON_NAMES, FLAGS, Rules, broken_rules, junit, name_of

from .records import (
    BURSTY,
    CUT,
    FAILED,
    FORM,
    HUNG_UP,
    INCONCLUSIVE,
    INJECTED,
    LEFT,
    MALFORMED,
    NOT_STREAMED,
    PSEUDO,
    REASONING,
    STREAMING,
    WEBSOCKET,
)

SLOW = replace(WEBSOCKET, responses=(*WEBSOCKET.responses, replace(WEBSOCKET.responses[0], ttft=4.0)))

CASES = [
    (STREAMING, Rules(), []),
    (PSEUDO, Rules(), ["pseudo-streaming: All 48 pieces came"]),
    (NOT_STREAMED, Rules(), ["not-streamed: The request asked"]),
    (PSEUDO, Rules(frozenset({"bursty"})), []),
    (REASONING, Rules(frozenset({"stalled"})), ["stalled: 98 pieces"]),
    (CUT, Rules(frozenset({"server-disconnected", "truncated"})), ["truncated, server-disconnected: 19 pieces"]),
    (LEFT, Rules(frozenset({"client-disconnected"})), ["client-disconnected: 19 pieces"]),
    (HUNG_UP, Rules(frozenset({"client-disconnected"})), []),
    (FAILED, Rules(frozenset({"error"})), ["error: No answer came"]),
    (STREAMING, Rules(max_ttft=0.3), ["TTFT is 351 ms, at most 300 ms is allowed"]),
    (STREAMING, Rules(max_ttft=0.3513), ["TTFT is 0.351487 s, at most 351 ms is allowed"]),
    (STREAMING, Rules(max_ttft=0.4), []),
    (STREAMING, Rules(max_itl_p99=0.05), ["ITL p99 is 59.9 ms, at most 50.0 ms is allowed"]),
    (FAILED, Rules(max_ttft=0.0, max_itl_p99=0.0), []),
    (BURSTY, Rules(max_ttft=0.1), ["bursty: 48 pieces", "TTFT is 619 ms"]),
    (WEBSOCKET, Rules(), ["pseudo-streaming: It was pseudo-streaming."]),
    (WEBSOCKET, Rules(frozenset({"streaming", "coarse-events"})), ["streaming: 48 pieces", "coarse-events: It was"]),
    (SLOW, Rules(max_ttft=2), ["pseudo-streaming: It was", "TTFT is 4.00 s, at most 2.00 s is allowed"]),
]


@pytest.mark.parametrize(("record", "rules", "starts"), CASES)
def test_each_broken_rule_is_a_sentence(record: Record, rules: Rules, starts: list[str]) -> None:
    broken = broken_rules(record, rules)

    assert len(broken) == len(starts)
    assert all(sentence.startswith(start) for sentence, start in zip(broken, starts, strict=True))


def test_what_broke_off_says_why() -> None:
    assert CUT.error
    (sentence,) = broken_rules(CUT, Rules(frozenset({"truncated"})))

    assert sentence == f"truncated: {CUT.verdict.summary} Error: {CUT.error}"


def test_an_error_that_the_api_told_in_a_stream_that_had_begun_well_can_be_failed_on() -> None:
    (sentence,) = broken_rules(MALFORMED, Rules(frozenset({"api-error"})))

    assert sentence == f"api-error: {MALFORMED.verdict.summary} Error: out of memory"
    assert broken_rules(STREAMING, Rules(frozenset({"api-error"}))) == []
    assert broken_rules(MALFORMED, Rules()) == []


def test_flags_are_those_of_the_contract() -> None:
    schema = loads(files("streamwatchlib.report").joinpath("schema.json").read_text())

    assert list(FLAGS) == schema["$defs"]["verdict"]["properties"]["flags"]["items"]["enum"]
    assert "complete" not in FAIL_ON_NAMES


def test_an_exchange_is_named_by_request_and_time() -> None:
    assert name_of(PSEUDO) == "POST llm.example.com/v1/chat/completions at 10:15:31.700"


def test_the_report_has_a_case_for_each_exchange() -> None:
    suite = ElementTree.fromstring(junit([STREAMING, PSEUDO, INCONCLUSIVE, FORM, CUT], Rules()))

    assert dict(suite.attrib) == {
        "name": "streamwatch",
        "tests": "5",
        "failures": "1",
        "errors": "0",
        "skipped": "2",
    }
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"], ["skipped"], []]
    assert suite[1][0].attrib["message"].startswith("pseudo-streaming: All 48 pieces")
    assert suite[0].attrib["classname"] == "streamwatch.chat.completions"
    assert suite[3].attrib["classname"] == "streamwatch.http"
    assert suite[0].attrib["time"] == "2.734"


def test_cases_that_began_within_one_millisecond_are_named_apart() -> None:
    suite = ElementTree.fromstring(junit([STREAMING, STREAMING, PSEUDO], Rules()))

    name = name_of(STREAMING)
    assert [case.attrib["name"] for case in suite] == [name, f"{name} (2)", name_of(PSEUDO)]


def test_what_cannot_be_judged_but_breaks_a_rule_fails() -> None:
    suite = ElementTree.fromstring(junit([INCONCLUSIVE], Rules(frozenset({"inconclusive"}))))

    assert (suite.attrib["failures"], suite.attrib["skipped"]) == ("1", "0")


def test_hostile_text_makes_no_broken_xml() -> None:
    record = replace(INJECTED, verdict=replace(INJECTED.verdict, summary="\x00\x1b\ufffe\ud800]]>&<x>"))

    (case,) = ElementTree.fromstring(junit([record], Rules()))

    assert "⟨U+FFFE⟩⟨U+D800⟩]]>&<x>" in case[0].attrib["message"]


def test_a_connections_time_is_its_own_and_not_one_responses() -> None:
    (case,) = ElementTree.fromstring(junit([WEBSOCKET], Rules()))
    assert WEBSOCKET.timing.e2e != WEBSOCKET.timing.end
    assert case.get("time") == f"{WEBSOCKET.timing.end:.3f}"
