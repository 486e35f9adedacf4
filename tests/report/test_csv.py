"""CSV: stable columns, one row an exchange, numbers that are numbers, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from streamwatchlib.model import Body, Record
from streamwatchlib.report.csv import COLUMNS, render

from .records import BURSTY, EVERY, FAILED, HOPPED, HOSTILE, INJECTED, MALFORMED, STREAMING, UNTYPED, WEBSOCKET, plain


def rows(*records: Record) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(records), newline="")))


def test_the_first_columns_are_these_and_stay() -> None:
    """Scripts of users rely on them."""
    assert list(COLUMNS)[:24] == [
        "id",
        "started_at",
        "method",
        "url",
        "host",
        "path",
        "status",
        "outcome",
        "error",
        "provider",
        "api",
        "model",
        "stream_requested",
        "stream_requested_by",
        "format",
        "label",
        "severity",
        "confidence",
        "channel",
        "flags",
        "summary",
        "suspect_hop",
        "suspect_cause",
        "suspect_remedy",
    ]
    assert {"ttft", "e2e", "itl_p50", "itl_p99", "output_tokens_per_second", "mean_hold", "output_tokens"} < set(
        COLUMNS
    )


def test_the_pieces_that_were_judged_stand_beside_their_deliveries() -> None:
    """Of a WebSocket with several responses these are one's, and not all that the stream had."""
    assert WEBSOCKET.stream
    several = replace(WEBSOCKET, stream=replace(WEBSOCKET.stream, content_events=144))

    (row,) = rows(several)

    assert row["content_events"] == "144"
    assert (row["measures_content_events"], row["deliveries"]) == ("48", "50")


def test_each_exchange_is_a_row_of_its_own() -> None:
    table = list(csv.reader(io.StringIO(render(EVERY), newline="")))

    assert len(table) == len(EVERY) + 1
    assert {len(row) for row in table} == {len(COLUMNS)}
    assert render(EVERY).count("\r\n") == len(EVERY) + 1


def test_values_stand_under_their_names() -> None:
    (row,) = rows(BURSTY)

    assert row["label"] == "bursty"
    assert row["host"] == "llm.example.com"
    assert row["path"] == "/v1/chat/completions"
    assert row["stream_requested"] == "true"
    assert float(row["ttft"]) == pytest.approx(0.6188)
    assert row["deliveries"] == "4"
    assert row["suspect_hop"] == "intermediary"
    assert row["output_tokens"] == "48"
    assert row["response_kind"] == "streaming"


def test_what_was_not_observed_is_empty_and_not_zero() -> None:
    (row,) = rows(FAILED)

    assert row["status"] == row["ttft"] == row["model"] == row["response_size"] == row["suspect_cause"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝"])
def test_a_formula_is_only_text(start: str) -> None:
    (row,) = rows(plain("x", Body("empty"), method=f"{start}cmd|' /C calc'!A0"))

    assert row["method"].startswith(("'", "␍"))


def test_a_semicolon_begins_no_cell_of_a_formula() -> None:
    """Excel goes by it where the comma is for decimals, in quotes or not, for its cell has begun before them."""
    (row,) = rows(plain("x", Body("empty"), url="http://h/a;=1+1;b;@c"))

    assert row["path"] == "/a;'=1+1;b;'@c"


def test_a_semicolon_ends_no_cell() -> None:
    """LibreOffice takes comma and semicolon alike, but in quotes."""
    quoted = render([replace(BURSTY, error="one; two")])

    assert '"one; two"' in quoted
    assert not re.search(";", re.sub('"[^"]*"', "", quoted))


def test_what_a_hop_did_has_columns() -> None:
    row, other = rows(HOPPED, BURSTY)

    assert (row["hop_held"], row["hop_hold"], row["hop_first_byte_added"]) == ("true", "0.312", "0.3")
    assert other["hop_held"] == other["hop_summary"] == ""


def test_what_the_api_told_of_an_error_has_a_column() -> None:
    assert MALFORMED.llm
    named = replace(MALFORMED, llm=replace(MALFORMED.llm, error={"type": "overloaded", "code": 529}))
    told = [row["llm_error"] for row in rows(MALFORMED, named, STREAMING)]

    assert told == ["out of memory", "overloaded 529", ""]


def test_negative_numbers_stay_numbers() -> None:
    (row,) = rows(replace(STREAMING, timing=replace(STREAMING.timing, ttft=-0.25)))

    assert row["ttft"] == "-0.25"


def test_hostile_text_stays_in_its_cell() -> None:
    (row,) = rows(INJECTED)

    assert "\x1b" not in row["summary"]
    assert "\u202e" not in row["summary"]
    assert "\n" not in row["model"]
    assert HOSTILE not in render([INJECTED])


@pytest.mark.parametrize(("length", "kept"), [(5_000, 5_000), (50_000, 32_000)])
def test_a_text_is_whole_unless_no_cell_could_hold_it(length: int, kept: int) -> None:
    address = "https://llm.example.com/v1/responses?after=".ljust(length, "x")

    (row,) = rows(replace(STREAMING, request=replace(STREAMING.request, url=address)))

    assert len(row["url"]) == kept
    assert row["url"][:-1] == address[: kept - 1]


def test_it_loads_as_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")

    frame = pandas.read_csv(io.StringIO(render([STREAMING, BURSTY, UNTYPED])))

    assert frame.ttft.dtype == float
    assert list(frame.label) == ["streaming", "bursty", "not-applicable"]
