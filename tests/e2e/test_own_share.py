"""streamwatch reports the delay that it adds itself, and blames nobody else for delays on its own side."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import requests
from loopback import Origin, ReceivedRequest, Step, chunked, head, sse

from .conftest import Watched

Start = Callable[..., Watched]
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(80)), "[DONE]")


def test_the_summary_tells_what_was_added(watch: Start) -> None:
    with Origin(lambda _: chunked(EVENTS, 0.02)) as origin:
        proxy = watch(origin.url)
        requests.post(proxy.url, json={"stream": True})
        proxy.records(1)
        proxy.stop()
    told = re.search(r"streamwatch itself: arrivals went on to the client ([\d.]+) ms \(median", proxy.output)
    assert told
    assert 0 < float(told[1]) < 5


def test_a_client_that_reads_slowly_makes_nobody_a_suspect(watch: Start) -> None:
    """mitmproxy then stops reading: what it reads afterwards comes in lumps, and no hop made them."""
    with Origin(lambda _: chunked(sse(*["x" * 60_000] * 300), 0.002)) as origin:
        proxy = watch(origin.url)
        with requests.post(proxy.url, json={"stream": True}, stream=True) as response:
            for _ in response.raw.stream(65536, decode_content=False):
                time.sleep(0.01)
        record = proxy.record()
        proxy.stop()
    assert record["verdict"]["label"] == "inconclusive"
    assert record["verdict"]["suspects"] == []
    assert "client read" in record["verdict"]["summary"]
    assert "slower than its server sent it" in proxy.output
    assert "Answers that a client read slower than its server sent: 1" in proxy.output


TAKING = {
    "/passed-through": "True",
    "/changed": "lambda data: data.replace(b'word', b'WORD')",
    "/changed-behind-ours": "lambda data, ours=flow.response.stream: ours(data).replace(b'word', b'WORD')",
}


def test_what_a_script_loaded_later_has_passed_on_is_seen(watch: Start, tmp_path: Path) -> None:
    """It decides what goes out; recorded is what came."""
    other = tmp_path / "other.py"
    taken = (
        f"    if flow.request.path == {path!r}:\n        flow.response.stream = {way}" for path, way in TAKING.items()
    )
    other.write_text("\n".join(["def responseheaders(flow):", *taken]))
    sent = b"".join(EVENTS)
    with Origin(lambda _: chunked(EVENTS, 0.01)) as origin:
        proxy = watch(origin.url, arguments=("-s", str(other)))
        got = {path: requests.post(proxy.url + path, json={"stream": True}).content for path in TAKING}
        records = proxy.records(len(TAKING))
        proxy.stop()
    changed = sent.replace(b"word", b"WORD")
    assert got == {"/passed-through": sent, "/changed": changed, "/changed-behind-ours": changed}
    for record in records:
        assert record["response"]["body"]["content"].encode() == sent
        assert record["verdict"]["label"] == "streaming"
        assert len(record["stream"]["arrivals"]) > len(EVENTS) / 2
    assert "out of streamwatch's hands" not in proxy.output


def test_large_bodies_that_mitmproxy_passes_on_are_read(watch: Start) -> None:
    asked, answered = json.dumps({"stream": False, "input": "x" * 5000}).encode(), b'{"data": "%s"}' % (b"y" * 5000)

    def plan(_: ReceivedRequest) -> list[Step]:
        return [
            head(content_type="application/json", content_length=str(len(answered))),
            answered[:99],
            0.1,
            answered[99:],
        ]

    with Origin(plan) as origin:
        proxy = watch(origin.url, options=("stream_large_bodies=1k",))
        assert requests.post(proxy.url, data=asked).content == answered
        assert origin.requests[0].body == asked
        record = proxy.record()
    assert record["request"]["body"]["content"].encode() == asked
    assert record["response"]["body"]["content"].encode() == answered
    assert record["verdict"]["label"] == "not-applicable"


def test_an_addon_answers_a_request_that_would_have_been_passed_through(watch: Start, tmp_path: Path) -> None:
    """mitmproxy gives up an exchange that has an answer and whose request is to be passed on."""
    other = tmp_path / "other.py"
    other.write_text(
        "from mitmproxy import http\ndef requestheaders(flow):\n    flow.response = http.Response.make(403, b'no')\n"
    )
    with Origin(lambda _: chunked(EVENTS)) as origin:
        proxy = watch(origin.url, arguments=("-s", str(other)), options=("streamwatch_stream_requests=true",))
        answer = requests.post(proxy.url, data=iter([b'{"stream": ', b"true}"]), timeout=5)
        assert (answer.status_code, answer.content) == (403, b"no")
        assert origin.requests == []
        record = proxy.record()
    assert record["request"]["body"]["content"] == '{"stream": true}'
    assert record["response"]["status"] == 403


def test_an_addon_that_switches_streaming_off_is_named(watch: Start, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("def responseheaders(flow):\n    flow.response.stream = False\n")
    with Origin(lambda _: chunked(EVENTS, 0.0)) as origin:
        proxy = watch(origin.url, arguments=("-s", str(other)), options=("anticomp=true",))
        requests.post(proxy.url, json={"stream": True})
        record = proxy.record()
        proxy.stop()
    assert record["verdict"]["label"] == "inconclusive"
    assert "another mitmproxy addon held back the answer" in record["verdict"]["summary"]
    assert "out of streamwatch's hands (response.stream): mitmproxy held it back" in proxy.output
    assert "The option anticomp is set" in proxy.output
