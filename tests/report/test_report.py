"""The table of formats."""

from __future__ import annotations

import pytest
from streamwatchlib.report import WRITERS, jsonl, render

from .records import EVERY


def test_each_suffix_has_its_format() -> None:
    assert list(WRITERS) == [".jsonl", ".html", ".md", ".csv", ".har"]


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_takes_every_kind_of_record_and_none(suffix: str) -> None:
    """Whole text, ended by a line end, valid UTF-8."""
    assert render(EVERY, suffix).endswith("\n")
    assert render(EVERY, suffix).encode()
    assert isinstance(render([], suffix), str)


def test_case_of_the_suffix_is_no_matter() -> None:
    assert render(EVERY, ".JSONL") == jsonl.render(EVERY)


def test_an_unknown_suffix_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no report format '.pdf': choose one of .jsonl, .html, .md, .csv, .har"):
        render(EVERY, ".pdf")
