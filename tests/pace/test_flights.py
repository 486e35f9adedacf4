"""Flights of TCP's slow start are one write; nothing else that comes in lots is."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Arrival
from streamwatchlib.pace.flights import full, writes_in_flight

Lots = tuple[tuple[float, int], ...]
FLIGHTS: Lots = ((7.0, 14_300), (7.1, 28_960), (7.2, 57_920), (7.3, 9_000))


def waits(lots: Lots, cut: bool = True, start: float = 0.0) -> list[float]:
    arrivals = [Arrival(t, size, size // 250) for t, size in lots]
    boundary = [not cut or i == len(lots) - 1 for i in range(len(lots))]
    return [round(seconds, 6) for _, seconds in writes_in_flight(arrivals, boundary, start)]


def test_flights_that_double_are_one_write() -> None:
    assert waits(FLIGHTS) == [0.3]


def test_two_are_known_by_the_first_being_ten_segments() -> None:
    assert waits(((7.0, 14_300), (7.1, 2_084), (9.0, 14_480), (9.1, 1_904))) == [0.1, 0.1]
    assert waits(((7.0, 16_000), (7.1, 2_084))) == []


def test_records_of_tls_show_a_flight_when_they_are_whole() -> None:
    assert waits(((7.0, 32_768), (7.1, 65_536), (7.2, 20_000))) == [0.2]


@pytest.mark.parametrize(
    "lots",
    [
        ((7.0, 16_000), (7.1, 16_384), (7.2, 16_384), (7.3, 9_000)),
        ((7.0, 4_000), (7.1, 8_192), (7.2, 16_384)),
        ((7.0, 12_200), (7.1, 8_192), (7.2, 4_096)),
        ((7.0, 14_300), (7.5, 28_960), (8.0, 57_920)),
        ((0.5, 14_300), (0.6, 28_960), (0.7, 57_920)),
    ],
    ids=["a buffer", "small ones", "pages", "no round trip", "no silence before them"],
)
def test_other_lots_are_not(lots: Lots) -> None:
    assert waits(lots) == []


def test_events_larger_than_a_window_come_in_flights_too() -> None:
    """Sound, held to its end: bytes tell it where hardly an event was complete."""
    pieces = [(7.0 + 0.001 * i, 1_448) for i in range(10)] + [(7.1 + 0.001 * i, 1_448) for i in range(20)]
    arrivals = [Arrival(t, size, 0) for t, size in pieces]
    boundary = [False] * (len(arrivals) - 1) + [True]
    assert [round(seconds, 6) for _, seconds in writes_in_flight(arrivals, boundary, 0.0)] == [0.119]


def test_a_paced_sender_spreads_its_windows_over_the_round_trip() -> None:
    """As BBR does: https://datatracker.ietf.org/doc/draft-ietf-ccwg-bbr/"""
    paced = tuple((7.1 + 0.1 * k + 0.007 * i, 2_830) for k in range(3) for i in range(10))
    assert waits(((7.0, 14_060), *paced)) == [0.363]
    assert waits(((7.0, 14_060), *((7.1 + 0.1 * i, 2_830) for i in range(20)))) == []


def test_what_comes_later_than_a_round_trip_is_no_flight() -> None:
    assert waits(((7.0, 14_300), (7.1, 28_960), (7.35, 57_920))) == [0.1]


def test_whole_events_are_no_flights() -> None:
    assert waits(FLIGHTS, cut=False) == []


def test_what_a_fast_model_writes_fills_no_window_at_once() -> None:
    spread = tuple((7.0 + 0.1 * k + 0.002 * i, 1_448) for k in range(3) for i in range(10 << k))
    assert waits(spread) == []


@pytest.mark.parametrize(
    ("sizes", "cut", "crowded"),
    [
        ([1_448] * 12, True, True),
        ([1_448, 2_896, 1_400] * 4, True, True),
        ([1_448] * 12, False, False),
        ([1_448] * 5, True, True),
        ([1_448] * 4, True, False),
        ([1_024] * 12, True, False),
        ([2_048] * 12, True, False),
        ([4_096] * 12, True, False),
        ([1_448, 700, 5_000] * 4, True, False),
    ],
)
def test_a_full_link_hands_over_segments_cut_anywhere(sizes: list[int], cut: bool, crowded: bool) -> None:
    arrivals = [Arrival(1 + 0.04 * i, size, size // 250) for i, size in enumerate(sizes)]
    assert full(arrivals, [not cut] * len(sizes)) is crowded


def test_events_of_several_segments_fill_no_link() -> None:
    """Sound: an event of 8 KiB each 100 ms, read segment by segment."""
    arrivals = [Arrival(1 + 0.1 * k + 0.004 * i, 1_448, int(i == 5)) for k in range(20) for i in range(6)]
    assert not full(arrivals, [arrival.events == 1 for arrival in arrivals])
