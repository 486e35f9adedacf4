"""mitmproxy's own screens: what is wrong stands out in the lists, bodies are shown as streams, commands answer."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from loopback import FIN, SCRIPT, Mitmdump, Origin, Step, chunk, free_port, head, sse, tool, wait_for
from mitmproxy.io import FlowReader

from .conftest import Watched

pytest.importorskip("termios", reason="needs a pty: not on Windows")
from ..terminal.terminal import Terminal

WORDS = [f"word{n} " for n in range(30)]
PIECES = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"{word}"}}}}]}}' for word in WORDS))


def cut(_: object) -> Iterator[Step]:
    """An answer that breaks off: a flaw that is told on a machine of any speed."""
    yield head(content_type="text/event-stream", transfer_encoding="chunked")
    yield from (chunk(piece) for piece in PIECES)
    yield FIN


def ask(url: str) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.post(url + "/v1/chat/completions", json={"model": "m", "stream": True})


class Mitmweb(Mitmdump):
    """A real mitmweb, asked by the interface that its page uses."""

    def __init__(self, mode: str, confdir: Path) -> None:
        port = free_port()
        options = ("web_password=open", "web_open_browser=false", f"web_port={port}", "web_host=127.0.0.1")
        super().__init__(mode, options=options, confdir=confdir)
        self.command[0] = tool("mitmweb")
        self._page = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.headers.update({"Authorization": "Bearer open", "X-XSRFToken": "0" * 32})
        self._session.cookies.set("_mitmproxy_xsrf", "0" * 32)

    def _listens(self) -> bool:
        return "Web server listening at" in self.output

    def get(self, path: str) -> Any:
        return self._session.get(self._page + path).json()

    def run(self, command: str, *arguments: str) -> Any:
        return self._send("POST", f"/commands/{command}", {"arguments": arguments}).json()

    def set(self, **options: Any) -> None:
        self._send("PUT", "/options", options).raise_for_status()

    def _send(self, method: str, path: str, what: Any) -> requests.Response:
        self._session.get(self._page)  # the page sets the cookie against forged requests
        token = {"X-XSRFToken": self._session.cookies.get("_mitmproxy_xsrf", "")}
        return self._session.request(method, self._page + path, json=what, headers=token)


def test_mitmweb_shows_marks_streams_and_answers_commands(confdir: Path, tmp_path: Path) -> None:
    with Origin(cut) as origin, Mitmweb(f"reverse:{origin.url}", confdir) as web:
        ask(web.url)
        wait_for(lambda: web.get("/flows")[0]["marked"], "the mark")
        (flow,) = web.get("/flows")
        assert flow["marked"] == "✂"
        assert flow["comment"].startswith("streamwatch: truncated. ")
        view = web.get(f"/flows/{flow['id']}/response/content/auto.json")
        assert view["view_name"] == "Stream"
        assert "truncated)" in view["text"].splitlines()[0]
        assert "".join(WORDS).strip()[:60] in view["text"]
        assert web.run("streamwatch.summary")["value"][0] == "1 exchange watched"
        out = tmp_path / "run.md"
        assert web.run("streamwatch.report", str(out)) == {"value": None}
        wait_for(out.exists, "the report")
        assert "truncated" in out.read_text()
        assert "ends in one of" in web.run("streamwatch.report", str(tmp_path / "run.doc"))["error"]
        web.run("streamwatch.clear")
        assert web.run("streamwatch.summary")["value"] == ["No exchange has ended."]
        ask(web.url)
        wait_for(lambda: "1 exchange watched" in web.run("streamwatch.summary")["value"], "the second record")
    assert "watched" not in web.output


def paths(file: Path) -> list[str]:
    """Of the requests whose records a file holds."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["request"]["url"].split("/")[3] for line in lines]


