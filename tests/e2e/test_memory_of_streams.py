"""What passes leaves no memory behind: a small form of ``scripts/bench/memory.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from loopback import ROOT, Origin

from .conftest import Watched

pytest.importorskip("resource", reason="memory is read from /proc: Linux only")
sys.path.insert(0, str(ROOT / "scripts" / "bench"))
from memory import exchanges, plan, stream


def test_neither_a_long_stream_nor_many_short_ones_make_the_process_grow(tmp_path: Path, confdir: Path) -> None:
    export = tmp_path / "out.jsonl"
    export.touch()
    with Origin(plan) as origin, Watched(f"reverse:{origin.url}", export=export, confdir=confdir) as proxy:
        many, one = exchanges(proxy, export, 500), stream(proxy, 64 << 20)
    assert many < 12 << 20, f"500 exchanges: {many >> 20} MiB"
    assert one < 64 << 20, f"a stream of 64 MiB: {one >> 20} MiB"
