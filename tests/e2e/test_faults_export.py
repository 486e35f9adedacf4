"""Whatever happens to the export's files, to the process and to the clock: the client gets its answer, and what was
written can be read.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from loopback import Origin, Step, chunked, sse, wait_for
from streamwatchlib.model import Record
from streamwatchlib.report import jsonl

from .conftest import Watched
from .test_endings import reading

Start = Callable[..., Watched]
WORDS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(20)), "[DONE]")
CLOCK = Path(__file__).with_name("clock.py")


@pytest.fixture
def origin() -> Iterator[Origin]:
    def plan(_: object) -> Iterator[Step]:
        return chunked(WORDS, 0.002)

    with Origin(plan) as server:
        yield server


def ask(proxy: Watched, name: str) -> None:
    """One exchange, to the last byte."""
    url = f"{proxy.url}/v1/chat/completions?{name}"
    assert requests.post(url, json={"stream": True}).content == b"".join(WORDS), name


def names(path: Path) -> list[str]:
    """Which exchanges an archive holds, in its order; whole lines only."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [record.request.url.rpartition("?")[2] for record in jsonl.read(lines)]


def test_a_file_that_is_removed_or_rotated_is_begun_anew(watch: Start, origin: Origin, tmp_path: Path) -> None:
    proxy, rotated = watch(origin.url), tmp_path / "rotated.jsonl"
    ask(proxy, "first")
    wait_for(lambda: names(proxy.export) == ["first"], "the first record")
    proxy.export.rename(rotated)
    ask(proxy, "second")
    wait_for(lambda: names(proxy.export) == ["second"], "the second record")
    proxy.export.unlink()
    ask(proxy, "third")
    wait_for(lambda: names(proxy.export) == ["third"], "the third record")
    assert names(rotated) == ["first"]
    assert proxy.export.stat().st_mode & 0o777 == 0o600


def test_a_place_that_can_not_be_written_costs_its_records_and_one_line_of_log(
    watch: Start, origin: Origin, tmp_path: Path
) -> None:
    folder, away = tmp_path / "folder", tmp_path / "away"
    folder.mkdir()
    files = folder / "also.jsonl", tmp_path / "last.jsonl"  # written one after the other
    proxy = watch(origin.url, options=tuple(f"streamwatch_export={file}" for file in files))
    folder.rename(away)
    ask(proxy, "lost")
    ask(proxy, "lost-too")
    wait_for(lambda: names(files[-1]) == ["lost", "lost-too"], "the second record, which could not be written before")
    away.rename(folder)
    ask(proxy, "written")
    wait_for(lambda: names(folder / "also.jsonl") == ["written"], "the record")
    assert names(proxy.export) == ["lost", "lost-too", "written"]
    assert proxy.output.count("can't write") == 1
    assert "Traceback" not in proxy.output


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs `setpriv`, for root may write everywhere")
def test_a_folder_that_becomes_read_only_costs_its_records_and_one_line_of_log(
    origin: Origin, tmp_path: Path, confdir: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    proxy = Watched(f"reverse:{origin.url}", export=folder / "records.jsonl", confdir=confdir)
    if os.geteuid() == 0:
        proxy.command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *proxy.command]
    with proxy:
        folder.chmod(0o500)
        ask(proxy, "lost")
        wait_for(lambda: "can't write" in proxy.output, "the complaint")
        folder.chmod(0o700)
        ask(proxy, "written")
        wait_for(lambda: names(proxy.export) == ["written"], "the record")
    assert proxy.output.count("can't write") == 1
    assert "Traceback" not in proxy.output


def test_a_link_planted_in_place_of_a_file_is_not_followed(watch: Start, origin: Origin, tmp_path: Path) -> None:
    proxy, precious = watch(origin.url), tmp_path / "precious"
    precious.write_text("precious")
    proxy.export.symlink_to(precious)
    ask(proxy, "refused")
    wait_for(lambda: "symbolic link" in proxy.output, "the refusal")
    assert precious.read_text() == "precious"


@pytest.mark.parametrize("suffix", ["html", "har"])
def test_a_full_disk_costs_records_and_no_traffic(watch: Start, origin: Origin, tmp_path: Path, suffix: str) -> None:
    report = tmp_path / f"report.{suffix}"
    report.write_text("the last one")
    proxy = watch(origin.url, options=(f"streamwatch_export={report}",))
    ask(proxy, "first")
    wait_for(lambda: names(proxy.export) == ["first"], "the first record")
    # a file may not grow beyond this: what a full disk does, to this process alone
    room = proxy.export.stat().st_size + 1000
    resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    ask(proxy, "cut")
    wait_for(lambda: "can't write" in proxy.output, "the complaint")
    resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    ask(proxy, "third")
    wait_for(lambda: names(proxy.export) == ["first", "third"], "the third record")
    resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    assert proxy.stop() == 0
    assert report.read_text() == "the last one"
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob(".*.part"))
    assert "Traceback" not in proxy.output


def test_a_killed_proxy_leaves_whole_lines_and_the_next_one_goes_on(watch: Start, tmp_path: Path) -> None:
    def plan(_: object) -> Iterator[Step]:
        return chunked(WORDS * 5, 0.02)

    with Origin(plan) as origin:
        proxy = watch(origin.url)
        whole = requests.get(f"{proxy.url}/v1/chat/completions?whole").content
        wait_for(lambda: names(proxy.export) == ["whole"], "the first record")
        client, got = reading(f"{proxy.url}/v1/chat/completions?killed")
        wait_for(lambda: len(got) > 500, "some of the stream")
        proxy.stop(signal.SIGKILL)
        client.join()
        assert whole.startswith(bytes(got))
        assert names(proxy.export) == ["whole"]
        with proxy.export.open("a") as file:
            file.write('{"schema": "streamwatch/1", "id": "what a proxy killed while it wrote le')
        again = watch(origin.url, options=(f"streamwatch_export={proxy.export}",))
        requests.get(f"{again.url}/v1/chat/completions?next")
        wait_for(lambda: names(proxy.export) == ["whole", "next"], "the next record")


def test_a_clock_that_is_set_back_moves_no_time_of_a_record(watch: Start, origin: Origin) -> None:
    proxy = watch(origin.url, arguments=("-s", str(CLOCK)))
    ask(proxy, "first")
    ask(proxy, "second")
    for line in proxy.records(2):
        record: Record = jsonl.from_dict(line)
        assert record.stream
        assert record.stream.arrivals
        times = [arrival.t for arrival in record.stream.arrivals]
        assert times == sorted(times)
        assert record.timing.request_end is not None
        assert record.timing.response_start is not None
        assert record.timing.end is not None
        assert 0 <= record.timing.request_end <= record.timing.response_start <= times[0]
        assert times[-1] <= record.timing.end < 5
