"""URLs to their parts."""

from __future__ import annotations

import pytest
from streamwatchlib.urls import split


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://u@h:8/p?q=1#f", ("https", "u@h:8", "/p", "q=1", "f")),
        ("http://[x/p?q=1?", ("", "", "http://[x/p", "q=1?", "")),
        ("http://\u2100/p", ("", "", "http://\u2100/p", "", "")),
        ("", ("", "", "", "", "")),
    ],
)
def test_what_is_no_url_is_all_path(url: str, parts: tuple[str, ...]) -> None:
    assert split(url) == parts
