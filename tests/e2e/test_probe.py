"""``streamwatch probe`` finds which of four places is to blame: a real server, hop, proxy or client."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import FIN, RST, Mitmdump, Origin, Step, asgi, chunk, chunked, free_port, head, sse, tool
from servers import buffering_hop, ollama_like, openai_like

from .nginx import nginx

ASK = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True})
PATH = "/v1/chat/completions"


def probe(url: str, *more: str, body: str | None = ASK) -> subprocess.CompletedProcess[str]:
    command = [tool("streamwatch"), "probe", url, *more, *(["--json", body] if body else [])]
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


def headline(ended: subprocess.CompletedProcess[str]) -> str:
    return ended.stdout.partition("\n")[0]


def test_the_client_alone_where_everything_streams(tmp_path: Path) -> None:
    out = tmp_path / "probe.jsonl"
    with asgi(openai_like(0.012)) as server:
        ended = probe(server + PATH, "--output", str(out))
    assert ended.returncode == 0, ended.stderr
    assert "by nobody on the path: only the way the client reads" in headline(ended)
    assert re.search(r"\*\*client\*\*: may hold it back: .* first piece arrives after \d", ended.stdout)
    assert "**server**: innocent" in ended.stdout
    assert "**hop**: innocent" in ended.stdout
    added = re.search(r"\*\*proxy\*\*: innocent: streamwatch's own adds ([\d.]+) ms on average", ended.stdout)
    assert added
    assert float(added[1]) < 10
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["verdict"]["label"] for record in records] == [*["streaming"] * 4, "pseudo-streaming", "streaming"]
    assert len({record["llm"]["text"] for record in records}) == 1, "each sight of each way read the same answer"


def test_the_server_where_it_answers_whole() -> None:
    with asgi(openai_like(0.01)) as server:
        ended = probe(server + "/whole" + PATH)
    assert ended.returncode == 1
    assert headline(ended).endswith("held back by the server")


def test_the_server_where_it_generates_first() -> None:
    def gathered(_: object) -> Iterator[Step]:
        yield 0.8
        yield from chunked([b"".join(sse(*['{"choices":[{"index":0,"delta":{"content":"word "}}]}'] * 40, "[DONE]"))])

    with Origin(gathered) as server, asgi(buffering_hop(server.url)) as hop:
        ended = probe(hop + PATH, "--upstream", server.url + PATH)
    assert ended.returncode == 1
    assert headline(ended).endswith("held back by the server")
    assert "what reaches it is already held back" in ended.stdout


def test_the_hop_where_the_server_itself_streams() -> None:
    with asgi(openai_like(0.012)) as server, asgi(buffering_hop(server)) as hop:
        ended = probe(hop + PATH, "--upstream", server + PATH)
    assert ended.returncode == 1
    assert headline(ended).endswith("held back by the hop")
    assert "**server**: innocent: asked by itself it streams" in ended.stdout


def test_the_hop_where_the_servers_own_dates_tell() -> None:
    with asgi(ollama_like(0.012)) as server, asgi(buffering_hop(server)) as hop:
        ended = probe(hop + "/api/chat")
    assert ended.returncode == 1
    assert headline(ended).endswith("held back by the hop")


def test_the_proxy_where_it_streams_without_it() -> None:
    """mitmproxy without streamwatch is such a proxy."""
    with asgi(openai_like(0.012)) as server, Mitmdump("regular", script=None) as proxy:
        ended = probe(server + PATH, "--proxy", proxy.url)
    assert ended.returncode == 1
    assert headline(ended).endswith("held back by the proxy")


def test_a_hop_that_holds_back_only_what_it_compresses() -> None:
    import gzip

    events = sse(*['{"choices":[{"index":0,"delta":{"content":"word "}}]}'] * 40, "[DONE]")

    def plan(asked: object) -> Iterator[Step]:
        if "gzip" not in getattr(asked, "headers", {}).get("accept-encoding", ""):
            yield from chunked(events, 0.02)
            return
        kind = {"content_type": "text/event-stream", "content_encoding": "gzip"}
        yield head(transfer_encoding="chunked", **kind)
        yield 0.8
        yield chunk(gzip.compress(b"".join(events))) + chunk(b"")

    with Origin(plan) as server:
        ended = probe(server.url + PATH)
    assert ended.returncode == 1
    assert headline(ended).endswith("held back by the hop")
    assert "whatever compresses it does not flush" in ended.stdout


def test_a_hop_that_streams_by_http_2_alone(tmp_path: Path) -> None:
    """nginx gathers what it encrypts in 16 KiB for an HTTP/1.1 client, and not for an HTTP/2 one."""
    with (
        asgi(openai_like(0.012)) as server,
        nginx(tmp_path / "nginx", 'proxy_http_version 1.1; proxy_set_header Connection "";', tls=True) as hop,
    ):
        hop.start(server)
        ended = probe(hop.url + PATH, "--insecure")
    assert ended.returncode == 1, ended.stderr
    assert headline(ended).endswith("held back by the hop")
    assert "by HTTP/2 the answer streams" in ended.stdout


# --- what can't be asked, or does not tell ------------------------------------------------------------------------


def test_a_refusal_is_not_asked_twice_and_steers_no_terminal() -> None:
    with Origin(lambda _: [head(429, content_length="0", retry_after="1\x1b]0;owned\x07")]) as server:
        ended = probe(server.url + PATH)
        assert len(server.requests) == 1
    assert ended.returncode == 2
    assert "answers 429" in ended.stderr
    assert "`retry-after: 1␛]0;owned␇`" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_server_that_is_not_there_is_named() -> None:
    ended = probe(f"http://127.0.0.1:{free_port()}/")
    assert ended.returncode == 2
    assert "Connection refused" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_answer_that_breaks_off_is_still_told(tmp_path: Path) -> None:
    def plan(_: object) -> Iterator[Step]:
        yield head(content_type="text/event-stream", transfer_encoding="chunked")
        for event in sse(*['{"choices":[{"index":0,"delta":{"content":"word "}}]}'] * 30):
            yield 0.02
            yield chunk(event)
        yield 0.05
        yield RST if len(server.requests) == 1 else FIN

    with Origin(plan) as server:
        ended = probe(server.url + PATH, "--output", str(out := tmp_path / "probe.jsonl"))
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    reset, closed = map(json.loads, out.read_text().splitlines()[:2])
    for record in (reset, closed):
        assert record["stream"]["events"] == 30, "what came last before the end was read, too"
    assert reset["error"] != closed["error"]


def test_every_way_asks_the_same_and_an_answer_too_short_to_tell_exits_2() -> None:
    events = sse('{"choices":[{"index":0,"delta":{"content":"hi"}}]}', "[DONE]")
    with Origin(lambda _: chunked(events)) as server:
        ended = probe(f"http://me:pass@127.0.0.1:{server.port}{PATH}", "-H", "Host: api.example")
    assert ended.returncode == 2
    assert "does not show whether" in headline(ended)
    asked = [(request.headers["host"], request.headers.get("authorization")) for request in server.requests]
    assert asked == [("api.example", "Basic bWU6cGFzcw==")] * 4


def test_a_host_that_is_no_name_is_refused_in_one_line() -> None:
    ended = probe("http://me:pass@☃.example/")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 2)
    assert ended.stderr.endswith("a URL can't be asked: its host is no name, or it is too long\n")


@pytest.fixture
def without_httpx(tmp_path: Path) -> Callable[[], subprocess.CompletedProcess[str]]:
    """The command where httpx is not installed."""
    (tmp_path / "httpx.py").write_text("raise ImportError('no httpx here')")

    def run() -> subprocess.CompletedProcess[str]:
        code = "import sys; from streamwatchlib.cli import main; sys.exit(main())"
        command = [tool("python"), "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
        return subprocess.run([*command, "probe", "http://127.0.0.1:1/"], capture_output=True, text=True, timeout=60)

    return run


def test_without_httpx_it_says_what_to_install(without_httpx: Callable[[], subprocess.CompletedProcess[str]]) -> None:
    ended = without_httpx()
    assert ended.returncode == 2
    assert "pip install 'mitmproxy-streamwatch[probe]'" in ended.stderr
