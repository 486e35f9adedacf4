"""Blocks of server-sent events in their usual forms: one ``data:`` line, or one behind an ``event:`` line.

In: bytes that begin and end with a block.  Out: the contents of the blocks, if all have the same one of these forms, in
a fraction of the time that reading them line by line takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from ...model import Batch
from ..lines import CR

_BLANK_LINE = b"\n\n"


def parse_uniform(blocks: bytes) -> tuple[Sequence[str] | None, Sequence[str]] | None:
    """The types and payloads of blocks that are all ``data:`` (types are None then), or all ``event:`` and ``data:``;
    None if any is not."""
    try:
        text = blocks.decode()
    except UnicodeDecodeError:
        return None
    if text.startswith("data: "):
        payloads = text[6:].split("\n\ndata: ")
        return (None, payloads) if "\n" not in "".join(payloads) else None
    if not text.startswith("event: "):
        return None
    named = (block.partition("\ndata: ") for block in text[7:].split("\n\nevent: "))
    names, data_lines, documents = zip(*named, strict=True)
    is_uniform = all(names) and all(data_lines) and "\n" not in "".join(names + documents)
    return (names, documents) if is_uniform else None


def parse_batch(pieces: Sequence[bytes], id: str | None) -> Batch | None:
    """Return arrivals that are whole blocks of one form and type as a `Batch`; None if any is not."""
    data = b"".join(pieces)
    if CR in data or not all(map(bytes.endswith, pieces, repeat(_BLANK_LINE))):
        return None
    found = parse_uniform(data[: -len(_BLANK_LINE)])
    if found is None:
        return None
    names, payloads = found
    if names and names.count(names[0]) < len(names):
        return None
    lines = 3 if names else 2
    ends = map(bytes.count, pieces, repeat(b"\n"))
    return Batch(names[0] if names else "message", id, payloads, [count // lines for count in ends])
