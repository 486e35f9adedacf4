"""The number of the event loop's current iteration: what comes within one is one arrival.

Out: a number that grows with each iteration.  The loop calls its selector once per iteration, to wait for events; these
calls are counted.  A callback in the loop's next iteration would tell the same, but cost an extra one for every
arrival, a tenth of what passing one on takes; it is used where the loop has no selector to be seen.
"""

from __future__ import annotations

import asyncio
from typing import Any


class LoopIterations:
    """Counts the iterations of the loop that runs when it is first asked."""

    def __init__(self) -> None:
        self._iteration = 1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._counting = False
        self._asked = False

    def now(self) -> int:
        """The number of this iteration."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._counting = self._count(getattr(self._loop, "_selector", None))
        if not self._counting and not self._asked:
            self._asked = True
            self._loop.call_soon(self._next)
        return self._iteration

    def _count(self, selector: Any) -> bool:
        """Count the calls of `selector.select`; return False if that can't be done."""
        select = getattr(selector, "select", None)
        if select is None:
            return False

        def counted(timeout: float | None = None) -> object:
            self._iteration += 1
            return select(timeout)

        try:
            selector.select = counted
        except AttributeError:
            return False
        return True

    def _next(self) -> None:
        self._iteration += 1
        self._asked = False
