"""The process beside the proxy: whatever happens to it, the client gets its bytes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from loopback import Mitmdump, Origin, ReceivedRequest, Step, chunked, head, sse, wait_for
from mitmproxy.io import FlowReader
from urllib3.exceptions import HTTPError

from .beside import BARE
from .conftest import Watched

pytest.importorskip("resource", reason="processes are found by /proc: Linux only")
sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "bench"))
from processes import children

Start = Callable[..., Watched]
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(20)), "[DONE]")
LARGE = b"data: " + b"x" * 1000 + b"\n\n"


def worker(proxy: Watched) -> int:
    wait_for(lambda: children(proxy.process.pid), "the worker")
    (pid,) = children(proxy.process.pid)
    return pid


def ask(proxy: Watched, during: Callable[[], object] = lambda: None) -> bytes:
    with requests.post(proxy.url, json={"stream": True}, stream=True) as response:
        blocks = response.raw.stream(65536, decode_content=False)
        first = next(blocks)
        during()
        return first + b"".join(blocks)


def test_it_is_killed_in_the_middle_of_a_stream(watch: Start) -> None:
    with Origin(lambda _: chunked(EVENTS, 0.05)) as origin:
        proxy = watch(origin.url)
        assert ask(proxy) == b"".join(EVENTS)
        assert len(proxy.records(1)) == 1
        assert ask(proxy, lambda: os.kill(worker(proxy), signal.SIGKILL)) == b"".join(EVENTS)
        wait_for(lambda: "lost its worker" in proxy.output, "the loss to be told")
        assert ask(proxy) == b"".join(EVENTS)
        assert [record["outcome"] for record in proxy.records(2)] == ["complete"] * 2, "the one before, the one after"
    assert "Traceback" not in proxy.output


def test_it_stands_still_while_much_comes(watch: Start) -> None:
    """It is given up, and no byte is lost or changed meanwhile."""
    body = LARGE * 24_000  # more than may wait to be read

    def plan(_: object) -> list[bytes]:
        return [head(content_type="text/event-stream", content_length=str(len(body))), body]

    with Origin(plan) as origin:
        proxy = watch(origin.url)
        assert requests.post(proxy.url, json={"stream": True}).content == body
        proxy.records(1)
        began = time.monotonic()
        assert ask(proxy, lambda: os.kill(worker(proxy), signal.SIGSTOP)) == body
        assert time.monotonic() - began < 40
        wait_for(lambda: "lost its worker" in proxy.output, "the loss to be told")
        assert requests.post(proxy.url, json={"stream": True}).content == body
        assert [record["response"]["body"]["size"] for record in proxy.records(2)] == [len(body)] * 2


def test_what_comes_faster_than_it_can_be_read_is_not_kept_from_its_client(watch: Start, confdir: Path) -> None:
    line = b'{"response": "word", "done": false}\n'
    body = line * (32_000_000 // len(line))

    def plan(_: object) -> list[bytes]:
        return [head(content_type="application/x-ndjson", content_length=str(len(body))), body]

    def seconds(url: str) -> float:
        began = time.monotonic()
        assert requests.post(url, json={"stream": True}).content == body
        return time.monotonic() - began

    with Origin(plan) as origin, Mitmdump(f"reverse:{origin.url}", script=BARE, confdir=confdir) as bare:
        proxy = watch(origin.url)
        for _ in range(2):
            assert seconds(proxy.url) < 5 * seconds(bare.url) + 3.0, "it takes the worker far longer"
        for record in proxy.records(2, seconds=60):  # the worker is the last to be given time
            body_, (note,) = record["response"]["body"], record["response"]["body"]["notes"]
            assert (body_["size"], body_["truncated"]) == (len(body), True)
            assert "was not read: it came faster than it could be read" in note
            assert not {"unterminated", "truncated"} & set(record["verdict"]["flags"])


def test_a_record_that_is_written_with_its_flow_keeps_no_other_stream_waiting(watch: Start, tmp_path: Path) -> None:
    """With ``-w`` an exchange's end waits for the worker, which stands still here."""
    flows = tmp_path / "flows.mitm"

    def plan(asked: ReceivedRequest) -> Iterable[Step]:
        return chunked(EVENTS, 0.05 if asked.target == "/steady" else 0.0)

    with Origin(plan) as origin, ThreadPoolExecutor(1) as pool:
        proxy = watch(origin.url, options=(f"save_stream_file={flows}",))
        pid, moments = worker(proxy), list[float]()
        with requests.post(f"{proxy.url}/steady", json={"stream": True}, stream=True) as steady:
            blocks = steady.raw.stream(65536, decode_content=False)
            next(blocks)
            os.kill(pid, signal.SIGSTOP)
            other = pool.submit(lambda: requests.post(f"{proxy.url}/other", json={"stream": True}).content)
            for _ in blocks:
                moments.append(time.monotonic())
                if len(moments) == len(EVENTS) // 2:
                    assert not other.done(), "it was kept, to be written with its record"
                    os.kill(pid, signal.SIGCONT)
        assert max(later - earlier for earlier, later in pairwise(moments)) < 0.5
        assert other.result() == b"".join(EVENTS)
        proxy.records(2)
        proxy.stop()
    with flows.open("rb") as file:
        stored = [flow.metadata["streamwatch"] for flow in FlowReader(file).stream()]
    assert len(stored) == 2


def test_it_ends_with_the_proxy_however_that_ends(watch: Start) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        with Origin(lambda _: chunked(EVENTS, 0.05)) as origin:
            proxy = watch(origin.url)
            pid = worker(proxy)

            def stop(proxy: Watched = proxy, how: signal.Signals = how) -> None:
                os.kill(proxy.process.pid, how)

            with pytest.raises(HTTPError):  # the client's stream is cut
                ask(proxy, stop)
            proxy.process.wait(20)
            wait_for(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "the worker to end")
