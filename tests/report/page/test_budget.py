"""How much of each exchange a page shows."""

from __future__ import annotations

from streamwatchlib.report.page.budget import Budget, budget


def test_a_single_exchange_is_shown_whole() -> None:
    assert budget(1) == budget(0) == Budget(2_000, 4_000, 200_000, 900)


def test_many_share_the_page_but_none_goes_without() -> None:
    assert budget(500) == Budget(18, 160, 3_000, 200)
    assert budget(1_000_000) == Budget(15, 160, 1_500, 200)
