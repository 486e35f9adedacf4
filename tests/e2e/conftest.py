"""End to end: a real mitmdump with the addon between real clients and real servers, all on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from loopback import Mitmdump, wait_for

LANES = 24
"""Listeners of one mitmdump."""
PATIENCE = 60.0
"""Seconds that a record is waited for: on a busy machine a million events take the worker more than 20."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker("e2e")
            # real time on a machine that may be shared: one miss may be the machine's, and reruns are counted aloud
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


class Watched(Mitmdump):
    """A mitmdump whose records can be waited for."""

    def __init__(self, *modes: str, export: Path, options: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(*modes, options=(f"streamwatch_export={export}", *options), **more)
        self.export = export
        self._opened: IO[bytes] | None = None
        self._lines: list[str] = []
        self._begun = b""
        """A line in the making."""

    def records(self, count: int = 1, *, seconds: float = PATIENCE) -> list[dict[str, Any]]:
        """The first `count` records, waited for."""
        wait_for(lambda: len(self.exported()) >= count, f"{count} record(s); mitmdump said:\n{self.output}", seconds)
        return [json.loads(line) for line in self.exported()]

    def about(self, path: str, count: int) -> list[dict[str, Any]]:
        """The `count` records of requests for this path, waited for."""

        def found() -> list[dict[str, Any]]:
            lines = (line for line in self.exported() if path in line)
            return [record for line in lines if (record := json.loads(line))["request"]["url"].endswith(path)]

        wait_for(lambda: len(found()) >= count, f"{count} record(s) of {path}; mitmdump said:\n{self.output}", PATIENCE)
        return found()

    def record(self) -> dict[str, Any]:
        """The only record."""
        (record,) = self.records()
        return record

    def exported(self) -> list[str]:
        """The whole lines so far.  Whoever waits asks two hundred times a second: what was read is not read again."""
        if not self.export.exists():
            return []
        if not (self._opened and os.path.samestat(os.fstat(self._opened.fileno()), self.export.stat())):
            self._opened, self._lines, self._begun = self.export.open("rb"), [], b""
        *whole, self._begun = (self._begun + self._opened.read()).split(b"\n")
        self._lines += map(bytes.decode, whole)
        return self._lines


class Lane:
    """A listener of a watched mitmdump that has many: at `url` before whatever server a test starts at `port`."""

    def __init__(self, proxy: Watched, url: str, behind: socket.socket) -> None:
        self.url = url
        self.port = int(behind.getsockname()[1])
        self.proxy = proxy

    def records(self, count: int = 1) -> list[dict[str, Any]]:
        """The first `count` records of what passed here, waited for."""

        def found() -> list[str]:
            return [line for line in self.proxy.exported() if f"//127.0.0.1:{self.port}/" in line]

        wait_for(lambda: len(found()) >= count, f"{count} record(s); mitmdump said:\n{self.proxy.output}")
        return list(map(json.loads, found()))

    def record(self) -> dict[str, Any]:
        """The only record."""
        (record,) = self.records()
        return record


@pytest.fixture(scope="session")
def lanes(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Iterator[Lane]]:
    """Lane after lane: to start a mitmdump takes two seconds of a processor, and most tests need none of their own."""
    with contextlib.ExitStack() as stack:

        def each() -> Iterator[Lane]:
            while True:
                behind = [stack.enter_context(reserved()) for _ in range(LANES)]
                modes = [f"reverse:http://127.0.0.1:{bound.getsockname()[1]}" for bound in behind]
                export = tmp_path_factory.mktemp("lanes") / "records.jsonl"
                proxy = stack.enter_context(Watched(*modes, export=export, confdir=confdir))
                yield from (Lane(proxy, url, bound) for url, bound in zip(proxy.urls, behind, strict=True))

        yield each()


def reserved() -> socket.socket:
    """A port that is given to nobody who does not ask for it."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


@pytest.fixture
def lane(lanes: Iterator[Lane]) -> Lane:
    """One that no other test has: all that passes there is this test's."""
    return next(lanes)


@pytest.fixture
def two_lanes(lanes: Iterator[Lane]) -> tuple[Lane, Lane]:
    """Two of one mitmdump, for both sides of a hop."""
    one, other = next(lanes), next(lanes)
    return (one, other) if one.proxy is other.proxy else (other, next(lanes))


@pytest.fixture
def watch(tmp_path: Path, confdir: Path) -> Iterator[Callable[..., Watched]]:
    """Starts a watched mitmdump in front of a URL (or in the given mitmproxy mode); stops all at the end."""
    with contextlib.ExitStack() as stack:

        def start(*upstreams: str, options: tuple[str, ...] = (), **more: Any) -> Watched:
            modes = [f"reverse:{url}" if url.startswith("http") else url for url in upstreams]
            export = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
            return stack.enter_context(Watched(*modes, export=export, options=options, confdir=confdir, **more))

        yield start
