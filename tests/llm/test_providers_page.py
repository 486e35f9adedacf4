"""docs/providers.md names every API that is read."""

from __future__ import annotations

from .replies import ROOT, script


def test_the_list_of_apis_is_made_anew_and_the_rest_is_kept() -> None:
    page = (ROOT / "docs" / "providers.md").read_text()
    assert script("corpus_report").with_apis(page) == page


def test_the_page_lists_the_table_that_the_code_runs_on() -> None:
    page = (ROOT / "docs" / "providers.md").read_text()
    assert "\n".join(script("corpus_report").apis()) in page
