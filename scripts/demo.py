"""Everything at once, without a key or a network: real servers, a real mitmdump, real clients, real verdicts.

    uv run scripts/demo.py [FOLDER]

starts an OpenAI-like, a Qwen-like and an Ollama-like server on loopback, one of them also behind a hop that holds
answers back, puts mitmdump with streamwatch before them, sends what people send, and writes the reports to FOLDER
(``streamwatch-demo`` if none is given).  Ends with exit code 1 if a verdict is not the one the servers deserve.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from loopback import FIN, SCRIPT, Origin, Step, asgi, chunk, free_port, head, is_listening, sse, tool, wait_for
from openai import OpenAI
from rich.console import Console
from servers import buffering_hop, echo, ollama_like, openai_like, qwen_like

ASK = {"model": "qwen-max", "messages": [{"role": "user", "content": "What does streaming mean?"}]}
KEY = "sk-demo-not-a-real-key-0123456789"

type Scene = tuple[str, str, Callable[[str], object]]
"""What the scene shows, the verdict it must get, and the function that sends its request to a base URL."""


# --- the clients --------------------------------------------------------------------------------------------


def stream_with_requests(path: str = "/v1/chat/completions") -> Callable[[str], object]:
    def send(url: str) -> None:
        with requests.post(url + path, json=ASK | {"stream": True}, stream=True, timeout=30) as response:
            for _ in response.iter_lines():
                pass

    return send


def stream_with_the_openai_sdk(url: str) -> None:
    with OpenAI(base_url=url + "/v1", api_key=KEY) as client:
        options = {"include_usage": True}
        stream = client.chat.completions.create(**ASK, stream=True, stream_options=options)  # type: ignore[call-overload]  # a plain dict
        for _ in stream:
            pass


def stream_with_a_raw_socket(url: str) -> None:
    """Send a request as ``curl -N`` does, then read until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"GET /stream HTTP/1.1\r\nHost: demo\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n"
        )
        while connection.recv(65536):
            pass


def cut_off(url: str) -> None:
    with contextlib.suppress(requests.exceptions.ChunkedEncodingError):
        stream_with_requests()(url)


def form(url: str) -> None:
    requests.post(url + "/echo", data={"a": ["abc", "def"], "b": "1"}, timeout=30)


def typed_json(url: str) -> None:
    requests.post(url + "/echo", json={"a": "abc"}, timeout=30)


def untyped_json(url: str) -> None:
    requests.post(url + "/echo", data=json.dumps({"a": "abc"}), timeout=30)


def multipart(url: str) -> None:
    file = ("notes.txt", io.BytesIO(b"what was said"), "text/plain")
    requests.post(url + "/echo", files={"file": file}, data={"purpose": "demo"}, timeout=30)


# --- the servers --------------------------------------------------------------------------------------------


def dies_midway(_: object) -> Iterator[Step]:
    """A response whose server goes away in the middle."""
    yield head(content_type="text/event-stream", transfer_encoding="chunked")
    choice = '{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"word "}}]}'
    for event in sse(*[choice] * 25):
        yield 0.03
        yield chunk(event)
    yield FIN


@contextlib.contextmanager
def scenes() -> Iterator[list[tuple[str, list[Scene]]]]:
    """Start every server; yield (its URL, the scenes to send it)."""
    with contextlib.ExitStack() as stack:
        start = stack.enter_context
        openai = start(asgi(openai_like()))
        yield [
            (
                openai,
                [
                    ("a true SSE stream, by the openai SDK", "streaming", stream_with_the_openai_sdk),
                    (
                        "a stream asked for, answered whole",
                        "not-streamed",
                        stream_with_requests("/whole/v1/chat/completions"),
                    ),
                ],
            ),
            (start(asgi(qwen_like())), [("Qwen's own server, by requests", "streaming", stream_with_requests())]),
            (
                start(asgi(ollama_like())),
                [("NDJSON from an Ollama-like server", "streaming", stream_with_requests("/api/chat"))],
            ),
            (
                start(asgi(buffering_hop(openai))),
                [("the same behind a hop that buffers", "pseudo-streaming", stream_with_requests())],
            ),
            (
                start(asgi(buffering_hop(openai, 2048))),
                [("behind a hop that passes blocks", "bursty", stream_with_requests())],
            ),
            (start(Origin(dies_midway)).url, [("a stream cut midway", "streaming", cut_off)]),
            (
                start(asgi(echo(0.1, "everything flows, nothing stays"))),
                [
                    ("a character every 100 ms, by a raw socket", "streaming", stream_with_a_raw_socket),
                    ("a form", "not-applicable", form),
                    ("JSON", "not-applicable", typed_json),
                    ("JSON without a Content-Type", "not-applicable", untyped_json),
                    ("multipart", "not-applicable", multipart),
                ],
            ),
        ]


# --- the run ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def mitmdump(upstreams: list[str], folder: Path) -> Iterator[list[str]]:
    """Run mitmdump with streamwatch in front of every upstream, on this terminal; yield the URLs it listens at."""
    ports = [free_port() for _ in upstreams]
    command = [tool("mitmdump"), "-q", "-s", str(SCRIPT), "--set", f"confdir={folder / 'mitmproxy'}"]
    for upstream, port in zip(upstreams, ports, strict=True):
        command += ["--mode", f"reverse:{upstream}@127.0.0.1:{port}"]
    for suffix in ("jsonl", "html", "md"):
        command += ["--set", f"streamwatch_export={folder / f'report.{suffix}'}"]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: process.poll() is not None or all(map(is_listening, ports)), "mitmdump to listen", 30)
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("streamwatch-demo"), help="where reports go")
    folder: Path = parser.parse_args().folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    archive = folder / "report.jsonl"
    archive.unlink(missing_ok=True)
    expected: list[str] = []
    with scenes() as served, mitmdump([url for url, _ in served], folder) as urls, ThreadPoolExecutor(4) as clients:
        sent = []
        for url, (_, shown) in zip(urls, served, strict=True):
            for _, label, send in shown:
                expected.append(label)
                sent.append(clients.submit(send, url))
        for request in sent:
            request.result()
        wait_for(lambda: archive.exists() and len(archive.read_text().splitlines()) == len(expected), "all records")
    labels = [json.loads(line)["verdict"]["label"] for line in archive.read_text().splitlines()]
    console = Console(highlight=False)
    console.print(f"\nReports: [bold]{folder / 'report.html'}[/] (open it in a browser), report.md, report.jsonl")
    if sorted(labels) != sorted(expected):
        console.print(f"[red]Not the verdicts these servers deserve:[/] {sorted(labels)} instead of {sorted(expected)}")
        return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    sys.exit(main())
