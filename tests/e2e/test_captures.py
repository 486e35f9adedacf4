"""Captures: what ``-w`` stores gives the same records again, and a capture made without streamwatch says so."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from loopback import FIN, SCRIPT, Mitmdump, Origin, Step, asgi, chunk, chunked, head, sse, tool
from mitmproxy.io import FlowReader
from servers import ollama_like, openai_like

from .conftest import Watched

Start = Callable[..., Watched]
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}


def offline(capture: Path, export: Path, confdir: Path, *options: str) -> list[dict]:
    command = [tool("mitmdump"), "-q", "-nr", str(capture), "-s", str(SCRIPT), "--set", f"confdir={confdir}"]
    for option in (f"streamwatch_export={export}", *options):
        command += ["--set", option]
    subprocess.run(command, check=True, timeout=60)
    return [json.loads(line) for line in export.read_text().splitlines()]


def cut(_: object) -> Iterator[Step]:
    yield head(content_type="text/event-stream", transfer_encoding="chunked")
    yield chunk(sse('{"choices":[{"index":0,"delta":{"content":"half"}}]}')[0])
    yield 0.05
    yield FIN


def traffic(proxy: Watched) -> list[bytes]:
    """Sends one of each: two streams, a whole answer, a form, a cut stream; what came of those that are whole."""
    openai, ollama, broken = proxy.urls
    answers = [
        requests.post(openai + "/v1/chat/completions", json=ASK),
        requests.post(ollama + "/api/chat", json=ASK),
        requests.post(openai + "/v1/chat/completions", json=ASK | {"stream": False}),
        requests.post(openai + "/nowhere", data={"a": ["1", "2"]}),
    ]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.post(broken + "/v1/chat/completions", json=ASK)
    return [answer.content for answer in answers]


@pytest.mark.parametrize(
    "options", [(), ("streamwatch_content=none",), ("streamwatch_body_limit=700",)], ids=["full", "none", "limit"]
)
def test_live_and_offline_agree(watch: Start, tmp_path: Path, confdir: Path, options: tuple[str, ...]) -> None:
    capture = tmp_path / "capture.mitm"
    with asgi(openai_like(0.01)) as openai, asgi(ollama_like(0.01)) as ollama, Origin(cut) as broken:
        proxy = watch(openai, ollama, broken.url, options=options, arguments=("-w", str(capture)))
        passed = traffic(proxy)
        live = proxy.records(5)
        proxy.stop()
    again = offline(capture, tmp_path / "again.jsonl", confdir, *options)
    assert {record["id"]: record for record in again} == {record["id"]: record for record in live}
    if not options:
        with capture.open("rb") as file:
            stored = [flow.response.content for flow in FlowReader(file).stream()]
        assert stored[: len(passed)] == passed
        # the command knows of no options
        made = tmp_path / "made.jsonl"
        subprocess.run([tool("streamwatch"), "report", str(capture), str(made)], check=True, timeout=60)
        assert sorted(made.read_text().splitlines()) == sorted(proxy.export.read_text().splitlines())
    labels = {record["verdict"]["label"] for record in live}
    assert {"streaming", "not-applicable"} <= labels
    if "streamwatch_content=none" in options:
        assert_no_text_lies_in_what_is_ours(proxy.export, capture)


def assert_no_text_lies_in_what_is_ours(export: Path, capture: Path) -> None:
    said = re.compile("hello|astray|流式")
    assert not said.search(export.read_text())
    with capture.open("rb") as file:
        for flow in FlowReader(file).stream():
            streamed = flow.response.headers["content-type"] != "application/json"
            assert (flow.response.raw_content is None) is streamed
            assert not said.search(str(flow.metadata))


MADE = {
    "/document": ("application/json", b'{"a": 1}'),
    "/stream": ("text/event-stream", b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'),
}


def test_what_an_addon_answers_is_held_against_no_server(watch: Start, tmp_path: Path, confdir: Path) -> None:
    capture, other = tmp_path / "run.mitm", tmp_path / "other.py"
    other.write_text(
        f"from mitmproxy import http\nMADE = {MADE!r}\n"
        "def request(flow):\n    declared, body = MADE[flow.request.path]\n"
        "    flow.response = http.Response.make(200, body, {'content-type': declared})\n"
    )
    with Origin(lambda _: chunked([])) as origin:
        proxy = watch(origin.url, arguments=("-s", str(other), "-w", str(capture)))
        for path, (_, body) in MADE.items():
            assert requests.post(proxy.url + path, json=ASK).content == body
        assert origin.requests == []
        records = proxy.records(len(MADE))
        proxy.stop()
    for record, (_, body) in zip(records, MADE.values(), strict=True):
        assert record["verdict"]["label"] == "not-applicable"
        assert "no server was asked" in record["verdict"]["summary"]
        assert record["response"]["body"]["content"].encode() == body
    assert offline(capture, tmp_path / "again.jsonl", confdir) == records


@pytest.mark.parametrize("before", [True, False], ids=["before ours", "behind ours"])
def test_a_kept_answer_is_recorded_as_it_came_though_a_script_puts_another_in_its_place(
    watch: Start, tmp_path: Path, before: bool
) -> None:
    other = tmp_path / "other.py"
    other.write_text(
        "from mitmproxy import http\ndef response(flow):\n    flow.response = http.Response.make(429, b'slow down')\n"
    )
    scripts = (other, SCRIPT) if before else (SCRIPT, other)
    with Origin(lambda _: [head(content_type="application/json", content_length="8"), b'{"a": 1}']) as origin:
        proxy = watch(origin.url, script=scripts[0], arguments=("-s", str(scripts[1])))
        assert requests.post(proxy.url, json={"stream": False}).status_code == 429
        answer = proxy.record()["response"]
    assert (answer["status"], answer["body"]["content"]) == (200, '{"a": 1}')


def test_a_stream_that_its_client_left_is_written_once(watch: Start, tmp_path: Path) -> None:
    # the end of such a body is that of its connection, which mitmproxy closes when the client has gone
    capture = tmp_path / "capture.mitm"
    steps = (head(content_type="text/event-stream"), *sse('{"a":1}'), *[0.05, *sse('{"a":2}')] * 20)
    with Origin(lambda _: steps) as origin:
        proxy = watch(origin.url, arguments=("-w", str(capture)))
        with requests.post(proxy.url, json=ASK, stream=True) as response:
            next(response.iter_content(1))
        assert proxy.record()["outcome"] == "client-disconnected"
        proxy.stop()
    with capture.open("rb") as file:
        (flow,) = FlowReader(file).stream()
    assert flow.error.msg == "Client disconnected."


def test_a_flow_recorded_without_streamwatch_says_that_no_times_were_recorded(tmp_path: Path, confdir: Path) -> None:
    capture = tmp_path / "capture.mitm"
    with (
        Origin(lambda _: chunked(sse(*['{"choices":[{"index":0,"delta":{"content":"x"}}]}'] * 30), 0.01)) as origin,
        Mitmdump(f"reverse:{origin.url}", script=None, confdir=confdir, arguments=("-w", str(capture))) as proxy,
    ):
        requests.post(proxy.url + "/v1/chat/completions", json=ASK)
    (record,) = offline(capture, tmp_path / "again.jsonl", confdir)
    assert record["stream"]["arrivals"] is None
    assert record["timing"]["first_token"] is None
    assert record["timing"]["response_start"] is not None
    assert record["llm"]["text"] == "x" * 30
    assert record["verdict"]["label"] == "inconclusive"
    assert "recorded" in record["verdict"]["summary"]


def test_exports_are_for_their_owner_alone_and_whole(watch: Start, tmp_path: Path) -> None:
    outputs = [tmp_path / f"report.{suffix}" for suffix in ("html", "md", "csv", "har")]
    with Origin(lambda _: chunked(sse("<script>alert(1)</script>", "[DONE]"), 0.01)) as origin:
        proxy = watch(origin.url, options=tuple(f"streamwatch_export={path}" for path in outputs))
        requests.post(proxy.url + "/v1/chat/completions?key=secretsecret", json=ASK)
        proxy.records(1)
        proxy.stop()
    for path in (*outputs, proxy.export):
        assert path.stat().st_mode & 0o777 == 0o600
        assert "secretsecret" not in path.read_text()
    assert "<script>alert(1)" not in outputs[0].read_text()
    assert json.loads(outputs[3].read_text())["log"]["version"] == "1.2"
