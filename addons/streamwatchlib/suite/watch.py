"""The addon that watches: mitmproxy's hooks in, records out.

Hooks keep no one waiting: they stamp, note and return; bytes are read when the event loop comes round (`tap`), a
record is made after its client has been served.  An exchange ends once, by whichever comes first of the body's
final ``b""``, ``response``, ``error``, ``client_disconnected`` and ``done``.
"""

from __future__ import annotations

import gc
import logging
import time
from asyncio import Future
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from mitmproxy import addonmanager, connection, ctx, exceptions, flowfilter, http
from mitmproxy.addonmanager import Loader

from ..model import Outcome, Record, Snapshot
from . import offline, options
from .aside import Aside
from .backlog import Backlog, Job
from .budget import Budget
from .carried import carried
from .events import publish
from .exchange import Exchange
from .heartbeat import Heartbeat
from .innocence import Innocence
from .mark import mark
from .options import BadOption, Settings
from .pairs import Pairs
from .policy import is_tapped, outcome_of, passes_request_through
from .turns import Turns

logger = logging.getLogger(__name__)

_HEAVY = 128 << 10
"""Bytes of bodies from which on a record is made in a thread: below, each step takes a few milliseconds at most."""
_MOST = 100
"""Exchanges that may wait for their records: what ends then has its record made at once, which slows the traffic."""


class Watch:
    """Watches every flow that `streamwatch_filter` lets through."""

    name = "streamwatch.watch"  # mitmproxy has addons of its own called by plain words

    def __init__(self, aside: Aside, clock: Callable[[], float] = time.perf_counter) -> None:
        self._aside = aside
        self._clock = clock
        self._heartbeat = Heartbeat(clock)
        self._settings = Settings()
        self._exchanges: dict[str, Exchange] = {}
        self._ended: dict[Exchange, Future[Record] | None] = {}
        self._from_file: str | None = None
        self._running = False
        self._budget = Budget(self._exchanges.values)
        self.pairs = Pairs(_tell, self._unfinished)
        self.innocence = Innocence()
        self._backlog = Backlog(clock, self.innocence.kept)
        self._turns = Turns()

    # --- options ---

    def load(self, loader: Loader) -> None:
        options.declare(loader)
        # Streams outlive a reload of the script: their ends are reported to the new Watch, which finds them here.
        self._exchanges = carried("in flight", dict)
        self._turns = carried("turns", Turns)

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
        self._running = True
        carried("frozen", _freeze)

    # --- the request ---

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self._from_file = None if flow.live else flow.id
        if flow.live and self._wanted(flow):
            self._open(flow)

    def _wanted(self, flow: http.HTTPFlow) -> bool:
        wanted = self._settings.filter
        return wanted is None or bool(flowfilter.match(wanted, flow))

    def _open(self, flow: http.HTTPFlow) -> None:
        exchange = Exchange(
            flow,
            self._settings,
            self._clock,
            self._heartbeat,
            self.innocence,
            self._backlog,
            self._turns,
            self._finish,
        )
        self._exchanges[flow.id] = exchange
        self._budget.begin()
        if self._settings.stream_requests and passes_request_through(flow):
            flow.request.stream = exchange.request_tap()

    def request(self, flow: http.HTTPFlow) -> None:
        if exchange := self._exchanges.get(flow.id):
            exchange.request_complete()

    # --- the response ---

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if not flow.live or not self._wanted(flow):
            return
        exchange = self._exchanges.get(flow.id)
        # First of all, so that nothing that goes wrong later (or went wrong before) leaves the body held back.
        if flow.response and is_tapped(flow, asked=exchange.asked if exchange else None):
            flow.response.stream = exchange.response_tap() if exchange else flow.response.stream or True
        if exchange:
            exchange.response_head()

    def response(self, flow: http.HTTPFlow) -> None:
        if flow.websocket is None or flow.id == self._from_file:
            self._settle(flow, "complete")

    def error(self, flow: http.HTTPFlow) -> None:
        self._settle(flow, outcome_of(flow))

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        self._settle(flow, outcome_of(flow))

    def client_disconnected(self, client: connection.Client) -> None:
        """An exchange whose end mitmproxy itself lost (a TLS alert does that) ends with its client's connection."""
        for exchange in [exchange for exchange in self._exchanges.values() if exchange.flow.client_conn is client]:
            exchange.settle("client-disconnected")

    def _settle(self, flow: http.HTTPFlow, outcome: Outcome) -> None:
        if exchange := self._exchanges.get(flow.id):
            exchange.settle(outcome_of(flow) if flow.error else outcome)
        elif flow.id == self._from_file:
            self._from_file = None  # an aborted flow comes by `response` and again by `error`
            if self._wanted(flow):
                self.pairs.offer(flow, offline.record(flow, self._settings), live=False)

    # --- the end ---

    def _finish(self, exchange: Exchange) -> None:
        """An exchange has been settled: make its record once its client has been served."""
        self._exchanges.pop(exchange.flow.id, None)
        self._heartbeat.leave()
        self._ended[exchange] = None
        self._backlog.add(self._making(exchange))

    def _making(self, exchange: Exchange) -> Job:
        yield from exchange.reading()
        if exchange.weight > _HEAVY and len(self._ended) < _MOST:
            self._ended[exchange] = future = self._aside.do(exchange.make)
            future.add_done_callback(lambda _: self._publish(exchange))
        else:
            with suppress(Exception):  # it is raised again, and told of, where the record is asked for
                yield from exchange.making()
            self._publish(exchange)

    def _publish(self, exchange: Exchange) -> None:
        if self._ended.pop(exchange, False) is False:
            return  # `done` was quicker
        try:
            record = exchange.make()
            exchange.store()
        except Exception:
            logger.exception("streamwatch could not make a record of %s (the traffic was not touched)", exchange.name)
        else:
            self.pairs.offer(exchange.flow, record, live=True)

    def _unfinished(self) -> Iterator[http.HTTPFlow]:
        for exchange in (*self._exchanges.values(), *self._ended):
            yield exchange.flow

    def done(self) -> None:
        """The proxy stops, or only the script is loaded anew: then what is in flight goes on and is not cut here."""
        if ctx.master.should_exit.is_set():
            for exchange in list(self._exchanges.values()):
                exchange.settle("error", "proxy stopped")
            self._heartbeat.stop()
            self._budget.end()
        self._backlog.finish()
        for exchange in list(self._ended):
            self._publish(exchange)

    def snapshots(self, most: int) -> tuple[Sequence[Snapshot], int]:
        """The oldest exchanges in flight, as they stand now, and how many more there are: to look at all is dear."""
        self._backlog.read()
        oldest = islice(self._exchanges.values(), most)
        return [exchange.snapshot() for exchange in oldest], max(0, len(self._exchanges) - most)


def _freeze() -> bool:
    """What mitmproxy is made of stays: Python need not look through it each time that it looks for garbage, a pause of
    many milliseconds for every stream."""
    gc.freeze()
    return True


def _tell(flow: http.HTTPFlow, record: Record) -> None:
    """Put what was concluded on the flow, and hand the record to all who listen."""
    with addonmanager.safecall():
        mark(flow, record)
    publish(record)
