"""The summary of a session's exchanges."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from streamwatchlib.model import Label, Record
from streamwatchlib.report.rank import worst_first
from streamwatchlib.terminal.summary import lines
from streamwatchlib.terminal.totals import Totals

from ..report.records import BURSTY, CUT, FORM, HUNG_UP, INJECTED, LEFT, PSEUDO, STREAMING


def summary(records: list[Record], width: int, terminal: bool = True) -> list[str]:
    totals = Totals()
    for record in records:
        totals.streamwatch_record(record)
    console = Console(width=width, force_terminal=terminal, color_system=None, legacy_windows=False)
    return [line.plain for line in lines(totals, console)]


def test_exchanges_are_counted_by_endpoint_and_model_the_worst_first() -> None:
    slower = replace(STREAMING, timing=replace(STREAMING.timing, ttft=0.451))
    assert summary([STREAMING, slower, FORM, BURSTY, PSEUDO, CUT], 80) == [
        "6 exchanges watched",
        "endpoint                                                                ttft p50",
        "POST llm.example.com/v1/chat/completions qwen2.5-7b-instruct               1.57s",
        "  1 pseudo-streaming · 1 bursty",
        "  All 48 pieces came within 1 ms after 2.51 s of silence: the whole answer was",
        "  held back and sent at once.",
        "  suspected: nginx response buffering (high confidence)",
        "  change: In the location that proxies this path set `proxy_buffering off;`, or",
        "  send `X-Accel-Buffering: no` from the application.",
        "POST dashscope.aliyuncs.com/…/v1/chat/completions qwen2.5-7b-instruct      351ms",
        "  3 streaming, 1 of them cut off by the server",
        "POST 127.0.0.1:8000/echo",
        "  1 not-applicable",
    ]


def test_what_broke_off_comes_before_what_is_well_as_in_the_reports() -> None:
    at = {host: replace(STREAMING.request, url=f"http://{host}/v1") for host in ("well", "cut", "whole", "lumps")}
    whole = replace(PSEUDO, request=at["whole"], verdict=replace(PSEUDO.verdict, label="not-streamed"))
    records = [
        replace(STREAMING, request=at["well"]),
        replace(CUT, request=at["cut"]),
        replace(BURSTY, request=at["lumps"]),
        whole,
    ]
    rows = [line.split()[1] for line in summary(records, 110) if line.startswith("POST")]

    assert rows == ["whole/v1", "lumps/v1", "cut/v1", "well/v1"]


def test_verdicts_of_one_endpoint_stand_in_the_order_in_which_the_reports_rank_them() -> None:
    labels: tuple[Label, ...] = ("streaming", "bursty", "not-streamed", "inconclusive", "pseudo-streaming")
    records = [replace(PSEUDO, verdict=replace(PSEUDO.verdict, label=label)) for label in labels]
    ranked = [record.verdict.label for record in worst_first(records)]

    assert f"  1 {' · 1 '.join(ranked)}" in summary(records, 90)


def test_a_narrow_screen_shortens_the_endpoint_and_a_wide_one_has_the_verdicts_beside_it() -> None:
    assert summary([STREAMING, LEFT], 40)[2:] == [
        "…/completions qwen2.5-7b-instr…    351ms",
        "  2 streaming, 1 of them dropped by the",
        "  client",
    ]
    assert summary([LEFT], 40)[3:] == ["  1 streaming, dropped by the client"]
    assert summary([HUNG_UP], 40)[3:] == ["  1 streaming"]
    assert summary([FORM], 110)[2:] == ["POST 127.0.0.1:8000/echo" + " " * 42 + "1 not-applicable"]


def test_what_no_model_answered_is_counted_where_it_was_asked() -> None:
    asked = replace(STREAMING.request, model="qwen")
    assert FORM.response
    refused = replace(FORM, request=asked, response=replace(FORM.response, status=502))
    rows = summary([replace(STREAMING, request=asked), refused], 80)[2:]
    assert rows == [
        "POST dashscope.aliyuncs.com/compatible-mode/v1/chat/completions qwen       351ms",
        "  1 streaming · 1 not-applicable",
    ]


def test_queries_do_not_make_an_endpoint() -> None:
    searches = [replace(FORM, request=replace(FORM.request, url=f"http://h/search?q={n}")) for n in range(3)]
    assert summary(searches, 80)[2:] == ["POST h/search", "  3 not-applicable"]


def test_of_several_bad_ones_the_severest_is_told() -> None:
    verdicts = [replace(BURSTY.verdict, severity=s, summary=s, suspects=()) for s in ("mild", "severe", "moderate")]
    assert summary([replace(BURSTY, verdict=verdict) for verdict in verdicts], 80)[-1] == "  severe"


def test_addresses_without_end_share_a_row() -> None:
    records = [replace(FORM, request=replace(FORM.request, url=f"http://h/{n}")) for n in range(1000)]
    lines = summary(records, 120)
    assert (len(lines), lines[0]) == (2 + 200 + 1, "1000 exchanges watched")
    assert lines[-1].split() == ["…", "others", "800", "not-applicable"]


def test_in_a_pipe_nothing_is_cut() -> None:
    (row,) = (line for line in summary([STREAMING], 120, terminal=False) if "dashscope" in line)
    assert "https" not in row
    assert "dashscope.aliyuncs.com/compatible-mode/v1/chat/completions qwen2.5-7b-instruct" in row


def test_nothing_a_stranger_sent_comes_raw() -> None:
    assert all(line.isprintable() for line in summary([INJECTED], 80))
