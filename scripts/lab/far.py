"""A model's server behind a long network path that loses segments: real TCP between two network namespaces.

    uv run scripts/lab/far.py [--path WORD] [--pattern WORD] [--seed N]

requests every pattern over every way, through a real mitmdump with streamwatch, and prints the verdicts.  The server,
in the child process that `far` starts, lies in a namespace of its own; in between are two TUN devices
(https://docs.kernel.org/networking/tuntap.html), whose packets the same process hands on late, or not at all.  It takes
Linux, root and /dev/net/tun; all of it is gone with the process.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab.paths
from lab.origins import Bare, Gathering, Server
from lab.patterns import PATTERNS
from lab.programs import Missing
from lab.run import COLUMNS, row, run, table

BLOCK = 16384
TESTS = IPv4Address("198.18.0.0")
"""198.18.0.0/15 is reserved for such tests (RFC 2544)."""
TUN = "/dev/net/tun"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCSIFADDR, _SIOCSIFDSTADDR, _SIOCSIFFLAGS, _IFF_UP = 0x8916, 0x8918, 0x8914, 0x1


@dataclass(frozen=True)
class NetworkPath:
    """A network path; its seconds are those of one direction."""

    name: str
    delay: float
    jitter: float = 0.0
    """Standard deviation of the delay; packets stay in order, so those behind a late one wait for it."""
    loss: float = 0.0
    """Share of the packets, in either direction."""
    every: int = 0
    """If not 0, one in so many data segments to the client is lost, and none by chance."""


WAYS = (
    NetworkPath("near", 0.010, 0.001),
    NetworkPath("Wi-Fi", 0.020, 0.010, 0.005),
    NetworkPath("mobile", 0.040, 0.020, 0.02),
    NetworkPath("overseas", 0.100, 0.030, 0.04),
    NetworkPath("satellite", 0.300, 0.020, 0.01),
    NetworkPath("unsteady", 0.030, 0.080),
)


@contextlib.contextmanager
def far(way: NetworkPath, seed: int = 1, block: int = 0) -> Iterator[str]:
    """Start a server at the end of `way`, which plays the schedule it is sent (with `block`, in blocks of so many
    bytes); yield its URL.

    Raises:
        Missing: this machine can't make such a way.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or not os.path.exists(TUN):
        raise Missing(f"a way to another network takes Linux, root and {TUN}")
    command = [sys.executable, __file__, "--be", json.dumps([astuple(way), seed, block])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip()
        if not url:
            raise Missing(f"no way to another network: {process.stderr.read().strip().splitlines()[-1]}")
        yield url
    finally:
        process.kill()
        process.communicate()


# --- the child --------------------------------------------------------------------------------------------------


def _be(way: NetworkPath, seed: int, block: int) -> None:
    """Make the way and the server, print its URL, and forward packets for ever."""
    subnet = TESTS + 4 * (os.getpid() % (1 << 15))  # several ways may exist at a time
    ours, theirs = str(subnet + 1), str(subnet + 2)
    here = _device("sw%d", ours, theirs)
    made: list[int] = []
    ready = threading.Event()

    def there() -> None:
        os.unshare(os.CLONE_NEWNET)  # of this thread alone; its sockets stay there
        made.append(_device("sw%d", theirs, ours))
        server = Server((theirs, 80), type("Handler", (Gathering,), {"block": block}) if block else Bare)
        ready.set()
        server.serve_forever(poll_interval=0.5)

    threading.Thread(target=there, daemon=True).start()
    if not ready.wait(10):
        raise OSError("the other end could not be made")
    print(f"http://{theirs}", flush=True)
    _hand_on(way, here, made[0], random.Random(seed))


def _device(name: str, address: str, peer: str) -> int:
    """A TUN device in this thread's namespace, up; its packets are read and written by the returned descriptor."""
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    asked = struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI)
    given = fcntl.ioctl(device, _TUNSETIFF, asked)[:16]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFDSTADDR, peer)):
            fcntl.ioctl(control, request, struct.pack("16sHH4s8x", given, socket.AF_INET, 0, socket.inet_aton(value)))
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH", given, _IFF_UP))
    return device


def _hand_on(way: NetworkPath, here: int, there: int, chance: random.Random) -> None:
    waiting: list[tuple[float, int, int, bytes]] = []
    latest = {here: 0.0, there: 0.0}
    count = data = 0
    while True:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for device in select.select([here, there], [], [], patience)[0]:
            for packet in _packets(device):
                to = here if device == there else there
                data += to == here and _carries(packet)
                lost = way.every and to == here and _carries(packet) and data % way.every == 0
                if lost or chance.random() < way.loss:
                    continue
                due = time.monotonic() + way.delay + abs(chance.gauss(0, way.jitter))
                latest[to] = due = max(due, latest[to])  # in order: TCP must not take a late packet for a lost one
                count += 1
                heapq.heappush(waiting, (due, count, to, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, to, packet = heapq.heappop(waiting)
            with contextlib.suppress(OSError):
                os.write(to, packet)


def _packets(device: int) -> Iterator[bytes]:
    with contextlib.suppress(BlockingIOError):
        while True:
            yield os.read(device, 65536)


def _carries(packet: bytes) -> bool:
    """Return whether this is an IPv4 packet of TCP with data in it."""
    if packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
        return False
    start = 4 * (packet[0] & 15)
    return len(packet) > start + 4 * (packet[start + 12] >> 4)


# --- all of them ------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", default="", help="only paths whose name contains this")
    parser.add_argument("--pattern", default="", help="only patterns whose name contains this")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--seed", type=int, default=1, help="of the chance by which segments are lost")
    parser.add_argument("--be", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.be:
        way, seed, block = json.loads(args.be)
        _be(NetworkPath(*way), seed, block)
    patterns = [pattern for pattern in PATTERNS if args.pattern in pattern.name]
    rows = []
    for path in (path for path in _paths(args.seed) if args.path in path.name):
        outcomes, missing = run([path], patterns)
        rows.append(row(outcomes, missing, path))
    print(table(COLUMNS, rows, args.markdown))


def _paths(seed: int) -> Iterator[lab.paths.Topology]:
    """Yield every way, with a server that streams at its end and with one that sends blocks."""
    for way in WAYS:
        yield lab.paths.Topology(way.name, partial(far, way, seed), ("the network",))
    for way in WAYS:
        gathering = partial(far, way, seed, BLOCK)
        yield lab.paths.Topology(
            f"{way.name}, 16 KiB gathered", gathering, ("byte buffer", "a buffer", "generated first")
        )


if __name__ == "__main__":
    main()
