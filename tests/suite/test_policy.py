"""Which responses are passed through, and who broke an exchange off."""

from __future__ import annotations

import pytest
from mitmproxy import flow as mflow
from mitmproxy import http
from mitmproxy.connection import ConnectionState
from mitmproxy.http import Headers
from mitmproxy.test import tflow, tutils
from streamwatchlib.suite.policy import error_of, is_tapped, outcome_of, passes_request_through


def flow(status: int = 200, method: str = "POST", **headers: str) -> http.HTTPFlow:
    made = tflow.tflow(resp=True)
    made.request.method = method
    made.response = tutils.tresp(
        status_code=status,
        headers=http.Headers([(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]),
    )
    return made


@pytest.mark.parametrize(
    ("answer", "asked", "tapped"),
    [
        (flow(content_type="text/event-stream", content_length="99"), None, True),
        (flow(content_type="application/x-ndjson; charset=utf-8", content_length="99"), False, True),
        (flow(content_type="application/vnd.amazon.eventstream"), None, True),
        (flow(content_type="application/json", content_length="99"), True, True),
        (flow(content_type="application/json", content_length="99"), None, False),
        (flow(content_type="application/json", content_length="99"), False, False),
        (flow(content_type="application/json", transfer_encoding="chunked"), False, True),
        (flow(), None, True),
        (flow(method="HEAD"), True, False),
        (flow(204), True, False),
        (flow(304), True, False),
        (flow(101), True, False),
    ],
)
def test_what_is_passed_through(answer: http.HTTPFlow, asked: bool | None, tapped: bool) -> None:
    assert is_tapped(answer, lambda: asked) is tapped


def test_no_answer_is_not_tapped() -> None:
    assert not is_tapped(tflow.tflow(), True)


@pytest.mark.parametrize(
    ("headers", "through"),
    [({"transfer-encoding": "chunked"}, True), ({"content-length": "3"}, False), ({}, False)],
)
def test_only_request_bodies_without_a_length_are_passed_through(headers: dict[str, str], through: bool) -> None:
    made = tflow.tflow()
    made.request.headers = http.Headers(**{name.replace("-", "_"): value for name, value in headers.items()})
    assert passes_request_through(made) is through


OPEN, SHUT = ConnectionState.OPEN, ConnectionState.CLOSED


@pytest.mark.parametrize(
    ("message", "answered", "client", "server", "outcome"),
    [
        ("Client disconnected.", True, OPEN, OPEN, "client-disconnected"),
        ("peer closed connection", True, SHUT, OPEN, "client-disconnected"),
        ("peer closed connection", True, OPEN, SHUT, "server-disconnected"),
        ("HTTP/1 protocol error: peer closed connection without", True, OPEN, SHUT, "server-disconnected"),
        ("stream reset by client (INTERNAL_ERROR)", True, OPEN, OPEN, "server-disconnected"),
        ("stream reset by client (CANCEL)", True, OPEN, OPEN, "client-disconnected"),
        ("server closed connection", False, OPEN, SHUT, "error"),
        (mflow.Error.KILLED_MESSAGE, True, OPEN, OPEN, "error"),
        ("Response body exceeds mitmproxy's body_size_limit.", True, OPEN, OPEN, "error"),
        (
            "Received both a TE and a CL from server, refusing to prevent request smuggling attacks. ",
            True,
            OPEN,
            OPEN,
            "error",
        ),
        (None, True, OPEN, OPEN, "complete"),
    ],
)
def test_who_broke_it_off(
    message: str | None, answered: bool, client: ConnectionState, server: ConnectionState, outcome: str
) -> None:
    made = tflow.tflow(resp=answered)
    made.error = mflow.Error(message) if message else None
    made.client_conn.state, made.server_conn.state = client, server
    assert outcome_of(made) == outcome


@pytest.mark.parametrize(
    ("alpn", "answered", "outcome"),
    [
        (b"http/1.1", True, "client-disconnected"),
        (None, False, "client-disconnected"),
        (b"h2", True, "server-disconnected"),
        (b"h3", False, "error"),
    ],
)
def test_a_stream_is_reset_by_the_client_where_the_server_has_none(
    alpn: bytes | None, answered: bool, outcome: str
) -> None:
    made = tflow.tflow(resp=answered)
    made.error = mflow.Error("stream reset by client (CANCEL)")
    made.server_conn.alpn, made.server_conn.state = alpn, SHUT
    assert outcome_of(made) == outcome


def test_an_error_is_kept_up_to_a_word_within_its_bound() -> None:
    made = tflow.tflow(err=True)
    for message, kept in (
        ("peer closed connection", "peer closed connection"),
        ("Invalid header: " + "a" * 100_000, "Invalid header: …"),
        ("so it is " * 1000, "so it is " * 111 + "…"),
    ):
        made.error = mflow.Error(message)
        assert error_of(made, "error") == kept


@pytest.mark.parametrize(("answered", "outcome"), [(True, "server-disconnected"), (False, "error")])
def test_what_mitmproxy_asks_again_was_not_left_by_the_client_that_once_asked(answered: bool, outcome: str) -> None:
    made = tflow.tflow(resp=answered)
    made.error, made.is_replay = mflow.Error("peer closed connection"), "request"
    made.client_conn.state = SHUT
    assert outcome_of(made) == outcome


@pytest.mark.parametrize(
    ("head", "trailers", "told"),
    [
        ({}, {"grpc-status": "8", "grpc-message": "Quota%20exceeded"}, "gRPC status 8: Quota exceeded"),
        ({"grpc-status": "16"}, None, "gRPC status 16: no reason given"),
        ({}, {"grpc-status": "0", "grpc-message": ""}, None),
        ({}, {"x-sum": "1"}, None),
        ({}, None, None),
    ],
)
def test_a_call_of_grpc_tells_behind_the_answer_how_it_went(
    head: dict[str, str], trailers: dict[str, str] | None, told: str | None
) -> None:
    made = tflow.tflow(resp=True)
    assert made.response
    made.response.headers.update(head)
    made.response.trailers = trailers and Headers([(k.encode(), v.encode()) for k, v in trailers.items()])
    assert (outcome_of(made), error_of(made, "complete")) == ("complete", told)
