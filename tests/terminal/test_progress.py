"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from streamwatchlib.terminal import progress


class Screen(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(b"a line\n" * (3 << 20))
    return path


def read(path: Path, screen: Screen) -> bytes:
    with progress.open_with_progress(path, screen) as file:
        return file.read(1) + b"".join(file)


def test_a_large_file_shows_how_far_it_is_and_cleans_up(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PERIOD", 0.0)
    screen = Screen(terminal=True)
    assert read(large, screen) == large.read_bytes()
    shown = screen.getvalue().split("\r")
    assert "of 21 MiB" in shown[1]
    assert any("100%" in line for line in shown)
    assert shown[-2].strip() == shown[-1] == ""


def test_nothing_is_drawn_where_nobody_looks_or_nobody_waits(large: Path, tmp_path: Path) -> None:
    unseen, small = Screen(terminal=False), Screen(terminal=True)
    assert read(large, unseen) == large.read_bytes()
    (tmp_path / "small").write_bytes(b"a line\n")
    assert read(tmp_path / "small", small) == b"a line\n"
    assert unseen.getvalue() == small.getvalue() == ""
