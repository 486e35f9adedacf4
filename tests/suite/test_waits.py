"""The times when a server was not read from for a reason on our side are kept."""

from __future__ import annotations

from streamwatchlib.suite.waits import MAX_WAITS, Waits


def test_a_time_for_which_the_exchange_was_stopped_is_told_if_it_matters() -> None:
    waits = Waits(lambda: 107.0, lambda at: at - 100.0)
    waits.stopped(0.001)
    waits.stopped(2.0)
    assert waits.periods == [(7.0, 2.0)]


def test_no_more_are_kept_than_may_be() -> None:
    waits = Waits(lambda: 0.0, lambda at: at)
    for _ in range(MAX_WAITS + 5):
        waits.add(1.0, 0.5)
    assert len(waits.periods) == MAX_WAITS
