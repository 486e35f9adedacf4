"""Verdicts on streams whose truth is known: label, severity, confidence, and all else that they say."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.judge import judge
from streamwatchlib.model import (
    Arrival,
    ClockLag,
    Confidence,
    Label,
    Moments,
    Network,
    Severity,
    Signals,
    Usage,
    Verdict,
)
from streamwatchlib.verdict import wording
from streamwatchlib.verdict.rules import Reason

from .simulate import (
    Engine,
    Head,
    after,
    at_end,
    behind,
    blocks,
    copied,
    corked,
    first_bytes,
    observe,
    signals_of_reads,
    simulate,
    slow_start,
    stalled,
    timer,
    written,
)

STEADY = Engine(50, 0.3, 300, jitter=0.2, size=(248, 248))
SSE = ("Content-Type", "text/event-stream")
GZIP = ("Content-Encoding", "gzip")


def held_answer(engine: Engine) -> Signals:
    """The reasoning passes, the answer comes when it is complete."""
    events = engine.events(random.Random(1))
    first = next(i for i, event in enumerate(events) if event.channel == "text")
    passed = sum(event.size for event in events[:first])
    return observe(events, after(passed, at_end)(written(events)), Head()).signals


STORIES: dict[str, tuple[Signals, Label, Severity | None, str | None]] = {
    # name: (what was seen, label, severity, a word of the first suspect's cause)
    "steady": (simulate(STEADY).signals, "streaming", None, None),
    "a real local model": (simulate(Engine(18, 0.16, 160, jitter=0.1)).signals, "streaming", None, None),
    "local model, 4 KiB blocks": (
        simulate(Engine(18, 0.16, 160, jitter=0.1), blocks(4096)).signals,
        "bursty",
        "moderate",
        "pages",
    ),
    "4 KiB blocks": (simulate(STEADY, blocks(4096, 110)).signals, "bursty", "moderate", "pages"),
    "16 KiB blocks": (simulate(STEADY, blocks(16384, 390)).signals, "bursty", "severe", "TLS"),
    "16 KiB blocks, short": (
        simulate(Engine(20, 0.3, 40, jitter=0.2), blocks(16384)).signals,
        "pseudo-streaming",
        "severe",
        "buffer",
    ),
    "200 ms for more": (simulate(STEADY, corked()).signals, "bursty", "mild", "HAProxy"),
    "compressing buffer": (
        simulate(STEADY, at_end, head=Head((SSE, GZIP, ("Server", "nginx")), ratio=6)).signals,
        "pseudo-streaming",
        "severe",
        "compression in a hop",
    ),
    "unflushed compression": (
        simulate(Engine(50, 0.3, 2000), blocks(272_000, 0), head=Head((SSE, GZIP), early=True, ratio=16)).signals,
        "pseudo-streaming",
        "severe",
        "not flushed",
    ),
    "whole-body reader": (
        simulate(STEADY, at_end, head=Head((SSE, ("Content-Length", "76473")))).signals,
        "pseudo-streaming",
        "severe",
        "whole-body",
    ),
    "200 tokens in four blocks": (
        simulate(Engine(3.95, 0.25, 200, size=(247, 247)), blocks(16384, 80)).signals,
        "bursty",
        "severe",
        "TLS",
    ),
    "whole body, over a long way": (
        simulate(STEADY, behind(at_end, slow_start(0.1))).signals,
        "pseudo-streaming",
        "severe",
        "generated first",
    ),
    "16 KiB blocks, over a long way": (
        simulate(STEADY, behind(blocks(16384, 390), slow_start(0.1))).signals,
        "bursty",
        "severe",
        "TLS",
    ),
    "2000 tokens a second, over a long way": (
        simulate(Engine(2000, 3.0, 900), slow_start(0.2)).signals,
        "streaming",
        None,
        None,
    ),
    "60 tokens in one block": (signals_of_reads((16.5, 60)), "pseudo-streaming", "severe", None),
    "46 tokens in two blocks soon after one another": (
        signals_of_reads((8.0, 10), (8.05, 36)), "inconclusive", None, None,
    ),
    "the same, cut inside events": (
        signals_of_reads((8.0, 10), (8.05, 36), aligned=False), "pseudo-streaming", "severe", None,
    ),
    "a token, and a hundred sooner than any model makes them": (
        signals_of_reads((8.0, 1), (8.02, 100)),
        "pseudo-streaming",
        "severe",
        None,
    ),
    "the first 16 KiB gathered, the rest of 800 passes": (
        simulate(Engine(20, 0.3, 800, jitter=0.2, size=(248, 248)), first_bytes(16384)).signals,
        "inconclusive",
        None,
        None,
    ),
    "the first 8 of 28 at once, too few to tell": (
        signals_of_reads((1.0, 8), *((1 + 0.05 * i, 1) for i in range(1, 21))),
        "streaming",
        None,
        None,
    ),
    "half of it at once, the rest as fast as that was made": (
        signals_of_reads((0.4, 62), *((0.4 + 0.001 * i, 1) for i in range(1, 43))),
        "streaming",
        None,
        None,
    ),
    "half of it at once, the rest slowly": (
        signals_of_reads((6.0, 62), *((6 + 0.1 * i, 1) for i in range(1, 43))),
        "bursty",
        "severe",
        None,
    ),
    "whole body, over a slow link": (simulate(STEADY, at_end, bits=500e3).signals, "inconclusive", None, None),
    "whole body with a tool call at its end, over a slow link": (
        simulate(Engine(20, 1, 250, channels=(("text", 190), ("tool_calls", 60))), at_end, bits=500e3).signals,
        "inconclusive",
        None,
        None,
    ),
    "50 tokens a second over a slow link": (simulate(STEADY, bits=500e3).signals, "streaming", None, None),
    "half a KiB at a time": (simulate(STEADY, blocks(512)).signals, "streaming", None, None),
    "49 tokens at 1.74 s": (signals_of_reads((1.74, 49)), "pseudo-streaming", "severe", None),
    "20 tokens at 2.03 s": (signals_of_reads((2.03, 20)), "pseudo-streaming", "severe", None),
    "thinks 30 s, then streams": (simulate(Engine(100, 30, 200, jitter=0.1)).signals, "streaming", None, None),
    "40 tokens in 60 ms": (signals_of_reads(*((0.3 + 0.0015 * i, 1) for i in range(40))), "streaming", None, None),
    "2500 tokens a second": (simulate(Engine(2500, 0.25, 600)).signals, "streaming", None, None),
    "speculative steps of 4": (simulate(Engine(100, 0.43, 240, step=4, jitter=0.1)).signals, "streaming", None, None),
    "slow steps of 5": (simulate(Engine(25, 0.56, 240, step=5, jitter=0.1)).signals, "bursty", "mild", "engine step"),
    "replay at 120 ms": (signals_of_reads((0.12, 200)), "inconclusive", None, None),
    "replay at 120 ms after a long upload": (signals_of_reads((60.12, 200), start=60.0), "inconclusive", None, None),
    "network stall": (simulate(Engine(50, 0.4, 300, jitter=0.1), stalled(2, 1.5)).signals, "streaming", None, None),
    "moderation": (
        replace(simulate(Engine(50, 0.6, 400, jitter=0.1), timer(0.8)).signals, traits=frozenset({"content-filter"})),
        "bursty",
        "moderate",
        "moderation",
    ),
    "100 ms timer": (simulate(Engine(100, 0.45, 300, jitter=0.1), timer(0.1)).signals, "streaming", None, None),
    "answer held": (
        held_answer(Engine(40, 1.0, 300, channels=(("reasoning", 200), ("text", 100)))),
        "pseudo-streaming",
        "severe",
        "reasoning flows",
    ),
    "one tool call": (
        signals_of_reads((4.0, 1), channel="tool_calls", usage=Usage(output_tokens=400)),
        "inconclusive",
        None,
        None,
    ),
    # further timings
    "a character each 0.3 s": (signals_of_reads(*((0.3 * i, 1) for i in range(1, 13))), "streaming", None, None),
    "a few early, then the rest": (
        signals_of_reads(*((0.5 + 0.1 * i, 1) for i in range(5)), (6.0, 195)),
        "pseudo-streaming",
        "severe",
        None,
    ),
    "two lumps": (signals_of_reads((3.0, 100), (6.0, 100)), "bursty", "severe", None),
    "half flows, half lumps": (
        signals_of_reads(*((0.1 + 0.05 * i, 1) for i in range(10)), (1.05, 10)),
        "bursty",
        "mild",
        "stalled",
    ),
    "tenth of it late": (
        signals_of_reads(*((0.5 + 0.02 * i, 1) for i in range(90)), (5.0, 10)),
        "streaming",
        None,
        None,
    ),
    "timer just above": (simulate(Engine(60, 0.5, 200, jitter=0.3), timer(0.16)).signals, "bursty", "mild", "timer"),
    "timer just below": (simulate(Engine(60, 0.5, 200, jitter=0.3), timer(0.13)).signals, "streaming", None, None),
    "slow timer, slow engine": (
        simulate(Engine(8, 0.5, 90, jitter=0.5), timer(0.35)).signals,
        "bursty",
        "mild",
        "timer",
    ),
    "large events in 4 KiB blocks": (
        simulate(Engine(8, 0.5, 90, jitter=0.3, size=(1300, 1500)), blocks(4096)).signals,
        "bursty",
        "mild",
        "pages",
    ),
    "steps of 3, each 375 ms": (simulate(Engine(8, 1, 150, step=3, jitter=0.3)).signals, "streaming", None, None),
    "pings between slow events": (simulate(Engine(0.5, 1, 20, jitter=0.2, ping=0.5)).signals, "streaming", None, None),
    "fast engine pauses thrice": (
        simulate(Engine(2000, 3, 800, jitter=0.3, pauses=((200, 3.0), (400, 2.0), (600, 4.0)))).signals,
        "inconclusive",
        None,
        None,
    ),
    "held to its end, then copied event by event": (
        simulate(STEADY, behind(at_end, copied(0.0015, STEADY.events(random.Random(0))))).signals,
        "inconclusive",
        None,
        None,
    ),
    "held to its end, then copied; the server tells how long it took": (
        replace(
            simulate(STEADY, behind(at_end, copied(0.0015, STEADY.events(random.Random(0))))).signals,
            server_timing={"generation": 5.9},
        ),
        "pseudo-streaming",
        "severe",
        None,
    ),
    "lumps, copied event by event": (
        simulate(STEADY, behind(timer(1.0), copied(0.0028, STEADY.events(random.Random(0))))).signals,
        "bursty",
        "moderate",
        "timer",
    ),
    "a fast engine of which the server tells how long it took": (
        replace(simulate(Engine(800, 3, 400, jitter=0.3)).signals, server_timing={"generation": 0.5}),
        "streaming",
        None,
        None,
    ),
    "a fast engine that let wait": (simulate(Engine(800, 3, 400, jitter=0.3)).signals, "inconclusive", None, None),
    "a fast engine at once": (simulate(Engine(800, 1.5, 400, jitter=0.3)).signals, "streaming", None, None),
    "a fast agent that pauses for its tools": (
        simulate(
            Engine(700, 0.4, 600, jitter=0.3, pauses=((20, 1.5), (220, 0.6), (240, 3.0), (300, 0.9), (450, 0.7)))
        ).signals,
        "inconclusive",
        None,
        None,
    ),
    "a fast engine that caught up after it was kept from running": (
        signals_of_reads(*((0.565 + 0.07 * i, 16) for i in range(5)), *((0.8466 + 0.0019 * i, 17) for i in range(90))),
        "inconclusive",
        None,
        None,
    ),
    "one piece ahead of the lump": (
        signals_of_reads((0.3, 0), (2.3, 1), (2.348, 506), (2.392, 95)),
        "pseudo-streaming",
        "severe",
        None,
    ),
    "fast engine, short answer": (simulate(Engine(2000, 3, 30, jitter=0.3)).signals, "inconclusive", None, None),
    "faster than any engine": (
        signals_of_reads(*((4.0 + i * 0.00025, 1) for i in range(400))),
        "inconclusive",
        None,
        None,
    ),
    "drawn out by a slow link": (
        simulate(STEADY, at_end, bits=10e6).signals,
        "pseudo-streaming",
        "severe",
        None,
    ),
    "blocks over a slow link": (simulate(STEADY, blocks(16384), bits=10e6).signals, "bursty", "severe", "TLS"),
    "half a megabyte at once": (
        simulate(Engine(50, 0.3, 2000, jitter=0.2), at_end).signals,
        "pseudo-streaming",
        "severe",
        None,
    ),
    "a gateway copies slowly, again and again": (
        signals_of_reads(*((1.0 + lump * 1.3 + i * 0.00064, 1) for lump in range(6) for i in range(65))),
        "bursty",
        "severe",
        None,
    ),
    "a block held over a pause": (
        simulate(Engine(900, 0.5, 500, jitter=0.2, pauses=((200, 6.0),)), blocks(8192)).signals,
        "bursty",
        "moderate",
        "pages",
    ),
    "fast from the first lump on": (
        simulate(Engine(800, 3, 100, jitter=0.2), blocks(10240)).signals,
        "inconclusive",
        None,
        None,
    ),
    "fast engine, 4 KiB blocks": (
        simulate(Engine(2200, 1.0, 800, jitter=0.2), blocks(4096)).signals,
        "streaming",
        None,
        None,
    ),
    "twos and threes, unevenly": (
        signals_of_reads(*((0.5 + 0.4 * i + 0.05 * (i % 3), 2 + i % 2) for i in range(30))),
        "inconclusive",
        None,
        None,
    ),
    "ten at once, too few": (signals_of_reads((3.0, 10)), "inconclusive", None, None),
    "five singly, too few": (signals_of_reads(*((0.3 * i, 1) for i in range(1, 6))), "inconclusive", None, None),
}  # fmt: skip


def test_what_came_at_once_when_a_long_stream_began_is_said() -> None:
    verdict = judge(simulate(Engine(20, 0.3, 2400, size=(248, 248)), first_bytes(8192)).signals)
    assert verdict.label == "streaming"
    assert ", the first 33 at once after 1.90 s, no other held back: it streamed" in verdict.summary


def test_the_silence_before_a_transport_broke_off_is_the_one_told() -> None:
    signals = signals_of_reads(*((0.5 + 0.02 * i, 1) for i in range(100)), outcome="server-disconnected", end=62.48)
    verdict = judge(signals)
    assert (verdict.label, set(verdict.flags)) == ("streaming", {"truncated", "stalled"})
    assert "one silence of 60.0 s without a catch-up" in verdict.summary


def test_a_link_that_was_full_is_said_to_have_set_the_pace() -> None:
    verdict = judge(simulate(STEADY, at_end, bits=500e3).signals)
    assert "in segments cut anywhere: as fast as the link carries" in verdict.summary


def test_a_link_that_is_full_soon_after_the_request_has_hidden_no_wait() -> None:
    slow = simulate(STEADY, at_end, bits=500e3).signals
    assert judge(replace(slow, request_end=slow.content.t[0] - 0.3)).label == "streaming"


def test_steps_that_may_be_anybodys_are_told_with_their_figures() -> None:
    assert "2.5 at a time every 450 ms" in judge(STORIES["twos and threes, unevenly"][0]).summary


@pytest.mark.parametrize("name", STORIES)
def test_every_story_gets_its_verdict(name: str) -> None:
    signals, label, severity, cause = STORIES[name]

    verdict = judge(signals)

    assert (verdict.label, verdict.severity) == (label, severity)
    if cause is not None:
        assert cause in verdict.suspects[0].cause


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        # figures of the same streams through real servers: nginx with and without TLS, HAProxy
        ("steady", {"deliveries": 300, "effective_deliveries": 300, "mean_hold": 0.0, "spread": 0.95, "aligned": 1.0}),
        ("4 KiB blocks", {"deliveries": 19, "effective_deliveries": 18.4, "burst_gap": 0.34, "mean_hold": 0.158}),
        ("16 KiB blocks", {"deliveries": 5, "effective_deliveries": 4.9, "burst_gap": 1.315, "mean_hold": 0.62}),
        ("200 ms for more", {"deliveries": 30, "burst_gap": 0.216, "mean_hold": 0.097, "aligned": 1.0}),
        ("thinks 30 s, then streams", {"deliveries": 200, "mean_hold": 0.0, "spread": 0.063}),
        ("2500 tokens a second", {"deliveries": 12, "mean_hold": 0.0}),
        ("speculative steps of 4", {"deliveries": 60, "mean_hold": 0.015}),
        ("slow steps of 5", {"deliveries": 48, "burst_gap": 0.2, "mean_hold": 0.080}),
        ("60 tokens in one block", {"deliveries": 1, "effective_deliveries": 1, "burst_share": 1, "mean_hold": 8.1}),
    ],
)  # fmt: skip
def test_the_figures_are_those_of_the_story(name: str, figures: dict[str, float]) -> None:
    measures = judge(STORIES[name][0]).measures

    for figure, value in figures.items():
        assert getattr(measures, figure) == pytest.approx(value, rel=0.08, abs=0.002), figure


@pytest.mark.parametrize("later", [2.0, 8.0, 60.0])
def test_of_an_answer_that_begins_before_the_request_has_ended_no_share_is_more_than_the_whole(later: float) -> None:
    steady = STORIES["steady"][0]
    assert steady.request_end is not None

    measures = judge(replace(steady, request_end=steady.request_end + later)).measures

    assert measures.spread == 1


def test_the_measures_name_the_block_and_the_lead_of_the_head() -> None:
    assert judge(STORIES["16 KiB blocks"][0]).measures.block_size == 16384
    assert judge(STORIES["4 KiB blocks"][0]).measures.block_size == 4096
    lead = judge(STORIES["unflushed compression"][0]).measures.header_lead
    assert lead is not None
    assert lead > 10


# --- what needs no times --------------------------------------------------------------------------------------

PLAIN = Signals(
    outcome="complete",
    recorded=True,
    requested=True,
    requested_by="body.stream",
    status=200,
    arrivals=(Arrival(1.0, 100, 0),),
)


@pytest.mark.parametrize(
    ("signals", "label", "confidence", "word"),
    [
        pytest.param(replace(PLAIN, status=None, outcome="error"), "not-applicable", "certain", "no answer", id="dead"),
        pytest.param(replace(PLAIN, status=401, error=True, whole=True), "not-applicable", "certain", "401", id="401"),
        pytest.param(replace(PLAIN, error=True, format="sse"), "not-applicable", "certain", "error", id="error event"),
        pytest.param(replace(PLAIN, status=302), "not-applicable", "certain", "302", id="redirect"),
        pytest.param(replace(PLAIN, whole=True), "not-streamed", "certain", "whole document", id="whole"),
        pytest.param(replace(PLAIN, whole=True, format="sse"), "not-streamed", "certain", "whole", id="said sse"),
        pytest.param(replace(PLAIN, whole=True, requested=None), "not-applicable", "certain", "none was due", id="MCP"),
        pytest.param(replace(PLAIN, whole=True, requested=False), "not-applicable", "certain", "none came", id="plain"),
        pytest.param(
            replace(PLAIN, whole=True, made_here=True, arrivals=()),
            "not-applicable",
            "certain",
            "asked",
            id="made here",
        ),
        pytest.param(PLAIN, "not-streamed", "medium", "not a stream of events", id="a page"),
        pytest.param(
            replace(PLAIN, arrivals=(), recorded=False), "not-streamed", "medium", "not a stream", id="a page undated"
        ),
        pytest.param(
            replace(PLAIN, arrivals=(), status=204), "not-applicable", "certain", "without a body", id="empty"
        ),
        pytest.param(
            replace(PLAIN, arrivals=(), outcome="client-disconnected"),
            "not-applicable",
            "certain",
            "broke off",
            id="left",
        ),
        pytest.param(replace(PLAIN, format="sse", recorded=False), "inconclusive", "certain", "no arrival", id="old"),
        pytest.param(replace(PLAIN, format="sse"), "inconclusive", "certain", "any generated", id="only pings"),
        pytest.param(replace(PLAIN, format="unknown"), "inconclusive", "certain", "an unknown framing", id="bare text"),
    ],
)
def test_what_needs_no_times_is_said_without(signals: Signals, label: Label, confidence: Confidence, word: str) -> None:
    verdict = judge(signals)

    assert (verdict.label, verdict.confidence, verdict.severity) == (label, confidence, None)
    assert word in verdict.summary.lower()


def test_a_stream_whose_head_another_addon_made_is_judged_all_the_same() -> None:
    assert judge(replace(STORIES["steady"][0], made_here=True)).label == "streaming"


@pytest.mark.parametrize("requested", [None, False])
def test_a_stream_that_nobody_asked_for_is_judged_all_the_same(requested: bool | None) -> None:
    assert judge(replace(STORIES["steady"][0], requested=requested)).label == "streaming"
    assert judge(replace(STORIES["16 KiB blocks"][0], requested=requested)).label == "bursty"


def test_a_stored_file_is_no_stream_that_somebody_holds_back() -> None:
    verdict = judge(replace(STORIES["16 KiB blocks"][0], file=True))
    assert (verdict.label, verdict.confidence, list(verdict.suspects)) == ("not-applicable", "certain", [])
    assert "a stored file" in verdict.summary.lower()


# --- confidence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("steady", "high"),
        ("a character each 0.3 s", "medium"),
        ("40 tokens in 60 ms", "medium"),
        ("whole-body reader", "certain"),
        ("60 tokens in one block", "high"),
        ("20 tokens at 2.03 s", "low"),
        ("4 KiB blocks", "high"),
        ("half flows, half lumps", "medium"),
    ],
)
def test_the_verdict_is_as_sure_as_its_evidence(name: str, confidence: Confidence) -> None:
    assert judge(STORIES[name][0]).confidence == confidence


def test_a_short_lump_is_surer_if_it_stands_for_many_tokens() -> None:
    few = signals_of_reads((2.03, 20))

    assert judge(few).confidence == "low"
    assert judge(replace(few, usage=Usage(output_tokens=400))).confidence == "high"


def test_a_lump_in_several_reads_is_held_as_long_as_one_in_a_single_read() -> None:
    """Who writes event by event what was generated before takes some milliseconds for it."""
    uvicorn = {"headers": (SSE, ("server", "uvicorn")), "response_start": 0.1}
    one = judge(signals_of_reads((6.0, 200), **uvicorn))
    several = judge(signals_of_reads(*((6 + 0.003 * i, 2) for i in range(8)), (6.03, 160), (6.045, 24), **uvicorn))

    assert one.measures.mean_hold
    assert several.measures.mean_hold == pytest.approx(one.measures.mean_hold, rel=0.01)
    assert (several.label, several.suspects[0].cause) == (one.label, one.suspects[0].cause)
    assert "generated first" in one.suspects[0].cause


def test_what_flows_on_behind_a_lump_was_not_held_with_it() -> None:
    """A third of the silence before is as long as a lump is poured out."""
    verdict = judge(signals_of_reads((1.5, 900), *((1.51 + 0.01 * i, 1) for i in range(300))))

    assert verdict.label == "pseudo-streaming"
    assert verdict.measures.mean_hold == pytest.approx(0.5 * 1.5 * (900 + 50) / 1200, rel=0.01)


# --- Content-Length ---------------------------------------------------------------------------------------------


def test_a_declared_length_convicts_only_if_the_times_agree() -> None:
    length = (("content-length", "74400"),)
    lump, flow = signals_of_reads((2.0, 300), headers=length), replace(STORIES["steady"][0], headers=length)

    assert (judge(lump).label, judge(lump).confidence) == ("pseudo-streaming", "certain")
    assert judge(flow).label == "streaming"
    assert judge(lump).flags == judge(flow).flags == ("content-length-on-stream",)


def test_a_declared_length_convicts_few_events_too() -> None:
    assert judge(signals_of_reads((0.2, 5), headers=(("content-length", "9"),))).label == "pseudo-streaming"
    assert judge(signals_of_reads((0.2, 1), headers=(("content-length", "9"),))).label == "inconclusive"


# --- channels ---------------------------------------------------------------------------------------------------


def test_the_worst_channel_decides() -> None:
    verdict = judge(STORIES["answer held"][0])

    assert verdict.channel == "text"
    assert verdict.measures.content_events == 100


def test_a_channel_too_short_to_tell_gives_way_to_one_that_tells() -> None:
    steady = simulate(Engine(50, 1, 210, channels=(("reasoning", 200), ("text", 10))))

    verdict = judge(steady.signals)

    assert (verdict.label, verdict.channel) == ("streaming", "reasoning")


def test_channels_too_short_alone_are_judged_together() -> None:
    steady = simulate(Engine(50, 1, 24, channels=(("reasoning", 12), ("text", 12))))

    assert judge(steady.signals).label == "streaming"


def test_a_short_channel_inside_one_of_many_lumps_is_no_case_of_its_own() -> None:
    story = simulate(Engine(100, 1, 400, channels=(("reasoning", 20), ("text", 380))), timer(0.4))

    verdict = judge(story.signals)

    assert (verdict.label, verdict.channel) == ("bursty", "text")


def test_a_channel_that_follows_at_the_same_pace_is_not_held_for_coming_in_one_read() -> None:
    reasoning = [(0.5 + i * 0.0005, 1) for i in range(600)]
    story = signals_of_reads(*reasoning, (0.81, 18))
    split = {
        "reasoning": Moments(story.content.t[:600], story.content.arrival[:600]),
        "text": Moments(story.content.t[600:], story.content.arrival[600:]),
    }

    assert judge(replace(story, moments=split)).label == "streaming"


@pytest.mark.parametrize(("n", "label"), [(30, "inconclusive"), (60, "pseudo-streaming")])
def test_what_may_have_been_made_since_the_piece_before_at_the_pace_so_far_is_no_hold(n: int, label: str) -> None:
    """The piece before it was cut inside an event, as a hop that pours out what was all there cuts."""
    story = signals_of_reads(*((1 + i / 100, 1) for i in range(12)), (1.21, n))

    assert judge(replace(story, boundary=[i != 11 for i in range(13)])).label == label


def test_a_lump_that_brings_two_channels_is_the_whole_streams() -> None:
    story = simulate(Engine(600, 1, 420, channels=(("reasoning", 380), ("text", 40)), jitter=0.1), stalled(1.55, 0.9))

    verdict = judge(story.signals)

    assert verdict.label == "streaming"
    assert "stalled" in verdict.flags


def test_an_unknown_api_is_judged_by_its_events() -> None:
    assert judge(signals_of_reads((2.5, 100), channel="events")).channel == "events"
    assert judge(signals_of_reads((2.5, 100), moments={})).channel == "events"


# --- the server's own clock ------------------------------------------------------------------------------------


def dated(arrivals: list[float], made: list[float], **facts: object) -> Signals:
    """One event each, with the server's date."""
    at: dict[float, int] = {}
    for t in arrivals:
        at[t] = at.get(t, 0) + 1
    return signals_of_reads(*at.items(), clocks=list(zip(arrivals, made, strict=True)), **facts)


