"""What the live view costs: mitmdump on a terminal with it against mitmdump on a dumb one, under the same streams.

    uv run scripts/bench/view.py [--streams 300] [--rate 2] [--rounds 3]

CPU is that of the mitmdump process (user and system) while all streams are in flight, in per cent of one core.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import pty
import signal
import statistics
import struct
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from loopback import SCRIPT, free_port, is_listening, wait_for
from peers import Load, load_with, serving
from processes import cpu

WARM, WATCHED = 6.0, 20.0
"""Seconds for all streams to begin, and for which they are watched."""


@contextlib.contextmanager
def on_a_terminal(port: int, upstream: int, term: str, lines: int = 50) -> Iterator[int]:
    """Run mitmdump on a pseudo-terminal whose output is read; yield the process's id."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = term
        program = str(Path(sys.executable).with_name("mitmdump"))
        mode = f"reverse:http://127.0.0.1:{upstream}@127.0.0.1:{port}"
        os.execv(program, [program, "-q", "-s", str(SCRIPT), "--mode", mode])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 120, 0, 0))
    threading.Thread(target=_take, args=(terminal,), daemon=True).start()
    try:
        wait_for(lambda: is_listening(port), "mitmdump")
        yield process
    finally:
        os.kill(process, signal.SIGINT)
        os.waitpid(process, 0)


def _take(terminal: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass


def share(term: str, upstream: int, streams: int, rate: float) -> float:
    """The share of one core that mitmdump uses while the streams flow."""
    port = free_port()
    load = Load(streams, int((WARM + WATCHED + 2) * rate), rate)
    with on_a_terminal(port, upstream, term) as process:
        client = threading.Thread(target=load_with, args=(port, load))
        client.start()
        time.sleep(WARM)
        before, began = cpu(process), time.monotonic()
        time.sleep(WATCHED)
        used = (cpu(process) - before) / (time.monotonic() - began)
        client.join()
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--rate", type=float, default=2.0, help="events a second of each")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with serving() as upstream:
        rounds = [
            [share(term, upstream, args.streams, args.rate) for term in ("dumb", "xterm-256color")]
            for _ in range(args.rounds)
        ]
    for without, with_it in rounds:
        print(f"without {without:.1%}, with {with_it:.1%}: {with_it - without:+.1%}")
    print(f"median: {statistics.median(b - a for a, b in rounds):+.1%} of a core")


if __name__ == "__main__":
    main()
