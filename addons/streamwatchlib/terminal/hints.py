"""Why nothing may have been captured, and what to do.

In: counts and options.  Out: sentences.  Never here: mitmproxy, printing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class TrafficCounts:
    """What passed that did not become a record."""

    connections: int = 0
    """Clients that connected."""
    tls_failures: int = 0
    """TLS handshakes that clients broke off."""
    requests: int = 0
    upstream_error: str | None = None
    """Why a server could not be reached, the last time."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How mitmproxy was started."""

    from_file: bool
    address: str
    """``host:port`` that it listens at."""
    modes: Sequence[str]
    ca: str
    """Path of mitmproxy's CA certificate."""
    filter: str | None
    """``streamwatch_filter``."""


def hints(counts: TrafficCounts, setup: Setup) -> Iterator[str]:
    """The likeliest reasons first, each with its remedy."""
    if setup.filter and (counts.requests or setup.from_file):
        yield f"streamwatch_filter ({setup.filter}) matched none of the flows."
    elif setup.from_file:
        yield "No HTTP flow was read from the file."
    if setup.from_file or counts.requests:
        return
    if counts.tls_failures:
        yield (
            f"TLS handshakes were broken off ({counts.tls_failures}): the client does not trust mitmproxy's "
            f"certificate authority. Point SSL_CERT_FILE (openai, httpx), REQUESTS_CA_BUNDLE (requests) or "
            f"NODE_EXTRA_CA_CERTS (Node.js) at {setup.ca}."
        )
    elif counts.upstream_error:
        yield (
            f"The server could not be reached: {counts.upstream_error}. In reverse mode mitmproxy connects before it "
            f"reads a request, and hangs up if it can't; with --set connection_strategy=lazy the client gets a 502, "
            f"and the exchange is recorded."
        )
    elif counts.connections:
        yield f"Clients connected ({counts.connections}), but none sent an HTTP request."
    else:
        yield from _unused(setup)


def _unused(setup: Setup) -> Iterator[str]:
    yield "No client connected."
    if any(mode.startswith("reverse:") for mode in setup.modes):
        yield (
            f"Reverse mode: the client's base URL must point at http://{setup.address} and keep its path, "
            f"as in OPENAI_BASE_URL=http://{setup.address}/v1 or OLLAMA_HOST=http://{setup.address}."
        )
    if "regular" in {mode.partition("@")[0] for mode in setup.modes}:
        yield (
            f"Regular mode: the client must use the proxy, as with HTTPS_PROXY=http://{setup.address} and "
            f"HTTP_PROXY=http://{setup.address}; hosts in NO_PROXY, often including localhost, bypass it."
        )