def test_what_the_server_dated_before_was_held_after_the_model() -> None:
    made = [1_700_000_000.05 + 0.05 * i for i in range(20)]

    verdict = judge(dated([1.05] * 20, made))

    assert (verdict.label, verdict.confidence, verdict.severity) == ("pseudo-streaming", "certain", "moderate")
    assert verdict.measures.mean_hold == pytest.approx(0.475)
    assert "held back after the model by 475 ms on average and 950 ms at most" in verdict.summary
    assert {suspect.hop for suspect in verdict.suspects} == {"intermediary"}


def test_what_the_server_dated_in_one_moment_it_sent_in_one_piece() -> None:
    made = [1_700_000_001.0 + 0.00003 * i for i in range(60)]

    verdict = judge(dated([1.05] * 60, made))

    assert verdict.label == "pseudo-streaming"
    assert verdict.suspects[0].hop == "model-server"
    assert verdict.suspects[0].confidence == "high"


def test_dates_in_step_with_the_arrivals_make_streaming_certain() -> None:
    times = [0.5 + 0.05 * i for i in range(40)]

    assert judge(dated(times, [t + 1_700_000_000.123 for t in times])).confidence == "certain"


def test_fewer_events_are_enough_where_the_hold_is_measured() -> None:
    assert judge(dated([1.05] * 10, [0.1 + 0.1 * i for i in range(10)])).label == "pseudo-streaming"
    assert judge(dated([1.05] * 7, [0.1 + 0.1 * i for i in range(7)])).label == "inconclusive"


