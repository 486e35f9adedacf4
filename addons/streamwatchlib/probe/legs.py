"""The legs: the ways in which one request is sent.

In: a `ProbeRequest`, the user's request.  Out: a `Leg` for each way, in the order in which they are tried.  Two legs
differ in one thing, so that a difference between their responses has one cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..model import Headers, Record

Route = Literal["direct", "upstream", "proxy", "watched"]


class ProbeRequest(NamedTuple):
    """The request, and what the ways to send it depend on."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    upstream: str | None = None
    """URL of the model's server itself, behind the hops."""
    proxy: str | None = None
    """The proxy that the application uses."""
    insecure: bool = False
    timeout: float = 120.0
    """Seconds without a byte after which a leg is given up."""


class Leg(NamedTuple):
    name: str
    route: Route = "direct"
    http2: bool = False
    encoding: str | None = None
    """Accept-Encoding; None: not sent."""
    at_end: bool = False
    """The response is only read once all of it has come."""


class LegResult(NamedTuple):
    """How a leg went."""

    leg: Leg
    record: Record
    """As the client saw it."""
    proxy_record: Record | None = None
    """As the mitmdump on the way saw it, if there was one."""


DIRECT = Leg("direct")
ENCODED = Leg("direct, compression accepted", encoding="gzip, deflate, br, zstd")
HTTP2 = Leg("direct, HTTP/2", http2=True)
UPSTREAM = Leg("the server itself", route="upstream")
PROXY = Leg("through the proxy", route="proxy")
WATCHED = Leg("through streamwatch", route="watched")
AT_END = Leg("through streamwatch, read at its end", route="watched", at_end=True)
MITMDUMP_LEGS = (WATCHED, AT_END)
"""The legs through a mitmdump, tried last: if nobody answers, or the request is refused, it need not be started."""


def legs(probe_request: ProbeRequest) -> Iterator[Leg]:
    """Yield the legs before `MITMDUMP_LEGS`."""
    yield DIRECT
    yield ENCODED
    if probe_request.url.startswith("https:"):  # HTTP/2 is negotiated by TLS (ALPN)
        yield HTTP2
    if probe_request.upstream:
        yield UPSTREAM
    if probe_request.proxy:
        yield PROXY
