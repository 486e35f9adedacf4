"""Where an SDK meets an answer: it asks, the origin says what is up next, and the record of it is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

from loopback import Asked, Step, wait_for

from ..conftest import Watched
from .answers import Answer, whole

KEY = "made-up-0123456789-abcdefghijklmnop"
"""The credential that every client is given: it must stand in no record."""

_UNEXPECTED = whole({"unexpected": "request"}, status=418)


class Stage:
    """One exchange at a time, all through one mitmdump."""

    def __init__(self, proxy: Watched) -> None:
        self.url = proxy.url
        self._proxy = proxy
        self._next: Answer | None = None
        self._played = 0
        self._taken = 0
        self._records: IO[str] | None = None
        self._line = ""

    def next(self, answer: Answer) -> None:
        """The answer to the next request."""
        self._next = answer

    def play(self, _: Asked) -> Iterable[Step]:
        answer, self._next = self._next or _UNEXPECTED, None
        self._played += 1
        return answer.steps()

    def record(self) -> dict[str, Any]:
        """The record of the last exchange, in which the key must not stand."""
        wait_for(self._caught_up, f"a record; mitmdump said:\n{self._proxy.output}")
        assert self._next is None
        assert KEY not in self._line
        record: dict[str, Any] = json.loads(self._line)
        return record

    def _caught_up(self) -> bool:
        """All lines written so far are read, and there is one for every exchange."""
        if self._records is None and self._proxy.export.exists():
            self._records = self._proxy.export.open(encoding="utf-8")
        while self._records and (piece := self._records.readline()):
            self._line = piece if self._line.endswith("\n") else self._line + piece
            self._taken += self._line.endswith("\n")
        return self._taken == self._played
