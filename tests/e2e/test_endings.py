"""However an exchange ends, it is recorded once; reload, signals and bad options included."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import urllib3
from loopback import ROOT, SCRIPT, Origin, chunk, chunked, head, sse, tool, wait_for
from mitmproxy.io import FlowReader

from .conftest import Lane, Watched

Start = Callable[..., Watched]
SLOW = sse(*(f'{{"chunk":"{i}"}}' for i in range(40)))


def reading(url: str) -> tuple[threading.Thread, bytearray]:
    """A client that reads a stream in the background, and what it got."""
    got = bytearray()

    def read() -> None:
        try:
            with requests.post(url, json={"stream": True}, stream=True) as response:
                for data in response.raw.stream(65536):
                    got.extend(data)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError):
            pass  # the proxy went

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread, got


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_what_is_in_flight_when_the_proxy_stops_is_recorded(watch: Start, how: signal.Signals, tmp_path: Path) -> None:
    flows = tmp_path / "flows.mitm"
    with Origin(lambda _: chunked(SLOW, 0.05)) as origin:
        proxy = watch(origin.url, options=(f"save_stream_file={flows}",))
        client, got = reading(proxy.url)
        wait_for(lambda: len(got) > 50, "some of the stream")
        proxy.stop(how)
        client.join()
    record = proxy.record()
    assert (record["outcome"], record["error"]) == ("error", "proxy stopped")
    assert 0 < record["stream"]["events"] < 40
    with flows.open("rb") as file:
        (stored,) = FlowReader(file).stream()
    assert '"error":"proxy stopped"' in stored.metadata["streamwatch"], "and written with its record"


def test_a_reload_of_the_script_during_a_stream_loses_nothing(watch: Start, tmp_path: Path) -> None:
    """Neither of what goes on, nor of what its client leaves afterwards, nor of what comes then."""
    addons = tmp_path / "addons"
    shutil.copytree(ROOT / "addons", addons)
    with Origin(lambda asked: chunked(SLOW, 0.0 if asked.target == "/then" else 0.1)) as origin:
        proxy = watch(origin.url, script=addons / "streamwatch.py")
        client, got = reading(f"{proxy.url}/goes-on")
        with requests.post(f"{proxy.url}/left", json={"stream": True}, stream=True) as response:
            next(response.iter_lines())
            wait_for(lambda: len(got) > 50, "some of the stream")
            time.sleep(0.3)
            os.utime(addons / "streamwatch.py", (time.time() + 5,) * 2)
            wait_for(lambda: proxy.output.count("Loading script") == 2, "the reload")
        (left,) = proxy.about("/left", 1)
        client.join()
        requests.post(f"{proxy.url}/then", json={"stream": True})
        (went_on,), (then,) = proxy.about("/goes-on", 1), proxy.about("/then", 1)
    assert bytes(got) == b"".join(SLOW)
    assert (went_on["outcome"], went_on["stream"]["events"]) == ("complete", 40)
    assert left["outcome"] == "client-disconnected"
    assert (then["outcome"], then["stream"]["events"]) == ("complete", 40)
    assert "Traceback" not in proxy.output


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("streamwatch_content=some", "neither 'full' nor 'none'"),
        ("streamwatch_stream_requests=yes", 'must be "true", "false"'),
        ("streamwatch_content", "Option is required"),
        ("streamwatch_exports=report.jsonl", "there is no such option"),
    ],
)
def test_a_bad_option_refuses_to_start_with_one_clear_line(option: str, said: str, confdir: Path) -> None:
    command = [tool("mitmdump"), "-s", str(SCRIPT), "-p", "0", "--set", f"confdir={confdir}", "--set", option]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 1
    assert [line for line in output.splitlines() if said in line and option.partition("=")[0] in line]
    assert "Traceback" not in output


def test_a_value_of_another_type_in_the_configuration_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("streamwatch_content: none\nstreamwatch_body_limit: 8000000\n")
    command = [tool("mitmdump"), "-s", str(SCRIPT), "-p", "0", "--set", f"confdir={tmp_path}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 1
    assert "Expected <class 'str'> for streamwatch_body_limit" in output
    assert "Traceback" not in output


def test_an_option_of_another_script_under_our_prefix_is_left_alone(watch: Start, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin.py"
    plugin.write_text("def load(loader):\n    loader.add_option('streamwatch_plugin', str, '', 'A word.')\n")
    with Origin(lambda _: chunked(sse("a", "b"), 0.0)) as origin:
        proxy = watch(origin.url, arguments=("-s", str(plugin)), options=("streamwatch_plugin=x",))
        requests.get(proxy.url)
        assert proxy.record()["outcome"] == "complete"


def test_an_exchange_whose_end_another_script_keeps_from_all_behind_it_is_recorded_as_it_ended(
    watch: Start, tmp_path: Path
) -> None:
    halting = tmp_path / "halting.py"
    halting.write_text("from mitmproxy.exceptions import AddonHalt\ndef response(flow):\n    raise AddonHalt\n")
    with Origin(lambda _: [head(content_type="application/json", content_length="2"), b"{}"]) as origin:
        proxy = watch(origin.url, script=halting, arguments=("-s", str(SCRIPT)))
        with requests.Session() as session:  # its connection stays
            session.post(proxy.url, json={"stream": False})
            assert proxy.record()["outcome"] == "complete"


def test_an_answer_too_short_to_tell_is_inconclusive(lane: Lane) -> None:
    with Origin(
        lambda _: chunked(sse('{"choices":[{"index":0,"delta":{"content":"hi"}}]}', "[DONE]"), 0.01), port=lane.port
    ):
        requests.post(lane.url + "/v1/chat/completions", json={"stream": True, "messages": []})
        assert lane.record()["verdict"]["label"] == "inconclusive"


def test_answers_without_a_body_and_redirects_are_recorded(lane: Lane) -> None:
    def plan(asked: object) -> list[bytes]:
        target = getattr(asked, "target", "")
        return [head(204) if "204" in target else head(302, location="/204", content_length="0")]

    with Origin(plan, port=lane.port):
        assert requests.get(lane.url + "/302").status_code == 204
        records = lane.records(2)
    assert [record["response"]["status"] for record in records] == [302, 204]
    assert {record["response"]["body"]["kind"] for record in records} == {"empty"}


def test_only_what_the_filter_lets_through_is_watched(watch: Start) -> None:
    with Origin(lambda _: chunked(sse("a", "b"), 0.0)) as origin:
        proxy = watch(origin.url, options=("streamwatch_filter=~u wanted",))
        for path in ("/unseen", "/wanted", "/unseen"):
            assert requests.get(proxy.url + path).content == b"".join(sse("a", "b"))
        proxy.stop()
        assert "wanted" in proxy.record()["request"]["url"]


def test_compressed_bodies_pass_compressed_and_are_read(lane: Lane) -> None:
    import gzip

    events = b"".join(sse(*['{"choices":[{"index":0,"delta":{"content":"x"}}]}'] * 20))
    packed = gzip.compress(events)

    def plan(_: object) -> list[bytes]:
        start = head(content_type="text/event-stream", transfer_encoding="chunked", content_encoding="gzip")
        return [start, chunk(packed), chunk(b"")]

    with Origin(plan, port=lane.port):
        url = lane.url + "/v1/chat/completions"
        with requests.post(url, json={"stream": True, "messages": []}, stream=True) as response:
            assert b"".join(response.raw.stream(decode_content=False)) == packed
        record = lane.record()
    body = record["response"]["body"]
    assert (body["size"], body["decoded_size"], body["encoding"]) == (len(packed), len(events), ["gzip"])
    assert record["llm"]["text"] == "x" * 20
