"""An exchange that ended early, just when a common time limit would end it -> whose limit that may be.

In: `Signals` of an exchange that broke off, or that a gateway gave up.  Out: a clause; empty if it ended at no such
time.  One row a timeout, with its default.  That the time fits proves nothing, and nothing more is said.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..model import SWITCHING_PROTOCOLS, Signals
from ..units import seconds

EARLY = 0.3
"""Seconds by which an end seen here may precede a limit that somebody else counts from another moment."""
LATE = {"client": 1.0, "server": 1.5}
"""Seconds by which an end may exceed a limit, by who ends it: some count to the full second, Envoy adds one."""
GATEWAY_FAILURES = frozenset({408, 502, 503, 504, 524})
"""Statuses of a gateway that waited for an answer in vain."""
_DEFAULT = ", the default of "


class Timeout(NamedTuple):
    seconds: float
    kind: Literal["total", "idle"]
    side: Literal["client", "server"]
    """Who ends the exchange; whatever is upstream of this proxy is a server."""
    owner: str


TIMEOUTS: tuple[Timeout, ...] = (
    Timeout(15, "total", "server", "Envoy's route `timeout`"),
    Timeout(29, "total", "server", "AWS API Gateway's integration timeout"),
    Timeout(
        30,
        "total",
        "server",
        "gunicorn's `--timeout`, `spring.mvc.async.request-timeout` on Tomcat, or `timeoutSec` of a Google Cloud load "
        "balancer",
    ),
    Timeout(300, "total", "server", "Cloud Run's request timeout, or `maxDuration` of a Vercel function"),
    Timeout(
        30,
        "idle",
        "server",
        "CloudFront's response timeout of an origin, `haproxy.router.openshift.io/timeout`, or Heroku's router at "
        "first",
    ),
    Timeout(50, "idle", "server", "`timeout server` of HAProxy as Debian configures it"),
    Timeout(55, "idle", "server", "Heroku's router from then on"),
    Timeout(
        60,
        "idle",
        "server",
        "`proxy_read_timeout` of nginx, `ProxyTimeout` of Apache, `between_bytes_timeout` of Varnish, `read_timeout` "
        "of Kong, or an AWS load balancer's idle timeout",
    ),
    Timeout(120, "idle", "server", "Cloudflare's proxy read timeout"),
    Timeout(230, "idle", "server", "Azure App Service's front end"),
    Timeout(300, "idle", "server", "Envoy's `stream_idle_timeout`"),
    Timeout(100, "total", "client", ".NET's `HttpClient.Timeout`"),
    Timeout(300, "total", "client", "aiohttp's `ClientTimeout`"),
    Timeout(5, "idle", "client", "httpx's `timeout`"),
    Timeout(10, "idle", "client", "OkHttp's `readTimeout`"),
    Timeout(60, "idle", "client", "`read_timeout` of Ruby's Net::HTTP"),
    Timeout(300, "idle", "client", "`bodyTimeout` and `headersTimeout` of Node's fetch (undici)"),
    Timeout(600, "idle", "client", "`timeout` of the OpenAI and Anthropic SDKs, or mitmproxy's `tcp_timeout`"),
)


class _Ended(NamedTuple):
    """How an exchange ended early."""

    total: float
    """Seconds from the request's end."""
    idle: float
    """Seconds from the last arrival of the answer; from the request's end if nothing arrived."""
    side: str


def timeout_clause(signals: Signals) -> str:
    """A clause that names whose default the end fits; empty if none."""
    if (ended := _ended(signals)) is None:
        return ""
    fitting = [each for each in TIMEOUTS if _fits(each, ended)]
    owners = ", or ".join([each.owner for each in fitting])
    return f"; it ended {_when(ended, fitting[0])}{_DEFAULT}{owners}" if fitting else ""


def _when(ended: _Ended, first: Timeout) -> str:
    """When it ended, as the limit counts; if nothing arrived, from the request: the same, and easier to find."""
    if first.kind == "idle" and ended.idle < ended.total:
        return f"{seconds(ended.idle)} after the last byte"
    return f"{seconds(ended.total)} after the request"


def mentions_timeout(summary: str) -> bool:
    """The summary of a verdict has such a clause."""
    return _DEFAULT in summary


def _fits(row: Timeout, ended: _Ended) -> bool:
    lasted = ended.total if row.kind == "total" else ended.idle
    return row.side == ended.side and -EARLY <= lasted - row.seconds <= LATE[row.side]


def _ended(signals: Signals) -> _Ended | None:
    """How the exchange ended early; None if it came to its end, or nobody saw when."""
    start, came = signals.request_end or 0.0, signals.response_start
    if signals.outcome == "complete":
        if came is None or signals.status not in GATEWAY_FAILURES:
            return None
        return _Ended(came - start, came - start, "server")
    left = signals.outcome == "client-disconnected"
    if signals.end is None or not signals.recorded:
        return None
    if left and signals.status == SWITCHING_PROTOCOLS:  # the limits of HTTP clients do not apply to a WebSocket
        return None
    last = max((start, came or 0.0, *(arrival.t for arrival in signals.arrivals[-1:])))
    return _Ended(signals.end - start, signals.end - last, "client" if left else "server")
