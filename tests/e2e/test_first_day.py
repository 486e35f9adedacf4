"""What users do on their first day, with the clients they use."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from loopback import FIN, Origin, Step, asgi, chunk, chunked, head, sse
from servers import buffering_hop, echo, ollama_like, openai_like, qwen_like, tokens

from .conftest import Lane, Watched, reserved

Start = Callable[..., Watched]
PACE = 0.02
LAZY = "connection_strategy=lazy"
"""In reverse mode mitmproxy connects before it reads a request, and hangs up if it can't; so it answers with a 502."""


def ok(_: object) -> Iterator[Step]:
    """An origin that takes anything."""
    yield head(content_type="application/json", content_length="2") + b"{}"


@pytest.fixture
def taken(lane: Lane) -> Iterator[Lane]:
    """A way to an origin that takes anything."""
    with Origin(ok, port=lane.port):
        yield lane


# --- what did my client really send? ------------------------------------------------------------------------


def test_params_go_into_the_url_and_the_body_is_empty(taken: Lane) -> None:
    requests.get(taken.url + "/get", params={"q": 1, "r": 23})
    request = taken.record()["request"]
    assert request["body"]["kind"] == "empty"
    assert request["query"] == [["q", "1"], ["r", "23"]]


def test_a_get_with_a_form_body_and_credentials(taken: Lane) -> None:
    requests.get(
        taken.url + "/get",
        params={"url-param": "value"},
        data={"body-param": "value"},
        auth=("api_key", "s3cret-pa55"),
        cookies={"session": "c00kie-value"},
        headers={"x-api-key": "k3y-in-a-header"},
    )
    record = taken.record()
    body = record["request"]["body"]
    assert (body["kind"], body["fields"]) == ("form", [["body-param", "value"]])
    assert any("GET" in note for note in body["notes"])
    text = json.dumps(record)
    for secret in ("s3cret", "YXBpX2tleTpzM2NyZXQ", "c00kie-value", "k3y-in-a-header"):
        assert secret not in text
    assert dict(map(tuple, record["request"]["headers"]))["Authorization"].startswith("Basic ")


def test_json_sent_as_text_has_no_type_and_the_mismatch_is_said(taken: Lane) -> None:
    requests.post(taken.url, data=json.dumps({"a": "abc"}))
    body = taken.record()["request"]["body"]
    assert (body["kind"], body["declared"], body["keys"]) == ("json", None, ["a"])
    assert "Content-Type" in body["mismatch"]


def test_json_sent_as_json(taken: Lane) -> None:
    requests.post(taken.url, json={"a": "abc"})
    body = taken.record()["request"]["body"]
    assert (body["kind"], body["declared"], body["mismatch"]) == ("json", "application/json", None)


def test_form_data_is_flat(taken: Lane) -> None:
    requests.post(taken.url, data={"a": ["abc", "def", {"bec": 1}]})
    body = taken.record()["request"]["body"]
    assert (body["kind"], body["fields"]) == ("form", [["a", "abc"], ["a", "def"], ["a", "bec"]])


def test_json_is_ignored_beside_data(taken: Lane) -> None:
    requests.post(taken.url, data={"a": "1"}, json={"b": 2})
    body = taken.record()["request"]["body"]
    assert (body["kind"], body["fields"]) == ("form", [["a", "1"]])


def test_files_and_fields_are_multipart(taken: Lane) -> None:
    requests.post(taken.url, files=[("file", ("notes.txt", io.BytesIO(b"twelve bytes")))], data={"a": "123"})
    body = taken.record()["request"]["body"]
    assert (body["kind"], body["complete"]) == ("multipart", True)
    parts = [(part["name"], part["filename"], part["size"]) for part in body["parts"]]
    assert parts == [("a", None, 3), ("file", "notes.txt", 12)]
    assert "twelve bytes" not in json.dumps(body)


def test_files_in_all_their_forms(taken: Lane) -> None:
    files = {
        "file2": ("b.txt", io.BytesIO(b"bb")),
        "file3": ("c.txt", io.BytesIO(b"ccc"), "text/plain"),
        "file4": ("a.txt", io.BytesIO(b"dddd"), "text", {"a": "b"}),
    }
    requests.post(taken.url, files=files)
    parts = taken.record()["request"]["body"]["parts"]
    assert [part["content_type"] for part in parts] == [None, "text/plain", "text"]
    assert ["a", "b"] in parts[2]["headers"]


