"""mitmproxy's flow files (``mitmdump -w``) read without a running proxy.

In: an open file.  Out: a record for each HTTP flow, worked out from what lies in it, as ``mitmdump -nr`` would.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from mitmproxy import http
from mitmproxy.exceptions import FlowReadException
from mitmproxy.io import FlowReader

from ..model import Limits, Record
from ..stored import worked_out
from ..worker import crew
from ..worker.serve import collect_seldom
from . import offline
from .pairs import Pairs

_MOST = 6
"""Processes that one who reads the file can keep busy."""


def read(
    file: BinaryIO,
    note: Callable[[str], None] = lambda _: None,
    keep: Callable[[Record], Record] = lambda record: record,
    *,
    side_by_side: bool = False,
) -> list[Record]:
    """The records of a flow file.  Where it breaks off or is damaged, those before that; `note` is told.

    Args:
        keep: what is to be kept of each record.
        side_by_side: let every processor work on it, which takes half a second to begin.

    Raises:
        ValueError: not even its first flow can be read.
    """
    kept: list[Record] = []
    pairs = Pairs(lambda _, record: kept.append(keep(record)), tuple)
    broken: list[FlowReadException] = []
    stored = ((flow, offline.kept(flow)) for flow in _flows(file, broken))
    processors = _processors() if side_by_side else 1
    if side_by_side:
        collect_seldom()
    if processors > 1:
        records = crew.records(stored, Limits(), min(processors, _MOST))
    else:
        records = ((flow, worked_out(each, Limits())) for flow, each in stored)
    for flow, record in records:
        pairs.offer(flow, record, live=False)
    if broken and not kept:
        raise ValueError(f"no flow file that this mitmproxy can read ({broken[0]})")
    if broken:
        note(f"the file breaks off or is damaged after exchange {len(kept)} ({broken[0]})")
    return kept


def _flows(file: BinaryIO, broken: list[FlowReadException]) -> Iterator[http.HTTPFlow]:
    """Those that can be read; what ends them before their time goes into `broken`."""
    try:
        yield from (flow for flow in FlowReader(file).stream() if isinstance(flow, http.HTTPFlow))
    except FlowReadException as error:
        broken.append(error)


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
