"""The addon that watches.  In: mitmproxy's hooks.  Out: records.

Hooks keep nobody waiting: they note and return; bytes are dated (`tap`) and read by the worker (`worker`), which also
makes the record, after the client has been served.  An exchange ends once: its bytes have come with the body's final
``b""`` or ``response``, and it is closed by whichever comes first of the end of its last hook (`chain.FirstAddon`),
``error``, ``websocket_end``, ``client_disconnected`` and ``done``.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from math import inf
from weakref import WeakSet

from mitmproxy import addonmanager, connection, ctx, exceptions, flowfilter, http
from mitmproxy.addonmanager import Loader

from ..model import Outcome, Record, Snapshot
from ..worker.answers import Finished, Part
from . import chain, offline, options
from .budget import MemoryBudget
from .chain import FirstAddon, LastAddon
from .events import publish
from .exchange import Exchange, Shared
from .heartbeat import Heartbeat
from .interference import Interference
from .iterations import LoopIterations
from .mark import mark
from .options import BadOption, Settings
from .pairs import Pairs, location
from .persistent import persistent
from .policy import is_tapped, is_written_at_once, outcome_of, passes_request_through
from .worker.supervisor import WorkerSupervisor

logger = logging.getLogger(__name__)

_BRIEFLY = 1.0
"""Seconds to wait for a record, which takes a few milliseconds unless its worker is in trouble."""


class Watch:
    """Watches every flow that `streamwatch_filter` matches when the head of its request or response has come."""

    name = "streamwatch.watch"

    def __init__(self) -> None:
        self._clock = time.perf_counter
        self._heartbeat = Heartbeat(self._clock, self._send_beats)
        self._settings = Settings()
        self._exchanges: dict[str, Exchange] = {}
        self._ended: dict[str, Exchange] = {}
        """Exchanges that have ended and whose records are awaited."""
        last_addon = LastAddon(self._settled_request, self._settled_response, self._sent_on)
        self._places = FirstAddon(self._recorded, self._over, self.done), last_addon
        self._not_live = WeakSet[http.HTTPFlow]()
        """Flows that no client waits for: read from a file, or killed by a script before ours."""
        self._running = False
        self._budget = MemoryBudget(self._exchanges.values)
        self.pairs = Pairs(self._tell, self.unfinished)
        self.interference = Interference()
        self._iterations = LoopIterations()
        self._supervisor = WorkerSupervisor()
        self._lines: dict[str, Part] = {}

    # --- options ---

    def load(self, loader: Loader) -> None:
        options.declare(loader)
        # Streams outlive a reload of the script: their ends are reported to the new Watch, which finds them here.
        self._exchanges = persistent("in flight", dict)
        self._ended = persistent("ended", dict)
        self._iterations = persistent("turns", LoopIterations)
        chain.enter(*self._places)

    def configure(self, updated: set[str]) -> None:
        if not any(name.startswith("streamwatch_") for name in updated):
            return
        try:
            self._settings = options.settings()
        except BadOption as error:
            if self._running:
                raise exceptions.OptionsError(str(error)) from error
            # At start an OptionsError would be logged with its traceback; a logged error ends mitmproxy as surely.
            logger.error("%s", error)

    def running(self) -> None:
        for name in options.unknown():
            logger.error("%s: there is no such option", name)
        self._running = True
        persistent("frozen", _freeze)
        if ctx.options.rfile is None and ctx.options.server:
            self._supervisor.running_worker()  # the first stream should not have to wait for the worker to start

    # --- the request ---

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        if not flow.live:
            self._not_live.add(flow)
            return
        self._not_live.discard(flow)  # it may be requested again
        if self._wanted(flow):
            self._open(flow)

    def _wanted(self, flow: http.HTTPFlow) -> bool:
        wanted = self._settings.filter
        return wanted is None or bool(flowfilter.match(wanted, flow))

    def _open(self, flow: http.HTTPFlow) -> Exchange | None:
        if (worker := self._supervisor.running_worker()) is None:
            return None
        exchange = Exchange(flow, self._settings, worker, self._shared())
        self._heartbeat.enter()
        self._exchanges[flow.id] = exchange
        self._budget.begin()
        if self._settings.stream_requests and passes_request_through(flow):
            flow.request.stream = exchange.request_tap()
        return exchange

    def _shared(self) -> Shared:
        return Shared(
            self._clock, self.interference, self._iterations, self.pairs.are_expected, self._end, self._publish
        )

    def _send_beats(self, beats: Sequence[tuple[float, float]]) -> None:
        if worker := self._supervisor.latest:
            worker.outbox.call("beats", 0, beats)

    def request(self, flow: http.HTTPFlow) -> None:
        if exchange := self._exchanges.get(flow.id):
            exchange.request_complete()

    def _settled_request(self, flow: http.HTTPFlow) -> None:
        if flow.id not in self._exchanges and not flow.error:
            self.requestheaders(flow)  # that hook was skipped: a script before ours has raised
        if exchange := self._exchanges.get(flow.id):
            exchange.retap_request()

    # --- the response ---

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchanges.get(flow.id)
        if not flow.live or not (exchange or self._wanted(flow)):
            return
        if exchange is None:
            # First of all, so that no error, now or before, leaves the body held back.
            if flow.response and is_tapped(flow, _intent_unknown):
                flow.response.stream = flow.response.stream or True
            exchange = self._begin_late(flow)
        if exchange:
            if flow.response and is_tapped(flow, exchange.wants_stream):
                flow.response.stream = exchange.response_tap()
            exchange.response_head()

    def _begin_late(self, flow: http.HTTPFlow) -> Exchange | None:
        """Open an exchange that the filter matches only now that the response has come, unless its client has left."""
        left = not flow.is_replay and flow.client_conn.state is connection.ConnectionState.CLOSED
        return None if left else self._open(flow)

    def _settled_response(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchanges.get(flow.id)
        if not (exchange and exchange.response_reported) and not flow.error:
            self.responseheaders(flow)  # skipped, as above
        if exchange := self._exchanges.get(flow.id):
            exchange.retap_response()

    def response(self, flow: http.HTTPFlow) -> None:
        if flow in self._not_live or flow.error:  # killed before: mitmproxy tells of it only by its client's end
            self._over(flow)
        elif flow.websocket and flow.id not in self._exchanges and self._wanted(flow):
            self._begin_late(flow)  # only now is it known to be a WebSocket

    def _sent_on(self, flow: http.HTTPFlow, came: float | None) -> None:
        if (exchange := self._exchanges.get(flow.id)) and came is not None:
            exchange.waits.stopped(time.time() - came)

    def client_disconnected(self, client: connection.Client) -> None:
        """End the exchanges of this client whose end mitmproxy itself lost (a TLS alert does that), but no replays."""
        for exchange in list(self._exchanges.values()):
            if exchange.flow.client_conn is client and not exchange.flow.is_replay:
                lost: Outcome = "complete" if exchange.is_passed_on else "client-disconnected"
                exchange.close(outcome_of(exchange.flow) if exchange.flow.error else lost)

    def _over(self, flow: http.HTTPFlow) -> None:
        if exchange := self._exchanges.get(flow.id):
            exchange.close(outcome_of(flow))
        elif flow in self._not_live:
            self._not_live.discard(flow)  # an aborted flow comes by `response` and again by `error`
            if self._wanted(flow):
                record = offline.record(flow, self._settings)
                self._tell(flow, self.pairs.join(record, location(flow)))

    error = websocket_end = _over

    # --- the end ---

    async def _recorded(self, flow: http.HTTPFlow) -> None:
        """Note what has come of an exchange that is over, before other addons change it; they may still decide whether
        the client gets it.  With ``-w`` wait until its record is there; but only briefly if its client waits as well,
        because mitmproxy has buffered the response."""
        exchange = self._exchanges.get(flow.id) or self._ended.get(flow.id)
        if exchange:
            exchange.note_end()
        if exchange and is_written_at_once():
            over = flow.error or flow.websocket or exchange.is_passed_on
            exchange.close(outcome_of(flow))
            with suppress(TimeoutError):
                await asyncio.wait_for(exchange.recorded.wait(), exchange.worker.patience if over else _BRIEFLY)

    def _end(self, exchange: Exchange) -> None:
        """An exchange has been closed: await its record."""
        self._exchanges.pop(exchange.flow.id, None)
        self._heartbeat.leave()
        self._ended[exchange.flow.id] = exchange

    def _publish(self, exchange: Exchange, finished: Finished | None) -> None:
        self._ended.pop(exchange.flow.id, None)
        if finished:
            if finished.line:
                self._lines[finished.record.id] = finished.line
            self.pairs.offer(exchange.flow, finished.record, finished.digests)

    def _tell(self, flow: http.HTTPFlow, record: Record) -> None:
        """Put the verdict on the flow, and publish the record."""
        with addonmanager.safecall():
            mark(flow, record)
        publish(record)
        self._lines.pop(record.id, None)

    def line(self, record: Record) -> Part | None:
        """The record as a line of JSON, if the worker has made one and nothing was added to the record since."""
        line = self._lines.pop(record.id, None)
        return None if record.hop else line

    def unpublished(self) -> set[str]:
        """Ids of the exchanges that have ended and are not published yet; the caller waits for them, so their calls to
        the worker are sent now."""
        for worker in {exchange.worker for exchange in self._ended.values()}:
            worker.outbox.flush_soon()
        return {*self._ended, *self.pairs.waiting}

    def unfinished(self) -> Iterator[http.HTTPFlow]:
        for exchange in (*self._exchanges.values(), *self._ended.values()):
            yield exchange.flow

    def done(self) -> None:
        """The proxy stops, or only the script is reloaded: then exchanges in flight are not cut, and others are not
        waited for long.  When the proxy stops this is called twice: ahead of all addons, and in this addon's place.
        """
        chain.leave(*self._places)
        for exchange in self._exchanges.values():
            exchange.is_detached = True
        workers = {exchange.worker for exchange in (*self._exchanges.values(), *self._ended.values())}
        if stops := ctx.master.should_exit.is_set():
            for exchange in list(self._exchanges.values()):
                exchange.close("error", "proxy stopped")
            self._heartbeat.stop()
            self._budget.end()
        for worker in workers | ({self._supervisor.latest} if self._supervisor.latest else set()):
            worker.finish(inf if stops else _BRIEFLY)
            worker.retire()

    def request_snapshots(self, most: int, show: Callable[[Sequence[Snapshot], int], None]) -> None:
        """Call `show` with snapshots of the `most` oldest exchanges in flight, and with the number of the others:
        looking at all of them costs too much."""
        oldest = list(islice(self._exchanges.values(), most))
        more = len(self._exchanges) - len(oldest)
        if not oldest:
            show((), 0)
            return
        worker = oldest[0].worker
        wanted = [exchange.snapshot_request() for exchange in oldest if exchange.worker is worker]
        worker.request_snapshots(wanted, lambda in_flight: show(in_flight.snapshots, more))


def _intent_unknown() -> None:
    """Stands for `Exchange.wants_stream` where the request is not known."""


def _freeze() -> bool:
    """Exempt the objects that mitmproxy is made of from garbage collection: searching them pauses every stream for many
    milliseconds."""
    gc.freeze()
    return True
