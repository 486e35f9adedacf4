"""Imitations of hops: the same bytes, in the lumps that such a hop makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.replay.hold import faster, parse_hold
from streamwatchlib.replay.playback import Piece, Playback


def stream(*pieces: tuple[float, bytes], end: float = 10.0) -> Playback:
    return Playback(200, (), 0.5, tuple(Piece(t, data) for t, data in pieces), end, whole=True)


FIVE = stream((1, b"ab"), (2, b"cd"), (3, b"efg"), (4, b"h"), (5, b"i"))


@pytest.mark.parametrize(
    ("how", "pieces"),
    [
        ("all", [(10, b"abcdefghi")]),
        ("4", [(2, b"abcd"), (4, b"efgh"), (10, b"i")]),
        ("3", [(2, b"abc"), (3, b"def"), (5, b"ghi")]),
        ("1", [(1, b"ab"), (2, b"cd"), (3, b"efg"), (4, b"h"), (5, b"i")]),
        ("16k", [(10, b"abcdefghi")]),
        ("1500ms", [(2.5, b"abcd"), (4.5, b"efgh"), (6.5, b"i")]),
        ("2s", [(3, b"abcd"), (5, b"efgh"), (7, b"i")]),
        ("0.5s", [(1.5, b"ab"), (2.5, b"cd"), (3.5, b"efg"), (4.5, b"h"), (5.5, b"i")]),
        ("60s", [(10, b"abcdefghi")]),
    ],
)
def test_lumps_are_those_of_such_a_hop(how: str, pieces: list[tuple[float, bytes]]) -> None:
    held = parse_hold(how)(FIVE)
    assert [(piece.t, piece.data) for piece in held.pieces] == pieces
    assert held.begin == pieces[0][0]  # the head goes with the first data
    assert held.end == FIVE.end


@pytest.mark.parametrize("how", ["all", "4", "2s"])
def test_nothing_to_hold_is_nothing_held(how: str) -> None:
    assert parse_hold(how)(stream()) == stream()


@pytest.mark.parametrize("how", ["", "0", "0ms", "-1", "4096b", "2m", "1e3", "ALL", "200 ms", "٣", "9" * 20])
def test_what_describes_no_hop_is_refused(how: str) -> None:
    with pytest.raises(ValueError, match="is neither 'all' nor"):
        parse_hold(how)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.binary(min_size=1, max_size=9))),
    st.sampled_from(["all", "1", "7", "3s", "300ms"]),
)
def test_bytes_stay_and_times_stay_in_order(pieces: list[tuple[int, bytes]], how: str) -> None:
    playback = stream(*sorted(pieces, key=lambda piece: piece[0]), end=30.0)
    held = parse_hold(how)(playback)
    assert b"".join(piece.data for piece in held.pieces) == b"".join(piece.data for piece in playback.pieces)
    times = [held.begin, *(piece.t for piece in held.pieces), held.end]
    assert times == sorted(times)


def test_faster_is_faster_all_along() -> None:
    found = faster(FIVE, 2)
    assert (found.begin, [piece.t for piece in found.pieces], found.end) == (0.25, [0.5, 1, 1.5, 2, 2.5], 5)
