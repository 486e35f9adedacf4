"""The same origin behind streamwatch and behind a mitmdump that merely streams, asked at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopback import Mitmdump

from .conftest import Watched

BARE = Path(__file__).with_name("streaming.py")


@dataclass
class Pair[Plan]:
    watched: Watched
    bare: Mitmdump
    plans: dict[str, Plan]
    """What the origin does on each path."""

    def run[Got](
        self, plans: Sequence[Plan], ask: Callable[[str, list[str]], list[Got]]
    ) -> tuple[list[Got], list[Got], list[str]]:
        """What the client got of a path for each of these plans through us, what without us, and the paths."""
        paths = [f"/{len(self.plans) + i}/" for i in range(len(plans))]
        self.plans.update(zip(paths, plans, strict=True))
        with ThreadPoolExecutor(2) as pool:
            got, expected = pool.map(lambda proxy: ask(proxy.url, paths), (self.watched, self.bare))
        return got, expected, paths


@contextlib.contextmanager
def beside[Plan](url: str, plans: dict[str, Plan], folder: Path, confdir: Path) -> Iterator[Pair[Plan]]:
    """Both in front of the origin at `url`, which plays `plans`."""
    shared: dict[str, Any] = {"options": ("ssl_insecure=true",), "confdir": confdir}
    mode = f"reverse:{url}"
    with (
        Watched(mode, export=folder / "records.jsonl", **shared) as watched,
        Mitmdump(mode, script=BARE, **shared) as bare,
    ):
        yield Pair(watched, bare, plans)
