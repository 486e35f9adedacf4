"""The transcript: what one exchange amounts to first, then every event with its time."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from streamwatchlib.model import Event, Llm
from streamwatchlib.report.transcript import events, transcript

from .records import (
    BURSTY,
    CHOICES,
    CUT,
    EVERY,
    FORM,
    HOSTILE,
    INJECTED,
    MALFORMED,
    NO_TEXTS,
    PSEUDO,
    STREAMING,
    TOOLS,
    UNRECORDED,
)


def said(text: str) -> str:
    assert STREAMING.llm
    return transcript(replace(STREAMING, llm=replace(STREAMING.llm, text=text)))


def rows(text: str) -> list[str]:
    return text.partition("events")[2].splitlines()[2:]


def test_verdict_comes_first_then_the_message_then_the_events() -> None:
    text = transcript(BURSTY)
    assert text.startswith("bursty (moderate, high confidence)\n48 pieces came in 4 lumps")
    places = [
        text.index(part) for part in ("nginx response buffering", "evidence: ", "change: ", "[text]", "50 events")
    ]
    assert places == sorted(places)


def test_the_message_is_whole() -> None:
    text = transcript(TOOLS)
    for part in ("get_weather call_1", '{"city": "北京", "unit": "°C"}', "web_search", "80 input tokens", "4 to 6"):
        assert part in text
    text = transcript(CHOICES)
    for part in (
        "[text]\none",
        "[choice 1: reasoning]\nhm",
        "[choice 1]\ntwo",
        "[choice 1: refusal]\nnot that",
        "[choice 1: tool call f c]\n{}",
    ):
        assert part in text
    assert text.count("one\n") == 1


def test_every_event_has_its_time_or_a_ditto_mark() -> None:
    text = transcript(PSEUDO)
    assert "50 events, sse, in 1 arrival ──" in text or "in 2 arrivals ──" in text
    found = rows(text)
    assert len(found) == 50
    assert PSEUDO.stream
    assert PSEUDO.stream.arrivals
    assert sum(bool(re.match(r" *\d+\.\d{3} s ", row)) for row in found) == len(PSEUDO.stream.arrivals)
    assert all("″" in row for row in found if not re.match(r" *\d+\.\d{3} s ", row))


def test_times_that_were_not_recorded_are_not_made_up() -> None:
    text = transcript(UNRECORDED)
    assert "their arrival times were not recorded" in text
    assert not re.search(r"\d s ", "".join(rows(text)))


def test_types_are_named_where_there_are_any() -> None:
    kinds = ("ping", "message_start")
    text = events([Event(0.5, n, kind, None, "{}", False, None) for n, kind in enumerate(kinds)])
    assert "ping           {}" in text
    assert "message_start  {}" in text


def test_what_is_malformed_says_why() -> None:
    assert "⚠ not JSON: Expecting value (column 3)" in transcript(MALFORMED)


def test_what_was_not_kept_is_counted() -> None:
    assert "(and 7 that were counted, not kept)" in transcript(MALFORMED)
    assert "events" not in transcript(NO_TEXTS).partition("──")[2]


def test_how_it_broke_off_is_told() -> None:
    assert "server-disconnected: " in transcript(CUT)


def test_nothing_is_no_events() -> None:
    assert events([]) == ""
    assert "events" not in transcript(FORM)


def test_a_long_event_is_cut_and_a_line_break_in_it_keeps_the_columns() -> None:
    text = events([Event(0.5, 0, "message", None, "a\nb" + "x" * 3_000, False, None)])
    assert "a\n" + " " * 22 + "b" in text
    assert "… (1\u202f003 more characters)" in text


def test_long_lines_of_prose_are_broken_between_words_and_nothing_is_lost() -> None:
    prose = "流式输出" * 80 + " word " * 100
    text = said(prose).partition("[text]\n")[2].partition("\n\n──")[0]
    assert max(map(len, text.splitlines())) <= 91
    assert text.replace("\n", "") == prose
    assert "wor\n" not in text


@pytest.mark.parametrize("text", ["流" * 4_000_000, " " * 4_000_000, "a\n" * 2_000_000, "ab " * 1_500_000])
@pytest.mark.timeout(20)
def test_long_texts_take_no_longer_than_their_length(text: str) -> None:
    assert len(said(text)) > len(text)


def test_nothing_a_peer_sent_steers_a_terminal() -> None:
    text = transcript(INJECTED)
    assert HOSTILE[:25] in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2028\u2029]", text)


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id[:20])
def test_every_kind_of_record_has_a_transcript(record: object) -> None:
    assert transcript(record).endswith("\n")  # type: ignore[arg-type]


def test_an_answer_with_nothing_in_it_leaves_no_empty_headings() -> None:
    text = transcript(replace(STREAMING, llm=Llm("openai", "chat.completions")))
    assert "[" not in text.partition("──")[2].partition("──")[2].partition("──")[0]
