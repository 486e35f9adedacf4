"""What a terminal shows of an exchange that ended and of those in flight."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console
from streamwatchlib.model import Body, Itl, Llm, Measures, Record, Response, Snapshot, Stream
from streamwatchlib.terminal.live import in_flight
from streamwatchlib.terminal.screen import body, exchange, exchange_heading, request

from ..report import records
from ..report.records import (
    BURSTY,
    CALL_FAILED,
    FAILED,
    FORM,
    HOSTILE,
    HUNG_UP,
    INJECTED,
    LEFT,
    MALFORMED,
    MULTIPART,
    NOT_STREAMED,
    PSEUDO,
    QUERY,
    STREAMING,
    UNTYPED,
)

RECORDS = [value for value in vars(records).values() if isinstance(value, Record)]
CHAT = "https://api.openai.com/v1/chat/completions"
FLOWING = Snapshot(
    "1", "POST", "http://localhost:11434/api/chat", 12.3, 200, "ndjson", "llama3.2", 4000, 240, 242, 241,
    first_token=0.3, since_last=0.0, longest_silence=0.4, recent=(0, 12, 20, 21, 19),
)  # fmt: skip
WAITING = Snapshot("2", "POST", CHAT, 3.1, longest_silence=3.1)
SILENT = Snapshot(
    "3", "POST", CHAT, 8.2, 200, "sse", "gpt-4o", 400, 3, 3, 1,
    first_token=0.2, since_last=7.5, longest_silence=7.5, recent=(3, 0, 0, 0),
)  # fmt: skip
DOWNLOAD = Snapshot("4", "GET", "http://127.0.0.1/文件/大.bin", 33, 200, "unknown", bytes=12_345_678, recent=(9,))


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown in the local zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def screen(width: int, terminal: bool = True) -> Console:
    return Console(width=width, height=24, force_terminal=terminal, color_system=None, legacy_windows=False)


def lines(record: Record, width: int, terminal: bool = True) -> list[str]:
    return [line.plain for line in exchange(record, screen(width, terminal))]


def live(snapshots: list[Snapshot], width: int, more: int = 0) -> list[str]:
    return [line.plain for line in in_flight(snapshots, more, screen(width))]


# --- an exchange that ended --------------------------------------------------------------------------------


def test_a_stream_is_one_line_of_eighty_columns() -> None:
    assert [exchange_heading(screen(80)).plain, *lines(STREAMING, 80)] == [
        "time     verdict              request                      ttft    pieces  tok/s",
        "10:15:02 streaming        200 …/completions qwen2.5-7b-…  351ms  48 in 50     21",
    ]


@pytest.mark.parametrize(
    ("pieces", "deliveries", "told"), [(120, 118, "120/118"), (99, 101, "99 in 101"), (1200, 3, "1200 in 3")]
)
@pytest.mark.parametrize("width", [74, 80, 120])
def test_the_deliveries_are_told_to_the_last_digit(width: int, pieces: int, deliveries: int, told: str) -> None:
    """Cut, a stream in 118 would look like one in 1."""
    measures = replace(STREAMING.verdict.measures, content_events=pieces, deliveries=deliveries)
    assert f" {told} " in lines(replace(STREAMING, verdict=replace(STREAMING.verdict, measures=measures)), width)[0]


def test_a_wide_screen_shows_the_whole_address_and_the_total() -> None:
    assert lines(STREAMING, 140) == [
        "10:15:02 streaming        200 POST dashscope.aliyuncs.com/…/v1/chat/completions qwen2.5-7b-instruct"
        "            351ms  48 in 50     21  2.73s"
    ]


def test_a_narrow_screen_gets_the_figures_below() -> None:
    assert lines(PSEUDO, 40)[:4] == [
        "pseudo-streaming 200 …/completions qwen…",
        "  ttft 2.51s · 48 in 1 · 2.51s",
        "  All 48 pieces came within 1 ms after",
        "  2.51 s of silence: the whole answer",
    ]


def test_what_is_not_a_proper_stream_says_why() -> None:
    assert lines(BURSTY, 100)[1:] == [
        "         48 pieces came in 4 lumps about 640 ms apart (4096 bytes each): something fills a buffer",
        "         before it sends.",
        "         suspected: nginx response buffering (high confidence)",
        "         change: In the location that proxies this path set `proxy_buffering off;`, or send",
        "         `X-Accel-Buffering: no` from the application.",
    ]


def test_what_is_certain_is_no_suspicion() -> None:
    (suspect,) = BURSTY.verdict.suspects
    certain = replace(BURSTY.verdict, suspects=(replace(suspect, confidence="certain"),))
    assert "         proven: nginx response buffering" in lines(replace(BURSTY, verdict=certain), 100)


def test_what_to_change_is_left_out_where_it_is_known() -> None:
    assert [line.plain for line in exchange(BURSTY, screen(100), advise=False)][1:] == [
        "         48 pieces came in 4 lumps about 640 ms apart (4096 bytes each): something fills a buffer",
        "         before it sends.",
    ]


def test_a_flagged_stream_says_why() -> None:
    flagged = replace(STREAMING, verdict=replace(STREAMING.verdict, flags=("stalled", "cached"), summary="Silent."))
    assert lines(flagged, 80)[1:] == ["         stalled, cached: Silent."]


def test_what_was_refused_for_how_much_was_asked_says_when_to_ask_again() -> None:
    told = (
        "The response is not a success (status 429, an error): a rate limit was reached; retry after `retry-after: 7`."
    )
    refused = replace(FORM, verdict=replace(FORM.verdict, summary=told))
    assert lines(refused, 160)[1:] == ["         " + told]
    unremarkable = replace(FORM.verdict, summary="The response is not a success (status 404, an error).")
    assert len(lines(replace(FORM, verdict=unremarkable), 160)) == 1, "its status says as much"


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (LEFT, "dropped by the client: Client disconnected."),
        (CALL_FAILED, "gRPC status 8: Quota exceeded"),
        (FAILED, "failed: [Errno 111] Connect call failed ('127.0.0.1', 11434)"),
        (replace(STREAMING, outcome="server-disconnected"), "cut off by the server"),
        (MALFORMED, "the API reports: out of memory"),
        (replace(MALFORMED, llm=Llm("p", "a", error={"code": 529})), "the API reports: 529"),
        (MALFORMED, "1 malformed event: not JSON: Expecting value (column 3)"),
        (UNTYPED, "request: JSON was sent without a Content-Type."),
        (
            replace(STREAMING, response=Response(200, "HTTP/1.1", (), Body("text", notes=("unknown coding: lzma",)))),
            "response: unknown coding: lzma",
        ),
    ],
)
def test_what_is_odd_is_said_below(record: Record, sentence: str) -> None:
    assert "         " + sentence in lines(record, 100)


def test_a_client_that_left_when_all_had_come_is_told_as_one_that_stayed() -> None:
    assert lines(HUNG_UP, 100) == lines(STREAMING, 100)


@pytest.mark.parametrize(
    ("record", "bodies"),
    [
        (FORM, "form · 5 fields → text · 2 B"),
        (MULTIPART, "multipart · 3 parts → text · 2 B"),
        (UNTYPED, "json (undeclared) → text · 2 B"),
        (QUERY, "2 query fields → text · 2 B"),
        (FAILED, "json"),
        (replace(QUERY, response=Response(204, "HTTP/1.1", (), Body("empty"))), "2 query fields → no body"),
    ],
)
def test_an_exchange_without_a_stream_shows_what_its_bodies_are(record: Record, bodies: str) -> None:
    assert f" {bodies} " in lines(record, 120)[0]
    assert lines(record, 40)[1] == "  " + bodies


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (Body("streaming", "sse", "text/event-stream"), "sse"),
        (Body("streaming", "unknown"), "streaming (undeclared)"),
        (Body("binary", "jpeg", "image/jpeg", 90_000), "jpeg · 87.9 KiB"),
        (Body("json", "json", "\x1b[m"), "json"),
    ],
)
def test_bodies(told: Body, shown: str) -> None:
    assert body(told) == shown


def test_without_usage_the_rate_is_that_of_the_pieces_and_marked() -> None:
    pieces = replace(STREAMING.timing, output_tokens_per_second=None, itl=Itl(47, 0.05, 0, 0, 0, 0))
    assert lines(replace(STREAMING, timing=pieces), 80)[0].endswith(" ~20")
    lump = replace(PSEUDO, timing=replace(PSEUDO.timing, itl=Itl(47, 0.0001, 0, 0, 0, 0)))
    assert lines(lump, 80)[0].endswith(" 48 in 1")


def test_what_was_not_measured_is_left_blank() -> None:
    unmeasured = replace(
        STREAMING,
        stream=Stream("sse", content_events=7),
        timing=replace(STREAMING.timing, ttft=None, itl=None, output_tokens_per_second=None, end=None),
        verdict=replace(STREAMING.verdict, measures=Measures()),
    )
    assert lines(unmeasured, 80)[0].split()[-1] == "7"


@pytest.mark.parametrize("width", [50, 60, 73, 74, 80])
def test_a_path_keeps_its_end_on_a_narrow_screen(width: int) -> None:
    for record in (STREAMING, NOT_STREAMED):
        assert "/completions " in lines(record, width)[0]
    assert "request" in exchange_heading(screen(width)).plain


@pytest.mark.parametrize("width", [30, 40, 59, 60, 73, 74, 80, 99, 100, 109, 110, 120, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    for record in RECORDS:
        assert all(line.cell_len <= width for line in exchange(record, screen(width)))
    assert exchange_heading(screen(width)).cell_len <= width


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_a_stranger_sent_reaches_the_terminal_raw(terminal: bool) -> None:
    assert not HOSTILE.isprintable()
    assert all(line.isprintable() for line in lines(INJECTED, 80, terminal))


def test_in_a_pipe_nothing_is_cut_or_broken() -> None:
    address = "POST dashscope.aliyuncs.com/compatible-mode/v1/chat/completions qwen2.5-7b-instruct  351ms  48 in 50"
    assert address in lines(STREAMING, 120, terminal=False)[0]
    assert lines(BURSTY, 40, terminal=False)[2] == f"  {BURSTY.verdict.summary}"


# --- who gives way -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (51, "POST api.openai.com/v1/chat/completions gpt-4o-mini"),
        (50, "POST api.openai.com/…/chat/completions gpt-4o-mini"),
        (40, "POST …/v1/chat/completions gpt-4o-mini"),
        (30, "POST …/completions gpt-4o-mini"),
        (29, "…/completions gpt-4o-mini"),
        (20, "…/completions gpt-4o-mini"),
    ],
)
def test_the_model_and_the_end_of_the_path_stay_longest(room: int, shown: str) -> None:
    assert request("POST", CHAT, "gpt-4o-mini", room).plain == shown


def test_only_the_usual_method_is_left_out() -> None:
    assert request("DELETE", CHAT, "gpt-4o-mini", 20).plain == "DELETE …/completions gpt-4o-mini"


# --- the streams in flight ---------------------------------------------------------------------------------


def test_what_is_in_flight_is_told_in_a_row_each() -> None:
    assert live([DOWNLOAD, FLOWING, SILENT, WAITING], 80, more=288) == [
        "in flight                         arrivals   pieces    /s silence   ttft    age",
        "GET 127.0.0.1/文件/大.bin                ▇  11.8MiB                       33.0s",
        "POST …/api/chat llama3.2             ·▄▇▇▇      241    20   400ms  300ms  12.3s",
        "POST …/completions gpt-4o             ▇···        1         7.50s  200ms  8.20s",
        "POST …/v1/chat/completions         waiting        –         3.10s         3.10s",
        "+ 288 more",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_rows_leave_the_last_column_free(width: int) -> None:
    rows = in_flight([FLOWING, WAITING, SILENT, DOWNLOAD], 0, screen(width))
    assert all(row.cell_len < width for row in rows)


def test_hostile_streams_are_harmless() -> None:
    hostile = replace(FLOWING, method=HOSTILE, url=f"http://{HOSTILE}", model=HOSTILE)
    assert all(row.isprintable() for row in live([hostile], 200))


@pytest.mark.parametrize(
    ("snapshot", "style"),
    [(SILENT, "bold yellow"), (replace(SILENT, since_last=0.1), "yellow"), (FLOWING, None)],
)
def test_a_long_silence_is_marked_and_more_so_while_it_lasts(snapshot: Snapshot, style: str | None) -> None:
    row = in_flight([snapshot], 0, screen(80))[1]
    assert (
        style in [span.style for span in row.spans] if style else not any("yellow" in str(s.style) for s in row.spans)
    )
