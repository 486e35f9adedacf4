"""Every benchmark, one after the other: the tables of docs/performance.md.

    uv run --with httpx-sse --with sseclient-py scripts/bench [--quick]

It takes about half an hour on a quiet machine; ``--quick`` takes a few minutes and is less precise.  The long ones,
``load.py`` (``--minutes 60`` is the soak) and ``offline.py`` with a gigabyte, are shortened: run them by themselves.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent
BENCHES: dict[str, tuple[list[str], list[str]]] = {
    "proxy.py": (["--rounds", "5"], ["--rounds", "1"]),
    "stalls.py": (["--rounds", "5"], ["--rounds", "1"]),
    "throughput.py": (["--rounds", "3"], ["--megabytes", "20", "--rounds", "1"]),
    "parsers.py": ([], ["--megabytes", "2", "--rounds", "3"]),
    "memory.py": ([], ["--gigabytes", "0.1", "--exchanges", "1000"]),
    "offline.py": (["--megabytes", "200", "--rounds", "1"], ["--megabytes", "20", "--rounds", "1"]),
    "load.py": (["--minutes", "2", "--seconds", "30"], ["--minutes", "0.5", "--seconds", "10", "--rate", "10"]),
}
"""Benchmark -> its arguments, and those of a quick run."""


def machine() -> str:
    """The machine and the versions that the figures were taken on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = f"{len(models)} × {models[0]}" if models else platform.processor()
    return f"{cores}, {platform.system()}, Python {platform.python_version()}, mitmproxy {version('mitmproxy')}"


def main() -> int:
    quick = sys.argv[1:] == ["--quick"]
    if sys.argv[1:] and not quick:
        print(__doc__)
        return 2
    print(machine())
    failed = 0
    for name, arguments in BENCHES.items():
        print(f"\n## {name} {' '.join(arguments[quick])}\n", flush=True)
        failed += subprocess.run([sys.executable, str(FOLDER / name), *arguments[quick]], check=False).returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
