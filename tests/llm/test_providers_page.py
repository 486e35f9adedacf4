"""docs/providers.md names every API that is read."""

from __future__ import annotations

from pathlib import Path

import corpus_report

ROOT = Path(__file__).parents[2]


def test_the_list_of_apis_is_made_anew_and_the_rest_is_kept() -> None:
    page = (ROOT / "docs" / "providers.md").read_text()
    assert corpus_report.with_apis(page) == page


def test_the_page_lists_the_table_that_the_code_runs_on() -> None:
    page = (ROOT / "docs" / "providers.md").read_text()
    assert "\n".join(corpus_report.apis()) in page
