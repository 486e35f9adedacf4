"""A replayed response gets the verdict of the recorded one, and an imitated hop is found out."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests
from loopback import FIN, Origin, Step, asgi, chunk, head, sse, tool
from servers import buffering_hop, ollama_like, openai_like

from .conftest import Lane, Watched

ASK = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}
CHAT = "/v1/chat/completions"


class Replay:
    """A real ``streamwatch replay``."""

    def __init__(self, *arguments: object, port: int = 0) -> None:
        command = [tool("streamwatch"), "replay", *map(str, arguments), "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def __enter__(self) -> Replay:
        assert self.process.stdout
        self.told: list[str] = []
        for line in self.process.stdout:
            if line.startswith("http://"):
                self.url = line.strip()
                return self
            self.told.append(line)
        raise AssertionError("".join(self.told))

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(5)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Path:
    """One exchange of each kind, each at a path of its own."""
    export = tmp_path_factory.mktemp("replay") / "capture.jsonl"

    def cut(_: object) -> Iterator[Step]:
        yield head(content_type="text/event-stream", transfer_encoding="chunked")
        for _ in range(12):
            yield 0.03
            yield chunk(sse('{"choices":[{"index":0,"delta":{"content":"half "}}]}')[0])
        yield FIN

    with (
        asgi(openai_like(0.025)) as real,  # held back as a whole it is plainly severe, in lumps plainly mild
        asgi(ollama_like(0.02)) as lines,
        asgi(buffering_hop(real)) as late,
        asgi(buffering_hop(real, 2048)) as lumps,
        Origin(cut) as broken,
        Watched(
            *(f"reverse:{url}" for url in (real, lines, late, lumps, broken.url)), export=export, confdir=confdir
        ) as proxy,
    ):
        paths = (CHAT, "/api/chat", CHAT + "?late", CHAT + "?lumps")
        for url, path in zip(proxy.urls[:4], paths, strict=True):
            requests.post(url + path, json=ASK)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.post(proxy.urls[4] + "/cut", json=ASK)
        requests.post(proxy.url + "/whole" + CHAT, json=ASK)
        proxy.records(6)
    return export


@pytest.fixture(scope="module")
def replay(capture: Path) -> Iterator[Replay]:
    """One for all who want it as it is."""
    with Replay(capture) as played:
        yield played


def test_what_is_played_is_judged_as_what_was_recorded(lane: Lane, capture: Path) -> None:
    before = list(map(json.loads, capture.read_text().splitlines()))
    with Replay(capture, port=lane.port):
        for number, record in enumerate(before, 1):
            url = record["request"]["url"]
            broken = pytest.raises(requests.exceptions.ChunkedEncodingError)
            with broken if url.endswith("/cut") else contextlib.nullcontext():
                requests.post(lane.url + "/" + url.split("/", 3)[3], json=ASK)
            after = lane.records(number)
    labels = {record["verdict"]["label"] for record in before}
    assert labels == {"streaming", "bursty", "pseudo-streaming", "not-streamed"}
    for then, now in zip(before, after, strict=True):
        for key in ("label", "severity", "channel", "flags"):
            assert now["verdict"][key] == then["verdict"][key], then["request"]["url"]
        for key in ("outcome", "llm"):
            assert now[key] == then[key]
        assert now["response"]["body"] == then["response"]["body"]
        assert [event["data"] for event in now.get("events", [])] == [event["data"] for event in then.get("events", [])]
        for was, is_now in zip(then.get("events", []), now.get("events", []), strict=True):
            assert is_now["t"] == pytest.approx(was["t"], abs=0.1)


@pytest.mark.parametrize(("how", "label"), [("all", "pseudo-streaming"), ("2k", "bursty"), ("250ms", "bursty")])
def test_an_imitated_hop_is_found_out(lane: Lane, capture: Path, replay: Replay, how: str, label: str) -> None:
    with Replay(capture, "--hold", how, port=lane.port):
        streamed = requests.post(lane.url + CHAT, json=ASK).text
        record = lane.record()
    assert record["verdict"]["label"] == label
    assert requests.post(replay.url + CHAT, json=ASK).text == streamed


def test_faster_is_faster(capture: Path, replay: Replay) -> None:
    def seconds(replay: Replay) -> float:
        began = time.monotonic()
        requests.post(replay.url + CHAT, json=ASK)
        return time.monotonic() - began

    with Replay(capture, "--speed", "4") as faster:
        assert seconds(faster) < 0.6 * seconds(replay)


def test_a_vendors_client_reads_it_without_a_key(replay: Replay) -> None:
    import openai  # takes half a second, which the other processes of a test run need not spend

    client = openai.OpenAI(base_url=replay.url + "/v1", api_key="none", max_retries=0)
    chunks = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}], stream=True)
    assert "Streaming means" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    with pytest.raises(openai.NotFoundError, match="what was: POST /v1/chat/completions"):
        client.models.list()


def test_it_is_told_what_is_played_and_what_was_asked(capture: Path) -> None:
    with Replay(capture) as replay:
        assert len(replay.told) == 6
        assert "POST /cut · m · streaming" in "".join(replay.told)
        assert "GET /else?key=***&q=1 was not recorded" in requests.get(replay.url + "/else?key=abc&q=1").text
        requests.post(replay.url + CHAT, json=ASK)
        assert replay.stop() == 0
        assert replay.process.stdout
        said = replay.process.stdout.read().splitlines()
    assert said[0] == "GET /else?key=***&q=1 → not recorded"
    assert said[1].startswith("POST /v1/chat/completions → POST /v1/chat/completions · m · ")


def test_only_this_machine_is_served(replay: Replay) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.2", replay.port))  # as nobody listens on all addresses


def test_a_connection_serves_many_requests_and_any_framing(capture: Path) -> None:
    with Replay(capture, "--speed", "50") as replay, httpx.Client() as client:
        for _ in range(3):
            assert client.post(replay.url + CHAT, content=b"{}").is_success
            assert client.post(replay.url + CHAT, content=iter([b"{", b"}"])).is_success
        assert client.post(replay.url + CHAT, content=b"{}", headers={"Expect": "100-continue"}).is_success
        assert client.head(replay.url).status_code == client.get(replay.url).status_code == 404


def test_a_client_that_sends_nonsense_or_leaves_harms_nobody_else(capture: Path) -> None:
    with Replay(capture) as replay:
        for nonsense in (
            b"",
            b"\x16\x03\x01\0\0",
            b"GET / HTTP/9\r\n\r\n",
            b"POST %s HTTP/1.1\r\nhost: x\r\n\r\n" % CHAT.encode(),
        ):
            with socket.create_connection(("127.0.0.1", replay.port)) as connection:
                connection.sendall(nonsense)
        assert requests.post(replay.url + CHAT, json=ASK).ok
        assert replay.stop() == 0
        assert replay.process.stdout
        assert "Traceback" not in replay.process.stdout.read()


def test_a_request_too_long_to_be_kept_is_refused(replay: Replay) -> None:
    most = 64 << 20
    with socket.create_connection(("127.0.0.1", replay.port)) as client:
        client.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {most + 9}\r\n\r\n".encode())
        client.sendall(bytes(most + 1))
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_interrupted_amid_an_answer_it_ends_at_once(capture: Path) -> None:
    with Replay(capture, "--speed", "0.01") as replay, requests.post(replay.url + CHAT, json=ASK, stream=True):
        assert replay.stop() == 0


def test_a_port_that_is_taken_is_said_in_one_line(capture: Path, replay: Replay) -> None:
    command = [tool("streamwatch"), "replay", str(capture), "--port", str(replay.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stderr.startswith("streamwatch replay: ")
    assert len(done.stderr.splitlines()) == 1
