"""The suspects, their evidence and their remedies, on streams whose culprit is known."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from streamwatchlib.judge import judge
from streamwatchlib.model import ClockLag, Confidence, Hop, Signals, Suspect

from .simulate import (
    Engine,
    Event,
    Head,
    after,
    at_end,
    behind,
    blocks,
    chunks,
    corked,
    filling,
    observe,
    records,
    signals_of_reads,
    simulate,
    stalled,
    through,
    timer,
    written,
)
from .simulate import Hop as Hold

STEADY = Engine(50, 0.3, 300, jitter=0.2, size=(248, 248))
SSE = ("Content-Type", "text/event-stream")
GZIP = ("Content-Encoding", "gzip")
BROTLI = ("Content-Encoding", "br")
NGINX = ("Server", "nginx/1.22.1")


def with_head(signals: Signals, *headers: tuple[str, str]) -> Signals:
    return replace(signals, headers=(*signals.headers, *headers))


def held_answer() -> Signals:
    engine = Engine(40, 1.0, 300, channels=(("reasoning", 200), ("text", 100)))
    events = engine.events(random.Random(1))
    passed = sum(event.size for event in events[: next(i for i, e in enumerate(events) if e.channel == "text")])
    return observe(events, after(passed, at_end)(written(events)), Head()).signals


def in_values(hop: Hold = through) -> Signals:
    """A text that flows, then the pieces of each argument at once when it has been checked."""
    text = [Event(0.3 + 0.025 * i, 250, "text") for i in range(40)]
    values = [Event(t, 200, "tool_calls") for t, n in ((1.7, 20), (2.6, 25), (3.2, 15)) for _ in range(n)]
    events = [*text, *values]
    return observe(events, hop(written(events)), Head()).signals


CULPRITS: dict[str, tuple[Signals, Hop, Confidence, str, str, str]] = {
    # name: (what was seen, hop, confidence, a word of the cause, of the evidence, of the remedy)
    "pages": (
        simulate(STEADY, blocks(4096)).signals,
        "intermediary", "high", "memory pages", "19 blocks of 4096 bytes", "`fastcgi_pass` or `uwsgi_pass`, `fastcgi_",
    ),
    "8 KiB behind nginx": (
        with_head(simulate(STEADY, blocks(8192)).signals, NGINX),
        "intermediary", "high", "memory pages", "nginx/1.22.1", "X-Accel-Buffering: no",
    ),
    "8 KiB behind who knows": (
        simulate(STEADY, blocks(8192)).signals,
        "intermediary", "medium", "memory pages", "8192", "proxy_buffering off;",
    ),
    "8 KiB of Apache's, before FastCGI and behind TLS": (
        with_head(simulate(STEADY, blocks(8192)).signals, ("Server", "Apache/2.4.71 (Debian) OpenSSL/3.0.19")),
        "intermediary", "medium", "gathers bytes", "8192", "`flushpackets=on`",
    ),
    "TLS records": (
        simulate(STEADY, blocks(16384)).signals,
        "intermediary", "high", "TLS records", "a buffer of 16384 less framing, 20% of them end", "ssl_buffer_size 4k",
    ),
    "TLS records, few": (
        simulate(Engine(4, 0.3, 200, size=(247, 247)), blocks(16384)).signals,
        "intermediary", "medium", "TLS records", "16384", "X-Accel-Buffering: no",
    ),
    "Go that does not flush": (
        simulate(STEADY, chunks()).signals,
        "intermediary", "high", "Go's net/http", "blocks of 4082 bytes (median)", "NewResponseController(w).Flush()",
    ),
    "Tomcat that is not flushed": (
        simulate(STEADY, chunks(8192, 8184)).signals,
        "intermediary", "high", "Tomcat", "blocks of 8184 bytes", "`response.flushBuffer()` after each event",
    ),
    "PHP that is not flushed": (
        with_head(simulate(STEADY, chunks(8192, 8184)).signals, NGINX, ("X-Powered-By", "PHP/8.2.36")),
        "intermediary", "high", "PHP behind FastCGI", "blocks of 8184 bytes", "`flush();` after each event",
    ),
    "pages that hold records of FastCGI, each a page of PHP's": (
        with_head(simulate(STEADY, behind(filling(4096), records())).signals, NGINX),
        "intermediary", "high", "memory pages", "4096 less framing", "`fastcgi_buffering off;`",
    ),
    "another block": (
        simulate(Engine(50, 0.3, 700), blocks(32768)).signals,
        "intermediary", "medium", "gathers bytes", "32768", "flush after each event",
    ),
    "an odd block": (
        simulate(Engine(50, 0.3, 400), blocks(6000)).signals,
        "intermediary", "medium", "gathers bytes", "6000 bytes", "read1()",
    ),
    "pages of the body alone, by a program": (
        simulate(STEADY, blocks(4096, 0)).signals,
        "intermediary", "medium", "gathers bytes", "(median), a buffer of 4096 less framing,", "pass on what",
    ),
    "blocks as large as a TLS record, of the body alone": (
        simulate(STEADY, blocks(16384, 0)).signals,
        "intermediary", "medium", "gathers bytes", "16384", "`read1()` instead of `read(n)`",
    ),
    "whole events until so many bytes are there": (
        simulate(Engine(50, 0.3, 300, jitter=0.2), filling(4096)).signals,
        "intermediary", "medium", "gathers bytes", "with the event that made it 4096 or more, 100% of", "ob_flush();",
    ),
    "whole events until so many bytes are there, at an uneven pace": (
        simulate(Engine(100, 0.3, 1500, jitter=0.9), filling(8192)).signals,
        "intermediary", "medium", "gathers bytes", "made it 8192 or more", "flush after each event",
    ),
    "whole events until Apache has enough of them": (
        simulate(Engine(50, 0.3, 300, jitter=0.2, size=(245, 245)), filling(8000)).signals,
        "intermediary", "medium", "gathers bytes", "made it 8000 or more", "flush after each event",
    ),
    "whole events until so many bytes are there with the framing of each, as in Apache before FastCGI": (
        simulate(Engine(50, 0.3, 300, jitter=0.2, size=(225, 350)), filling(4096, 7)).signals,
        "intermediary", "medium", "gathers bytes", "made it 4096 or more, framing included", "`flushpackets=on`",
    ),
    "whole events until so many bytes are there, now and then several lots at once": (
        simulate(
            Engine(100, 0.3, 900, jitter=0.1), behind(filling(4096), *(stalled(t, 0.5) for t in (2, 4, 6)))
        ).signals,
        "intermediary", "medium", "gathers bytes", "made it 4096 or more", "flush after each event",
    ),
    "a clock that happens to let out a page each time": (
        simulate(Engine(50, 0.3, 300, jitter=0.2), timer(0.34)).signals,
        "intermediary", "medium", "flush timer", "a lump every 340 ms", "FlushInterval: -1",
    ),
    "bytes of no one size": (
        signals_of_reads((1, 20), (2, 31), (3.1, 9), (4.7, 40), aligned=False),
        "intermediary", "medium", "gathers bytes", "25% of them end", "flush after each event",
    ),
    "whole-body reader": (
        simulate(STEADY, at_end, head=Head((SSE, ("Content-Length", "76473")))).signals,
        "intermediary", "high", "whole-body reader", "`Content-Length: 76473`", "streaming",
    ),
    "a digest of the whole": (
        with_head(simulate(STEADY, at_end).signals, ("ETag", 'W/"7fe2ff37008308a7"')),
        "intermediary", "medium", "whole-body reader", '`ETag: W/"7fe2ff37008308a7"`, which', "drains the body",
    ),
    "unflushed Brotli, which keeps the head as well": (
        simulate(STEADY, at_end, head=Head((SSE, BROTLI), ratio=6)).signals,
        "intermediary", "medium", "not flushed", "`Content-Encoding: br`", "`Cache-Control: no-transform`",
    ),
    "Brotli in nginx": (
        simulate(STEADY, at_end, head=Head((SSE, BROTLI, NGINX), ratio=6)).signals,
        "intermediary", "medium", "compression in a hop that buffers", "`Content-Encoding: br`", "`gzip off;`",
    ),
    "unflushed compression": (
        simulate(STEADY, at_end, head=Head((SSE, GZIP), early=True, ratio=6)).signals,
        "intermediary", "high", "not flushed", "before the first event", "no-transform",
    ),
    "compression that fills its buffer": (
        simulate(Engine(50, 0.3, 3000), blocks(150_000, 0), head=Head((SSE, GZIP), early=True, ratio=9)).signals,
        "intermediary", "high", "not flushed", "`Content-Encoding: gzip`, 16", "Z_SYNC_FLUSH",
    ),
    "compression, head late": (
        simulate(Engine(50, 0.3, 3000, jitter=0.5), blocks(150_000, 0), head=Head((SSE, GZIP), ratio=9)).signals,
        "intermediary", "medium", "not flushed", "gzip", "no-transform",
    ),
    "compressing buffer": (
        simulate(STEADY, at_end, head=Head((SSE, GZIP, NGINX), ratio=6)).signals,
        "intermediary", "medium", "compression in a hop that buffers", "gzip", "`gzip off;`",
    ),
    "drafts of which now one token is right, now all": (
        signals_of_reads(
            *((0.3 + 0.25 * i + 0.02 * (i % 3), n) for i, n in enumerate((1, 5, 2, 4, 5, 1, 3, 5, 2, 5, 4, 1) * 3))
        ),
        "model-server", "low", "engine step", "lumps of 1 to 5 events", "a shorter speculative draft",
    ),
    "arguments let out value by value after a text": (
        in_values(),
        "model-server", "medium", "arguments of a tool call", "nothing but arguments", "eager_input_streaming",
    ),
    "HAProxy": (
        simulate(STEADY, corked()).signals,
        "intermediary", "medium", "HAProxy", "a lump every 21", "option http-no-delay",
    ),
    "HAProxy, a short answer": (
        simulate(Engine(50, 0.3, 40, jitter=0.2), corked()).signals,
        "intermediary", "low", "HAProxy", "4 lumps, the first 3 about 20", "option http-no-delay",
    ),
    "HAProxy and a model that pauses between keep-alives": (
        simulate(Engine(100, 0.5, 300, jitter=0.1, pauses=((150, 2.5),), ping=0.5), corked()).signals,
        "intermediary", "medium", "HAProxy", "a lump every 21", "option http-no-delay",
    ),
    "a 200 ms timer": (
        simulate(STEADY, timer(0.2)).signals,
        "intermediary", "medium", "timer", "a lump every 200 ms", "flush",
    ),
    "a timer that finds as many each time": (
        simulate(Engine(20, 0.3, 120, jitter=0.02), timer(0.2, 0.07)).signals,
        "intermediary", "medium", "timer", "4 events each", "flush",
    ),
    "one block, cut inside an event": (
        simulate(Engine(20, 0.3, 40), blocks(6000), seed=1).signals,
        "intermediary", "low", "gathers bytes", "2 blocks of 5850 bytes (the first)", "flush after each event",
    ),
    "timer": (
        simulate(STEADY, timer(0.5)).signals,
        "intermediary", "medium", "timer", "a lump every 500 ms", "FlushInterval: -1",
    ),
    "a 250 ms timer and a slow engine": (
        simulate(Engine(16, 0.5, 200, jitter=0.4), timer(0.25)).signals,
        "intermediary", "medium", "timer", "250 ms", "flush",
    ),
    "too few lumps for a beat": (
        simulate(Engine(100, 0.5, 60), timer(0.3)).signals,
        "intermediary", "low", "timer", "lumps", "flush",
    ),
    "engine step": (
        simulate(Engine(25, 0.56, 240, step=5, jitter=0.2)).signals,
        "model-server", "medium", "engine step", "of 5 events", "--stream-interval 1",
    ),
    "speculation that says so": (
        replace(simulate(Engine(25, 0.5, 240, step=5, jitter=0.2)).signals, traits=frozenset({"speculative-decoding"})),
        "model-server", "high", "engine step", "of 5 events", "speculative draft",
    ),
    "moderation": (
        replace(simulate(Engine(50, 0.6, 400, step=40, jitter=0.4)).signals, traits=frozenset({"content-filter"})),
        "model-server", "high", "moderation", "40 events", "asynchronous filter",
    ),
    "guardrail": (
        simulate(Engine(50, 0.6, 400, step=40, jitter=0.4)).signals,
        "model-server", "medium", "fixed number of pieces", "of 40 events", "guardrail's chunk",
    ),
    "cache": (
        with_head(signals_of_reads((1.0, 200)), ("X-Cache", "HIT from edge")),
        "intermediary", "high", "cache", "`x-cache: HIT from edge`", "no-cache",
    ),
    "a cache of its own spelling": (
        with_head(signals_of_reads((1.0, 200)), ("Helicone-Cache", "HIT")),
        "intermediary", "high", "cache", "cache headers", "no-cache",
    ),
    "stall": (
        simulate(Engine(50, 0.4, 300, jitter=0.1), stalled(1, 4)).signals,
        "intermediary", "medium", "stalled", "one silence of 4", "second run",
    ),
    "stall, little besides": (
        simulate(Engine(50, 0.4, 60, jitter=0.1), stalled(0.5, 4)).signals,
        "intermediary", "low", "stalled", "then", "second run",
    ),
    "answer held": (
        held_answer(),
        "model-server", "medium", "reasoning flows", "200 deliveries of other content", "guardrail",
    ),
    "application, head early": (
        simulate(STEADY, at_end, head=Head((SSE,), early=True)).signals,
        "model-server", "medium", "generated first", "the head came early", "flush after each event",
    ),
    "application, read in two goes": (
        signals_of_reads((0.2, 0), (5.0, 238), (5.007, 62), aligned=False),
        "model-server", "medium", "generated first", "300 events in one piece", "flush after each event",
    ),
    "application, large": (
        simulate(STEADY, at_end, head=Head((SSE,))).signals,
        "model-server", "low", "generated first", "the head came with the body", "`ob_flush(); flush();`",
    ),
    "short answer": (
        simulate(Engine(20, 0.3, 40), at_end).signals,
        "intermediary", "low", "larger than the answer", "40 events in one piece", "proxy_buffering off;",
    ),
    "short answer behind nginx": (
        with_head(simulate(STEADY, at_end).signals, NGINX),
        "intermediary", "medium", "larger than the answer", "nginx", "proxy_buffering off;",
    ),
    "nothing to go by": (
        signals_of_reads(
            (1.0, 20), (1.01, 1), (2.0, 20), (2.01, 1), (2.6, 20), (4.2, 20), (4.5, 31), (6.9, 20), (7.0, 5)
        ),
        "intermediary", "low", "a hop after the model", "lumps", "one hop further upstream",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CULPRITS)
def test_the_culprit_is_suspected_first(name: str) -> None:
    signals, hop, confidence, cause, evidence, remedy = CULPRITS[name]

    first = judge(signals).suspects[0]

    assert (first.hop, first.confidence) == (hop, confidence)
    assert cause in first.cause
    assert evidence in first.evidence
    assert remedy in first.remedy


@pytest.mark.parametrize("name", CULPRITS)
def test_suspects_come_most_likely_first(name: str) -> None:
    order = ["certain", "high", "medium", "low"]
    ranks = [order.index(suspect.confidence) for suspect in judge(CULPRITS[name][0]).suspects]

    assert ranks == sorted(ranks)


@pytest.mark.parametrize("name", CULPRITS)
def test_the_client_is_never_accused_from_here(name: str) -> None:
    assert "client" not in {suspect.hop for suspect in judge(CULPRITS[name][0]).suspects}


def causes(suspects: tuple[Suspect, ...]) -> str:
    return " | ".join(suspect.cause for suspect in suspects)


def test_blocks_that_tomcat_and_php_leave_alike_behind_a_server_are_laid_to_both() -> None:
    story = with_head(simulate(STEADY, chunks(8192, 8184)).signals, NGINX)

    told = {suspect.cause.partition(":")[0]: suspect.confidence for suspect in judge(story).suspects}

    assert told == {
        "byte buffer of Tomcat, as under Spring Boot": "medium",
        "byte buffer of PHP behind FastCGI": "medium",
    }


def test_no_php_is_thought_of_where_no_server_is_named() -> None:
    assert "PHP" not in causes(judge(simulate(STEADY, chunks(8192, 8184)).signals).suspects)


def test_an_answer_larger_than_usual_buffers_may_have_been_read_whole_by_a_hop() -> None:
    told = {
        suspect.cause.partition(":")[0]: suspect.confidence
        for suspect in judge(simulate(STEADY, at_end).signals).suspects
    }

    assert told == {"answer generated first, written afterwards": "low", "whole-body reader": "low"}


def test_an_encoder_whose_output_was_counted_was_not_waited_for() -> None:
    story = simulate(STEADY, at_end, head=Head((SSE, BROTLI, ("Content-Length", "2282")), ratio=6)).signals

    assert "whole-body reader" in judge(story).suspects[0].cause
    assert "not flushed" not in causes(judge(story).suspects)


def test_lumps_of_a_moderated_stream_that_are_cut_are_not_the_filters() -> None:
    story = replace(simulate(STEADY, blocks(4096)).signals, traits=frozenset({"content-filter"}))

    assert "moderation" not in causes(judge(story).suspects)


def test_a_filter_that_releases_like_clockwork_is_less_sure() -> None:
    story = replace(simulate(STEADY, timer(0.8)).signals, traits=frozenset({"content-filter"}))

    assert judge(story).suspects[0].confidence == "medium"
    assert "moderation" in judge(story).suspects[0].cause


def test_keep_alives_amid_the_silences_acquit_what_counts_bytes() -> None:
    lumps = [(1.0 + 2 * i, 30 + i % 3) for i in range(6)]
    pings = [(1.5 + 2 * i + d, 0) for i in range(5) for d in (0, 0.5, 1.0)]
    story = signals_of_reads(*sorted(lumps + pings))

    assert "held above the keep-alives" in judge(story).suspects[0].cause
    assert "arrivals without content" in judge(story).suspects[0].evidence


def test_keep_alives_before_the_one_lump_point_to_the_application() -> None:
    story = signals_of_reads((0.5, 0), (1.5, 0), (2.5, 0), (3.5, 60))

    first = judge(story).suspects[0]

    assert (first.hop, first.confidence) == ("model-server", "medium")


def test_nobody_is_accused_more_surely_than_that_anything_was_held() -> None:
    """18 pieces at once 2 s after the request: a fast model after a thought, or a compressor."""
    verdict = judge(with_head(signals_of_reads((2.0, 18), response_start=0.2), SSE, GZIP))
    assert (verdict.label, verdict.confidence) == ("pseudo-streaming", "low")
    assert {suspect.confidence for suspect in verdict.suspects} == {"low"}
    assert "not flushed" in verdict.suspects[0].cause


def test_a_head_of_unknown_moment_is_not_called_early() -> None:
    story = replace(CULPRITS["application, head early"][0], response_start=None)

    assert judge(story).suspects[0].confidence == "low"


def test_an_engine_that_stalls_once_is_not_accused_of_its_steps() -> None:
    story = simulate(Engine(40, 0.5, 160, step=5), stalled(1.0, 3.2)).signals

    assert "stalled" in causes(judge(story).suspects)
    assert "engine" not in causes(judge(story).suspects)


def tool_call(*lots_: tuple[float, int], pings: tuple[float, ...] = (), text: int = 0) -> Signals:
    """`text` pieces one by one, then the arguments; and what says that the bytes pass."""
    told = Engine(50, 1.0, text).events(random.Random(1)) if text else []
    events = [Event(0.4, 180, None), *told, *(Event(t, 8, None) for t in pings)]
    events += [Event(t, 160, "tool_calls") for t, n in lots_ for _ in range(n)]
    events.sort(key=lambda event: event.t)
    return observe(events, written(events), Head()).signals


@pytest.mark.parametrize(
    ("signals", "told"),
    [
        (tool_call((8.0, 40), text=40), "deliveries of other content before, then 40 events"),
        (tool_call((8.0, 40), pings=(2.0, 4.0, 6.0)), "40 events in one piece 8.00 s after the request"),
    ],
)
def test_arguments_that_come_whole_are_their_servers(signals: Signals, told: str) -> None:
    verdict = judge(signals)
    first = verdict.suspects[0]
    assert (verdict.label, verdict.channel, first.hop) == ("pseudo-streaming", "tool_calls", "model-server")
    assert first.cause.startswith("the arguments of a tool call are gathered")
    assert told in first.evidence
    assert "reasoning flows" not in causes(verdict.suspects)


@pytest.mark.parametrize(("silence", "caught_up"), [(10.0, True), (30.0, False)])
def test_only_what_makes_up_for_a_silence_is_a_network_that_caught_up(silence: float, caught_up: bool) -> None:
    over = 4.0 + silence
    before, behind = ([(start + 0.05 * i, 1) for i in range(1, 61)] for start in (1.0, over))
    verdict = judge(signals_of_reads(*before, (over, 150), *behind))

    assert verdict.label == "bursty"
    assert ("then caught up" in causes(verdict.suspects)) is caught_up


def test_arguments_before_which_no_byte_came_are_not_told_from_an_answer_that_is_gathered() -> None:
    calls = Engine(50, 1.0, 100, channels=(("tool_calls", 100),))
    first = judge(simulate(calls, at_end, head=Head(early=True)).signals).suspects[0]
    assert (first.cause.partition(":")[0], first.confidence) == ("answer generated first, written afterwards", "medium")


def test_arguments_in_lumps_beside_a_text_in_lumps_are_not_told_apart() -> None:
    assert "arguments" not in causes(judge(in_values(timer(0.2))).suspects)


def test_arguments_in_one_piece_with_all_else_are_not_told_apart() -> None:
    signals = tool_call((8.0, 40))
    assert "arguments" not in causes(judge(replace(signals, response_start=signals.arrivals[-1].t)).suspects[:1])


def test_the_pace_of_single_pieces_between_stalls_is_no_beat_of_lumps() -> None:
    """A lossy link: pieces come one by one as the engine makes them, and now and then a stall is caught up."""
    stalls = behind(*(stalled(at, 0.3) for at in (1.1, 1.5, 1.9, 2.3, 2.7)))
    verdict = judge(simulate(Engine(100, 1.0, 220, jitter=0.05), stalls).signals)
    assert verdict.label == "bursty"
    assert "engine step" not in causes(verdict.suspects)
    assert "timer" not in causes(verdict.suspects)


def test_the_pace_of_slow_pieces_between_lumps_is_no_beat_of_lumps() -> None:
    verdict = judge(signals_of_reads(*((0.5 + 0.25 * i, 20 if i in (3, 7, 11) else 1) for i in range(16))))
    assert verdict.label == "bursty"
    assert causes(verdict.suspects) == "a hop after the model"


def test_steps_before_one_great_lump_are_not_what_made_it() -> None:
    verdict = judge(signals_of_reads(*((0.5 + 0.4 * i, 4) for i in range(5)), (6.0, 300)))
    assert verdict.label == "pseudo-streaming"
    assert "engine step" not in causes(verdict.suspects)


def test_about_as_many_pieces_each_time_are_a_clocks_and_no_drafts() -> None:
    verdict = judge(signals_of_reads(*((0.3 + 0.25 * i + 0.02 * (i % 3), 5 + i % 3) for i in range(36))))
    assert [suspect.cause.partition(":")[0] for suspect in verdict.suspects] == ["flush timer"]


def test_as_many_pieces_each_time_are_no_guardrails_window_where_pieces_are_cut() -> None:
    verdict = judge(signals_of_reads(*((0.3 + 0.8 * i + 0.1 * (i % 3), 40) for i in range(12)), aligned=False))
    assert "gathers bytes" in verdict.suspects[0].cause
    assert "window" not in causes(verdict.suspects)


def test_a_lump_and_a_few_strays_are_no_beat() -> None:
    verdict = judge(signals_of_reads((15.7, 68), (15.8, 1), (15.95, 1), (16.1, 1), (16.2, 1)))
    assert verdict.label == "pseudo-streaming"
    assert "timer" not in causes(verdict.suspects)
    assert "of the events came in 1 lump, " in verdict.suspects[0].evidence


def test_the_proxy_is_suspected_of_what_its_lag_leaves_open() -> None:
    lumps = [(0.5 + 1.0 * i, 20) for i in range(10)]
    story = signals_of_reads(*lumps, lags=[(t - 0.01, 0.4) for t, _ in lumps], lag=ClockLag(0.4, 0.4))

    proxy = next(suspect for suspect in judge(story).suspects if suspect.hop == "proxy")

    assert proxy.confidence == "low"
    assert "stood still for 4.00 s" in proxy.evidence


def test_lag_of_no_weight_accuses_nobody_of_it() -> None:
    story = replace(simulate(STEADY, blocks(16384)).signals, lags=[(2.5, 0.01)])

    assert "proxy" not in {suspect.hop for suspect in judge(story).suspects}


# --- the server's own times -------------------------------------------------------------------------------------


def test_a_server_that_says_its_first_token_was_long_made_acquits_itself() -> None:
    story = simulate(STEADY, at_end).signals

    blamed = judge(replace(story, server_timing={"ttft": 6.0})).suspects
    acquitted = judge(replace(story, server_timing={"ttft": 0.3})).suspects

    assert "model-server" in {suspect.hop for suspect in blamed}
    assert {suspect.hop for suspect in acquitted} == {"intermediary"}


def test_a_buffer_is_thought_of_where_dates_acquit_the_server_of_a_long_answer() -> None:
    signals = simulate(STEADY, at_end).signals
    clocks = [(t, 1e9 + 0.02 * i) for i, t in enumerate(signals.content.t)]
    verdict = judge(replace(signals, clocks=clocks))
    first = verdict.suspects[0]
    assert (
        "all 300 pieces of text in one piece 6.28 s after the request, held back after the model by" in verdict.summary
    )
    assert (first.hop, first.confidence) == ("intermediary", "low")
    assert "larger than the answer" in first.cause
    assert "proxy_buffering off;" in first.remedy


def test_what_the_dates_acquit_the_model_of_may_be_an_applications_after_it() -> None:
    signals = simulate(STEADY, at_end, head=Head(early=True)).signals
    clocks = [(t, 1e9 + 0.02 * i) for i, t in enumerate(signals.content.t)]
    first = judge(replace(signals, clocks=clocks)).suspects[0]
    assert (first.hop, first.confidence) == ("intermediary", "medium")
    assert "the application gathers it" in first.cause
    assert "yield each token" in first.remedy


def test_dates_that_tell_of_a_hold_stand_in_the_evidence() -> None:
    story = simulate(STEADY, blocks(16384)).signals
    made = [(t, 1_700_000_000.3 + 0.02 * i) for i, t in enumerate(story.content.t)]

    verdict = judge(replace(story, clocks=made))

    assert verdict.confidence == "certain"
    assert "TLS records" in verdict.suspects[0].cause
    assert "after the model on average" in verdict.suspects[0].evidence


def test_dates_as_bunched_as_the_arrivals_convict_the_engine() -> None:
    story = simulate(Engine(25, 0.5, 240, step=5, jitter=0.2)).signals
    made = [(t, t + 1_700_000_000.3) for t in story.content.t]

    first, second = judge(replace(story, clocks=made)).suspects[:2]

    assert (first.hop, first.confidence) == (second.hop, second.confidence) == ("model-server", "high")
    assert "engine step" in first.cause
    assert "come in the same lumps" in first.evidence
    assert "timestamps of the pieces span 9.51 s, their arrivals 9.51 s" in second.evidence


def test_a_stored_answer_is_known_by_its_servers_times() -> None:
    verdict = judge(signals_of_reads((0.8, 200), server_timing={"generation": 5.0}))

    assert verdict.flags == ("cached",)
    assert "span longer than this exchange" in verdict.suspects[0].evidence


# --- no stream --------------------------------------------------------------------------------------------------


def test_a_whole_answer_is_the_servers_or_a_gateways() -> None:
    whole = replace(signals_of_reads((2.0, 1)), format=None, whole=True, headers=(("Server", "uvicorn"),))

    suspects = judge(whole).suspects

    assert [suspect.hop for suspect in suspects] == ["model-server", "intermediary"]
    assert "`body.stream`" in suspects[0].evidence
    assert "uvicorn" in suspects[0].evidence


def test_a_whole_answer_says_no_more_than_is_known() -> None:
    whole = replace(signals_of_reads((2.0, 1)), format=None, whole=True, headers=(), requested_by=None)

    assert judge(whole).suspects[0].evidence == "a stream was asked for, one document came"


@pytest.mark.parametrize("name", ["steady", "short", "plain"])
def test_nobody_is_suspected_of_nothing(name: str) -> None:
    story = {
        "steady": simulate(STEADY).signals,
        "short": signals_of_reads((3.0, 8)),
        "plain": replace(signals_of_reads((2.0, 1)), format=None, whole=True, requested=False),
    }[name]

    assert judge(story).suspects == ()
