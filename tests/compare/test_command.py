"""``streamwatch compare``: two files in, both sides beside each other out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from streamwatchlib import cli
from streamwatchlib.compare import table
from streamwatchlib.compare.sides import compare_records
from streamwatchlib.model import Record
from streamwatchlib.report import jsonl

from ..report.records import HOSTILE
from .taps import START, Piece, paced, sides, whole

MADE = paced(60)


def write(path: Path, records: Sequence[Record]) -> Path:
    path.write_text(jsonl.render(records), encoding="utf-8")
    return path


def run(tmp_path: Path, pairs: Sequence[tuple[Record, Record]], *more: str) -> int:
    up, down = ([pair[side] for pair in pairs] for side in (0, 1))
    files = [write(tmp_path / "up.jsonl", up), write(tmp_path / "down.jsonl", down)]
    return cli.main(["compare", *map(str, files), *more])


def numbered(passed: list[Piece], n: int) -> list[tuple[Record, Record]]:
    return [sides(MADE, passed, ahead=3.25, name=str(i), start=START + i * 10) for i in range(n)]


def test_a_hop_that_holds_back_is_shown_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, numbered(whole(MADE), 2)) == 1

    out = capsys.readouterr().out
    assert "held back in 2 of 2 exchanges" in out
    assert "`POST /v1/chat/completions` (`m`) at `2025-10-09T" in out
    assert "| verdict | **streaming** | **pseudo-streaming** | – |" in out
    assert re.search(r"\| first byte \| 200 ms \| 3\.2\d s \| 3\.00 s \|", out)
    assert re.search(r"\| arrivals \| 61 \| 1 \| – \|", out)
    assert re.search(r"clock downstream is 3\.25 s ahead of the one upstream, ±\d\.?\d* ms, as far as 2 exchanges", out)


def test_an_innocent_hop_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, numbered(MADE, 1)) == 0

    out = capsys.readouterr().out
    assert "held back in 0 of 1 exchange," in out
    assert "innocent" in out


def test_the_version_a_side_asked_by_is_told_beside_that_of_its_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [(up, down)] = numbered(MADE, 1)
    run(tmp_path, [(replace(up, request=replace(up.request, http_version="HTTP/1.0")), down)])

    out = capsys.readouterr().out
    assert "| HTTP, request / response | HTTP/1.0 / HTTP/1.1 | HTTP/1.1 / HTTP/1.1 | – |" in out
    assert "The hop asks by HTTP/1.0 instead of HTTP/1.1." in out


def test_the_exchanges_can_be_had_as_a_report(tmp_path: Path) -> None:
    out = tmp_path / "settled.jsonl"

    run(tmp_path, numbered(whole(MADE), 2), "--output", str(out))

    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["hop"]["paired_with"] for record in written] == ["up-0", "up-1"]
    assert {record["verdict"]["suspects"][0]["confidence"] for record in written} == {"certain"}


def test_files_that_have_nothing_in_common_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = paced(5, id="x", word="else")
    pairs = [(sides(MADE, MADE)[0], replace(sides(other, other)[1], id="y"))]

    assert run(tmp_path, pairs) == 2
    assert "went on in" in capsys.readouterr().err


def test_files_in_the_wrong_order_are_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [(down, up) for up, down in numbered(whole(MADE), 1)]

    assert run(tmp_path, pairs) == 2
    assert "the two captures are swapped" in capsys.readouterr().err


def test_an_output_of_no_known_format_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, numbered(MADE, 1), "--output", "x.pdf") == 2
    assert "a report ends in one of" in capsys.readouterr().err


def test_the_worst_are_shown_and_the_rest_counted() -> None:
    pairs = [*numbered(MADE, 6), sides(MADE, whole(MADE), ahead=3.25, name="bad", start=START + 100)]
    found = compare_records(*map(list, zip(*pairs, strict=True)))

    text = table.render(found)

    assert text.index("holds the stream back") < text.index("innocent")
    assert "*2 more pairs" in text


def test_what_has_no_counterpart_is_counted() -> None:
    up, down = map(list, zip(*numbered(MADE, 3), strict=True))

    assert "Without a counterpart: 1 downstream." in table.render(compare_records(up[1:], down))
    assert "no exchange was seen on both sides" in table.render(compare_records([], []))


@pytest.mark.parametrize(("ahead", "told"), [(0.5, "500 ms ahead of"), (-0.5, "500 ms behind")])
def test_which_clock_is_ahead_is_told(ahead: float, told: str) -> None:
    up, down = sides(MADE, MADE, ahead=ahead)
    assert f"The clock downstream is {told} the one upstream" in table.render(compare_records([up], [down]))


def test_clocks_that_moved_are_told() -> None:
    pairs = [sides(MADE, MADE, ahead=3 + i * 0.02, name=str(i), start=START + i * 900, way=0.001) for i in range(3)]

    assert "moved against each other" in table.render(compare_records(*map(list, zip(*pairs, strict=True))))


def test_nothing_a_peer_sent_is_markup() -> None:
    up, down = sides(MADE, whole(MADE))
    assert down.response
    assert down.llm
    headers = (*down.response.headers, ("Server", HOSTILE))
    down = replace(
        down,
        request=replace(down.request, method=HOSTILE, url=f"http://h/{HOSTILE}"),
        response=replace(down.response, headers=headers, http_version=HOSTILE),
        llm=replace(down.llm, model=HOSTILE),
    )
    up = replace(up, request=replace(up.request, method=HOSTILE))

    text = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", table.render(compare_records([up], [down])))

    assert "<script" not in text
    assert "](http:" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


@pytest.mark.parametrize("passed", [MADE, whole(MADE)], ids=["innocent", "guilty"])
def test_what_one_proxy_has_told_of_a_hop_is_not_told_again(passed: list[Piece]) -> None:
    up, down = sides(MADE, passed, ahead=0.0, name="0", start=START)
    (told,) = compare_records([up], [down]).pairs

    (again,) = compare_records([up, told.down], [up, told.down]).pairs

    assert (again.down, again.hop) == (told.down, told.hop)
