"""One mitmdump on both sides of a hop reports correctly what the hop did."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import requests
from loopback import FIN, SCRIPT, Origin, Step, chunk, chunked, free_port, head, sse, tool

from .conftest import Lane, Watched
from .nginx import nginx

Start = Callable[..., Watched]
PATH = "/v1/chat/completions"
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}
CHUNK = (
    '{{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":"word {} "}}}}]}}'
)
EVENTS = sse(*(CHUNK.format(i) for i in range(80)), "[DONE]")


def to_its_end(_: object) -> Iterator[Step]:
    """Without a length or chunks, as to an HTTP/1.0 client: what nginx gathers in pages."""
    yield head(content_type="text/event-stream", connection="close")
    for event in EVENTS:
        yield 0.02
        yield event
    yield FIN


def chunk_by_chunk(_: object) -> Iterable[Step]:
    return chunked(EVENTS, 0.02)


def read(url: str, ask: object = ASK) -> list[float]:
    """When each event had reached the client."""
    body, reached = b"", []
    with requests.post(url + PATH, json=ask, stream=True) as response:
        for data in response.raw.stream(65536, decode_content=False):
            body += data
            reached += [time.perf_counter()] * (body.count(b"\n\n") - len(reached))
    return reached


def outer_and_inner(proxy: Watched, count: int = 2) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last records of the first listener and of the second."""
    records = proxy.records(count)
    inner = [record for record in records if "hop" not in record]
    return next(record for record in records if "hop" in record), inner[-1]


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_what_nginx_adds_is_within_5_ms_of_the_truth(
    two_lanes: tuple[Lane, Lane], tmp_path: Path, buffering: str
) -> None:
    before, behind = two_lanes
    with (
        nginx(tmp_path / "nginx", f"proxy_buffering {buffering};", port=before.port) as hop,
        Origin(to_its_end, port=behind.port) as origin,
    ):
        hop.start(behind.url)
        read(before.url)  # warm: imports and caches of the first exchange are nobody's delay
        before.records(1), behind.records(1)
        origin.sent.clear()
        reached = read(before.url)
        outer, inner = before.records(2)[1], behind.records(2)[1]
    sent = [at for at, data in origin.sent if data.startswith(b"data:")]
    assert len(sent) == len(reached) == 81
    truth = [later - earlier for earlier, later in zip(sent, reached, strict=True)]
    told = outer["hop"]
    assert told["paired_with"] == inner["id"]
    assert told["paired_by"] == ["id", "request", "response"]
    assert told["first_byte_added"] == pytest.approx(truth[0], abs=0.005)
    assert told["event_delay"]["mean"] == pytest.approx(fmean(truth), abs=0.005)
    assert inner["verdict"]["label"] == "streaming"
    if buffering == "on":
        assert told["held"] is True
        assert outer["verdict"]["label"] in ("bursty", "pseudo-streaming")
        (suspect,) = outer["verdict"]["suspects"]
        assert (suspect["hop"], suspect["confidence"]) == ("intermediary", "certain")
        assert "proxy_buffering off" in suspect["remedy"]
        assert told["arrivals"]["downstream"] < 10 < told["arrivals"]["upstream"]
    else:
        assert told["held"] is False
        assert outer["verdict"]["label"] == "streaming"
        assert outer["verdict"]["suspects"] == []
        assert "innocent" in told["summary"]


def read_again(capture: Path, export: Path, confdir: Path) -> list[dict[str, Any]]:
    command = [tool("mitmdump"), "-q", "-nr", str(capture), "-s", str(SCRIPT)]
    options = ("--set", f"confdir={confdir}", "--set", f"streamwatch_export={export}")
    subprocess.run([*command, *options], check=True, timeout=60)
    return [json.loads(line) for line in export.read_text().splitlines()]


def test_a_stored_capture_and_two_files_say_the_same(watch: Start, tmp_path: Path, confdir: Path) -> None:
    capture = tmp_path / "capture.mitm"
    with nginx(tmp_path / "nginx", "proxy_buffering on;") as hop, Origin(to_its_end) as origin:
        proxy = watch(hop.url, origin.url, arguments=("-w", str(capture)))
        hop.start(proxy.urls[1])
        read(proxy.urls[0])
        outer, inner = outer_and_inner(proxy)
        proxy.stop()
    assert outer in read_again(capture, tmp_path / "again.jsonl", confdir)
    files = [tmp_path / "up.jsonl", tmp_path / "down.jsonl"]
    for file, record in zip(files, (inner, outer), strict=True):
        file.write_text(json.dumps(record))
    compared = subprocess.run([tool("streamwatch"), "compare", *map(str, files)], capture_output=True, text=True)
    assert compared.returncode == 1, compared.stderr
    assert "| verdict | **streaming** |" in compared.stdout


