"""Figures and foreign text as people read them."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.report import show

from .records import PSEUDO


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0, "0"), (20.0, "20"), (20.66, "20.7"), (12345, "12\u202f345")]
)
def test_counts_are_grouped_and_rounded(value: float | None, shown: str) -> None:
    assert show.count(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (0.934, "93%"), (0.0, "0%")])
def test_shares_are_per_cent(value: float | None, shown: str) -> None:
    assert show.share(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-04T10:15:21.500000Z", "10:15:21.500"),
        ("2026-03-04T10:15:21+00:00", "10:15:21.000"),
        ("\x1bsoon", "␛soon"),
    ],
)
def test_a_date_is_shown_as_the_time_of_day(text: str, shown: str) -> None:
    assert show.time_of_day(text) == shown


VISIBLE = [
    ("plain 中文 é 👩‍👩‍👧 \u200d", "plain 中文 é 👩‍👩‍👧 \u200d"),
    ("a\tb\nc\r\nd", "a\tb\nc\nd"),
    ("a\rb", "a␍b"),
    ("\x1b[31mred\x07\x7f", "␛[31mred␇␡"),
    ("\x9b31m", "⟨U+009B⟩31m"),
    ("\u202egnp.exe\u2066", "⟨U+202E⟩gnp.exe⟨U+2066⟩"),
    ("\ufeffa\u200bb\u2028", "⟨U+FEFF⟩a⟨U+200B⟩b⟨U+2028⟩"),
    ("\ud800", "⟨U+D800⟩"),
    ("\U000e0041", "⟨U+E0041⟩"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), VISIBLE, ids=[ascii(text) for text, _ in VISIBLE])
def test_what_acts_unseen_is_made_visible(text: str, shown: str) -> None:
    assert show.escape_invisible(text) == shown


def test_no_control_and_no_bidi_character_passes() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))

    left = {
        char for char in show.escape_invisible(everything) if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
    }
    bidi = {
        char
        for char in show.escape_invisible(everything)
        if unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }

    assert left == {"\t", "\n"}
    assert bidi == set()


@given(st.text(st.characters()))
def test_a_line_is_one_line_and_short(text: str) -> None:
    shown = show.one_line(text, 40)

    assert len(shown) <= 40 or "⟨" in shown
    assert "\n" not in shown
    assert shown.splitlines() in ([shown], [])


def test_a_long_line_says_that_it_goes_on() -> None:
    assert show.one_line("x" * 50, 10) == "x" * 9 + "…"
    assert show.one_line("<p>" + " " * 50 + "what is wrong", 10) == "<p>…"
    assert show.one_line("<p>" + " " * 50, 10) == "<p>"


FINDINGS = [
    ("Got it all at once; suspect: a buffer (low confidence); remedy: this.", "Got it all at once."),
    ("Asked; got lumps; suspect: a buffer (high confidence).", "Asked; got lumps."),
    ("The hop holds it; proven: the hop between the two taps; remedy: that.", "The hop holds it."),
    ("All at once.", "All at once."),
    ("a buffer held it", "a buffer held it"),
]


@pytest.mark.parametrize(("summary", "short"), FINDINGS)
def test_a_finding_leaves_the_suspect_to_the_suspects(summary: str, short: str) -> None:
    assert show.finding(replace(PSEUDO.verdict, summary=summary)) == short


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("set `a b`; or `c`", [("set ", False), ("a b", True), ("; or ", False), ("c", True)]),
        ("an odd ` stays", [("an odd ` stays", False)]),
        ("", []),
    ],
)
def test_backticks_set_code_apart(text: str, pieces: list[tuple[str, bool]]) -> None:
    assert show.code_spans(text) == pieces


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://a.b:8/c?d=1", "a.b:8", "/c?d=1"),
        ("http://h", "h", "http://h"),
        ("http://[bad/", "", "http://[bad/"),
        ("", "", ""),
    ],
)
def test_an_address_is_cut_into_host_and_path(url: str, host: str, path: str) -> None:
    assert (show.host(url), show.path(url)) == (host, path)


def test_a_suspect_of_no_words_shortens_no_finding() -> None:
    nobody = replace(PSEUDO.verdict.suspects[0], cause="", remedy="")

    assert show.finding(replace(PSEUDO.verdict, suspects=(nobody,))) == PSEUDO.verdict.summary


def test_what_is_certain_has_no_degree_of_confidence() -> None:
    assert (show.confidence_text("certain"), show.confidence_text("low")) == ("certain", "low confidence")
