"""The table of formats."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.baseline import findings
from streamwatchlib.model import Record
from streamwatchlib.report import RENDERERS, SUMMARY_FORMATS, gate, jsonl, render, summary_only
from streamwatchlib.report.transcript import transcript

from .records import CALL_FAILED, EVERY, HOPPED, HUNG_UP, STREAMING


def test_each_suffix_has_its_format() -> None:
    assert list(RENDERERS) == [".jsonl", ".html", ".md", ".csv", ".har"]


@pytest.mark.parametrize("suffix", RENDERERS)
def test_every_format_takes_every_kind_of_record_and_none(suffix: str) -> None:
    """Whole text, ended by a line end, valid UTF-8."""
    assert render(EVERY, suffix).endswith("\n")
    assert render(EVERY, suffix).encode()
    assert isinstance(render([], suffix), str)


def test_case_of_the_suffix_is_no_matter() -> None:
    assert render(EVERY, ".JSONL") == jsonl.render(EVERY)


def test_an_unknown_suffix_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"\.pdf: a report ends in one of .jsonl, .html, .md, .csv, .har"):
        render(EVERY, ".pdf")


@pytest.mark.parametrize("suffix", sorted(SUMMARY_FORMATS))
@pytest.mark.parametrize("records", [EVERY, (HOPPED, replace(STREAMING, id="upstream"))], ids=["every", "both sides"])
def test_a_summary_shows_nothing_that_slim_takes_away(records: tuple[Record, ...], suffix: str) -> None:
    assert render([*map(summary_only, records)], suffix) == render(records, suffix)


def test_a_gate_asks_for_nothing_that_slim_takes_away() -> None:
    rules = gate.Rules(frozenset({"pseudo-streaming"}), 0.001, 0.001)
    slender = [*map(summary_only, EVERY)]
    assert gate.junit(slender, rules) == gate.junit(EVERY, rules)
    assert [*findings(slender)] == [*findings(EVERY)]


def test_slim_takes_away_what_is_large() -> None:
    for record in map(summary_only, EVERY):
        assert not record.events
        assert record.request.body.content is None
        assert not record.response or record.response.body.content is None
        assert not record.stream or len(record.stream.arrivals or ()) <= 1


def test_a_client_that_left_when_all_had_come_is_told_as_one_that_stayed() -> None:
    for suffix in (".html", ".md"):
        assert render([HUNG_UP], suffix) == render([STREAMING], suffix)
    assert '"_error"' not in render([HUNG_UP], ".har")
    assert transcript(HUNG_UP) == transcript(STREAMING)


def test_a_call_that_failed_at_its_end_says_why() -> None:
    assert "gRPC status 8: Quota exceeded" in render([CALL_FAILED], ".html")
    assert "API error" in render([CALL_FAILED], ".md")
    assert "\ngRPC status 8: Quota exceeded\n" in transcript(CALL_FAILED)
    assert gate.broken_rules(CALL_FAILED, gate.Rules(frozenset({gate.API_ERROR})))
    assert not gate.broken_rules(STREAMING, gate.Rules(frozenset({gate.API_ERROR})))
