"""Two listeners around a hop: finds the two exchanges of one request, and records downstream what the hop did.

In: each finished record with its flow, before it is published.  Out: the same, to be published; a record from
downstream of a hop with what the hop did.  The exchange upstream normally ends first; if not (the client left, or a
long response takes time to be read), the record downstream waits for it a moment.  The traffic never waits.

A client that sends one request to two servers at a time must not be taken for a hop between them: hops change the head
of a request, or pass it on with the host name that it was sent to.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from math import inf
from typing import NamedTuple
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.proxy.layer import NextLayer

from ..compare.digests import Digests
from ..compare.fingerprint import Fingerprint, fingerprint
from ..compare.links import Link
from ..compare.matching import find_upstream
from ..compare.passage import passage
from ..compare.revise import revised
from ..model import Headers, Record

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a record waits for its counterpart upstream, if a candidate is still in flight."""
MAX_KNOWN = 256
"""Exchanges among which a counterpart is looked for: the latest ..."""
MAX_WEIGHT = 2_000_000
"""... and no more than hold so many numbers together (about 60 MB)."""
MAX_CLIENTS = 1000
"""Connections whose `Location.client_host` is remembered."""
_CLIENT_HOST = "streamwatch_called"
"""Key of `flow.metadata`: `Location.client_host`, which is nowhere else in a stored flow."""
_MAX_PLACES = 100
"""Places that are remembered: it only matters whether there is more than one."""
_WITHOUT = "streamwatch could not look for the other side of a hop"
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r\n]+)", re.IGNORECASE)


class Location(NamedTuple):
    """Where an exchange was seen."""

    place: str
    """`place` of its flow."""
    server_host: str | None
    """The host that mitmproxy asked for."""
    client_host: str | None
    """The host that the client had asked for; None if the beginning of its connection was not seen."""


class Side(NamedTuple):
    """One exchange, which may be one of a hop's two sides."""

    fingerprint: Fingerprint
    location: Location
    head: tuple[str, Headers]
    """The request's version and headers, without the host."""

    def is_of_one_client(self, other: Side) -> bool:
        """Return whether one client sent both requests: they are the same to the last header.

        Unless a hop passed on the bytes unchanged: then this one asked for the host that `other` was sent on to.
        """
        return self.head == other.head and (
            self.location.client_host is None or self.location.client_host != other.location.server_host
        )


class Waiting(NamedTuple):
    flow: http.HTTPFlow
    record: Record
    side: Side
    below: Side | None
    """The other side of the hop downstream of this one: if a hop takes no time, that looks like upstream, too."""


