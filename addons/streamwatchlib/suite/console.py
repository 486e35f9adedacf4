"""The addon that prints to the terminal: a line per exchange, the streams in flight below, a summary at the end.

In: records, by the event ``streamwatch_record``, and snapshots, which it asks for while something is in flight.  Out:
whether and when anything is printed; in mitmproxy's console UI and in mitmweb nothing is.  Never here: what it looks
like and how it shares the terminal with mitmdump's own output, both in `terminal`.

No exception may leave this addon.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, TextIO

from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import Client
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import TlsData

from ..model import Record, Snapshot
from ..terminal.hints import Setup, TrafficCounts
from ..terminal.region import Region
from ..terminal.totals import Totals

if TYPE_CHECKING:
    from ..terminal.view import View

logger = logging.getLogger(__name__)

_PERIOD = 0.2
"""Seconds between two drawings."""
_SHARE = 0.018
"""Share of a core that drawing may take: where it costs more, with hundreds of streams, it is done less often."""
_PATIENCE = 0.3
"""Seconds that an exchange is in flight before it is shown: most are over by then, and rows would only flash."""


def _guarded[**P](hook: Callable[Concatenate[Console, P], None]) -> Callable[Concatenate[Console, P], None]:
    """Catch what `hook` raises, which costs no more than what it would have shown; the first error is logged."""

    @functools.wraps(hook)
    def guarded(self: Console, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(self, *args, **kwargs)
        except OSError:
            # the terminal is gone: mitmproxy would fail to log that, too, and exit before all is recorded
            self._view = None
        except Exception:
            if not self._failed:
                logger.warning("streamwatch cannot show everything here; the recording is complete", exc_info=True)
            self._failed = True
            with suppress(Exception):
                self._clear()  # rows that are no longer updated would be wrong

    return guarded


class Console:
    """Shows in mitmdump what is recorded."""

    def __init__(
        self,
        request_snapshots: Callable[[int, Callable[[Sequence[Snapshot], int], None]], None],
        totals: Totals,
        remarks: Callable[[], Iterable[str]] = tuple,
        out: TextIO | None = None,
    ) -> None:
        self._request_snapshots, self._totals, self._remarks = request_snapshots, totals, remarks
        self._out = out
        self._view: View | None = None
        self._region: Region | None = None
        self._borrowed: list[tuple[Any, str, Any]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._traffic_counts = TrafficCounts()
        self._setup: Setup | None = None
        self._failed = False

    # --- start and end ---

    def load(self, _: Loader) -> None:
        """Import what drawing needs, so that the first stream does not wait for it."""
        if ctx.master.addons.get("dumper"):
            with suppress(ImportError):
                from ..terminal import view  # noqa: F401 - `running` takes it from what is imported

    @_guarded
    def running(self) -> None:
        """Begin to show, if this is mitmdump, which alone has a dumper: the other two have screens of their own."""
        if ctx.master.addons.get("dumper") is None:
            return
        try:
            from ..terminal.view import View
        except ImportError as error:
            logger.warning("streamwatch records, but shows nothing here: %s (mitmproxy from PyPI has it)", error)
            return
        out = self._out or sys.stdout
        if out.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
            self._region = Region(out, asyncio.get_running_loop().call_soon_threadsafe)
            self._borrow(self._region)
        self._view = View(self._region or out)
        self._setup = _setup()
        self._wake(_PATIENCE)  # streams outlive a reload of the script

    def _borrow(self, region: Region) -> None:
        """Make all that prints to the terminal print above the rows: it took its streams before this was loaded."""
        termlog = ctx.master.addons.get("termlog")
        places = [(ctx.master.addons.get("dumper"), "outfp"), (sys, "stdout"), (sys, "stderr")]
        places += [(termlog.logger, "file")] if termlog else []
        for holder, name in places:
            stream = getattr(holder, name)
            if stream.isatty():
                self._borrowed.append((holder, name, stream))
                setattr(holder, name, region)

    @_guarded
    def done(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._clear()
        for holder, name, stream in self._borrowed:
            if getattr(holder, name) is self._region:
                setattr(holder, name, stream)
        self._borrowed.clear()
        ends = self._totals or ctx.master.should_exit.is_set()  # else this is a reload, and traffic may still come
        if self._view and self._setup and ends:
            self._view.end(self._totals, self._traffic_counts, self._setup, self._remarks())
        self._view = None  # snapshots may still come, but the next load of the script draws now

    # --- what is shown ---

    @_guarded
    def streamwatch_record(self, record: Record) -> None:
        if self._view:
            self._view.exchange(record)

    @_guarded
    def _refresh(self) -> None:
        """Ask for snapshots of what is in flight, to draw them."""
        self._timer = None
        if self._view:
            self._request_snapshots(self._view.max_streams, self._draw)

    @_guarded
    def _draw(self, snapshots: Sequence[Snapshot], more: int) -> None:
        """Draw what is in flight and schedule the next drawing; if nothing is, remove the rows and stop."""
        if self._view is None:
            return
        began = time.thread_time()
        self._view.in_flight([snapshot for snapshot in snapshots if snapshot.age >= _PATIENCE], more)
        if snapshots:
            cost = time.thread_time() - began
            self._wake(max(_PERIOD, cost / _SHARE))

    def _clear(self) -> None:
        if self._region:
            self._region.draw(())

    def _wake(self, delay: float) -> None:
        if self._region and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(delay, self._refresh)

    # --- traffic, which starts the rows and is counted for the hints ---

    @_guarded
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self._traffic_counts.requests += 1
        if flow.live:
            self._wake(_PATIENCE)

    @_guarded
    def client_connected(self, client: Client) -> None:
        self._traffic_counts.connections += 1

    @_guarded
    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        self._traffic_counts.upstream_error = data.server.error

    @_guarded
    def tls_failed_client(self, data: TlsData) -> None:
        self._traffic_counts.tls_failures += 1


def _setup() -> Setup:
    """How mitmproxy was started, as far as it may explain why no traffic comes."""
    proxyserver = ctx.master.addons.get("proxyserver")
    addresses = proxyserver.listen_addrs() if isinstance(proxyserver, Proxyserver) else []
    host, port = addresses[0][:2] if addresses else ("", ctx.options.listen_port or 8080)
    return Setup(
        from_file=ctx.options.rfile is not None,
        address=f"{'localhost' if host in ('', '0.0.0.0', '::') else host}:{port}",
        modes=ctx.options.mode,
        ca=str(Path(ctx.options.confdir).expanduser() / "mitmproxy-ca-cert.pem"),
        filter=ctx.options.streamwatch_filter if "streamwatch_filter" in ctx.options else None,
    )
