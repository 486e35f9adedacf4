"""The plugin way: the example works for real, the page about it says what is so, the API has its pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from loopback import ROOT, SCRIPT, Origin, ReceivedRequest, Step, chunk, chunked, head, sse, wait_for
from streamwatchlib.report import jsonl

from ..report.records import PSEUDO, STREAMING
from .conftest import Watched

EXAMPLE = ROOT / "examples" / "webhook.py"
WORDS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word{n} "}}}}]}}' for n in range(30)), "[DONE]")
RAISING = """\
def requestheaders(flow):
    raise RuntimeError("a script of the user's")

request = responseheaders = response = requestheaders
"""
KILLS = {
    "at-once": """\
def response(flow):
    if flow.request.path.endswith("?at-once"):
        flow.kill()
""",
    "after-a-thought": """\
import asyncio

async def response(flow):
    if flow.request.path.endswith("?after-a-thought"):
        await asyncio.sleep(0.1)
        flow.kill()
""",
    "stopped-and-when-it-has-gone-on": """\
import asyncio

def response(flow):
    if flow.request.path.endswith("?stopped-and-when-it-has-gone-on"):
        flow.intercept()
        asyncio.get_running_loop().call_later(0.1, kill, flow)

def kill(flow):
    flow.resume()
    flow.kill()
""",
}
STOPS = {
    "request-by-awaiting": """\
import asyncio

async def request(flow):
    if flow.request.path.endswith("?request-by-awaiting"):
        await asyncio.sleep(1)
""",
    "request-as-its-user-does": """\
import asyncio

def request(flow):
    if flow.request.path.endswith("?request-as-its-user-does"):
        flow.intercept()
        asyncio.get_running_loop().call_later(1, flow.resume)
