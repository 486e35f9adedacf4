"""Mistral's reading of documents."""

from __future__ import annotations

import pytest

from ..replies import whole

READ = {
    "pages": [{"index": 0, "markdown": "# One", "images": []}, {"index": 1, "markdown": "two"}],
    "model": "mistral-ocr-latest",
    "usage_info": {"pages_processed": 2, "doc_size_bytes": 9},
}


@pytest.mark.parametrize("where", ["/v1/ocr", "/any"])
def test_the_text_of_the_pages(where: str) -> None:
    llm = whole(where, READ)
    assert (llm.provider, llm.api, llm.model) == ("mistral-compatible", "ocr", "mistral-ocr-latest")
    assert (llm.text, llm.usage) == ("# One\n\ntwo", None)


def test_errors_and_nothing_read() -> None:
    assert whole("/v1/ocr", {"object": "error", "message": "no"}).error == {"message": "no"}
    assert whole("/v1/ocr", {**READ, "pages": []}).text == ""
