"""The delay that streamwatch adds is measured and reported; what others do to the times is reported once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mitmproxy.addons.anticomp import AntiComp
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.test import taddons, tflow
from streamwatchlib.model import ClockLag
from streamwatchlib.suite.backlog import HIGH_WATER, ClientBacklog, backlog
from streamwatchlib.suite.interference import Durations, Interference

from ..report.records import STREAMING


def test_nothing_is_told_of_a_run_without_streams() -> None:
    assert list(Interference().remarks()) == []


def test_what_was_added_is_told_with_its_worst() -> None:
    interference = Interference()
    for i in range(100):
        interference.passed(0.0001 * (i + 1))
    interference.passed(0.3)
    late = replace(STREAMING, timing=replace(STREAMING.timing, clock_lag=ClockLag(p99=0.001, max=0.0423)))
    for record in (STREAMING, late, replace(late, timing=replace(late.timing, clock_lag=None))):
        interference.streamwatch_record(record)

    (told,) = interference.remarks()

    assert told.startswith(
        "streamwatch itself: arrivals went on to the client 5.10 ms (median; p99 10.0 ms, most 300 ms)"
    )
    assert "(101 were timed)" in told
    assert told.endswith("late by 42.3 ms at most.")


def test_durations_are_bounded_and_keep_the_most() -> None:
    durations = Durations()
    durations.add(9.0)
    for _ in range(20_000):
        durations.add(0.001)

    assert (durations.count, durations.most) == (20_001, 9.0)
    assert str(durations) == "1.00 ms (median; p99 1.00 ms, most 9.00 s)"


def test_each_slow_client_is_told_of_up_to_a_number(caplog: pytest.LogCaptureFixture) -> None:
    interference = Interference()
    for i in range(30):
        interference.slow_client(f"GET http://h/{i}", 100_000 + i)

    assert len(caplog.messages) == 20
    assert "GET http://h/0 slower" in caplog.messages[0]
    assert list(interference.remarks()) == [
        "Answers that a client read slower than its server sent: 30 (up to 97.7 KiB waited)."
    ]


@pytest.mark.parametrize(("held", "effect"), [(True, "held it back to its end"), (False, "were not seen")])
def test_an_addon_that_takes_a_response_is_told_of_once(
    held: bool, effect: str, caplog: pytest.LogCaptureFixture
) -> None:
    interference = Interference()
    interference.taken("GET http://h/1", held=held)
    interference.taken("GET http://h/2", held=held)

    (message,) = caplog.messages
    assert "GET http://h/1" in message
    assert effect in message
    assert list(interference.remarks()) == ["Responses that another addon took out of streamwatch's hands: 2."]


def test_options_that_change_what_is_measured_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with taddons.context(AntiComp(), Proxyserver(), Interference()) as context:
        assert caplog.messages == []
        context.options.update(anticomp=True, body_size_limit="1m", stream_large_bodies="1m")
        context.options.update(anticomp=False, body_size_limit=None, stream_large_bodies=None)

    assert [message.split(" is set")[0] for message in sorted(caplog.messages)] == [
        "The option anticomp",
        "The option body_size_limit",
        "The option stream_large_bodies",
    ]


def test_a_wait_lasts_from_the_arrival_that_filled_the_client_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = iter([0, HIGH_WATER, HIGH_WATER + 5, HIGH_WATER - 1, HIGH_WATER, 0])
    monkeypatch.setattr("streamwatchlib.suite.backlog.backlog", lambda _: lambda: next(waiting))
    waits: list[tuple[float, float]] = []
    outlet = ClientBacklog(tflow.tflow(), lambda *wait: waits.append(wait))

    looked_at = [outlet.arrival(t) for t in (1.0, 2.0, 3.5, 4.0, 5.0, 5.25)]

    assert waits == [(3.5, 1.5), (4.0, 0.5), (5.25, 0.25)]
    assert (outlet.slow, outlet.max_waiting) == (True, HIGH_WATER + 5)
    assert looked_at == [False, True, True, True, True, False]


def test_where_nothing_is_known_of_the_client_nothing_waits() -> None:
    with taddons.context():
        assert backlog(tflow.tflow())() == 0
