"""Products recognized by their headers are named if they may have held a response back, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.judge import judge
from streamwatchlib.model import Signals, Suspect

from ..simulate import signals_of_reads

LUMP = signals_of_reads((3.0, 100))


def named(signals: Signals) -> list[Suspect]:
    return [suspect for suspect in judge(signals).suspects if "on the path" in suspect.cause]


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
        (("X-Envoy-Upstream-Service-Time", "?"), "Envoy", "STREAMED"),
        (("Via", "1.1 kong/3.6"), "Kong", "body_filter"),
        (("Server", "APISIX/3.8"), "APISIX", "disable_proxy_buffering"),
        (("X-Varnish", "1 2"), "Varnish", "do_gzip = false;"),
        (("Server", "lighttpd/1.4.69"), "lighttpd", "stream-response-body"),
        (("Server", "Microsoft-IIS/10.0"), "IIS", 'responseBufferLimit="0"'),
        (("X-Powered-By", "ARR/3.0"), "IIS", 'responseBufferLimit="0"'),
        (("Server", "Kestrel"), "ASP.NET Core", "ResponseHeadersRead"),
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
    lumps = signals_of_reads(*((1.0 + i * 0.5, 20 + i % 2) for i in range(10)), headers=(("cf-ray", "x"),))

    assert judge(lumps).label == "bursty"
    assert named(lumps) == []


def test_a_gateway_on_the_way_is_named_where_no_stream_came() -> None:
    whole = replace(LUMP, format=None, whole=True, headers=(("x-litellm-version", "1"),))

    assert judge(whole).label == "not-streamed"
    assert len(named(whole)) == 1


ENVOY = ("x-envoy-upstream-service-time", "40")


def told(*headers: tuple[str, str], came: float = 3.0) -> Signals:
    return replace(LUMP, headers=headers, request_end=0.0, response_start=came)


def test_who_had_the_answer_long_before_it_came_here_is_likelier() -> None:
    (suspect,) = named(told(ENVOY))

    assert (suspect.hop, suspect.confidence) == ("intermediary", "medium")
    assert "or a hop between it and this proxy, held the answer" in suspect.cause
    told_by = "`x-envoy-upstream-service-time: 40`"
    assert (
        suspect.evidence
        == f"{told_by}: it had the head 40.0 ms after the request, but the head arrived here after 3.00 s"
    )
    assert judge(told(ENVOY)).suspects[0] == suspect


def test_who_had_to_wait_for_the_answer_as_well_is_not_accused() -> None:
    assert named(told((ENVOY[0], "2950"))) == []
    assert judge(told((ENVOY[0], "2950"))).suspects != ()


@pytest.mark.parametrize(
    "signals",
    [
        told(("x-envoy-upstream-service-time", "2250")),  # some of it, and neither most nor little
        told(("x-envoy-upstream-service-time", "9000")),  # another exchange's
        told(("x-envoy-upstream-service-time", "-1")),
        told(("x-envoy-upstream-service-time", "٤٠")),
        told(("x-envoy-upstream-service-time", "9" * 400)),
        told(ENVOY, came=1.0),  # the head came by itself: of the rest it tells nothing
        replace(told(ENVOY), request_end=None),
        replace(told(ENVOY), response_start=None),
    ],
)
def test_what_tells_nothing_of_the_answer_changes_nothing(signals: Signals) -> None:
    (suspect,) = named(signals)

    assert suspect.confidence == "low"
    assert suspect.cause == "Envoy or Istio on the path, which holds responses back unless configured otherwise"


def test_a_stored_answer_tells_when_it_was_stored() -> None:
    assert not any("held the answer" in suspect.cause for suspect in named(told(ENVOY, ("x-cache", "HIT"))))


def test_a_whole_document_was_made_behind_who_waited_for_it_and_after_who_did_not() -> None:
    whole = {"format": None, "whole": True, "requested": True}
    early, late = (replace(told((ENVOY[0], ms)), **whole) for ms in ("40", "2950"))  # type: ignore[arg-type]

    assert judge(early).suspects[0].cause.startswith("Envoy")
    assert named(late) == []


@pytest.mark.parametrize("name", ["openai-processing-ms", "req-cost-time"])
def test_what_the_server_had_begun_was_kept_after_it(name: str) -> None:
    before, after = (judge(told((name, ms))).suspects for ms in ("2950", "40"))

    assert "model-server" in {suspect.hop for suspect in before}
    assert {suspect.hop for suspect in after} == {"intermediary"}