class Pairs:
    """`tell` publishes a record; `unfinished` gives the flows whose records have not been offered yet."""

    name = "streamwatch.pairs"

    def __init__(
        self, tell: Callable[[http.HTTPFlow, Record], None], unfinished: Callable[[], Iterable[http.HTTPFlow]]
    ) -> None:
        self._tell, self._unfinished = tell, unfinished
        self._known: dict[str, Side] = {}
        self._weight = 0
        self._waiting: dict[str, Waiting] = {}
        self._client_hosts: dict[str, str] = {}
        self._everywhere: set[str] = set()
        """Places of all requests so far, but for those over the limit."""
        self._places: WeakKeyDictionary[http.HTTPFlow, str] = WeakKeyDictionary()

    # --- mitmproxy's hooks ---

    def next_layer(self, layer: NextLayer) -> None:
        """Remember the host in a connection's first request: in reverse mode mitmproxy replaces it by its own."""
        if found := _HOST.search(layer.data_client()):
            self._client_hosts[layer.context.client.id] = found[1].decode("latin-1").strip()
            if len(self._client_hosts) > MAX_CLIENTS:
                del self._client_hosts[next(iter(self._client_hosts))]

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Remember the request's place: with one listener and one host, as most proxies have, there is no hop."""
        if not self._everywhere:  # streams outlive a reload of the script
            self._everywhere = {place(other) for other in self._unfinished()}
        if len(self._everywhere) < _MAX_PLACES:
            self._everywhere.add(place(flow))

    @property
    def waiting(self) -> Iterable[str]:
        """Ids of the records that wait to be published."""
        return self._waiting.keys()

    def done(self) -> None:
        """Publish all that waits."""
        for name in list(self._waiting):
            self._give_up(name)

    # --- pairing ---

    def are_expected(self) -> bool:
        """Return whether more than one place is watched."""
        return len(self._everywhere) > 1

    def offer(self, flow: http.HTTPFlow, record: Record, digests: Digests | None = None) -> None:
        """Publish the record, now or in a moment; `digests`: the digests of its texts, if they have been made
        already."""
        try:
            paired = self._pair(flow, record, digests)
        except Exception:
            logger.exception(_WITHOUT)
            paired = record
        if paired is not None:
            self._tell(flow, paired)

    def _pair(self, flow: http.HTTPFlow, record: Record, digests: Digests | None) -> Record | None:
        """Return the record, paired if possible; None if it is to wait."""
        here = self._place(flow)
        if not self._known and self._is_everywhere(here):
            return record  # there is no other side
        if client_host := self._client_hosts.get(flow.client_conn.id):
            flow.metadata[_CLIENT_HOST] = client_host
        this = _side(record, Location(here, flow.request.host_header, client_host), digests)
        self._remember(this)
        waiting = Waiting(flow, record, this, self._answer(this))
        found = self._partner(this, waiting.below)
        if not (found and found.exact) and any(self._may_follow(other, this) for other in self._unfinished()):
            asyncio.get_running_loop().call_later(PATIENCE, self._give_up, record.id)
            self._waiting[record.id] = waiting
            return None
        return self._paired(record, found)

    def join(self, record: Record, location: Location, digests: Digests | None = None) -> Record:
        """Return a record that was read from a file, paired if possible without waiting; `digests` as for `offer`."""
        try:
            this = _side(record, location, digests)
            self._remember(this)
            return self._paired(record, self._partner(this))
        except Exception:
            logger.exception(_WITHOUT)
            return record

    def _is_everywhere(self, here: str) -> bool:
        return self._everywhere == {here} or all(self._place(other) == here for other in self._unfinished())

    def _partner(self, down: Side, below: Side | None = None) -> Link | None:
        """The likeliest counterpart upstream among the known exchanges."""
        elsewhere = (up for up in self._known.values() if up.fingerprint.place != down.fingerprint.place)
        others = (up for up in elsewhere if up is not below and not up.is_of_one_client(down))
        return find_upstream(down.fingerprint, [up.fingerprint for up in others])

    def _paired(self, record: Record, pair: Link | None) -> Record:
        if pair is None:
            return record
        self._forget(pair.up.record.id)
        return revised(record, passage(pair), pair.up.record)

    def _answer(self, up: Side) -> Side | None:
        """Publish the record that waited for just this one; of several, that whose response followed most closely."""
        links = (
            found
            for waiting in self._waiting.values()
            if not up.is_of_one_client(waiting.side)
            and (found := find_upstream(waiting.side.fingerprint, [up.fingerprint]))
        )
        pair = min((found for found in links if found.exact), key=lambda found: found.high, default=None)
        if pair is None:
            return None
        waiting = self._waiting.pop(pair.down.record.id)
        self._tell(waiting.flow, self._paired(waiting.record, pair))
        return waiting.side

    def _give_up(self, name: str) -> None:
        """Publish a waiting record, paired with the likeliest counterpart known."""
        if waiting := self._waiting.pop(name, None):
            self._tell(waiting.flow, self._paired(waiting.record, self._partner(waiting.side, waiting.below)))

    def _may_follow(self, other: http.HTTPFlow, side: Side) -> bool:
        """Return whether `other` began elsewhere while `side` was under way, with the same method and body size."""
        request, end = side.fingerprint.record.request, side.fingerprint.record.timing.end
        began = other.request.timestamp_start - side.fingerprint.epoch
        return (
            self._place(other) != side.fingerprint.place
            and other.request.method == request.method
            and 0 <= began <= (inf if end is None else end)
            and len(other.request.raw_content or b"") == request.body.size
        )

    def _place(self, flow: http.HTTPFlow) -> str:
        """`place`, cached: mitmproxy parses the Host header each time, and all flows are compared at each end."""
        found = self._places.get(flow)
        if found is None:
            found = self._places[flow] = place(flow)
        return found

    # --- what is remembered ---

    def _remember(self, each: Side) -> None:
        self._known[each.fingerprint.record.id] = each
        self._weight += each.fingerprint.weight
        while len(self._known) > MAX_KNOWN or (self._weight > MAX_WEIGHT and len(self._known) > 1):
            self._forget(next(iter(self._known)))

    def _forget(self, name: str) -> None:
        if each := self._known.pop(name, None):
            self._weight -= each.fingerprint.weight


def _side(record: Record, location: Location, digests: Digests | None) -> Side:
    return Side(fingerprint(record, location.place, digests), location, _head(record))


def _head(record: Record) -> tuple[str, Headers]:
    request = record.request
    return request.http_version, tuple(header for header in request.headers if header[0].lower() != "host")


def location(flow: http.HTTPFlow) -> Location:
    """`Location` of a flow from a file, whose metadata may hold anything."""
    client_host = flow.metadata.get(_CLIENT_HOST)
    return Location(place(flow), flow.request.host_header, client_host if isinstance(client_host, str) else None)


def place(flow: http.HTTPFlow) -> str:
    """mitmproxy's listener and the host of a flow: the two sides of a hop differ in one of them."""
    return f"{flow.client_conn.sockname} {flow.request.pretty_host}:{flow.request.port}"
