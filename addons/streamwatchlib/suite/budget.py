"""The memory that all exchanges in flight may take together: each has its own limits, but there may be hundreds.

In: the exchanges.  Out: `keep_no_more` for those that hold the most; what comes of them then is only counted, as beyond
their own limits.  Never here: what they hold.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Protocol

logger = logging.getLogger(__name__)

MAX_BYTES = 512 << 20
"""Bytes, by estimate."""
PERIOD = 1.0
"""Seconds between two checks: what a proxy can pass on in that time may exceed the budget."""


class Holding(Protocol):
    """Something whose memory grows."""

    @property
    def held_bytes(self) -> int:
        """Bytes, by estimate."""
        ...

    def keep_no_more(self) -> None: ...


class MemoryBudget:
    """Checks what `holdings()` hold for as long as there are any."""

    def __init__(
        self, holdings: Callable[[], Collection[Holding]], max_bytes: int = MAX_BYTES, period: float = PERIOD
    ) -> None:
        self._holdings, self._max_bytes, self._period = holdings, max_bytes, period
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Start checking."""
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
        """Over the budget, those that hold more than an equal share keep no more; over twice the budget, none does."""
        held = [holding.held_bytes for holding in holdings]
        if (total := sum(held)) <= self._max_bytes:
            return
        share = self._max_bytes / len(held) if total <= 2 * self._max_bytes else -1
        large = [holding for holding, size in zip(holdings, held, strict=True) if size > share]
        for holding in large:
            holding.keep_no_more()
        logger.info(
            "streamwatch holds %d MiB of exchanges in flight; from now on it only counts in %d of them",
            total >> 20,
            len(large),
        )
