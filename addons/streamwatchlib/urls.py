"""Split URLs, whatever a client or a file put in their place.

In: the text of a URL.  Out: its parts.  Imports nothing of ours, so that every room may use it.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def split(url: str) -> SplitResult:
    """The parts of a URL; if it is invalid (``http://[x/``: clients send any Host), all before the query is path."""
    try:
        return urlsplit(url)
    except ValueError:
        path, _, query = url.partition("?")
        return SplitResult("", "", path, query, "")
