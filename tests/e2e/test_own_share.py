"""streamwatch tells what it adds itself, and is not made a witness against others by what is done to it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import requests
from loopback import Origin, chunked, sse

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


def test_an_addon_that_switches_streaming_off_is_named(watch: Start, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("def responseheaders(flow):\n    flow.response.stream = False\n")
    with Origin(lambda _: chunked(EVENTS, 0.0)) as origin:
        proxy = watch(origin.url, arguments=("-s", str(other)), options=("anticomp=true",))
        requests.post(proxy.url, json={"stream": True})
        record = proxy.record()
        proxy.stop()
    assert record["verdict"]["label"] == "inconclusive"
    assert "out of streamwatch's hands (response.stream): mitmproxy held it back" in proxy.output
    assert "The option anticomp is set" in proxy.output
