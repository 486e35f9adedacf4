"""Records to text: one renderer per file format, chosen by the file's suffix.

In: records of `model`.  Out: the whole text of a file.  Never here: writing it, the proxy, the clock, and any
conclusion that is not in the record already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..model import Record
from . import csv, har, html, jsonl, markdown

RENDERERS: Mapping[str, Callable[[Sequence[Record]], str]] = {
    ".jsonl": jsonl.render,
    ".html": html.render,
    ".md": markdown.render,
    ".csv": csv.render,
    ".har": har.render,
}
"""Suffix to renderer.  A new format is one module and one line here."""


SUMMARY_FORMATS = frozenset({".csv", ".md"})
"""Suffixes of the formats that show no more of a record than `summary_only` leaves."""


def summary_only(record: Record) -> Record:
    """A record without most of its bytes: its events, its arrivals but the last one, and the texts of its bodies."""
    bare, stream = without_content(record), record.stream
    if stream and stream.arrivals:
        omitted = stream.arrivals_omitted + len(stream.arrivals) - 1
        stream = replace(stream, arrivals=stream.arrivals[-1:], arrivals_omitted=omitted)
    return replace(bare, request=replace(bare.request, arrivals=()), stream=stream)


def without_content(record: Record) -> Record:
    """A record without its events and the texts of its bodies."""
    request, response = record.request, record.response
    return replace(
        record,
        request=replace(request, body=replace(request.body, content=None)),
        response=replace(response, body=replace(response.body, content=None)) if response else None,
        events=None,
    )


def render(records: Sequence[Record], path: str) -> str:
    """Render the records in the format that the suffix of `path` chooses.

    Raises:
        ValueError: as `check_name`.
    """
    return _renderer(path)(records)


def check_name(path: str) -> None:
    """Check that a report can have this name: its suffix, in upper or lower case, chooses the format.

    Raises:
        ValueError: no format has this suffix; the message lists the suffixes.
    """
    _renderer(path)


def _renderer(path: str) -> Callable[[Sequence[Record]], str]:
    for suffix, renderer in RENDERERS.items():
        if path.lower().endswith(suffix):
            return renderer
    raise ValueError(f"{path}: a report ends in one of {', '.join(RENDERERS)}")
