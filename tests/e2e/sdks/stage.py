"""Runs one exchange: an SDK sends a request, the origin sends the next response, and the record is returned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from loopback import ReceivedRequest, Step, wait_for

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

    def next(self, answer: Answer) -> None:
        """The answer to the next request."""
        assert self._next is None
        self._next = answer

    def play(self, _: ReceivedRequest) -> Iterable[Step]:
        answer, self._next = self._next or _UNEXPECTED, None
        self._played += 1
        return answer.steps()

    def record(self) -> dict[str, Any]:
        """The record of the last exchange."""
        return self.records()[-1]

    def records(self) -> list[dict[str, Any]]:
        """Those of all exchanges since this was last asked, in their order; the key must not stand in them."""
        exported = self._proxy.exported
        wait_for(lambda: len(exported()) == self._played, f"a record; mitmdump said:\n{self._proxy.output}")
        assert self._next is None
        lines, self._taken = exported()[self._taken :], self._played
        assert not any(KEY in line for line in lines)
        return sorted(map(json.loads, lines), key=itemgetter("started_at"))
