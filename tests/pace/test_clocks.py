"""What the server's own timestamps say, and when they are not trusted."""

from __future__ import annotations

import pytest
from streamwatchlib.pace.clocks import ServerTimes, server_times_of

from ..simulate import signals_of_reads

EPOCH = 1_700_000_000.0


def said(clocks: list[tuple[float, float]], timing: dict[str, float] | None = None, end: float = 10.0) -> ServerTimes:
    return server_times_of(signals_of_reads((1.0, 1), clocks=clocks, server_timing=timing, end=end), 1.0, 2.0)


def test_a_server_that_says_nothing_leaves_nothing() -> None:
    assert said([]) == ServerTimes()


def test_the_hold_is_how_much_later_the_average_event_came_than_the_luckiest() -> None:
    found = said([(2.0, EPOCH + 0.125 * i) for i in range(9)])

    assert found.hold == pytest.approx(0.5)
    assert (found.longest, found.made, found.seen) == (1.0, 1.0, 0.0)


def test_whole_seconds_count_only_beyond_their_resolution() -> None:
    assert said([(2.0 + i * 0.1, EPOCH + i // 10) for i in range(40)]).hold == 0
    assert said([(9.0, EPOCH + i) for i in range(9)]).hold == pytest.approx(3.0)
    assert said([(9.0, EPOCH + i) for i in range(9)]).made is None


@pytest.mark.parametrize(
    "clocks",
    [
        pytest.param([(2.0, EPOCH + 0.1 * i) for i in range(7)], id="too few"),
        pytest.param([(2.0, EPOCH + 0.5)] * 20, id="one stamp"),
        pytest.param([(2.0, EPOCH - 0.1 * i) for i in range(20)], id="running back"),
    ],
)
def test_what_is_no_clock_is_no_statement(clocks: list[tuple[float, float]]) -> None:
    assert said(clocks).hold is None


def test_the_deficit_is_the_share_of_the_generation_that_is_missing_here() -> None:
    assert said([], {"generation": 5.0}).deficit == pytest.approx(0.8)
    assert said([], {"generation": 1.0}).deficit == pytest.approx(0.0)
    assert said([], {"generation": 0.2}).deficit is None
    assert said([], {"total": 5.0}).deficit is None


def test_times_longer_than_the_exchange_are_anothers() -> None:
    assert said([], {"generation": 11.0}).replayed
    assert server_times_of(
        signals_of_reads((9.0, 1), server_timing={"generation": 5.0}, end=10.0, request_end=8.0), 9.0, 9.0
    ).replayed
    assert said([(2.0, EPOCH + i + 0.5) for i in range(20)]).replayed
    assert not said([(2.0, EPOCH + i) for i in range(12)]).replayed  # whole seconds may add one
