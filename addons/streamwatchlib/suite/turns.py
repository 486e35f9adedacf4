"""Which turn of the event loop this is: what comes within one turn is one arrival.

Out: a number that grows with each turn.  The loop waits for something to happen once a turn, by its selector: that call
is counted.  To ask the loop to call back in its next turn would tell the same, but would cost it a turn of its own for
every arrival, a tenth of what it takes to pass one on; where there is no selector to be seen it is done so.
"""

from __future__ import annotations

import asyncio
from typing import Any


class Turns:
    """Counts the turns of the loop that runs when it is first asked."""

    def __init__(self) -> None:
        self._turn = 1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._counting = False
        self._asked = False

    def now(self) -> int:
        """The number of this turn."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._counting = self._count(getattr(self._loop, "_selector", None))
        if not self._counting and not self._asked:
            self._asked = True
            self._loop.call_soon(self._next)
        return self._turn

    def _count(self, selector: Any) -> bool:
        """Count each call of the selector's; False if that can't be done."""
        select = getattr(selector, "select", None)
        if select is None:
            return False

        def counted(timeout: float | None = None) -> object:
            self._turn += 1
            return select(timeout)

        try:
            selector.select = counted
        except AttributeError:
            return False
        return True

    def _next(self) -> None:
        self._turn += 1
        self._asked = False
