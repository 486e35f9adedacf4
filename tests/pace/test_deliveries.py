"""The deliveries that content came in: what is one lump, what flows, and what holding it back cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import Arrival, Moments
from streamwatchlib.pace.deliveries import Path, Piece, pieces
from streamwatchlib.pace.shape import Shape, shape

QUIET = 0.002


def shaped(*reads: tuple[float, int], whole: bool = True, size: int = 0, quiet: float = QUIET) -> Shape:
    found = [Piece(t, n, whole, size or n * 250) for t, n in reads]
    return shape(found, quiet, Path(0.0, [t for t, n in reads for _ in range(n)]))


def test_pieces_are_the_arrivals_that_brought_content() -> None:
    moments = Moments([1.0, 1.0, 2.0, 3.0], [0, 0, 2, 9])
    arrivals = [Arrival(1.0, 500, 2), Arrival(1.5, 9, 0), Arrival(2.0, 65_000, 1)]

    assert pieces(moments, arrivals, [True, True, False]) == [
        Piece(1.0, 2, True, 500),
        Piece(2.0, 1, False, 65_000),
        Piece(3.0, 1, True, 0),  # an arrival that was not kept
    ]


def test_what_comes_in_one_read_is_a_burst_from_four_events_on() -> None:
    assert [d.burst for d in shaped((1, 3), (2, 4), (3, 1)).deliveries] == [False, True, False]


def test_pieces_within_20_ms_are_one_delivery_and_no_burst() -> None:
    found = shaped(*((1 + i * 0.0015, 1) for i in range(40)))

    assert [d.n for d in found.deliveries] == [14, 14, 12]
    assert found.burst_share == 0


def test_reads_that_follow_faster_than_any_engine_are_one_burst() -> None:
    found = shaped((1, 30), (1.001, 30), (1.002, 5))

    assert [(d.n, d.reads, d.burst) for d in found.deliveries] == [(65, 3, True)]


def test_a_lump_of_many_full_reads_is_one_however_long_the_proxy_works_on_each() -> None:
    assert len(shaped(*((1 + i * 0.015, 260) for i in range(8))).deliveries) == 1
    assert len(shaped(*((9 + i * 0.015, 13) for i in range(8)), whole=False, size=65_000).deliveries) == 1


def test_a_few_events_between_two_reads_of_a_lump_do_not_part_it() -> None:
    assert len(shaped((6, 147), (6.0024, 2), (6.0048, 51)).deliveries) == 1


def test_bursts_apart_stay_apart() -> None:
    assert [d.n for d in shaped((1, 10), (1.2, 10), (1.4, 10)).deliveries] == [10, 10, 10]


def test_a_lump_that_ends_in_a_fast_flow_stands_out_of_it() -> None:
    found = shaped((1, 200), *((1.001 + i * 0.001, 1) for i in range(300)))

    assert [d.t for d in found.bursts] == [1]
    assert 200 <= found.bursts[0].n < 260  # what follows faster than any engine is taken for the lump's


def test_a_lump_drawn_out_by_the_link_is_told_by_its_cut_reads() -> None:
    reads = [(6 + i * 0.005, 6) for i in range(20)]

    assert shaped(*reads, whole=False, size=6000, quiet=0.01).effective == 1
    assert shaped(*reads, whole=True, size=6000, quiet=0.01).burst_share == 0


def test_small_cut_reads_are_no_lump_where_an_engine_may_write_as_fast() -> None:
    """Nagle's algorithm, and a buffer smaller than a few events, cut what a fast engine writes after it has thought."""
    assert shaped(*((6 + i * 0.0015, 2) for i in range(300)), whole=False).burst_share == 0


def test_cut_reads_without_a_silence_before_them_are_a_fast_engines_on_a_full_link() -> None:
    assert shaped(*((0.2 + i * 0.005, 6) for i in range(200)), whole=False, quiet=0.01).burst_share == 0


def test_the_wait_for_a_first_lump_is_the_models_own_where_the_rest_flows() -> None:
    """However long it was; of a stream that came in one piece all of it may have been held."""
    assert shaped((8.0, 20), *((8.1 + i * 0.02, 1) for i in range(80))).hold == 0
    assert shaped((8.0, 100)).hold == pytest.approx(3.96)


