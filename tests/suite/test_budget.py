"""However many exchanges are in flight, what they hold together is bounded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from streamwatchlib.suite.budget import MemoryBudget


@dataclass
class Held:
    held_bytes: int
    keeps: bool = True

    def keep_no_more(self) -> None:
        self.keeps = False


@pytest.mark.parametrize(
    ("sizes", "going_on"),
    [
        ([40, 50], [True, True]),
        ([100, 0], [True, True]),
        ([90, 20, 1], [False, True, True]),
        ([60, 60, 10], [False, False, True]),
        ([25, 25, 25, 26], [True, True, True, False]),
        ([190, 20, 0], [False, False, False]),
    ],
)
def test_who_holds_the_most_keeps_no_more(sizes: list[int], going_on: list[bool]) -> None:
    holdings = [Held(size) for size in sizes]
    MemoryBudget(lambda: holdings, max_bytes=100).check(holdings)
    assert [holding.keeps for holding in holdings] == going_on


def test_it_looks_as_long_as_there_is_something_in_flight() -> None:
    holdings = [Held(200)]

    async def look() -> None:
        budget = MemoryBudget(lambda: holdings, max_bytes=100, period=0.001)
        budget.begin()
        while holdings[0].keeps:
            await asyncio.sleep(0.001)
        holdings[:] = [Held(200)]
        while holdings[0].keeps:
            await asyncio.sleep(0.001)
        holdings.clear()
        while len(asyncio.all_tasks()) > 1 or budget._timer:
            await asyncio.sleep(0.001)
        holdings[:] = [Held(200)]
        budget.begin()
        budget.end()
        await asyncio.sleep(0.01)

    asyncio.run(look())
    assert holdings[0].keeps
