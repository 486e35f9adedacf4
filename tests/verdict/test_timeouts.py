"""If an exchange ended just at a common time limit, the verdict says whose default that is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.judge import judge
from streamwatchlib.model import Outcome, Signals
from streamwatchlib.verdict.timeouts import TIMEOUTS, Timeout, mentions_timeout, timeout_clause

from ..simulate import signals_of_reads

FLOWING = [(1.0 + 0.1 * i, 1) for i in range(31)]
"""Until 4 s."""


def cut(end: float, outcome: Outcome = "server-disconnected", **facts: object) -> Signals:
    return signals_of_reads(*FLOWING, outcome=outcome, end=end, **facts)


def unanswered(end: float, outcome: Outcome) -> Signals:
    return signals_of_reads(outcome=outcome, end=end, status=None, format=None, request_end=0.5)


@pytest.mark.parametrize("each", TIMEOUTS, ids=lambda each: each.owner)
def test_an_end_at_a_limit_names_it(each: Timeout) -> None:
    outcome: Outcome = "client-disconnected" if each.side == "client" else "server-disconnected"
    end = each.seconds + (4.0 if each.kind == "idle" else 0.0)

    for late in (0.0, 0.4) if each.side == "client" else (0.0, 1.2):
        assert each.owner in timeout_clause(cut(end + late, outcome))
    for off in (-0.5, 2.0):
        assert each.owner not in timeout_clause(cut(end + off, outcome))


@pytest.mark.parametrize(
    ("signals", "told"),
    [
        (cut(15.02), "; it ended 15.0 s after the request, the default of Envoy's route `timeout`"),
        (cut(9.01, "client-disconnected"), "; it ended 5.01 s after the last byte, the default of httpx's `timeout`"),
        (
            unanswered(5.51, "client-disconnected"),
            "; it ended 5.01 s after the request, the default of httpx's `timeout`",
        ),
        (unanswered(15.6, "error"), "; it ended 15.1 s after the request, the default of Envoy's route `timeout`"),
        (cut(15.02, "client-disconnected"), ""),  # it is the server's limit
        (cut(9.01), ""),  # and that the client's
        (cut(15.02, "complete"), ""),
        (cut(15.02, recorded=False), ""),
        (cut(9.01, "client-disconnected", status=101), ""),  # a WebSocket's client has no such limit
        (cut(15.02, status=101), "; it ended 15.0 s after the request, the default of Envoy's route `timeout`"),
        (cut(4.0), ""),
    ],
)
def test_the_side_that_ended_it_and_what_it_counted_are_told(signals: Signals, told: str) -> None:
    assert timeout_clause(signals) == told


@pytest.mark.parametrize(("status", "named"), [(504, True), (502, True), (524, True), (500, False), (429, False)])
def test_who_gave_up_waiting_says_so_by_its_status(status: int, named: bool) -> None:
    refused = replace(
        signals_of_reads((60.02, 1)),
        format=None,
        whole=True,
        error=True,
        status=status,
        moments={},
        response_start=60.02,
    )
    verdict = judge(refused)

    assert ("the default of `proxy_read_timeout` of nginx" in verdict.summary) is named
    assert mentions_timeout(verdict.summary) is named


def test_the_verdict_says_it_before_it_accuses() -> None:
    held = signals_of_reads((14.0, 300), outcome="server-disconnected", end=15.0)
    verdict = judge(held)

    assert verdict.label == "pseudo-streaming"
    assert verdict.summary.index("the default of Envoy") < verdict.summary.index("; suspect: ")
