"""mitmproxy's flows as classes of the model."""

from __future__ import annotations

from mitmproxy.test import tflow, tutils
from mitmproxy.websocket import WebSocketMessage
from streamwatchlib.suite import heads


def test_what_was_injected_here_came_from_neither_peer() -> None:
    flow = tflow.twebsocketflow()
    start = flow.request.timestamp_start
    assert flow.websocket
    flow.websocket.messages = [
        WebSocketMessage(1, True, b"asked", start + 0.5),
        WebSocketMessage(1, False, b"put in", start + 1.0, injected=True),
        WebSocketMessage(2, False, b"said", start + 1.5),
    ]
    assert [(number, message.t, message.data) for number, message in heads.messages(flow)] == [
        (0, 0.5, b"asked"),
        (2, 1.5, b"said"),
    ]
    assert [number for number, _ in heads.messages(flow, 1)] == [2]
    assert not list(heads.messages(tflow.tflow(), 0))


def test_a_header_that_is_no_text_is_spelled_with_replacements() -> None:
    request = tutils.treq(headers=((b"X-Name", b"\xff"),))
    assert heads.fields(request.headers) == (("X-Name", "\ufffd"),)


def test_of_a_head_without_end_the_first_fields_are_told() -> None:
    many = tutils.treq(headers=[(b"a", b"b")] * 700_000).headers
    assert len(heads.fields(many)) == heads.MAX_FIELDS
    large = tutils.treq(headers=[(b"a", b"b" * (100 << 10))] * 4).headers
    assert len(heads.fields(large)) == 2
