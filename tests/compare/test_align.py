"""The same piece is found on both sides of a hop, by events or by bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from streamwatchlib.compare.align import paired_times
from streamwatchlib.compare.fingerprint import fingerprint

from .taps import START, Piece, Tap, events, paced, whole

MADE = paced(10, gap=0.1, first=0.1)


def delays(up: Sequence[Piece], down: Sequence[Piece], keep_text: bool = True, **more: object) -> list[float]:
    one = Tap("up", START, up, keep_text=keep_text).record()
    other = Tap("down", START, down, keep_text=keep_text, **more).record()  # type: ignore[arg-type]
    return [round(b - a, 3) for a, b in paired_times(fingerprint(one, "up"), fingerprint(other, "down"))]


@pytest.mark.parametrize("keep_text", [True, False], ids=["by events", "by bytes"])
def test_a_lump_at_the_end_held_the_first_the_longest(keep_text: bool) -> None:
    assert delays(MADE, whole(MADE), keep_text) == [round(1.0 - i * 0.1, 3) for i in range(11)]


def test_bytes_are_compared_at_the_ends_of_what_came_upstream() -> None:
    size = len(MADE[0][1])
    assert delays(MADE, whole(MADE, size * 2), keep_text=False)[:4] == [0.1, 0.0, 0.1, 0.0]


def test_a_client_that_left_still_compares_what_it_got() -> None:
    assert delays(MADE, MADE[:3], outcome="client-disconnected") == [0.0, 0.0, 0.0]


def test_events_written_anew_are_compared_by_their_number() -> None:
    rewritten = [
        (t + 0.01, data) for (t, _), data in zip(MADE, events([f"word {i} " for i in range(10)], "new"), strict=True)
    ]
    assert delays(MADE, rewritten) == [0.01] * 11


def test_pieces_of_content_are_compared_where_a_hop_adds_events_of_its_own() -> None:
    told = [(t + 0.01, data) for t, data in MADE]
    begins = b'data: {"id":"n","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":""}}]}\n\n'
    assert delays(MADE, [(0.05, begins), *told]) == [0.01] * 10


def test_events_cut_anew_are_not_compared_one_by_one() -> None:
    joined = [(t, data) for t, data in zip((0.1, 0.2, 0.3), events(["word 0 word 1 ", "word 2 "]), strict=True)]
    assert delays(MADE, joined) == []


def test_what_was_not_dated_is_not_compared() -> None:
    undated = Tap("up", START, MADE).record()
    assert undated.events
    assert undated.stream
    undated = replace(
        undated,
        events=tuple(event._replace(t=None) for event in undated.events),
        stream=replace(undated.stream, arrivals=None),
    )
    assert paired_times(fingerprint(undated, "up"), fingerprint(Tap("down", START, MADE).record(), "down")) == []