def test_lumps_of_two_and_three_are_lumps_where_the_server_dated_them_apart() -> None:
    arrivals = [0.9 * (1 + i // 3) for i in range(60)]
    made = [0.3 * (1 + i) + 1_700_000_000.5 for i in range(60)]

    assert judge(dated(arrivals, made)).label == "bursty"


@pytest.mark.parametrize(
    "made",
    [
        pytest.param([1_700_000_000.0] * 100, id="one stamp on all"),
        pytest.param([float(1_700_000_000 + i // 40) for i in range(100)], id="whole seconds"),
        pytest.param([1_700_000_000.5 - 0.1 * i for i in range(100)], id="running back"),
    ],
)
def test_a_date_that_is_no_clock_proves_no_hold(made: list[float]) -> None:
    times = [0.5 + 0.025 * i for i in range(100)]

    verdict = judge(dated(times, made))

    assert verdict.label == "streaming"
    assert verdict.confidence == "high"


def test_whole_seconds_prove_a_hold_of_many() -> None:
    made = [float(1_700_000_000 + i // 10) for i in range(100)]

    verdict = judge(dated([10.5] * 100, made))

    assert (verdict.label, verdict.confidence) == ("pseudo-streaming", "certain")


def test_dates_of_another_day_tell_of_a_stored_answer_not_of_a_hold() -> None:
    made = [1_600_000_000.1 + 0.1 * i for i in range(100)]

    verdict = judge(dated([0.12] * 100, made))

    assert verdict.label == "inconclusive"
    assert verdict.flags == ("cached",)


def test_generation_time_that_is_missing_here_is_a_hold() -> None:
    lump = signals_of_reads((6.0, 12), server_timing={"generation": 5.0})

    assert (judge(lump).label, judge(lump).confidence) == ("pseudo-streaming", "certain")
    assert judge(signals_of_reads((6.0, 12), (6.4, 4), server_timing={"generation": 1.0})).confidence == "high"
    assert judge(signals_of_reads((0.9, 12), server_timing={"generation": 0.2})).label == "inconclusive"


def test_hidden_thinking_is_no_hold_though_the_server_counts_its_time() -> None:
    story = replace(STORIES["thinks 30 s, then streams"][0], server_timing={"generation": 29.0})

    assert judge(story).label == "streaming"


# --- replays ----------------------------------------------------------------------------------------------------


def test_a_stream_told_again_is_not_judged_by_its_pace() -> None:
    verdict = judge(signals_of_reads((3.0, 200), traits=frozenset({"replayed"})))

    assert verdict.label == "inconclusive"
    assert "replay" in verdict.summary


def test_a_cached_answer_keeps_the_label_of_its_times() -> None:
    cached = (("Age", "35"),)

    assert judge(signals_of_reads((0.1, 200), headers=cached)).label == "inconclusive"
    assert judge(signals_of_reads((0.1, 200), headers=(*cached, ("Content-Length", "49600")))).label == "inconclusive"
    lump = judge(signals_of_reads((1.0, 200), headers=cached))
    assert (lump.label, lump.flags) == ("pseudo-streaming", ("cached",))
    assert "cache" in lump.suspects[0].cause


# --- the proxy's own lag ----------------------------------------------------------------------------------------


def test_what_the_proxy_may_have_done_itself_is_blamed_on_nobody() -> None:
    lumps = [(0.5 + 0.3 * i, 6) for i in range(20)]
    lags = [(t - 0.001, 0.25) for t, _ in lumps]

    blamed, excused = (
        judge(signals_of_reads(*lumps)),
        judge(signals_of_reads(*lumps, lags=lags, lag=ClockLag(0.25, 0.25))),
    )

    assert blamed.label == "bursty"
    assert (excused.label, excused.flags, excused.suspects) == ("inconclusive", ("observer-lag",), ())
    assert "250 ms" in excused.summary


def test_a_client_too_slow_to_be_read_for_is_told_from_a_late_loop() -> None:
    lumps = [(0.5 + 0.3 * i, 6) for i in range(20)]
    lags = [(t - 0.001, 0.25) for t, _ in lumps]

    assert "client read so slowly" in judge(signals_of_reads(*lumps, lags=lags, lag=ClockLag(0.001, 0.002))).summary


def test_a_stream_of_declared_length_that_came_while_the_proxy_did_not_read_convicts_nobody() -> None:
    facts = {"headers": (("Content-Length", "4960"),), "lag": ClockLag(0.001, 0.002)}
    stopped_throughout = judge(signals_of_reads((0.25, 20), lags=[(0.249, 0.22)], **facts))
    stopped_at_its_end = judge(signals_of_reads((3.0, 20), lags=[(2.999, 0.22)], **facts))

    assert (stopped_throughout.label, stopped_throughout.suspects) == ("inconclusive", ())
    assert (stopped_at_its_end.label, stopped_at_its_end.confidence) == ("pseudo-streaming", "certain")


def test_lag_without_its_moments_may_hide_in_every_silence() -> None:
    lumps = [(0.5 + 0.3 * i, 6) for i in range(20)]

    assert judge(signals_of_reads(*lumps, lag=ClockLag(0.2, 0.2))).flags == ("observer-lag",)
    assert judge(signals_of_reads(*lumps, lag=ClockLag(0.002, 0.3))).label == "bursty"


def test_lag_that_does_not_matter_changes_nothing_but_the_figures() -> None:
    story = STORIES["16 KiB blocks"][0]

    verdict = judge(replace(story, lags=[(2.5, 0.1)], lag=ClockLag(0.1, 0.1)))

    assert (verdict.label, verdict.flags) == ("bursty", ())
    before, now = judge(story).measures.mean_hold, verdict.measures.mean_hold
    assert before is not None
    assert now is not None
    assert now < before


def test_lag_in_a_stream_that_flows_is_no_matter() -> None:
    assert judge(replace(STORIES["steady"][0], lags=[(1.0, 0.05)], lag=ClockLag(0.05, 0.05))).flags == ()


def test_what_a_standstill_of_the_proxys_own_held_is_not_told_of_a_stream_that_flows() -> None:
    flow = [*((0.5 + 0.05 * i, 1) for i in range(20)), (2.5, 20), *((2.55 + 0.05 * i, 1) for i in range(20))]

    told, excused = (
        judge(signals_of_reads(*flow)),
        judge(signals_of_reads(*flow, lags=[(2.499, 1.0)], lag=ClockLag(1.0, 1.0))),
    )

    assert (told.label, told.flags) == ("streaming", ("stalled",))
    assert (excused.label, excused.flags) == ("streaming", ())
    assert "held back 7.92 ms on average" in excused.summary


def test_what_came_at_once_after_the_proxy_itself_had_stood_still_is_no_riddle() -> None:
    stood = [(1.4, 25), *((1.44 + 0.04 * i, 1) for i in range(36))]
    told, excused = (
        judge(signals_of_reads(*stood)),
        judge(signals_of_reads(*stood, lags=[(1.399, 1.2)], lag=ClockLag(1.2, 1.2))),
    )

    assert told.summary.startswith("The first 25 of 61 pieces of text came at once after 1.40 s")
    assert (excused.label, excused.suspects) == ("streaming", ())


# --- what a person reads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORIES)
def test_the_summary_is_one_sentence(name: str) -> None:
    summary = judge(STORIES[name][0]).summary

    assert summary[0].isupper() or summary[0].isdigit()
    assert summary.endswith(".")
    assert "\n" not in summary
    assert ". " not in summary


def test_the_summary_has_the_figures_the_suspect_and_the_line_to_change() -> None:
    summary = judge(STORIES["4 KiB blocks"][0]).summary

    for words in ("300 pieces of text", "19 lumps", "held back 15", "buffer of memory pages", "proxy_buffering off;"):
        assert words in summary


@pytest.mark.parametrize(
    ("signals", "counted"),
    [
        (
            simulate(Engine(50, 1, 60, channels=(("reasoning", 20), ("text", 40)))).signals,
            "60 pieces of reasoning and text in",
        ),
        (
            simulate(Engine(50, 1, 60, channels=(("reasoning", 20), ("text", 10), ("tool_calls", 30)))).signals,
            "60 pieces of reasoning, text and tool calls",
        ),
        (STORIES["answer held"][0], "all 100 pieces of text"),
        (simulate(Engine(50, 1, 1)).signals, "1 piece of text, fewer"),
    ],
    ids=["two channels", "three channels", "the one that is held", "one piece"],
)
def test_the_summary_counts_what_it_names(signals: Signals, counted: str) -> None:
    assert counted in judge(signals).summary


def test_the_summary_tells_of_the_others_where_most_came_at_once() -> None:
    summary = judge(signals_of_reads((0.66, 21), (1.05, 19))).summary

    assert "got 40 pieces of text in 2 deliveries, 21 of them at once 660 ms after the request" in summary


def test_a_hold_that_no_clock_here_could_see_is_none() -> None:
    signals = signals_of_reads(
        *[(0.5 + i * 0.002, 1) for i in range(400)], (1.32, 20), *[(1.33 + i * 0.002, 1) for i in range(400)]
    )
    verdict = judge(signals)

    assert verdict.label == "streaming"
    assert 0 < (verdict.measures.mean_hold or 0.0) < 0.001
    assert "none held back" in verdict.summary


@pytest.mark.parametrize(
    ("queue", "told"), [(1.2, True), (0.2, False), (9.0, False)], ids=["", "short", "not this one"]
)
def test_the_summary_tells_of_the_servers_own_queue(queue: float, told: bool) -> None:
    signals = replace(simulate(replace(STEADY, ttft=1.5)).signals, server_timing={"queue": queue})

    assert (", 1.20 s of the wait in the server's own queue, none held" in judge(signals).summary) is told


def test_the_summary_of_an_unsure_verdict_says_so() -> None:
    few, many = (judge(simulate(Engine(50, 1, n), at_end).signals) for n in (20, 300))

    assert (few.label, few.confidence, many.confidence) == ("pseudo-streaming", "low", "high")
    assert "on average (low confidence); suspect: " in few.summary
    assert "low confidence: " not in many.summary


@pytest.mark.parametrize("name", STORIES)
def test_the_summary_can_be_read_at_a_glance(name: str) -> None:
    assert len(judge(STORIES[name][0]).summary) <= 335


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("steady", "look at how it reads"),
        ("4 KiB blocks", "one hop further upstream"),
        ("ten at once, too few", None),
    ],
)
def test_what_cannot_be_seen_from_here_is_said_beside_it(name: str, words: str | None) -> None:
    verdict = judge(STORIES[name][0])

    assert words is None if verdict.untold is None else words in verdict.untold


def test_a_stall_is_told_apart_from_a_pause() -> None:
    stall = judge(STORIES["network stall"][0])
    pause = judge(simulate(Engine(50, 0.5, 200, jitter=0.1, pauses=((100, 2.0),))).signals)

    assert "stalled" in stall.flags
    assert (
        "one silence of 1.51 s and then 76 of them at once, as a stalled network brings, the others flowed: it streamed"
    ) in stall.summary
    assert "on average" not in stall.summary, "what was held is in that lump alone"
    assert (pause.label, pause.flags) == ("streaming", ("stalled",))
    assert "without a catch-up" in pause.summary


def test_lumps_that_nobody_notices_make_a_stall_no_manner_of_the_stream() -> None:
    jerks = [(0.5 + 0.1 * i + 0.02 * j, 5 if j == 0 else 1) for i in range(20) for j in range(2)]
    verdict = judge(signals_of_reads(*jerks, (4.5, 100), *((4.5 + 0.02 * i, 1) for i in range(1, 100))))
    assert len(verdict.flags) == 1
    assert ", the others flowed: it streamed" in verdict.summary


def test_of_several_stalls_the_longest_is_told_and_what_all_of_them_held() -> None:
    begun = ((0.5, 1), (4.5, 50), (9.5, 80))
    twice = judge(signals_of_reads(*((at + 0.02 * i, n if i == 0 else 1) for at, n in begun for i in range(100))))

    assert (twice.label, twice.flags) == ("streaming", ("stalled",))
    assert "one silence of 3.02 s and then 80 of them at once, held back" in twice.summary


def lossy(every: float = 0.6, wait: float = 0.4, rtt: float = 0.1) -> Signals:
    """50 pieces a second; every so many seconds a segment is lost, and what follows waits for it."""
    ends = [0.5 + (t // every) * every + wait for t in (0.02 * i for i in range(300))]
    signals = signals_of_reads(*((max(0.5 + 0.02 * i, end), 1) for i, end in enumerate(ends)))
    stalls = tuple((t, 12) for t in sorted({arrival.t for arrival in signals.arrivals} & set(ends)))
    return replace(signals, network=Network(rtt, 1448, 80_000, 300, 12 * len(stalls), stalls))


def test_lumps_of_a_network_that_loses_segments_are_blamed_on_it_alone() -> None:
    verdict = judge(lossy())

    assert verdict.label == "bursty"
    (suspect,) = verdict.suspects
    assert suspect.cause.startswith("the network lost segments")
    assert suspect.confidence == "high"
    assert "before 9 of 10 lumps segments had come out of order, 108 together" in suspect.evidence
    assert "the round trip takes 100 ms" in suspect.evidence


def test_without_the_kernels_word_the_network_is_not_accused_of_losing() -> None:
    causes = [suspect.cause for suspect in judge(replace(lossy(), network=None)).suspects]

    assert causes
    assert not any(cause.startswith("the network lost") for cause in causes)


def test_a_loss_is_no_excuse_for_a_longer_hold() -> None:
    """At the end of each silence something came out of order; but nothing waits for seconds for a segment."""
    signals = signals_of_reads(*((3.0 * i, 40) for i in range(1, 6)))
    stalls = tuple((arrival.t, 2) for arrival in signals.arrivals)
    held = replace(signals, network=Network(0.05, 1448, 60_000, 60, 10, stalls))

    assert [s.cause for s in judge(held).suspects] == [s.cause for s in judge(signals).suspects] != []


def test_a_long_silence_that_a_loss_made_is_told_as_one() -> None:
    signals = simulate(Engine(50, 0.5, 200, jitter=0.1), stalled(2, 0.6)).signals
    late = max(pairwise([a.t for a in signals.arrivals]), key=lambda pair: pair[1] - pair[0])[1]
    verdict = judge(replace(signals, network=Network(0.1, 1448, 60_000, 200, 30, ((late, 30),))))

    assert "in which the network had lost a segment" in verdict.summary


@pytest.mark.parametrize(("rtt", "accused"), [(0.05, True), (0.6, False)])
def test_what_a_window_lets_through_is_no_byte_buffers(rtt: float, accused: bool) -> None:
    """Full segments and silences of 160 ms: over a way of 600 ms there was no room for more."""
    signals = signals_of_reads(*((1.5 + 0.16 * i, 20 + 5 * (i % 7)) for i in range(20)), aligned=False)
    network = Network(rtt, 1448, 165_000, 116, 0)
    causes = [suspect.cause for suspect in judge(replace(signals, network=network)).suspects]

    assert causes
    assert any(cause.startswith("byte buffer") for cause in causes) is accused


def test_what_came_as_fast_as_the_way_carries_it_is_not_called_a_stream() -> None:
    """Held to its end, then sent over a way of 70 ms that loses some: reads of any number of full segments."""
    sizes = (8681, 1448, 4344, 1448, 2896, 10136, 4344, 2896, 4344, 5792, 1448, 10136, 8688, 8007)
    signals = signals_of_reads(*((6.3 + 0.012 * i, size // 250) for i, size in enumerate(sizes)), aligned=False)
    carried = Network(rtt=0.07, mss=1448, received=sum(sizes), segments=52, out_of_order=0)

    assert judge(signals).label == "streaming"
    assert judge(replace(signals, network=carried)).label == "inconclusive"


def test_the_silence_before_the_one_lump_is_no_stall_beside_it() -> None:
    assert judge(STORIES["a few early, then the rest"][0]).flags == ()


# --- promises about every verdict -------------------------------------------------------------------------------


def consistent(verdict: Verdict) -> None:
    held = verdict.label in ("bursty", "pseudo-streaming")
    assert bool(verdict.severity) == held
    assert held or verdict.label == "not-streamed" or verdict.suspects == ()
    assert not held or verdict.suspects
    assert all(suspect.evidence and suspect.remedy and suspect.cause for suspect in verdict.suspects)
    m = verdict.measures
    if m.content_events is not None:
        assert m.deliveries is not None
        assert m.effective_deliveries is not None
        assert m.burst_share is not None
        assert 1 <= m.deliveries <= m.content_events
        assert 1 <= m.effective_deliveries <= m.deliveries + 1e-6
        assert 0 <= m.burst_share <= 1
        assert m.mean_hold is None or m.mean_hold >= 0
        assert m.mean_hold is not None or verdict.label == "inconclusive"


LOT = st.tuples(st.floats(0, 3, allow_subnormal=False), st.integers(1, 40))


@settings(deadline=None)
@given(
    st.lists(LOT, min_size=1, max_size=60),
    st.booleans(),
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 2)), max_size=5),
    st.lists(st.tuples(st.floats(0, 60), st.floats(-1e10, 1e10)), max_size=12),
    st.sampled_from([(), GZIP, ("Content-Length", "x"), ("server", "nginx"), ("cf-ray", "1"), ("Age", "soon")]),
)
def test_no_times_upset_the_judge(
    steps: list[tuple[float, int]],
    aligned: bool,
    lags: list[tuple[float, float]],
    clocks: list[tuple[float, float]],
    header: tuple[str, str] | tuple[()],
) -> None:
    t, made = 0.0, []
    for step, n in steps:
        t += step + 1e-6
        made.append((t, n))
    signals = signals_of_reads(
        *made, aligned=aligned, lags=lags, clocks=sorted(clocks), headers=(SSE, header) if header else (SSE,)
    )

    verdict = judge(signals)

    consistent(verdict)
    assert verdict == judge(signals)


def test_what_may_have_been_copied_is_told_with_the_silences_before_it() -> None:
    whole, lumps = (
        judge(simulate(STEADY, behind(hop, copied(0.0015, STEADY.events(random.Random(0))))).signals).summary
        for hop in (at_end, timer(2.5))
    )
    assert whole.startswith("Too fast to tell: after a silence of 6.28 s, all 300 pieces of text came")
    assert lumps.startswith("Too fast to tell: after silences of up to 2.50 s, all 300 pieces")


@pytest.mark.parametrize("name", STORIES)
def test_every_verdict_is_consistent(name: str) -> None:
    consistent(judge(STORIES[name][0]))


def test_moments_beyond_the_arrivals_kept_still_count() -> None:
    story = signals_of_reads(*((0.5 + 0.02 * i, 1) for i in range(300)))

    verdict = judge(replace(story, arrivals=story.arrivals[:100], boundary=story.boundary[:100]))

    assert (verdict.label, verdict.measures.content_events) == ("streaming", 300)


def test_moments_of_no_arrival_tell_nothing() -> None:
    story = replace(STORIES["steady"][0], arrivals=(), boundary=())

    assert judge(story).label == "inconclusive"


@pytest.mark.parametrize(
    "story",
    [
        pytest.param([(i * 0.02, 1) for i in range(200_000)], id="flow"),
        pytest.param([(i * 0.2, 10) for i in range(20_000)], id="lumps"),
        pytest.param([(3.0, 200_000)], id="one lump"),
        pytest.param([(i * 0.005, 1) for i in range(200_000)], id="both silences"),
    ],
)
def test_judging_is_linear_in_the_events(story: list[tuple[float, int]]) -> None:
    """Ten times the events cost ten times the time, not a hundred times; two hundred thousand a second or two."""
    small, large = signals_of_reads(*story[: max(1, len(story) // 10)]), signals_of_reads(*story)
    cost = []
    for signals in (small, large):
        start = time.process_time()
        judge(signals)
        cost.append(time.process_time() - start)

    assert cost[1] < 4
    assert cost[1] < 40 * max(cost[0], 0.02)


def test_of_what_the_client_feeds_no_silence_and_no_lump_is_held_against_anyone() -> None:
    lumpy = signals_of_reads(*((0.5 + 2 * i, 6) for i in range(5)))
    assert judge(lumpy).label == "bursty"
    fed = judge(replace(lumpy, traits=frozenset({"fed"})))
    assert (fed.label, fed.severity, fed.suspects, fed.flags) == ("inconclusive", None, (), ())
    assert "while the client was still sending its input" in fed.summary
    late = judge(replace(lumpy, traits=frozenset({"fed"}), lags=[(1.2, 0.1)], lag=ClockLag(0.1, 0.1)))
    assert (late.label, late.severity, late.suspects) == ("inconclusive", None, ()), "nor if the proxy was late as well"


def test_every_reason_has_a_sentence() -> None:
    assert wording._SENTENCES.keys() == set(get_args(Reason))
