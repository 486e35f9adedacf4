"""The spool: what is put aside comes back, oldest first, and the disk is not filled."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamwatchlib.suite.spool import Spool


def test_lines_come_back_in_order() -> None:
    spool = Spool()
    for n in range(1000):
        spool.add(f"line {n} 流\n".encode())
        if n % 300 == 0:
            spool.read()
    assert spool.read().splitlines() == [f"line {n} 流" for n in range(1000)]
    assert (len(spool), spool.dropped, spool.missing) == (1000, 0, "")


def test_no_more_than_the_bound_is_kept_and_what_was_let_go_is_counted() -> None:
    spool = Spool(1000)
    for n in range(1000):
        spool.add(f"{n:09}\n".encode())
        assert len(spool.read()) <= 1000
        assert len(spool) + spool.dropped == n + 1
    lines = spool.read().splitlines()
    assert len(lines) >= 50
    assert lines == [f"{n:09}" for n in range(1000 - len(lines), 1000)]


def test_a_line_longer_than_the_bound_is_kept_whole_and_alone() -> None:
    spool = Spool(100)
    spool.add(b"before\n")
    spool.add(b"x" * 500 + b"\n")
    spool.add(b"after\n")
    assert spool.read() == "x" * 500 + "\nafter\n"
    assert spool.dropped == 1
    assert spool.missing == "the oldest 1 exchange"


def test_where_there_is_no_folder_for_temporary_files_that_of_the_reports_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    spool = Spool()
    with pytest.raises(FileNotFoundError, match="No usable"):
        spool.add(b"lost\n")
    spool.add(b"kept\n", str(tmp_path / "run.html"))
    assert spool.read() == "kept\n"
    assert list(tmp_path.iterdir()) == [], "it has no name there, either"


def test_a_line_that_did_not_fit_on_the_disk_leaves_no_half(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        """A disk with room for a dozen bytes."""

        def write(self, data: bytes) -> int:  # type: ignore[override]
            room = 12 - self.tell()
            if room <= 0:
                raise OSError(28, "No space left on device")
            return super().write(data[:room])

    monkeypatch.setattr("tempfile.TemporaryFile", lambda buffering: Full())
    spool = Spool()
    spool.add(b"short\n")
    with pytest.raises(OSError, match="No space"):
        spool.add(b"too long for it\n")
    assert spool.read() == "short\n"
    spool.add(b"fits\n")
    assert spool.read() == "short\nfits\n"
    assert spool.missing == "1 exchange that could not be put aside"
    assert len(spool) == 2


def test_what_is_put_aside_while_it_is_read_is_whole() -> None:
    spool, done = Spool(most=1 << 30), threading.Event()

    def read() -> set[str]:
        found: set[str] = set()
        while not done.is_set():
            found |= {*spool.read().splitlines()}
        return found

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        lines = [f"{n} " + "x" * 5000 for n in range(500)]
        for line in lines:
            spool.add(f"{line}\n".encode())
        done.set()
        assert reading.result() <= {*lines}
    assert spool.read().splitlines() == lines
