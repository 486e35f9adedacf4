"""mitmproxy's flow files (``mitmdump -w``) read without a running proxy.

In: an open file.  Out: a record for each HTTP flow, worked out from what is stored, as ``mitmdump -nr`` would.  A file
is a row of tnetstrings (https://tnetstrings.info), one per flow, which begin with their length: cutting it into flows
costs next to nothing, and all the rest can be done side by side.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, NamedTuple

from mitmproxy import http
from mitmproxy.exceptions import FlowReadException
from mitmproxy.io import FlowReader

from ..compare.digests import Digests, digests
from ..model import Limits, Record
from ..report import summary_only, without_content
from ..stored import rebuilt_record
from ..worker import crew
from ..worker.answers import Part, dumped, loaded
from ..worker.serve import collect_seldom
from . import offline
from .pairs import Location, Pairs, location

_MAX_PROCESSES = 12
"""Processes that can be kept busy by the one that cuts the file and collects the results."""
_BATCH_BYTES = 512 << 10
"""Bytes of flows that are handed to a process together."""
_DIGITS = 12
"""Digits of a tnetstring's length at most, as in mitmproxy."""


class ParsedFlow(NamedTuple):
    """What is read from one flow."""

    record: Record
    location: Location
    digests: Digests


class Damage(NamedTuple):
    """Stands for the point from which on the file can't be read."""

    reason: str


type Packed = tuple[list[Part], Location, Digests]


def read(
    file: BinaryIO, note: Callable[[str], None] = lambda _: None, *, slimmed: bool = False, side_by_side: bool = False
) -> list[Record]:
    """Read the records of a flow file; if it breaks off or is damaged, those before that, and call `note` with why.

    Args:
        slimmed: keep of each record no more than summaries show.
        side_by_side: let every processor work on it, which takes half a second to begin.

    Raises:
        ValueError: not even its first flow can be read.
    """
    kept: list[Record] = []
    pairs = Pairs(lambda *_: None, tuple)
    if side_by_side:
        collect_seldom()
    for parsed in _parse_all(file, slimmed, min(_processors(), _MAX_PROCESSES) if side_by_side else 1):
        if isinstance(parsed, Damage):
            if not kept:
                raise ValueError(f"no flow file that this mitmproxy can read ({parsed.reason})")
            note(f"the file breaks off or is damaged after exchange {len(kept)} ({parsed.reason})")
            break
        record = pairs.join(*parsed)
        kept.append(summary_only(record) if slimmed else record)
    return kept


def _parse_all(file: BinaryIO, slimmed: bool, processes: int) -> Iterator[ParsedFlow | Damage]:
    cut = _cut(file)
    if processes == 1:
        for each in cut:
            yield from _parse(each)
        return
    for batch in crew.mapped(
        partial(_parse_batch, slimmed), _batches(cut), processes, lambda batch: sum(map(_size, batch))
    ):
        for packed in batch:
            yield packed if isinstance(packed, Damage) else ParsedFlow(loaded(packed[0]), *packed[1:])


# --- cutting ----------------------------------------------------------------------------------------------


def _cut(file: BinaryIO) -> Iterator[bytes | Damage]:
    """Yield the file's tnetstrings, unparsed."""
    while (sign := file.read(1)).isdigit():
        digits = b""
        while sign.isdigit() and len(digits) <= _DIGITS:
            digits += sign
            sign = file.read(1)
        text = _read(file, int(digits) + 1) if sign == b":" else b""
        if len(text) <= int(digits):
            break
        yield digits + sign + text
    else:
        if not sign:
            return
    yield Damage("Invalid data format.")


def _read(file: BinaryIO, size: int) -> bytes:
    try:
        return file.read(size)
    except MemoryError:  # a length that no file has
        return b""


def _batches(cut: Iterable[bytes | Damage]) -> Iterator[list[bytes | Damage]]:
    batch: list[bytes | Damage] = []
    held = 0
    for each in cut:
        batch.append(each)
        held += _size(each)
        if held >= _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _size(each: bytes | Damage) -> int:
    return len(each) if isinstance(each, bytes) else 0


# --- reading ----------------------------------------------------------------------------------------------


def _parse_batch(slimmed: bool, batch: Sequence[bytes | Damage]) -> list[Packed | Damage]:
    """Read a batch in a process of the crew; the results can be sent to another process."""
    return [
        parsed
        if isinstance(parsed, Damage)
        else (dumped(without_content(parsed.record) if slimmed else parsed.record), *parsed[1:])
        for each in batch
        for parsed in _parse(each)
    ]


def _parse(each: bytes | Damage) -> Iterator[ParsedFlow | Damage]:
    """Yield what a flow's tnetstring says: nothing, if the flow is of another kind than HTTP."""
    if isinstance(each, Damage):
        yield each
        return
    try:
        (flow,) = FlowReader(io.BytesIO(each)).stream()
        parsed = _parse_flow(flow) if isinstance(flow, http.HTTPFlow) else None
    except Exception as error:  # noqa: BLE001 - mitmproxy takes values of any type from a file, which fail here
        yield Damage(str(error) if isinstance(error, FlowReadException) else repr(error))
        return
    if parsed:
        yield parsed


def _parse_flow(flow: http.HTTPFlow) -> ParsedFlow:
    record = rebuilt_record(offline.stored_exchange(flow), Limits())
    if not isinstance(record.id, str):
        raise TypeError("its id is no text")
    return ParsedFlow(record, location(flow), digests(record))


def _processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
