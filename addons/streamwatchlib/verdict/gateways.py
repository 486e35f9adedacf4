"""Response headers -> the products on the path that are known to hold answers back, and the setting of each.

In: `Evidence`.  Out: `Suspect`s of low or medium confidence: a header says that the product was on the path, not that
it held anything, unless it also says when the product had the answer (`processing_time`).  One row a product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Confidence, Headers, Suspect
from ..units import seconds
from .evidence import Evidence
from .processing_time import ProcessingTime, processing_time


@dataclass(frozen=True, slots=True)
class Gateway:
    name: str
    header: str
    """Pattern of a header line ``name: value``, lower case."""
    remedy: str
    buffers_declared: bool = False
    """If the length of a stream was declared, this product is known to have read the body whole."""
    time_header: str = ""
    """Its header for the milliseconds until it had the head; empty if it has none."""

    @property
    def cause(self) -> str:
        return f"{self.name} on the path, which holds responses back unless configured otherwise"


GATEWAYS: tuple[Gateway, ...] = (
    Gateway(
        "Cloudflare",
        r"server: cloudflare|cf-ray:",
        "send `Content-Type: text/event-stream` (other types are buffered) and `Cache-Control: no-transform`",
    ),
    Gateway(
        "AWS API Gateway",
        r"(x-amz-)?apigw-(request)?id:",
        "`responseTransferMode: STREAM` on the integration, or a Lambda function URL with "
        "`InvokeMode: RESPONSE_STREAM`",
        buffers_declared=True,
    ),
    Gateway(
        "AWS Lambda",
        r"x-amzn-(trace-id|remapped-.*):",
        "`InvokeMode: RESPONSE_STREAM` (with the web adapter `AWS_LWA_INVOKE_MODE=response_stream`); "
        "not behind a load balancer, which never streams from Lambda",
        buffers_declared=True,
    ),
    Gateway(
        "Azure API Management",
        r"(apim-request-id|ocp-apim-[^:]*):",
        '`<forward-request buffer-response="false" />`, and no body logging or content validation',
    ),
    Gateway("Azure Front Door", r"x-azure-ref:", "no caching and no compression on this route"),
    Gateway(
        "Envoy or Istio",
        r"server: (istio-)?envoy|x-envoy-upstream-service-time:",
        "no filter that reads answers whole (Lua `body()`) on this route; ext_proc `response_body_mode: STREAMED`",
        time_header="x-envoy-upstream-service-time",
    ),
    Gateway("Kong", r"via: .*kong|x-kong-", "no plugin that collects the body (`body_filter`) on this route"),
    Gateway("Apache APISIX", r"server: apisix", "plugin proxy-buffering: `disable_proxy_buffering: true`"),
    Gateway(
        "Varnish",
        r"via: .*varnish|x-varnish:",
        "`set beresp.do_stream = true;`, `set beresp.do_gzip = false;` and `set beresp.do_esi = false;`",
        buffers_declared=True,
    ),
    Gateway("lighttpd", r"server: lighttpd", "`server.stream-response-body = 1`", buffers_declared=True),
    Gateway("IIS", r"server: microsoft-iis|x-powered-by: arr/", '`responseBufferLimit="0"`, otherwise it buffers 4 MB'),
    Gateway(
        "ASP.NET Core",
        r"server: kestrel",
        "`await Response.Body.FlushAsync()` after each event; where it passes an answer on, "
        "`HttpCompletionOption.ResponseHeadersRead`",
    ),
    Gateway(
        "Google App Engine",
        r"server: google frontend",
        "its standard environment never streams: Cloud Run, which has the same header, or the flexible one does",
    ),
    Gateway(
        "LiteLLM",
        r"x-litellm-",
        "no guardrail that reads answers whole (`mode: post_call`) on this model; upgrade, and see that the hop in "
        "front of it does not buffer",
    ),
    Gateway("Vercel", r"server: vercel|x-vercel-id:", "a route handler instead of a rewrite; `compress: false`"),
    Gateway("Fly.io", r"fly-request-id:", "send `Cache-Control: no-transform`"),
)


def gateways(evidence: Evidence) -> list[Suspect]:
    """Products that the head names and that did not just wait, if the answer came in one piece or not as a stream."""
    if not evidence.one_piece and evidence.label != "not-streamed":
        return []
    found = []
    for gateway, line in named_gateways(evidence.signals.headers):
        header_time = _processing_time(gateway, evidence)
        if header_time and header_time.held_after:
            found.append(_keeper(gateway, header_time))
        elif header_time is None or not header_time.waited_too:
            confidence: Confidence = "medium" if gateway.buffers_declared and _declared(evidence) else "low"
            seen = f"the head names it: `{line[:80]}`"
            found.append(Suspect("intermediary", gateway.cause, seen, gateway.remedy, confidence))
    return found


def _processing_time(gateway: Gateway, evidence: Evidence) -> ProcessingTime | None:
    """When the product had the answer; None if the head came here by itself, which shows nothing of the rest."""
    by_itself = evidence.case is not None and evidence.early_head
    return None if by_itself or not gateway.time_header else processing_time(evidence.signals, gateway.time_header)


def _keeper(gateway: Gateway, header_time: ProcessingTime) -> Suspect:
    cause = f"{gateway.name} on the path, or a hop between it and this proxy, held the answer"
    held = f"it had the head {seconds(header_time.reported)} after the request, but the head arrived here after "
    seen = f"`{header_time.header}`: {held}"
    remedy = f"{gateway.remedy}; else the same for each hop between it and this proxy"
    return Suspect("intermediary", cause, seen + seconds(header_time.observed), remedy, "medium")


def named_gateways(headers: Headers) -> Iterator[tuple[Gateway, str]]:
    """The products that a response's head names, each with the header line that does so."""
    lines = [f"{name}: {value}".lower() for name, value in headers]
    for gateway in GATEWAYS:
        if line := next((line for line in lines if re.match(gateway.header, line)), None):
            yield gateway, line


def _declared(evidence: Evidence) -> bool:
    return evidence.case is not None and evidence.case.length_declared