def test_without_texts_the_two_sides_are_found_by_their_sizes(watch: Start, tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", "proxy_buffering on;") as hop, Origin(to_its_end) as origin:
        proxy = watch(hop.url, origin.url, options=("streamwatch_content=none",))
        hop.start(proxy.urls[1])
        read(proxy.urls[0])
        outer, _ = outer_and_inner(proxy)
    assert outer["hop"]["held"] is True
    assert outer["hop"]["event_delay"]["n"] > 10


def test_a_client_that_leaves_is_told_what_the_hop_had_done(two_lanes: tuple[Lane, Lane], tmp_path: Path) -> None:
    before, behind = two_lanes
    with (
        nginx(tmp_path / "nginx", "proxy_buffering off;", port=before.port) as hop,
        Origin(chunk_by_chunk, port=behind.port),
    ):
        hop.start(behind.url)
        with requests.post(before.url + PATH, json=ASK, stream=True) as response:
            for number, _ in enumerate(response.iter_lines()):
                if number == 20:
                    break
        outer, inner = before.record(), behind.record()
    assert {outer["outcome"], inner["outcome"]} == {"client-disconnected"}
    assert outer["hop"]["paired_with"] == inner["id"]
    assert outer["hop"]["held"] is False


# --- what is no hop, and what hardly looks like one -------------------------------------------------------------------


def test_one_client_that_asks_two_servers_at_a_time_is_no_hop(two_lanes: tuple[Lane, Lane]) -> None:
    def slower(_: object) -> Iterator[Step]:
        yield 2.5
        yield head(content_type="text/event-stream", transfer_encoding="chunked")
        yield chunk(b"".join(EVENTS)) + chunk(b"")

    one, other = two_lanes
    with Origin(slower, port=one.port), Origin(chunk_by_chunk, port=other.port):
        clients = [threading.Thread(target=read, args=(lane.url,), daemon=True) for lane in two_lanes]
        for client in clients:
            client.start()
            time.sleep(0.1)
        records = [one.record(), other.record()]
        for client in clients:
            client.join()
    assert ["hop" in record for record in records] == [False, False]
    assert sorted(record["verdict"]["label"] for record in records) == ["pseudo-streaming", "streaming"]


def relay(port: int, upstream: int, gather: float) -> None:
    """Passes bytes on, both ways; those of the answer `gather` seconds at a time."""
    listener = socket.create_server(("127.0.0.1", port))

    def pass_on(source: socket.socket, target: socket.socket, wait: float) -> None:
        while data := source.recv(65536):
            time.sleep(wait)
            with contextlib.suppress(BlockingIOError):  # perhaps nothing more came: the connection stays open
                data += source.recv(65536, socket.MSG_DONTWAIT)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", upstream))
            threading.Thread(target=pass_on, args=(client, server, 0.0), daemon=True).start()
            threading.Thread(target=pass_on, args=(server, client, gather), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def test_a_relay_that_changes_nothing_is_known_by_the_name_it_was_sent_to(
    watch: Start, tmp_path: Path, confdir: Path
) -> None:
    port, capture = free_port(), tmp_path / "capture.mitm"
    with Origin(chunk_by_chunk) as origin:
        proxy = watch(f"http://127.0.0.1:{port}", origin.url, arguments=("-w", str(capture)))
        relay(port, int(proxy.urls[1].rpartition(":")[2]), gather=0.4)
        read(proxy.urls[0])
        outer, _ = outer_and_inner(proxy)
        proxy.stop()
    assert outer["hop"]["held"] is True
    assert outer["verdict"]["suspects"][0]["confidence"] == "certain"
    assert outer in read_again(capture, tmp_path / "again.jsonl", confdir), "the name is stored with the exchange"


def test_a_hundred_requests_at_a_time_each_find_their_own(two_lanes: tuple[Lane, Lane], tmp_path: Path) -> None:
    before, behind = two_lanes
    with (
        nginx(tmp_path / "nginx", "proxy_buffering off;", port=before.port) as hop,
        Origin(lambda _: chunked(EVENTS[:10], 0.02), port=behind.port),
    ):
        hop.start(behind.url)
        asked = [ASK | {"user": f"user {number}"} for number in range(100)]
        clients = [threading.Thread(target=read, args=(before.url, ask), daemon=True) for ask in asked]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        outer, inner = before.records(100), {record["id"]: record for record in behind.records(100)}
    assert (len(outer), len(inner)) == (100, 100)
    for record in outer:
        assert inner[record["hop"]["paired_with"]]["request"]["body"] == record["request"]["body"]
