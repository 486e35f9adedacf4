"""Traces of byte buffers in the sizes of reads, and what only looks like one."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Arrival
from streamwatchlib.pace.blocks import Blocks, blocks, crossed, fills, variation


def lots(*sizes: int, aligned: bool = False, gap: float = 1.0) -> Blocks:
    arrivals = [Arrival(i * gap, size, 1) for i, size in enumerate(sizes)]
    ends = [aligned] * (len(sizes) - 1) + [True]
    return blocks(arrivals, ends, 0.002)


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        pytest.param((3986, 4096, 4096, 4096, 77), 4096, id="pages"),
        pytest.param((15819, 15994, 16000, 15994, 10607), 16384, id="TLS records less chunk framing"),
        pytest.param((8192, 8192, 8192, 8192, 9), 8192, id="stdio"),
        pytest.param((4096, 8192, 4096, 12288, 4096, 9), 4096, id="a write that fills several"),
        pytest.param((6000, 6000, 6010, 6005, 9), 6005, id="a size of its own"),
        pytest.param((1448, 1448, 1448, 1448, 9), None, id="segments of the link"),
        pytest.param((2896, 2896, 2896, 2896, 9), None, id="two segments a read"),
        pytest.param((4096, 4096, 4096, 9), None, id="too few"),
        pytest.param((900, 2000, 4000, 100, 9), None, id="any size"),
    ],
)
def test_equal_lots_cut_anywhere_are_a_buffers(sizes: tuple[int, ...], size: int | None) -> None:
    assert lots(*sizes).size == size


def test_equal_lots_of_whole_events_are_no_buffers() -> None:
    found = lots(4096, 4096, 4096, 4096, 4096, aligned=True)

    assert found.size is None
    assert found.aligned == 1
    assert not found.cut


def test_lots_that_end_inside_events_are_cut_whatever_their_size() -> None:
    assert lots(900, 2000, 100).cut
    assert not lots(900, 100).cut


def test_a_read_of_many_events_keeps_the_proxy_from_the_rest_of_the_lot() -> None:
    arrivals = [Arrival(1.0, 58_000, 230), Arrival(1.007, 15_000, 60), Arrival(1.02, 100, 1)]

    assert blocks(arrivals, [False, True, True], 0.002).sizes == (73_000, 100)


def test_what_came_while_the_proxy_stood_still_is_one_lot() -> None:
    arrivals = [Arrival(1.0, 100, 1), Arrival(1.5, 200, 1), Arrival(2.0, 300, 1)]

    def until_1_6(earlier: float, later: float) -> float:
        return max(0.0, min(later, 1.6) - min(earlier, 1.6))

    assert blocks(arrivals, [False, True, True], 0.002, until_1_6).sizes == (300, 300)


def test_reads_close_together_are_one_lot() -> None:
    arrivals = [Arrival(1.0, 10, 0), Arrival(1.0015, 20, 1), Arrival(2.0, 5, 1)]

    assert blocks(arrivals, [False, True, True], 0.002).sizes == (30, 5)


def test_a_full_read_and_the_next_are_one_lot() -> None:
    arrivals = [Arrival(1.0, 65_535, 260), Arrival(1.02, 9_000, 36), Arrival(2.0, 65_535, 260), Arrival(3.0, 1, 1)]

    assert blocks(arrivals, [False, True, False, True], 0.002).sizes == (74_535, 65_535, 1)


def test_lots_fill_blocks_or_do_not() -> None:
    assert fills([], 4096)
    assert fills([4090, 8180], 4096)
    assert not fills([4090, 6000], 4096)
    assert not fills([100], 4096)


def test_lots_of_whole_events_cross_a_size_with_their_last_one() -> None:
    assert crossed((4157, 4180, 4221, 4233), 230) == 4096
    assert crossed((4157, 4180, 3950, 4233), 230) is None  # one was let out before so much was there
    assert crossed((4157, 4180, 4340, 4233), 230) is None  # one was kept though so much was there
    assert crossed((4157,) * 7 + (5000,), 230) == 4096  # with an event larger than most
    assert crossed((4157, 4180), 230) is None
    assert crossed((8028, 8194, 8129, 8091), 260) == 8000


def test_lots_of_whole_events_cross_a_size_with_what_frames_them() -> None:
    assert crossed((4015, 4060, 4220, 4021), 260) == 4096
    assert crossed((3940, 4060, 4220, 4021), 260) is None


def test_variation_is_relative_and_none_for_one() -> None:
    assert variation([]) == variation([5]) == variation([0, 0]) == 0
    assert variation([1, 3]) == pytest.approx(0.5)
