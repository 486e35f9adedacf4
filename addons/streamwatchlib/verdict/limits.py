"""An exchange that ended early, just when a common time limit would end it -> whose limit that may be.

In: `Signals` of an exchange that broke off, or that a gateway gave up.  Out: a clause; empty if it ended at no such
time.  One row a limit, with its default.  That the time fits proves nothing, and nothing more is said.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..model import SWITCHING_PROTOCOLS, Signals
from ..units import seconds

EARLY = 0.3
"""Seconds by which an end seen here may precede a limit that somebody else counts from another moment."""
LATE = {"client": 1.0, "server": 1.5}
"""Seconds by which an end may exceed a limit, by who ends it: some count to the full second, Envoy adds one."""
GIVEN_UP = frozenset({408, 502, 503, 504, 524})
"""Statuses of a gateway that waited for an answer in vain."""
_DEFAULT = ", the default of "


class Limit(NamedTuple):
    seconds: float
    of: Literal["the whole", "a silence"]
    side: Literal["client", "server"]
    """Who ends the exchange; whatever is upstream of this proxy is a server."""
    whose: str


LIMITS: tuple[Limit, ...] = (
    Limit(15, "the whole", "server", "Envoy's route `timeout`"),
    Limit(29, "the whole", "server", "AWS API Gateway's integration timeout"),
    Limit(
        30,
        "the whole",
        "server",
        "gunicorn's `--timeout`, `spring.mvc.async.request-timeout` on Tomcat, or `timeoutSec` of a Google Cloud load "
        "balancer",
    ),
    Limit(300, "the whole", "server", "Cloud Run's request timeout, or `maxDuration` of a Vercel function"),
    Limit(
        30,
        "a silence",
        "server",
        "CloudFront's response timeout of an origin, `haproxy.router.openshift.io/timeout`, or Heroku's router at "
        "first",
    ),
    Limit(50, "a silence", "server", "`timeout server` of HAProxy as Debian configures it"),
    Limit(55, "a silence", "server", "Heroku's router from then on"),
    Limit(
        60,
        "a silence",
        "server",
        "`proxy_read_timeout` of nginx, `ProxyTimeout` of Apache, `between_bytes_timeout` of Varnish, `read_timeout` "
        "of Kong, or an AWS load balancer's idle timeout",
    ),
    Limit(120, "a silence", "server", "Cloudflare's proxy read timeout"),
    Limit(230, "a silence", "server", "Azure App Service's front end"),
    Limit(300, "a silence", "server", "Envoy's `stream_idle_timeout`"),
    Limit(100, "the whole", "client", ".NET's `HttpClient.Timeout`"),
    Limit(300, "the whole", "client", "aiohttp's `ClientTimeout`"),
    Limit(5, "a silence", "client", "httpx's `timeout`"),
    Limit(10, "a silence", "client", "OkHttp's `readTimeout`"),
    Limit(60, "a silence", "client", "`read_timeout` of Ruby's Net::HTTP"),
    Limit(300, "a silence", "client", "`bodyTimeout` and `headersTimeout` of Node's fetch (undici)"),
    Limit(600, "a silence", "client", "`timeout` of the OpenAI and Anthropic SDKs, or mitmproxy's `tcp_timeout`"),
)


class _Ended(NamedTuple):
    """How an exchange ended early."""

    whole: float
    """Seconds from the request's end."""
    silence: float
    """Seconds from the last arrival of the answer; from the request's end if nothing arrived."""
    side: str


def limit(signals: Signals) -> str:
    """A clause that names whose default the end fits; empty if none."""
    if (ended := _ended(signals)) is None:
        return ""
    fitting = [each for each in LIMITS if _fits(each, ended)]
    whose = ", or ".join([each.whose for each in fitting])
    return f"; it ended {_when(ended, fitting[0])}{_DEFAULT}{whose}" if fitting else ""


def _when(ended: _Ended, first: Limit) -> str:
    """When it ended, as the limit counts; if nothing arrived, from the request: the same, and easier to find."""
    if first.of == "a silence" and ended.silence < ended.whole:
        return f"{seconds(ended.silence)} after the last byte"
    return f"{seconds(ended.whole)} after the request"


def tells_limit(summary: str) -> bool:
    """The summary of a verdict has such a clause."""
    return _DEFAULT in summary


def _fits(row: Limit, ended: _Ended) -> bool:
    lasted = ended.whole if row.of == "the whole" else ended.silence
    return row.side == ended.side and -EARLY <= lasted - row.seconds <= LATE[row.side]


def _ended(signals: Signals) -> _Ended | None:
    """How the exchange ended early; None if it came to its end, or nobody saw when."""
    start, came = signals.request_end or 0.0, signals.response_start
    if signals.outcome == "complete":
        if came is None or signals.status not in GIVEN_UP:
            return None
        return _Ended(came - start, came - start, "server")
    left = signals.outcome == "client-disconnected"
    if signals.end is None or not signals.recorded:
        return None
    if left and signals.status == SWITCHING_PROTOCOLS:  # the limits of HTTP clients do not apply to a WebSocket
        return None
    last = max((start, came or 0.0, *(arrival.t for arrival in signals.arrivals[-1:])))
    return _Ended(signals.end - start, signals.end - last, "client" if left else "server")
