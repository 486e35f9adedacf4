"""The ways in which one request is asked.

In: what the user wants asked.  Out: a `Leg` for each way, in the order they are gone.  Two legs differ in one thing,
so that what differs between their answers has one cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..model import Headers, Record

Route = Literal["direct", "upstream", "proxy", "watched"]


class Question(NamedTuple):
    """The request, and which ways there are."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    upstream: str | None = None
    """Where the model's server itself can be asked, behind the hops."""
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
    """Nothing is looked at before all has come."""


class Went(NamedTuple):
    """How a leg went."""

    leg: Leg
    record: Record
    """As the client saw it."""
    seen: Record | None = None
    """As the mitmdump on the way saw it, where there was one."""


DIRECT = Leg("direct")
ENCODED = Leg("direct, compression accepted", encoding="gzip, deflate, br, zstd")
HTTP2 = Leg("direct, HTTP/2", http2=True)
UPSTREAM = Leg("the server itself", route="upstream")
PROXY = Leg("through the proxy", route="proxy")
WATCHED = Leg("through streamwatch", route="watched")
AT_END = Leg("through streamwatch, read at its end", route="watched", at_end=True)
BESIDE = (WATCHED, AT_END)
"""Gone last: where nobody answers, or only to refuse, no mitmdump need be started."""


def legs(question: Question) -> Iterator[Leg]:
    """Those before `BESIDE`."""
    yield DIRECT
    yield ENCODED
    if question.url.startswith("https:"):  # without TLS there is nothing that HTTP/2 could be agreed on by
        yield HTTP2
    if question.upstream:
        yield UPSTREAM
    if question.proxy:
        yield PROXY