def test_what_follows_a_first_lump_tells_a_pace_if_it_is_enough_and_whole_events() -> None:
    """Else all of the wait may have been a hold."""

    def held(first: int, rest: int, whole: bool = True) -> float:
        return shaped((8.0, first), *((8.1 + i * 0.02, 1) for i in range(rest)), whole=whole).hold

    assert held(60, 50) < 0.4
    assert min(held(12, 7), held(100, 40), held(60, 50, whole=False)) > 2


def test_a_read_that_is_a_lump_by_itself_stands_out_of_a_fast_flow() -> None:
    found = shaped(*((1 + i * 0.0015, 20 if i == 5 else 1) for i in range(40)))

    assert [(d.n, d.burst) for d in found.deliveries][:3] == [(5, False), (20, True), (14, False)]


def test_a_slow_copy_is_a_habit_only_if_it_recurs() -> None:
    def copies(times: int) -> Shape:
        return shaped(*((1 + k * 2 + i * 0.00064, 1) for k in range(times) for i in range(65)))

    assert (copies(3).burst_share, copies(3).sudden_share) == (0, pytest.approx(2 / 3))
    assert (copies(5).burst_share, copies(5).sudden_share) == (1, 0)


def test_a_slow_copy_is_a_habit_only_if_it_brings_what_the_silence_before_it_made() -> None:
    def shares(*silences: float) -> float:
        starts = [1 + sum(silences[:k]) for k in range(len(silences) + 1)]
        return shaped(*((t + i * 0.0015, 1) for t in starts for i in range(30))).burst_share

    assert shares(1, 1.2, 0.9, 1, 1.1) == 1
    assert shares(1, 4, 0.3, 2, 0.6) == 0, "so pauses a model, whatever it says then"


def test_an_engine_that_has_shown_how_fast_it_is_may_pause() -> None:
    def share(first: int) -> float:
        made = [(0.5 + i * 0.0015, 1) for i in range(first)]
        return shaped(*made, *((4 + i * 0.0015, 1) for i in range(200))).sudden_share

    assert (share(100), share(400)) == (pytest.approx(2 / 3), 0)


def test_what_is_slower_than_a_very_fast_engine_was_not_copied() -> None:
    def share(seconds: float) -> float:
        return shaped(*((9 + i * seconds, 1) for i in range(60)), quiet=0.01).sudden_share

    assert (share(0.003), share(0.004)) == (1, 0)


def test_the_hold_is_half_the_silence_of_each_burst() -> None:
    found = shaped((1, 10), (2, 10), (3, 10))

    assert found.hold == pytest.approx(0.5 * 1 * 9 / 10)
    assert found.burst_gap == 1


def test_the_wait_for_the_first_burst_is_mostly_the_models() -> None:
    assert shaped((30, 10), (31, 10), (32, 10)).hold == pytest.approx(0.45)
    assert shaped((30, 100)).hold == pytest.approx(0.5 * 30 * 0.99)


def test_silence_is_silence_of_all_channels_without_the_proxys_own() -> None:
    path = Path(0.0, [1.0, 2.0, 3.0], not_reading=lambda earlier, later: 0.25)

    assert (path.since(0.5), path.since(3.0), path.since(9.0)) == (0.0, 2.0, 3.0)
    assert path.silence(3.0) == 0.75
    assert path.silence(0.1) == 0.0


def test_reads_that_share_a_moment_are_no_division_by_zero() -> None:
    reads = [Piece(1.0, 5, True, 1250), Piece(1.0, 5, True, 1250)]

    assert shape(reads, QUIET, Path(0.0, [1.0] * 10)).effective == 1


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 50), st.booleans()), min_size=1, max_size=80))
def test_no_event_is_lost_or_counted_twice(steps: list[tuple[float, int, bool]]) -> None:
    t, reads = 0.0, []
    for step, n, whole in steps:
        t += step
        reads.append(Piece(t, n, whole, n * 250))
    found = shape(reads, QUIET, Path(0.0, [piece.t for piece in reads for _ in range(piece.n)]))

    assert sum(d.n for d in found.deliveries) == found.events == sum(piece.n for piece in reads)
    assert sum(d.reads for d in found.deliveries) == len(reads) == found.reads
    assert 1 <= found.effective <= len(found.deliveries) + 1e-9
    assert 0 <= found.noticed_share <= found.burst_share <= 1
    assert all(a.end <= b.t for a, b in zip(found.deliveries, found.deliveries[1:], strict=False))