def test_a_generator_is_sent_in_chunks_and_their_arrivals_are_dated(watch: Start) -> None:
    def body() -> Iterator[bytes]:
        for piece in (b"one,", b"two,", b"three"):
            yield piece
            time.sleep(0.1)

    with Origin(ok) as origin:
        proxy = watch(origin.url, options=("streamwatch_stream_requests=true",))
        requests.get(proxy.url)  # the first exchange of a fresh process is late by its cold code
        requests.post(proxy.url, data=body())
        request = proxy.records(2)[1]["request"]
        assert origin.requests[1].body == b"one,two,three"
    assert [size for _, size, _ in request["arrivals"]] == [4, 4, 5]
    times = [t for t, _, _ in request["arrivals"]]
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([0.1] * 2, abs=0.03)
    assert request["body"]["kind"] in ("streaming", "text")


# --- does my stream stream? ----------------------------------------------------------------------------------


def ask(url: str, path: str = "/v1/chat/completions", **more: object) -> requests.Response:
    body = {"model": "qwen-max", "messages": [{"role": "user", "content": "你好"}], "stream": True, **more}
    return requests.post(url + path, json=body, stream=True)


def test_ollama_chat_read_by_iter_lines(lane: Lane) -> None:
    with asgi(ollama_like(PACE), lane.port):
        lines = [json.loads(line) for line in ask(lane.url, "/api/chat", model="llama3.2").iter_lines() if line]
        record = lane.record()
    assert "".join(line["message"]["content"] for line in lines) == "".join(tokens())
    assert record["verdict"]["label"] == "streaming"
    assert record["llm"]["text"] == "".join(tokens())
    assert record["llm"]["usage"]["output_tokens"] == len(tokens())
    assert record["timing"]["output_tokens_per_second"] == pytest.approx(1 / PACE, rel=0.4)
    assert record["timing"]["ttft"] >= PACE
    assert record["stream"]["terminator"] == "done"


def test_one_broken_line_is_one_malformed_event(lane: Lane) -> None:
    with asgi(ollama_like(PACE, broken_line=True), lane.port):
        for line in ask(lane.url, "/api/chat").iter_lines():
            try:
                json.loads(line)
            except ValueError:
                print("JSON parse failed", line)
        record = lane.record()
    broken = [event for event in record["events"] if event["malformed"]]
    assert [event["data"] for event in broken] == ['{"model": "llama3.2", "message": {"role": "assis']
    assert record["stream"]["malformed"] == 1
    assert record["llm"]["text"] == "".join(tokens())


def test_openai_style_without_an_accept_header_read_until_done(lane: Lane) -> None:
    with asgi(openai_like(PACE), lane.port):
        text = ""
        for line in ask(lane.url).iter_lines():
            if line == b"data: [DONE]":
                break
            if line:
                text += json.loads(line.removeprefix(b"data: "))["choices"][0]["delta"].get("content", "")
        record = lane.record()
    assert record["llm"]["text"] == text == "".join(tokens())
    assert "流式输出" in record["llm"]["text"]
    assert record["stream"]["terminator"] == "[DONE]"
    assert record["verdict"]["label"] == "streaming"


def test_the_openai_sdk(lane: Lane) -> None:
    import openai  # takes half a second, which the other processes of a test run need not spend

    with asgi(openai_like(PACE), lane.port):
        with openai.OpenAI(base_url=lane.url + "/v1", api_key="sk-made-up-0123456789abcdefghij") as client:
            stream = client.chat.completions.create(
                model="qwen-max",
                messages=[{"role": "user", "content": "hi"}],
                stream=True,
                stream_options={"include_usage": True},
            )
            text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        record = lane.record()
    assert record["llm"]["text"] == text
    assert record["llm"]["usage"]["output_tokens"] == len(tokens())
    assert record["verdict"]["label"] == "streaming"
    assert "sk-made-up" not in json.dumps(record)


def test_qwens_own_server_frames_with_crlf_and_loses_nothing(lane: Lane) -> None:
    with asgi(qwen_like(PACE), lane.port):
        raw = b"".join(ask(lane.url, model="Qwen-7B-Chat").iter_content(None))
        record = lane.record()
    assert b"\r\n\r\n" in raw
    assert record["llm"]["text"] == "".join(tokens())
    assert (record["llm"]["api"], record["llm"]["usage"]) == ("chat.completions", None)
    assert "qwen" in (record["llm"]["provider"] + record["llm"]["model"]).lower()
    assert record["verdict"]["label"] == "streaming"


