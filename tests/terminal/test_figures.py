"""Values become short texts, and no text from a peer can steer a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from streamwatchlib.terminal.figures import endpoint, escape_unprintable, rate, seconds, sparkline

CHAT = "https://api.openai.com/v1/chat/completions?key=***#x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpt-4o 通义千问 é 🙂", "gpt-4o 通义千问 é 🙂"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\r\nb\tc\x00", r"a\r\nb\tc\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("exe.\u202egnp\u2066x\u2069\u200f\u061c", r"exe.\u202egnp\u2066x\u2069\u200f\u061c"),
        ("a\u2028b\u2029c\u0085d", r"a\u2028b\u2029c\x85d"),
        ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
        ("tag\U000e0041", r"tag\U000e0041"),
    ],
)
def test_what_could_steer_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    assert escape_unprintable(text) == shown


@given(st.text())
def test_harmless_text_is_printable_whatever_comes(text: str) -> None:
    assert escape_unprintable(text).isprintable()


def test_a_long_text_is_cut() -> None:
    assert escape_unprintable("\x1b" * 1_000_000) == r"\x1b" * 1000 + "…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""), (0.0, "0ms"), (0.0124, "12.4ms"), (0.3514, "351ms"), (0.9996, "1.00s"), (4.806, "4.81s"),
        (99.94, "99.9s"), (99.96, "1m40s"), (723, "12m3s"), (12_000, "3h20m"),
    ],
)  # fmt: skip
def test_durations_are_told_as_everywhere_but_in_less_room(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (0.0, "0.0"), (7.26, "7.3"), (9.96, "10"), (213.4, "213")])
def test_rates(value: float | None, shown: str) -> None:
    assert rate(value) == shown


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((), "      "),
        ((0, 0), "    ··"),
        ((3, 0, 3), "   ▇·▇"),
        ((1, 2, 3, 4, 5, 6, 7), "▂▃▄▅▆▇"),
        ((1, 1000), "    ▁▇"),
    ],
)
def test_a_sparkline_shows_the_last_counts_and_marks_silence(counts: tuple[int, ...], shown: str) -> None:
    assert sparkline(counts, 6) == shown


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (40, "api.openai.com/v1/chat/completions"),
        (34, "api.openai.com/v1/chat/completions"),
        (33, "api.openai.com/…/chat/completions"),
        (28, "api.openai.com/…/completions"),
        (27, "…/v1/chat/completions"),
        (20, "…/chat/completions"),
        (13, "…/completions"),
        (8, "…letions"),
        (1, "…"),
        (0, ""),
    ],
)
def test_an_endpoint_loses_its_middle_first_and_its_last_segment_last(room: int, shown: str) -> None:
    assert endpoint(CHAT, room) == shown


@given(st.text(), st.integers(0, 60))
def test_an_endpoint_keeps_to_its_room_whatever_the_url(url: str, room: int) -> None:
    assert cell_len(endpoint("http://" + url, room)) <= room


def test_an_endpoint_of_a_million_segments_costs_no_more() -> None:
    assert endpoint("http://h" + "/a" * 1_000_000, 9) == "h/…/a/a/…"
