"""Two listeners around a hop: finds the two exchanges of one request, and says on the outer one what the hop did.

In: each finished record with its flow, before it is published.  Out: the same, on to be published; the record from
downstream of a hop with what the hop added.  Upstream an exchange ends first, as a rule; where it does not (the client
went, or a long answer takes its time to be read) the record downstream waits for it a moment.  The traffic never waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from mitmproxy import http

from ..compare.matching import partner
from ..compare.passage import passage
from ..compare.settle import settled
from ..compare.trace import Trace, trace
from ..model import Record

logger = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds that a record waits for its counterpart upstream, if one that may be it is still in flight."""
MOST = 256
"""Exchanges that a counterpart is looked for among: the latest ..."""
HEAVIEST = 2_000_000
"""... and no more than hold so many numbers together (about 60 MB)."""


class Waiting(NamedTuple):
    flow: http.HTTPFlow
    record: Record
    trace: Trace
    timer: asyncio.TimerHandle


class Pairs:
    """`tell` publishes a record; `unfinished` gives the flows whose records have not been offered yet."""

    def __init__(
        self, tell: Callable[[http.HTTPFlow, Record], None], unfinished: Callable[[], Iterable[http.HTTPFlow]]
    ) -> None:
        self._tell, self._unfinished = tell, unfinished
        self._known: dict[str, Trace] = {}
        self._weight = 0
        self._waiting: dict[str, Waiting] = {}

    def offer(self, flow: http.HTTPFlow, record: Record) -> None:
        """Publish the record, now or in a moment."""
        try:
            told = self._pair(flow, record)
        except Exception:
            logger.exception("streamwatch could not look for the other side of a hop")
            told = record
        if told is not None:
            self._tell(flow, told)

    def done(self) -> None:
        """Nothing is waited for any more."""
        for name in list(self._waiting):
            self._give_up(name)

    # --- pairing ---

    def _pair(self, flow: http.HTTPFlow, record: Record) -> Record | None:
        """The record, paired if it can be; None if it is to wait."""
        if flow.live and not self._known and not any(place(other) != place(flow) for other in self._unfinished()):
            return record  # one side is all there is
        this = trace(record, place(flow))
        self._remember(this)
        self._answer(this)
        if (found := self._beside(record, this, self._known.values())) is not None:
            return found
        if flow.live and any(_may_follow(other, flow, record) for other in self._unfinished()):
            timer = asyncio.get_running_loop().call_later(PATIENCE, self._give_up, record.id)
            self._waiting[record.id] = Waiting(flow, record, this, timer)
            return None
        return record

    def _beside(self, record: Record, down: Trace, candidates: Iterable[Trace]) -> Record | None:
        pair = partner(down, candidates)
        if pair is None:
            return None
        self._forget(pair.up.record.id)
        return settled(record, passage(pair), pair.up.record.verdict)

    def _answer(self, up: Trace) -> None:
        """Those that wait may have waited for this one."""
        for name, waiting in list(self._waiting.items()):
            if (found := self._beside(waiting.record, waiting.trace, [up])) is not None:
                waiting.timer.cancel()
                del self._waiting[name]
                self._tell(waiting.flow, found)

    def _give_up(self, name: str) -> None:
        if waiting := self._waiting.pop(name, None):
            waiting.timer.cancel()
            self._tell(waiting.flow, waiting.record)

    # --- what is remembered ---

    def _remember(self, each: Trace) -> None:
        self._known[each.record.id] = each
        self._weight += each.weight
        while len(self._known) > MOST or (self._weight > HEAVIEST and len(self._known) > 1):
            self._forget(next(iter(self._known)))

    def _forget(self, name: str) -> None:
        if each := self._known.pop(name, None):
            self._weight -= each.weight


def place(flow: http.HTTPFlow) -> str:
    """Which of mitmproxy's listeners, and which host: the two sides of a hop differ in one of them."""
    return f"{flow.client_conn.sockname} {flow.request.pretty_host}:{flow.request.port}"


def _may_follow(other: http.HTTPFlow, flow: http.HTTPFlow, record: Record) -> bool:
    """It began at another place while this one was under way, with a body of the same size."""
    return (
        place(other) != place(flow)
        and other.request.method == flow.request.method
        and other.request.timestamp_start >= flow.request.timestamp_start
        and len(other.request.raw_content or b"") == record.request.body.size
    )
