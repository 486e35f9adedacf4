"""One self-contained page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..model import Record


def render(records: Sequence[Record]) -> str:
    return "<!doctype html><title>streamwatch</title>" + "".join(f"<p>{escape(r.verdict.summary)}" for r in records)
