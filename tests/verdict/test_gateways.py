"""Products known by their headers are named where they may have held an answer, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.judge import judge
from streamwatchlib.model import Signals, Suspect

from ..simulate import lots

LUMP = lots((3.0, 100))


def named(signals: Signals) -> list[Suspect]:
    return [suspect for suspect in judge(signals).suspects if "on the way" in suspect.cause]


@pytest.mark.parametrize(
    ("header", "name", "remedy"),
    [
        (("CF-RAY", "8c-FRA"), "Cloudflare", "text/event-stream"),
        (("Server", "cloudflare"), "Cloudflare", "no-transform"),
        (("apigw-requestid", "x"), "AWS API Gateway", "responseTransferMode: STREAM"),
        (("x-amz-apigw-id", "x"), "AWS API Gateway", "STREAM"),
        (("x-amzn-trace-id", "x"), "AWS Lambda", "RESPONSE_STREAM"),
        (("apim-request-id", "x"), "Azure API Management", "buffer-response"),
        (("x-azure-ref", "x"), "Azure Front Door", "no caching"),
        (("server", "istio-envoy"), "Envoy", "Lua"),
        (("X-Envoy-Upstream-Service-Time", "12"), "Envoy", "STREAMED"),
        (("Via", "1.1 kong/3.6"), "Kong", "body_filter"),
        (("Server", "APISIX/3.8"), "APISIX", "disable_proxy_buffering"),
        (("X-Varnish", "1 2"), "Varnish", "do_gzip = false;"),
        (("Server", "lighttpd/1.4.69"), "lighttpd", "stream-response-body"),
        (("Server", "Microsoft-IIS/10.0"), "IIS", 'responseBufferLimit="0"'),
        (("X-Powered-By", "ARR/3.0"), "IIS", 'responseBufferLimit="0"'),
        (("Server", "Google Frontend"), "Google App Engine", "Cloud Run"),
        (("x-litellm-version", "1"), "LiteLLM", "`mode: post_call`"),
        (("x-vercel-id", "x"), "Vercel", "route handler"),
        (("fly-request-id", "x"), "Fly.io", "no-transform"),
    ],
)
def test_each_is_known_by_its_header(header: tuple[str, str], name: str, remedy: str) -> None:
    (suspect,) = named(replace(LUMP, headers=(header,)))

    assert name in suspect.cause
    assert remedy in suspect.remedy
    assert header[0].lower() in suspect.evidence
    assert suspect.confidence == "low"


def test_a_declared_length_makes_a_reader_of_whole_bodies_likelier() -> None:
    (suspect,) = named(replace(LUMP, headers=(("apigw-requestid", "x"), ("content-length", "9"))))

    assert suspect.confidence == "medium"


def test_a_header_accuses_nobody_of_lumps_with_a_pattern() -> None:
    lumps = lots(*((1.0 + i * 0.5, 20 + i % 2) for i in range(10)), headers=(("cf-ray", "x"),))

    assert judge(lumps).label == "bursty"
    assert named(lumps) == []


def test_a_gateway_on_the_way_is_named_where_no_stream_came() -> None:
    whole = replace(LUMP, format=None, whole=True, headers=(("x-litellm-version", "1"),))

    assert judge(whole).label == "not-streamed"
    assert len(named(whole)) == 1