def test_one_arrival_every_300_ms(lane: Lane) -> None:
    with asgi(echo(0.3, "everything flows!"), lane.port):
        requests.get(lane.url + "/stream")  # without stream=True: the wire streams all the same
        record = lane.record()
    assert record["verdict"]["label"] == "streaming"
    times = [t for t, _, events in record["stream"]["arrivals"] if events]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 17
    assert gaps == pytest.approx([0.3] * 16, abs=0.02)
    assert sorted(abs(gap - 0.3) for gap in gaps)[8] < 0.005


def test_the_same_response_held_back_and_sent_at_once(lane: Lane) -> None:
    with asgi(openai_like(PACE)) as server, asgi(buffering_hop(server), lane.port):
        assert ask(lane.url).content
        record = lane.record()
    assert record["verdict"]["label"] == "pseudo-streaming"
    assert record["verdict"]["suspects"]
    assert record["llm"]["text"] == "".join(tokens())
    assert record["timing"]["output_tokens_per_second"] is None


def test_a_hop_that_passes_blocks_on_makes_it_bursty(lane: Lane) -> None:
    with asgi(openai_like(PACE)) as server, asgi(buffering_hop(server, 2048), lane.port):
        assert ask(lane.url).content
        record = lane.record()
    assert record["verdict"]["label"] == "bursty"
    assert record["verdict"]["suspects"][0]["hop"] == "intermediary"


def test_a_stream_asked_for_and_answered_whole(lane: Lane) -> None:
    with asgi(openai_like(PACE), lane.port):
        ask(lane.url, "/whole/v1/chat/completions").json()
        record = lane.record()
    assert record["request"]["stream_requested"] is True
    assert record["verdict"]["label"] == "not-streamed"
    assert record["llm"]["text"] == "".join(tokens())


def test_an_upstream_that_is_down_before_any_request_is_read_gives_a_hint(watch: Start) -> None:
    proxy = watch("http://127.0.0.1:9")
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(proxy.url)
    proxy.stop()
    assert "could not be reached" in proxy.output
    assert "connection_strategy=lazy" in proxy.output


def test_an_upstream_that_is_down_or_not_to_be_trusted_or_unknown(watch: Start, tmp_path: Path) -> None:
    """The client is told, and the exchange is recorded."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate(tmp_path))
    with reserved() as unused, socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=handshakes, args=(listener, server), daemon=True).start()
        down, untrusted = (f"127.0.0.1:{bound.getsockname()[1]}" for bound in (unused, listener))
        proxy = watch(f"http://{down}", f"https://{untrusted}", "http://nowhere.invalid", options=(LAZY,))
        assert [ask(url).status_code for url in proxy.urls] == [502] * 3
        records = proxy.records(3)
        listener.shutdown(socket.SHUT_RDWR)
    for record in records:
        assert (record["outcome"], record["response"]) == ("error", None)
        assert record["error"]
        assert record["verdict"]["label"] == "not-applicable"
    assert "ertificate" in records[1]["error"]


def certificate(folder: Path) -> Path:
    """A self-signed certificate and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))).sign(
        key, hashes.SHA256()
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


def handshakes(listener: socket.socket, server: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError):
                server.wrap_socket(connection, server_side=True).close()


def test_nothing_captured_gives_a_hint(watch: Start) -> None:
    proxy = watch("http://127.0.0.1:9")
    proxy.stop()
    assert "\nstreamwatch saw no exchange.\n  No client connected.\n" in proxy.output
    assert "base URL" in proxy.output or "base_url" in proxy.output


def test_the_server_dies_midway(lane: Lane) -> None:
    def plan(_: object) -> Iterator[Step]:
        yield head(content_type="text/event-stream", transfer_encoding="chunked")
        for event in sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"{word}"}}}}]}}' for word in "abcdef")):
            yield PACE
            yield chunk(event)
        yield FIN

    with Origin(plan, port=lane.port):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            ask(lane.url).content  # noqa: B018 - reading it is the act
        record = lane.record()
    assert record["outcome"] == "server-disconnected"
    assert "truncated" in record["verdict"]["flags"]
    assert record["stream"]["terminator"] is None
    assert record["llm"]["text"] == "abcdef"


def test_the_client_leaves_midway(lane: Lane) -> None:
    with Origin(lambda _: chunked(sse(*['{"chunk":"x"}'] * 50), PACE), port=lane.port):
        response = ask(lane.url)
        next(response.iter_lines())
        response.close()
        record = lane.record()
    assert record["outcome"] == "client-disconnected"
    assert 0 < record["stream"]["events"] < 50
