"""CPU time and memory of a mitmdump and of the worker that streamwatch starts, from Linux's /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes that a process has started: streamwatch's worker."""
    started = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in started for child in file.read_text().split()]


def family(pid: int) -> list[int]:
    """The process, and those that it has started."""
    return [pid, *children(pid)]


def cpu(pid: int) -> float:
    """Seconds of CPU time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> int:
    """Resident bytes of a process and of those it has started."""
    return sum(map(_resident, family(pid)))


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) << 10