""",
}
STOPS |= {
    way.replace("request", "head"): text.replace("def request", "def responseheaders").replace("?request", "?head")
    for way, text in STOPS.items()
}
SNIPPETS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8"), re.DOTALL)


def model(asked: ReceivedRequest) -> Iterator[Step]:
    """Streams, or holds its answer back and sends it at once."""
    path = asked.target.partition("?")[0]
    if path == "/streams":
        yield from chunked(WORDS, 0.03)
    elif path.startswith("/document"):
        yield head(content_type="application/json", content_length="2") + b"{}"
    else:
        yield 0.0 if path == "/quick" else 0.9
        yield head(content_type="text/event-stream", transfer_encoding="chunked")
        yield chunk(b"".join(WORDS)) + chunk(b"")


def test_the_webhook_is_told_of_pseudo_streams_and_of_nothing_else(watch: Callable[..., Watched]) -> None:
    def take(_: ReceivedRequest) -> Iterator[Step]:
        yield head(204)

    with Origin(model) as origin, Origin(take) as hook:
        proxy = watch(
            origin.url, arguments=("-s", str(EXAMPLE)), env={"WEBHOOK_URL": hook.url + "/T0", "NO_PROXY": "*"}
        )
        for path in ("/streams", "/lump"):
            requests.post(proxy.url + path, json={"stream": True})
        wait_for(lambda: hook.requests, "the webhook to be told")
        proxy.records(2)
        proxy.stop()
    (asked,) = hook.requests
    assert (asked.method, asked.target, asked.headers["content-type"]) == ("POST", "/T0", "application/json")
    text = json.loads(asked.body)["text"]
    assert text.startswith(f"{origin.url}/lump: ")
    assert "all 30 pieces" in text


def test_a_webhook_that_is_gone_costs_a_log_line_and_no_record(watch: Callable[..., Watched]) -> None:
    with Origin(model) as origin:
        proxy = watch(
            origin.url, arguments=("-s", str(EXAMPLE)), env={"WEBHOOK_URL": "http://127.0.0.1:9/", "NO_PROXY": "*"}
        )
        for _ in range(2):
            assert requests.post(proxy.url + "/lump", json={"stream": True}).content == b"".join(WORDS)
        assert len(proxy.records(2)) == 2


def test_a_script_before_ours_that_raises_takes_nothing_out_of_our_sight(
    watch: Callable[..., Watched], tmp_path: Path
) -> None:
    """mitmproxy passes over the scripts behind one that raises, in each of its hooks."""
    script = tmp_path / "raising.py"
    script.write_text(RAISING)
    with Origin(model) as origin:
        proxy = watch(origin.url, script=script, arguments=("-s", str(SCRIPT)))
        answer = requests.post(proxy.url + "/streams", json={"stream": True})
        record = proxy.record()
    assert answer.content == b"".join(WORDS)
    assert proxy.output.count("a script of the user's") >= 4
    assert record["request"]["body"]["content"] == '{"stream": true}'
    assert (record["outcome"], record["response"]["status"]) == ("complete", 200)
    assert (record["verdict"]["label"], record["stream"]["events"]) == ("streaming", len(WORDS))


@pytest.fixture(scope="module")
def meddled(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Watched]:
    """A watched mitmdump with a script behind ours for each way to kill an answer or to stop an exchange."""
    folder = tmp_path_factory.mktemp("meddled")
    arguments: list[str] = []
    for way, text in (KILLS | STOPS).items():
        (folder / f"{way}.py").write_text(text)
        arguments += ["-s", str(folder / f"{way}.py")]
    export = folder / "records.jsonl"
    with (
        Origin(model) as origin,
        Watched(f"reverse:{origin.url}", export=export, confdir=confdir, arguments=arguments) as proxy,
    ):
        yield proxy


@pytest.mark.parametrize("path", ["/streams", "/document"])
@pytest.mark.parametrize("way", KILLS)
def test_an_answer_that_a_script_behind_ours_kills_is_not_told_as_complete(
    way: str, path: str, meddled: Watched
) -> None:
    with pytest.raises(requests.RequestException):
        requests.post(f"{meddled.url}{path}?{way}", json={"stream": path == "/streams"})
    (record,) = meddled.about(f"{path}?{way}", 1)
    assert (record["outcome"], record["error"]) == ("error", "Connection killed.")
    assert record["response"]["body"]["size"] == (len(b"".join(WORDS)) if path == "/streams" else 2)
    assert record["verdict"]["flags"] == ["truncated"], "the client lacks the end mark, or all"


def test_an_answer_that_is_killed_when_its_client_has_all_of_it_is_not_told_as_truncated(meddled: Watched) -> None:
    path = "/document/passed-on?at-once"
    assert requests.post(meddled.url + path, json={"stream": True}).content == b"{}"
    (record,) = meddled.about(path, 1)
    assert (record["outcome"], record["error"]) == ("error", "Connection killed.")
    assert record["verdict"]["flags"] == []


@pytest.mark.parametrize("way", STOPS)
def test_what_a_script_or_its_user_stopped_is_not_told_as_held_back_by_the_server(way: str, meddled: Watched) -> None:
    answer = requests.post(f"{meddled.url}/quick?{way}", json={"stream": True})
    assert answer.content == b"".join(WORDS)
    (record,) = meddled.about(f"/quick?{way}", 1)
    assert (record["verdict"]["label"], record["verdict"]["suspects"]) == ("inconclusive", [])
    assert "stopped the exchange" in record["verdict"]["summary"]


def test_the_page_shows_the_example_as_it_is() -> None:
    assert SNIPPETS[0].strip() in EXAMPLE.read_text(encoding="utf-8")


@pytest.mark.parametrize("snippet", SNIPPETS[1:], ids=lambda snippet: snippet.splitlines()[0])
def test_what_the_page_shows_works(snippet: str, tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(jsonl.render([STREAMING, PSEUDO]), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("streaming ")
    if "run.md" in snippet:
        assert "**pseudo-streaming**" in (tmp_path / "run.md").read_text(encoding="utf-8")


def test_the_api_has_its_pages(tmp_path: Path) -> None:
    pytest.importorskip("pdoc", reason="needs pdoc: uv sync --group docs")
    subprocess.run([sys.executable, ROOT / "scripts" / "apidocs.py", tmp_path], check=True, timeout=100)
    assert "One exchange, observed and judged" in (tmp_path / "streamwatchlib" / "model.html").read_text(
        encoding="utf-8"
    )
    assert "streamwatch_record" in (tmp_path / "streamwatchlib" / "suite" / "events.html").read_text(encoding="utf-8")
    assert (tmp_path / "index.html").exists()
