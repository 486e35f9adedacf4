"""Flow files: what `mitmdump -w` wrote is read without a proxy, as far as it can be."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from mitmproxy import flow, http
from mitmproxy.io import FlowWriter, tnetstring
from mitmproxy.test import tflow
from mitmproxy.version import FLOW_FORMAT_VERSION
from streamwatchlib import cli
from streamwatchlib.suite import flowfile
from streamwatchlib.worker import crew

DAMAGED = (
    *(b"12345:abc", b"garbage", b"4:null~", b"2:{}}", b"{}", b":", b"12", b"9" * 12 + b":x", b"9" * 13 + b":x"),
    tnetstring.dumps({"version": FLOW_FORMAT_VERSION, "type": "http"}),
)
SSE = b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n'


def stream() -> http.HTTPFlow:
    request = http.Request.make("POST", "http://127.0.0.1/v1/chat/completions", b'{"model":"m","stream":true}')
    return tflow.tflow(req=request, resp=http.Response.make(200, SSE, {"content-type": "text/event-stream"}))


def spoilt(part: str, value: object) -> bytes:
    """A flow that mitmproxy reads, with a value in it that no flow has."""
    state = tflow.tflow(resp=True, err=True).get_state()
    *names, last = part.split(".")
    inner = state
    for name in names:
        inner = inner[name]
    inner[last] = value
    return tnetstring.dumps(state)


def written(*flows: flow.Flow) -> bytes:
    file = io.BytesIO()
    writer = FlowWriter(file)
    for each in flows:
        writer.add(each)
    return file.getvalue()


def test_every_http_flow_has_its_record_and_others_are_passed_over() -> None:
    flows = [stream(), tflow.ttcpflow(), tflow.tflow(), stream()]
    records = flowfile.read(io.BytesIO(written(*flows)))
    assert [record.id for record in records] == [flows[0].id, flows[2].id, flows[3].id]
    assert records[0].llm
    assert records[0].llm.text == "hi"


START = 1_760_000_000.0
"""Seconds since the epoch: flows that take their time to be made would not fit into each other."""


def of_a_hop() -> Iterator[http.HTTPFlow]:
    """One request, seen at two listeners, the one behind the other."""
    for port, began in ((1, START + 0.01), (2, START)):
        flow = stream()
        assert flow.response
        flow.client_conn.sockname = ("127.0.0.1", port)
        flow.request.headers["via"] = str(port)
        flow.request.timestamp_start = flow.request.timestamp_end = began
        flow.response.timestamp_start = flow.response.timestamp_end = START + 0.02 + 0.01 * (port - 1)
        yield flow


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """Two for all files: to start those of one takes a second of a processor."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize(
    ("rest", "slimmed"),
    [*((rest, False) for rest in (b"", *DAMAGED)), *((rest, True) for rest in (b"", DAMAGED[0]))],
    ids=repr,
)
def test_side_by_side_gives_the_same(
    monkeypatch: pytest.MonkeyPatch, processes: ProcessPoolExecutor, rest: bytes, slimmed: bool
) -> None:
    monkeypatch.setattr(crew, "ProcessPoolExecutor", lambda *_: processes)
    monkeypatch.setattr(processes, "shutdown", lambda **_: None)
    data = written(*(stream() for _ in range(20)), tflow.tflow(), *of_a_hop()) + rest
    notes: list[list[str]] = [[], []]
    monkeypatch.setattr(flowfile, "_processors", lambda: 2)
    monkeypatch.setattr(flowfile, "_BATCH_BYTES", len(data) // 5)
    together, alone = (
        flowfile.read(io.BytesIO(data), notes[alone].append, slimmed=slimmed, side_by_side=not alone)
        for alone in range(2)
    )
    assert together == alone
    assert len(alone) == 23
    assert [record.hop is not None for record in alone[-2:]] == [False, True]
    assert notes[0] == notes[1]
    assert len(notes[0]) == bool(rest)


@pytest.mark.parametrize(
    "rest",
    [
        *DAMAGED,
        *(spoilt(part, value) for part, value in (("id", 5), ("metadata", 1), ("request.headers", 1))),
        *(spoilt("request.timestamp_start", value) for value in ("soon", 10**30)),
    ],
    ids=lambda rest: repr(rest[:20]),
)
def test_what_is_whole_is_read_and_the_rest_is_told_of(rest: bytes) -> None:
    notes: list[str] = []
    records = flowfile.read(io.BytesIO(written(stream()) + rest), notes.append)
    assert len(records) == 1
    (note,) = notes
    assert "damaged after exchange 1" in note


def test_a_file_without_a_whole_flow_is_refused() -> None:
    with pytest.raises(ValueError, match="no flow file that this mitmproxy can read"):
        flowfile.read(io.BytesIO(written(stream())[:-10]))


def test_the_command_tells_flow_files_by_their_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = stream(), stream()
    Path("a").write_bytes(written(first))
    Path("b.jsonl").write_bytes(written(second, first))
    Path("empty.mitm").touch()
    assert cli.main(["report", "a", "b.jsonl", "empty.mitm", "out.jsonl"]) == 0
    assert [record.id for record in cli.read_all([Path("out.jsonl")])] == [first.id, second.id]
    assert cli.main(["check", "a"]) == 0


def test_the_command_says_what_it_could_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cut.mitm").write_bytes(written(stream(), stream())[:-10])
    assert cli.main(["report", "cut.mitm", "out.md"]) == 0
    assert "streamwatch: cut.mitm: the file breaks off" in capsys.readouterr().err
    Path("bad.mitm").write_bytes(b"99:nothing")
    assert cli.main(["report", "bad.mitm", "out.md"]) == 2
    assert "streamwatch report: bad.mitm: no flow file" in capsys.readouterr().err
