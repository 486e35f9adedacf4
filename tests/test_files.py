"""Files that hold traffic: private, whole or not at all, and never through a link."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from streamwatchlib.files import append_private, check_writable, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_written_file_holds_the_text_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "out.html"

    write_private(path, "é\n")

    assert path.read_bytes() == "é\n".encode()
    assert mode(path) == 0o600


def test_what_was_there_is_replaced_and_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    path.write_text("old")
    path.chmod(0o644)

    write_private(str(path), "new")

    assert path.read_text() == "new"
    assert mode(path) == 0o600
    assert os.listdir(tmp_path) == ["out.html"]


def test_a_name_may_be_as_long_as_the_system_lets_one_be_and_a_longer_one_is_refused_before(tmp_path: Path) -> None:
    longest = tmp_path / ("n" * 250 + ".html")
    check_writable(longest)
    write_private(longest, "x")
    assert os.listdir(tmp_path) == [longest.name]
    with pytest.raises(OSError, match="too long"):
        check_writable(tmp_path / ("n" * 251 + ".html"))


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    path.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")

    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.html"]


def test_a_file_that_is_mounted_by_itself_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))  # as Linux does, where it is a place that is mounted on

    monkeypatch.setattr(os, "replace", refuse)
    path = tmp_path / "out.html"
    path.write_text("the old one was longer")

    write_private(path, "new")

    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["out.html"]


@pytest.mark.parametrize(
    "write", [lambda path: write_private(path, "x"), lambda path: append_private(path, b"x")], ids=["replace", "append"]
)
class TestRefusals:
    def test_a_symbolic_link_is_not_followed(self, tmp_path: Path, write) -> None:
        victim, link = tmp_path / "victim", tmp_path / "link"
        victim.write_text("precious")
        link.symlink_to(victim)

        with pytest.raises(OSError, match="symbolic link"):
            write(link)

        assert victim.read_text() == "precious"
        assert link.is_symlink()

    def test_a_fifo_is_refused_without_waiting_for_a_reader(self, tmp_path: Path, write) -> None:
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)

        with pytest.raises(OSError, match="not a regular file"):
            write(fifo)

        assert stat.S_ISFIFO(fifo.lstat().st_mode)

    def test_a_directory_is_refused(self, tmp_path: Path, write) -> None:
        with pytest.raises(OSError, match=str(tmp_path)):
            write(tmp_path)

    @pytest.mark.parametrize("name", ["a\0b", "\ud800"])
    def test_what_is_no_path_is_refused_like_any_other(self, tmp_path: Path, write, name: str) -> None:
        with pytest.raises(OSError, match="is no path"):
            write(tmp_path / name)

    def test_a_missing_directory_is_named(self, tmp_path: Path, write) -> None:
        with pytest.raises(FileNotFoundError, match="nowhere"):
            write(tmp_path / "nowhere" / "out")


def test_appending_makes_a_private_file_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    for line in (b"one\n", b"two\n"):
        append_private(path, line)

    assert path.read_bytes() == b"one\ntwo\n"
    assert mode(path) == 0o600


def test_appending_leaves_the_mode_its_owner_chose(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.touch(0o640)
    path.chmod(0o640)

    append_private(path, b"one\n")

    assert mode(path) == 0o640


def test_a_line_broken_off_by_a_killed_process_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"schema": "stre')

    append_private(path, b"two\n")

    assert path.read_text() == '{"schema": "stre\ntwo\n'


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing tells here which files are open")
def test_a_line_that_a_full_disk_broke_off_leaves_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"schema": "stre')
    before = len(os.listdir("/proc/self/fd"))

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))  # it takes what still fits, as a disk does
    try:
        for _ in range(3):
            with pytest.raises(OSError, match="too large"):
                append_private(path, b"two and more\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert len(os.listdir("/proc/self/fd")) == before
    append_private(path, b"four\n")
    assert path.read_text().endswith("\nfour\n")


ADDS = """
import sys
from streamwatchlib.files import append_private
for n in range(100):
    append_private(sys.argv[1], sys.argv[2].encode() * (n * 1000 + 1) + b"\\n")
"""


def test_several_processes_may_add_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    adding = [subprocess.Popen([sys.executable, "-c", ADDS, path, letter]) for letter in "abc"]

    assert [each.wait(60) for each in adding] == [0, 0, 0]
    lines = sorted(path.read_text().splitlines())
    assert lines == [letter * (n * 1000 + 1) for letter in "abc" for n in range(100)]


def test_a_check_makes_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "out.html")

    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("writable", ["out", "folder"])
def test_to_replace_takes_a_folder_and_to_append_a_file_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writable: str
) -> None:
    path = tmp_path / "folder" / "out"
    path.parent.mkdir()
    path.touch()
    monkeypatch.setattr(os, "access", lambda asked, _: Path(asked).name == writable)
    for appended in (True, False):
        if appended == (writable == "out"):
            check_writable(path, appended=appended)
        else:
            with pytest.raises(PermissionError):
                check_writable(path, appended=appended)


@pytest.mark.parametrize("exists", [True, False])
def test_a_check_tells_what_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    path = tmp_path / "out.html"
    if exists:
        path.touch()
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, who runs many CI jobs, may write anywhere

    with pytest.raises(PermissionError, match="denied"):
        check_writable(path)
