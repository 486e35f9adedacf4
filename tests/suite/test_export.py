"""Writing records: what the disk does not take in time is left out, and nothing waits for it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from mitmproxy.test.taddons import context
from streamwatchlib.model import Record
from streamwatchlib.report import jsonl
from streamwatchlib.suite import export as room
from streamwatchlib.suite import options
from streamwatchlib.suite.export import Export

from ..report.records import STREAMING


class Options:
    load = staticmethod(options.declare)


def test_a_disk_that_takes_no_more_costs_records_and_keeps_nothing_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    out, takes_more = tmp_path / "out.jsonl", threading.Event()
    append = room.append_private

    def slow(path: str, lines: bytes) -> None:
        assert takes_more.wait(20)
        append(path, lines)

    async def scene() -> None:
        export = Export(lambda _: None, tuple)
        with context(Options(), export) as tested:
            tested.options.update(streamwatch_export=[str(out)])
            for name in "abcde":
                export.streamwatch_record(replace(STREAMING, id=name))
            while export._waiting:
                await asyncio.sleep(0)
            assert not out.exists(), "it is still being written: the loop went on"
            takes_more.set()
            async with asyncio.timeout(20):
                while export._weight:
                    await asyncio.sleep(0)
            export.streamwatch_record(replace(STREAMING, id="f"))
            export.finish()

    monkeypatch.setattr(room, "append_private", slow)
    monkeypatch.setattr(room, "_MAX_WAITING", 3 * room._weight(STREAMING))
    asyncio.run(scene())
    assert [record.id for record in jsonl.read(out.read_text().split("\n"))] == ["a", "b", "c", "f"]
    assert caplog.text.count("records are left out") == 1
    assert "left out 2 records" in caplog.text


def test_what_a_file_lacks_is_told_when_it_can_be_written_again_and_at_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out, moved = tmp_path / "in" / "out.jsonl", tmp_path / "moved"
    out.parent.mkdir()

    async def scene() -> None:
        export = Export(lambda _: None, tuple)

        def write(*names: str) -> None:
            for name in names:
                export.streamwatch_record(replace(STREAMING, id=name))
            export.finish()

        with context(Options(), export) as tested:
            tested.options.update(streamwatch_export=[str(out)])
            write("a")
            out.parent.rename(moved)
            write("b", "c")
            write("d")
            assert caplog.text.count("can't write") == 1
            moved.rename(out.parent)
            write("e")
            assert "out.jsonl lacks up to 3 records" in caplog.text
            out.parent.rename(moved)
            write("f")
            export.done()

    asyncio.run(scene())
    assert "out.jsonl lacks up to 1 record that" in caplog.text
    assert [record.id for record in jsonl.read((moved / "out.jsonl").read_text().split("\n"))] == ["a", "e"]


def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves it in `--set streamwatch_export=~/run.jsonl`, and there is none for a configuration file."""
    monkeypatch.setenv("HOME", str(tmp_path))

    async def scene() -> None:
        export = Export(lambda _: None, tuple)
        with context(Options(), export) as tested:
            tested.options.update(streamwatch_export=["~/out.jsonl"])
            options.settings()  # which refuses what can't be written
            export.streamwatch_record(STREAMING)
            export.finish()

    asyncio.run(scene())
    assert [record.id for record in jsonl.read((tmp_path / "out.jsonl").read_text().split("\n"))] == [STREAMING.id]


def test_what_ended_before_the_script_was_loaded_anew_is_written_where_all_is(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    async def scene() -> None:
        export = Export(lambda _: None, lambda: [STREAMING.id])
        with context(Options(), export) as tested:
            tested.options.update(streamwatch_export=[str(out)])
            export.streamwatch_record(STREAMING)
            export.finish()

    asyncio.run(scene())
    assert [record.id for record in jsonl.read(out.read_text().split("\n"))] == [STREAMING.id]


def test_a_file_that_is_named_twice_gets_each_record_once(tmp_path: Path) -> None:
    out = str(tmp_path / "out.jsonl")

    async def scene() -> None:
        export = Export(lambda _: None, tuple)
        with context(Options(), export) as tested:
            tested.options.update(streamwatch_export=[out, out])
            export.streamwatch_record(STREAMING)
            export.finish()

    asyncio.run(scene())
    assert [record.id for record in jsonl.read(Path(out).read_text().split("\n"))] == [STREAMING.id]
    assert Path(out).read_text().count("\n") == 1


def test_what_is_wrong_with_one_record_does_not_keep_those_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    out, to_line = tmp_path / "out.jsonl", jsonl.to_line

    def failing(record: Record) -> str:
        if record.id == "b":
            raise ValueError("no line can be made of it")
        return to_line(record)

    async def scene() -> None:
        export = Export(lambda _: None, tuple)
        with context(Options(), export) as tested:
            tested.options.update(streamwatch_export=[str(out)])
            for name in "abc":
                export.streamwatch_record(replace(STREAMING, id=name))
            export.finish()

    monkeypatch.setattr(jsonl, "to_line", failing)
    asyncio.run(scene())
    assert [record.id for record in jsonl.read(out.read_text().split("\n"))] == ["a", "c"]
    assert "no line can be made of it" in caplog.text
