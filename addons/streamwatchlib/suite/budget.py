"""What all exchanges in flight may keep together: each has its own limits, but there may be hundreds of them.

In: the exchanges.  Out: those that hold the most are told to keep no more; what comes then is counted, as it is where
an exchange reaches its own limits.  Never here: what it is that they hold.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Protocol

logger = logging.getLogger(__name__)

MOST = 512 << 20
"""Bytes, by estimate."""
PERIOD = 1.0
"""Seconds between two looks: what comes meanwhile is what a proxy can pass on in that time."""


class Holding(Protocol):
    """Something that holds more and more."""

    @property
    def held(self) -> int:
        """Bytes, by estimate."""
        ...

    def keep_no_more(self) -> None: ...


class Budget:
    """Looks after what `holdings()` hold while there are any."""

    def __init__(self, holdings: Callable[[], Collection[Holding]], most: int = MOST, period: float = PERIOD) -> None:
        self._holdings, self._most, self._period = holdings, most, period
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """There is something to look after."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._period, self._look)

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _look(self) -> None:
        self._timer = None
        if holdings := self._holdings():
            self.begin()
            self.check(holdings)

    def check(self, holdings: Collection[Holding]) -> None:
        """Over the budget, who holds more than an equal share keeps no more; over twice the budget, nobody does."""
        held = [holding.held for holding in holdings]
        if (total := sum(held)) <= self._most:
            return
        share = self._most / len(held) if total <= 2 * self._most else -1
        large = [holding for holding, size in zip(holdings, held, strict=True) if size > share]
        for holding in large:
            holding.keep_no_more()
        logger.info("streamwatch holds %d MiB of what is in flight and only counts on in %d", total >> 20, len(large))
