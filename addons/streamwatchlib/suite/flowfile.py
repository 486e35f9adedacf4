"""mitmproxy's flow files (``mitmdump -w``) read without a running proxy.

In: an open file.  Out: a record for each HTTP flow, worked out from what lies in it, as ``mitmdump -nr`` would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from mitmproxy import http
from mitmproxy.exceptions import FlowReadException
from mitmproxy.io import FlowReader

from ..model import Record
from . import offline
from .options import Settings
from .pairs import Pairs


def read(file: BinaryIO, note: Callable[[str], None] = lambda _: None) -> list[Record]:
    """The records of a flow file.  Where it breaks off or is damaged, those before that; `note` is told.

    Raises:
        ValueError: not even its first flow can be read.
    """
    records: list[Record] = []
    pairs = Pairs(lambda _, record: records.append(record), tuple)
    try:
        for flow in FlowReader(file).stream():
            if isinstance(flow, http.HTTPFlow):
                pairs.offer(flow, offline.record(flow, Settings()), live=False)
    except FlowReadException as error:
        if not records:
            raise ValueError(f"no flow file that this mitmproxy can read ({error})") from error
        note(f"the file breaks off or is damaged after exchange {len(records)} ({error})")
    return records
