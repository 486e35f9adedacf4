"""Random streams of known truth: nothing innocent is accused, no hold goes unnoticed.

Engines of 8 to 3000 tokens a second behind byte blocks, compressors, timers, whole-body readers, stalls and
answers held back; see `simulate.flow`.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
from streamwatchlib.judge import judge
from streamwatchlib.model import Verdict
from streamwatchlib.pace.deliveries import LONG_WAIT, USUAL_RATE

from .simulate import Observed, Scenario, flow, simulate_flow

FLOWS = 1200
NOTICEABLE = 0.150
"""Seconds of mean hold that must not go unnoticed."""
EVENTS = 16
Seen = tuple[Scenario, Observed, Verdict]


def run(seed: int, bits: float | None = None) -> list[Seen]:
    found = []
    for k in range(FLOWS):
        rng = random.Random(seed * 1_000_003 + k)
        made = flow(rng)
        sight = simulate_flow(made, rng, bits)
        found.append((made, sight, judge(sight.signals)))
    return found


@pytest.fixture(scope="module")
def lan() -> list[Seen]:
    return run(seed=11)


@pytest.fixture(scope="module")
def wan() -> list[Seen]:
    return run(seed=12, bits=20e6)


def held(verdict: Verdict) -> bool:
    return verdict.label in ("bursty", "pseudo-streaming")


def noticed(verdict: Verdict) -> bool:
    return held(verdict) or verdict.label == "inconclusive" or "stalled" in verdict.flags


@pytest.mark.parametrize("network", ["lan", "wan"])
def test_no_unbuffered_path_is_accused(network: str, request: pytest.FixtureRequest) -> None:
    """Steps of four tokens and more are lumps to any reader, whoever makes them."""
    flows: list[Seen] = request.getfixturevalue(network)
    accused = [
        made.engine for made, _, verdict in flows if made.path == "none" and made.engine.step < 4 and held(verdict)
    ]

    assert accused == []


def test_most_unbuffered_streams_are_said_to_stream(lan: list[Seen]) -> None:
    """Very fast engines that let wait, or pause, look like what a gateway copies."""
    usual, fast = Counter[str](), Counter[str]()
    for made, _, verdict in lan:
        engine = made.engine
        if made.path != "none" or engine.step >= 4:
            continue
        if engine.rate <= USUAL_RATE:
            usual[verdict.label] += 1
        elif engine.ttft < LONG_WAIT and not engine.pauses and engine.tokens >= 64:
            fast[verdict.label] += 1

    assert usual["streaming"] > 0.97 * usual.total()
    assert fast["streaming"] > 0.9 * fast.total()


def test_what_is_only_copied_event_by_event_is_not_accused() -> None:
    copies = []
    for k in range(FLOWS // 4):
        rng = random.Random(14_000_029 + k)
        made = flow(rng)
        if made.path == "none" and made.engine.step < 4:
            copies.append(held(judge(simulate_flow(made, rng, copying=rng.uniform(0.0003, 0.003)).signals)))

    assert len(copies) > 50
    assert not any(copies)


def test_what_is_held_and_then_copied_event_by_event_is_not_said_to_stream() -> None:
    found = []
    for k in range(FLOWS // 2):
        rng = random.Random(13_000_039 + k)
        made = flow(rng)
        if made.path == "none" or made.engine.rate > USUAL_RATE / 3 or made.engine.ping:
            continue
        sight = simulate_flow(made, rng, copying=rng.uniform(0.0003, 0.003))
        if sight.hold >= 2 * NOTICEABLE:
            found.append(noticed(judge(sight.signals)))

    assert len(found) > 80
    assert found.count(False) <= 0.05 * len(found)


@pytest.mark.parametrize(("network", "missed"), [("lan", 0.01), ("wan", 0.02)])
def test_holds_do_not_go_unnoticed(network: str, missed: float, request: pytest.FixtureRequest) -> None:
    flows: list[Seen] = request.getfixturevalue(network)
    bad = [
        noticed(verdict)
        for made, sight, verdict in flows
        if made.suspects and sight.hold >= NOTICEABLE and len(sight.signals.content.t) >= EVENTS
    ]

    assert len(bad) > 200
    assert bad.count(False) <= missed * len(bad)


@pytest.mark.parametrize(("network", "share"), [("lan", 0.97), ("wan", 0.95)])
def test_the_right_culprit_is_suspected_first(network: str, share: float, request: pytest.FixtureRequest) -> None:
    """Where something tells one from another: of a short answer in one piece nothing does."""
    flows: list[Seen] = request.getfixturevalue(network)
    right = Counter(
        any(word in verdict.suspects[0].cause for word in _right(made))
        for made, sight, verdict in flows
        if made.suspects and held(verdict) and sight.hold >= NOTICEABLE and _decidable(made, verdict)
    )

    assert right.total() > 200
    assert right[True] >= share * right.total()


@pytest.mark.parametrize("network", ["lan", "wan"])
def test_nobody_is_wrongly_accused_with_high_confidence(network: str, request: pytest.FixtureRequest) -> None:
    flows: list[Seen] = request.getfixturevalue(network)
    wrong = [
        suspect.cause
        for made, _, verdict in flows
        for suspect in verdict.suspects
        if suspect.confidence in ("certain", "high") and not any(word in suspect.cause for word in _right(made))
    ]

    assert wrong == []


def _right(made: Scenario) -> tuple[str, ...]:
    """An engine that steps widely is a right answer beside the path's."""
    return made.suspects + (("engine step", "fixed number") if made.engine.step >= 4 else ())


def _decidable(made: Scenario, verdict: Verdict) -> bool:
    told = made.path in ("compressor", "answer-held") or verdict.suspects[0].confidence in ("certain", "high")
    return told or (verdict.measures.deliveries or 0) >= 4
