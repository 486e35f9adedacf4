"""A mitmproxy script for the tests: the console, with a fake observer.

It obeys commands, one word per line, from the pipe whose number is in the environment.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mitmproxy import ctx

if absent := os.environ.get("STAGE_ABSENT"):
    sys.modules[absent] = None  # type: ignore[assignment]  # as if it were not installed

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "addons")]

from streamwatchlib.model import Snapshot  # noqa: E402
from streamwatchlib.suite.console import Console  # noqa: E402
from streamwatchlib.suite.events import publish  # noqa: E402
from streamwatchlib.terminal.totals import Totals  # noqa: E402

from tests.report.records import INJECTED, PSEUDO, STREAMING, UNTYPED  # noqa: E402

FLYING = Snapshot("1", "POST", "http://localhost:11434/api/chat", 12.3, 200, "ndjson", "llama3.2", 400, 24, 24, 24)
YOUNG = replace(FLYING, id="2", url="http://localhost/young", age=0.01)


class Stage:
    """What is in flight, and what can be told to happen."""

    def __init__(self) -> None:
        self.flying: list[Snapshot] = []

    def running(self) -> None:
        asyncio.get_running_loop().add_reader(int(os.environ["STAGE"]), self._act)

    def _act(self) -> None:
        for word in os.read(int(os.environ["STAGE"]), 4096).decode().split():
            getattr(self, word)()

    def look(self, most: int, show: Callable[[list[Snapshot], int], None]) -> None:
        show(self.flying, 0)

    def fly(self) -> None:
        self.flying = [FLYING, YOUNG]
        console._wake(0)  # as a request does

    def land(self) -> None:
        self.flying = []

    def end(self) -> None:
        for record in (STREAMING, PSEUDO, UNTYPED, INJECTED):
            totals.streamwatch_record(record)
            publish(record)

    def talk(self) -> None:
        logging.getLogger().info("from the log")
        ctx.master.addons.get("dumper").echo("from the dumper, " + "x" * 100, fg="green")
        print("from a script")
        print("from stderr", file=sys.stderr)

    def wreck(self) -> None:
        self.flying = [FLYING, None]  # type: ignore[list-item]

    def spoil(self) -> None:
        publish("not a record")  # type: ignore[arg-type]
        publish(None)  # type: ignore[arg-type]

    def quit(self) -> None:
        ctx.master.shutdown()


stage = Stage()
totals = Totals()
console = Console(stage.look, totals)
addons = [stage, console]
