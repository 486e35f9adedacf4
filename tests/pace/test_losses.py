"""The kernel's counts distinguish the effect of a lost segment from that of a hop."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Arrival, Network
from streamwatchlib.pace.deliveries import Delivery
from streamwatchlib.pace.losses import is_limited_by_path, stalled

FULL = Network(rtt=0.1, mss=1448, received=100 * 1448, segments=100, out_of_order=0)


def lump(t: float, silence: float, end: float | None = None) -> Delivery:
    return Delivery(t=t, end=t if end is None else end, n=20, reads=1, silence=silence, burst=True)


def over(seconds: float, silence: float = 0.0) -> list[Arrival]:
    """100 segments within so many seconds, and a silence before the last."""
    times = [5.0 + i * seconds / 99 for i in range(100)]
    return [Arrival(t + silence * (i == 99), 1448, 5) for i, t in enumerate(times)]


def test_a_lump_before_which_segments_came_out_of_order_waited_for_one() -> None:
    lumps = [lump(1.0, 0.3), lump(2.0, 0.3, end=2.004), lump(3.0, 0.3)]
    network = Network(rtt=0.1, stalls=((1.0, 4), (2.004, 7), (2.5, 1)))

    assert stalled(lumps, network) == [(lumps[0], 4), (lumps[1], 7)]


def test_where_the_kernel_tells_nothing_nothing_is_told() -> None:
    assert stalled([lump(1.0, 0.3)], None) == []
    assert not is_limited_by_path(None, over(0.2))


@pytest.mark.parametrize(("rtt", "silence", "explained"), [(0.05, 0.5, True), (0.05, 2.0, False), (0.6, 2.0, True)])
def test_a_loss_explains_no_longer_silence_than_sending_again_takes(
    rtt: float, silence: float, explained: bool
) -> None:
    lumps = [lump(5.0, silence)]

    assert bool(stalled(lumps, Network(rtt=rtt, stalls=((5.0, 3),)))) is explained


def test_what_comes_in_full_segments_within_a_few_round_trips_was_carried() -> None:
    """10 segments, then 20, then 40, then the rest: 4 round trips."""
    assert is_limited_by_path(FULL, over(0.4))
    assert not is_limited_by_path(FULL, over(2.0)), "the model took its time"


def test_segments_that_are_not_full_waited_for_more_to_be_made() -> None:
    paced = Network(rtt=0.1, mss=1448, received=100 * 260, segments=100)

    assert not is_limited_by_path(paced, over(0.2))


def test_what_a_loss_took_is_not_the_models_time() -> None:
    late = over(0.4, silence=1.0)

    assert not is_limited_by_path(FULL, late)
    assert is_limited_by_path(Network(0.1, 1448, 100 * 1448, 100, 5, stalls=((late[-1].t, 5),)), late)