def test_what_has_just_ended_belongs_to_what_is_typed_then_and_to_nothing_typed_before(
    confdir: Path, tmp_path: Path
) -> None:
    """Its record may come a second later."""
    reports, exports = ([tmp_path / f"{what}-{n}.jsonl" for n in range(3)] for what in ("report", "export"))
    with Origin(cut) as origin, Mitmweb(f"reverse:{origin.url}", confdir) as web:
        for n, (report, export) in enumerate(zip(reports, exports, strict=True)):
            web.set(streamwatch_export=[str(export)])
            ask(f"{web.url}/{n}")
            said = web.run("streamwatch.summary")["value"][0]
            assert said in ("1 exchange ended just now, judged in a moment", "1 exchange watched"), "the former mostly"
            assert web.run("streamwatch.report", str(report)) == {"value": None}
            web.run("streamwatch.clear")
            assert web.run("streamwatch.summary")["value"] == ["No exchange has ended."]
            assert "no exchange is kept" in web.run("streamwatch.report", str(report))["error"]
        web.set(streamwatch_export=[])
        wait_for(lambda: all(file.exists() for file in (*reports, *exports)), "the records")
        assert web.run("streamwatch.summary")["value"] == ["No exchange has ended."]
        ask(f"{web.url}/last")
        web.run("streamwatch.report", str(tmp_path / "last.jsonl"))
    assert paths(tmp_path / "last.jsonl") == ["last"], "though the proxy was stopped at once"
    for files in (reports, exports):
        assert [paths(file) for file in files] == [["0"], ["1"], ["2"]]


def test_mitmproxy_shows_marks_and_streams(confdir: Path) -> None:
    terminal = Terminal(140, 40)

    def shows(*texts: str) -> Callable[[], bool]:
        def look() -> bool:
            terminal.read(0.1)
            return all(any(text in line for line in terminal.shown) for text in texts)

        return look

    with Origin(cut) as origin:
        command = [tool("mitmproxy"), "-s", str(SCRIPT), "--set", f"confdir={confdir}"]
        command += ["--mode", f"reverse:{origin.url}@127.0.0.1:0"]
        process = subprocess.Popen(
            command,
            stdin=terminal.slave,
            stdout=terminal.slave,
            stderr=terminal.slave,
            env={**os.environ, "TERM": "xterm-256color"},
        )
        try:
            wait_for(shows("[127.0.0.1:"), "mitmproxy", 30)
            (port,) = re.findall(r"\[127\.0\.0\.1:(\d+)\]", "\n".join(terminal.shown))
            # beside, for the screen must be read meanwhile: whoever writes to a terminal that is full waits
            threading.Thread(target=ask, args=[f"http://127.0.0.1:{port}"], daemon=True).start()
            wait_for(shows("✂"), "the mark in the list")
            os.write(terminal.master, b"\r")
            wait_for(shows("Flow Details"), "the flow")
            os.write(terminal.master, b"\t")
            wait_for(shows("truncated)", "── message ──", "word0 word1 word2"), "the stream")
        finally:
            process.kill()
            process.wait()
            terminal.close()


def test_a_capture_read_again_can_be_written_with_its_marks(
    watch: Callable[..., Watched], tmp_path: Path, confdir: Path
) -> None:
    capture, marked = tmp_path / "capture.mitm", tmp_path / "marked.mitm"
    with Origin(cut) as origin:
        proxy = watch(origin.url, arguments=("-w", str(capture)))
        ask(proxy.url)
        proxy.records(1)
        proxy.stop()
    command = [tool("mitmdump"), "-q", "-nr", str(capture), "-w", str(marked), "-s", str(SCRIPT)]
    subprocess.run([*command, "--set", f"confdir={confdir}"], check=True, timeout=60)
    with marked.open("rb") as file:
        flows = list(FlowReader(file).stream())
    assert flows  # two of them, for mitmproxy writes what was aborted with `response` and again with `error`
    for flow in flows:
        assert flow.marked == ":scissors:"
        assert flow.comment.startswith("streamwatch: truncated. ")
