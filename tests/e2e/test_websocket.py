"""WebSockets: every message passes untouched, each response on a connection is judged, live and offline."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from loopback import wait_for
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from .conftest import Lane, Watched
from .test_captures import offline

Start = Callable[..., Watched]
WORDS = [f"word {i} " for i in range(24)]
GAP = 0.03
HOLD = 0.7
ECHO = [b"\x00\xff\xfe", "not JSON", "[1, 2]", '{"type": "hello"}', ""]


def delta(name: str, words: str) -> dict[str, object]:
    return {"type": "response.output_text.delta", "event_id": "e", "response_id": name, "delta": words}


def done(name: str) -> dict[str, object]:
    said = {"type": "message", "content": [{"type": "output_text", "text": "".join(WORDS)}]}
    usage = {"input_tokens": 5, "output_tokens": 180}
    response = {"id": name, "status": "completed", "output": [said], "usage": usage}
    return {"type": "response.done", "event_id": "e", "response": response}


def model(connection: ServerConnection) -> None:
    """Streams its first response, holds its second back a while; what is no wish is sent back as it came."""
    asked = 0
    for message in connection:
        if not isinstance(message, str) or "response.create" not in message:
            connection.send(message)
            continue
        asked += 1
        name = f"resp_{asked}"
        connection.send(json.dumps({"type": "response.created", "event_id": "e", "response": {"id": name}}))
        time.sleep(HOLD if asked == 2 else 0)
        for words in WORDS:
            time.sleep(0 if asked == 2 else GAP)
            connection.send(json.dumps(delta(name, words)))
        connection.send(json.dumps(done(name)))


@contextlib.contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """The model at a port, by default at one that is free; gives its URL."""
    with serve(model, "127.0.0.1", port) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def origin() -> Iterator[str]:
    with serving() as url:
        yield url


def socket_url(proxy: Watched | Lane, path: str) -> str:
    return proxy.url.replace("http", "ws", 1) + path


def converse(url: str, wishes: int) -> list[dict[str, object]]:
    """Ask so many times on one connection; what came."""
    came: list[dict[str, object]] = []
    with connect(url) as connection:
        for _ in range(wishes):
            connection.send(json.dumps({"type": "response.create", "event_id": "mine"}))
            while not came or came[-1]["type"] != "response.done":
                came.append(json.loads(connection.recv()))
            came.append({"type": "asked again"})
    return [message for message in came if message["type"] != "asked again"]


def test_each_response_is_read_and_dated_by_itself_live_and_offline(
    watch: Start, origin: str, tmp_path: Path, confdir: Path
) -> None:
    capture = tmp_path / "capture.mitm"
    proxy = watch(origin, arguments=("-w", str(capture)))
    came = converse(socket_url(proxy, "/v1/realtime?model=gpt-realtime"), 2)
    record = proxy.record()
    proxy.stop()
    assert (record["outcome"], record["response"]["status"]) == ("complete", 101)
    assert record["stream"]["format"] == "websocket"
    assert [json.loads(event["data"]) for event in record["events"]] == came
    assert [event["type"] for event in record["events"]] == [message["type"] for message in came]
    assert [sent["type"] for sent in record["sent"]] == ["response.create"] * 2
    first, second = record["responses"]
    assert (first["response_id"], first["label"], second["response_id"]) == ("resp_1", "streaming", "resp_2")
    assert second["ttft"] - first["ttft"] > 0.8 * HOLD
    assert first["llm"]["text"] == second["llm"]["text"] == "".join(WORDS)
    assert (record["llm"]["api"], record["llm"]["usage"]["output_tokens"]) == ("realtime", 180)
    assert offline(capture, tmp_path / "again.jsonl", confdir) == [record]


def test_messages_of_an_unknown_protocol_pass_as_they_are_and_are_not_judged(lane: Lane) -> None:
    with serving(lane.port), connect(socket_url(lane, "/chat")) as connection:
        for message in ECHO:
            connection.send(message)
            assert connection.recv() == message
    record = lane.record()
    sizes = [len(message) for message in ECHO]
    assert [arrival[1:] for arrival in record["stream"]["arrivals"]] == [[size, 1] for size in sizes]
    assert [sent["size"] for sent in record["sent"]] == sizes
    assert [event["type"] for event in record["events"]] == ["binary", "message", "message", "hello", "message"]
    assert (record["verdict"]["label"], record["request"]["stream_requested"]) == ("not-applicable", None)


def test_without_texts_times_and_verdicts_stay_and_a_filter_may_ask_for_websockets(watch: Start, origin: str) -> None:
    proxy = watch(origin, options=("streamwatch_content=none", "streamwatch_filter=~websocket"))
    converse(socket_url(proxy, "/v1/realtime"), 1)
    line = json.dumps(proxy.record())
    assert "word 3" not in line
    assert proxy.record()["responses"][0]["label"] == "streaming"


def test_a_connection_open_when_the_proxy_stops_is_recorded(watch: Start, origin: str) -> None:
    proxy = watch(origin)
    with connect(socket_url(proxy, "/v1/realtime")) as connection:
        connection.send('{"type":"response.create"}')
        for _ in range(5):
            connection.recv()
        proxy.stop()
        with contextlib.suppress(ConnectionClosed):
            connection.recv()
    wait_for(lambda: proxy.export.exists(), "the record")
    record = proxy.record()
    assert (record["outcome"], record["error"]) == ("error", "proxy stopped")
    assert record["responses"][0]["flags"] == ["truncated"]
