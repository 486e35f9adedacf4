"""The content view: streams are shown as streams, by themselves; other bodies keep mitmproxy's own views."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from mitmproxy import contentviews, http
from mitmproxy.test import taddons, tflow
from streamwatchlib.stored import Observation, pack
from streamwatchlib.suite.contentview import StreamContentview, Views
from streamwatchlib.suite.mark import STREAM

from ..report.records import STREAMING

PIECES = [json.dumps({"choices": [{"index": 0, "delta": {"content": word}}]}) for word in ("Every", "thing ", "flows")]
SSE = "".join(f"data: {piece}\n\n" for piece in (*PIECES, "[DONE]")).encode()
NDJSON = "".join(f"{piece}\n" for piece in PIECES).encode()
ASK = b'{"model":"m","stream":true}'


@pytest.fixture
def unfinished() -> list[http.HTTPFlow]:
    """Flows whose records are awaited."""
    return []


@pytest.fixture(autouse=True)
def views(unfinished: list[http.HTTPFlow]) -> Iterator[Views]:
    made = Views(lambda: unfinished)
    with taddons.context(made) as context:
        context.options.add_option("protobuf_definitions", str, "", "")
        yield made


def answer(body: bytes, content_type: str | None, **observed: object) -> http.HTTPFlow:
    """A flow with this answer; `observed`: what is stored with it."""
    headers = {"content-type": content_type} if content_type else {}
    request = http.Request.make("POST", "http://127.0.0.1/v1/chat/completions", ASK)
    flow = tflow.tflow(req=request, resp=http.Response.make(200, body, headers))
    if observed:
        flow.metadata["streamwatch"] = pack(Observation("complete", None, 0.0, 0.1, 1.0, **observed))  # type: ignore[arg-type]
    return flow


def shown(flow: http.HTTPFlow, view: str = "auto") -> contentviews.ContentviewResult:
    assert flow.response
    return contentviews.prettify_message(flow.response, flow, view)


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (SSE, "text/event-stream"),
        (SSE, "Text/Event-Stream; charset=utf-8"),
        (NDJSON, "application/x-ndjson"),
        (NDJSON, "application/jsonl"),
        (b"\x1e{}\n\x1e{}\n", "application/json-seq"),
        (SSE, "application/json"),
        (SSE, "text/plain"),
        (SSE, None),
    ],
)
def test_streams_are_shown_as_streams(body: bytes, declared: str | None) -> None:
    assert shown(answer(body, declared)).view_name == "Stream"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (b'{"a": 1}', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"data or not", "text/plain"),
        (b"<html>", "text/html"),
        (b"\0\1\2", "application/octet-stream"),
        (b"a=1&b=2", "application/x-www-form-urlencoded"),
    ],
)
def test_other_bodies_keep_their_views(body: bytes, declared: str) -> None:
    assert shown(answer(body, declared)).view_name != "Stream"


def test_what_was_found_to_be_a_stream_is_shown_as_one_whatever_was_declared() -> None:
    flow = answer(NDJSON, "application/json")
    assert shown(flow).view_name != "Stream"
    flow.metadata[STREAM] = "ndjson"
    assert shown(flow).view_name == "Stream"


def test_verdict_message_and_times_are_shown() -> None:
    sizes = [len(part) + 2 for part in SSE.split(b"\n\n") if part]
    arrivals = tuple(zip((0.25, 0.5, 0.5, 0.75), sizes, strict=True))
    text = shown(answer(SSE, "text/event-stream", arrivals=arrivals, callbacks=4)).text
    assert ", certain, " in text.splitlines()[0]
    assert "[text]\nEverything flows\n" in text
    assert "0.250 s" in text
    assert "0.750 s" in text


def test_where_the_other_side_of_a_hop_told_more_the_view_begins_with_what_the_mark_says() -> None:
    flow = answer(SSE, "text/event-stream")
    alone = shown(flow).text
    flow.metadata |= {
        "streamwatch_verdict": "bursty",
        "streamwatch_mark": [":yellow_circle:", "The hop holds it back."],
    }
    assert shown(flow).text == f"The hop holds it back.\n\nThis exchange alone:\n{alone}"
    flow.metadata["streamwatch_verdict"] = alone.split()[0]
    assert shown(flow).text == alone


def test_a_flow_recorded_without_streamwatch_says_that_its_times_are_not_known() -> None:
    text = shown(answer(SSE, "text/event-stream")).text
    assert "Everything flows" in text
    assert "not recorded" in text


def test_a_coded_body_is_shown_decoded() -> None:
    flow = answer(SSE, "text/event-stream")
    assert flow.response
    flow.response.encode("gzip")
    result = shown(flow)
    assert result.view_name == "Stream"
    assert "Everything flows" in result.text


def test_a_request_is_shown_as_its_events() -> None:
    request = http.Request.make("POST", "http://127.0.0.1/bulk", NDJSON, {"content-type": "application/x-ndjson"})
    flow = tflow.tflow(req=request, resp=True)
    result = contentviews.prettify_message(flow.request, flow)
    assert result.view_name == "Stream"
    assert "── 3 events ──" in result.text


def test_a_body_that_is_no_stream_can_be_asked_about() -> None:
    result = shown(answer(b"{}", "application/json"), "stream")
    assert (result.view_name, result.text) == ("Stream", "No events.")


def test_a_body_too_long_to_be_read_while_traffic_waits_is_shown_when_asked_for() -> None:
    flow = answer(SSE * 3_000, "text/event-stream")
    assert shown(flow).view_name == "Raw"
    assert shown(flow, "stream").text.startswith("inconclusive")


@pytest.mark.parametrize("body", [b"", b"data", b"\xff\xfe\n\n", b"data: \x1b[2J\n\n", b'{"a":\n{"b"\n', b"\0" * 99])
@pytest.mark.parametrize("stored", ["", "{}", "\ud800"])
def test_nothing_stored_or_sent_breaks_the_view(body: bytes, stored: str) -> None:
    flow = answer(body, "text/event-stream")
    flow.metadata["streamwatch"] = stored
    result = shown(flow, "stream")
    assert result.syntax_highlight != "error"
    assert "\x1b" not in result.text


def test_a_reload_replaces_the_view() -> None:
    before = contentviews.registry["stream"]
    Views(list).load(None)  # type: ignore[arg-type]
    assert contentviews.registry["stream"] is not before
    assert contentviews.registry.available_views().count("stream") == 1


def test_what_has_no_record_yet_is_shown_without_a_verdict_and_drawn_anew_when_it_has(
    views: Views, unfinished: list[http.HTTPFlow]
) -> None:
    drawn_anew: list[object] = []

    def drawn(view: object) -> None:
        drawn_anew.append(view)

    contentviews.registry.on_change.connect(drawn)
    flow = answer(SSE, "text/event-stream")
    unfinished.append(flow)
    early = shown(flow)
    assert early.view_name == "Stream"
    assert "Every" in early.text
    assert "[DONE]" in early.text
    assert "inconclusive" not in early.text
    for record in (STREAMING, replace(STREAMING, id=flow.id), replace(STREAMING, id=flow.id)):
        views.streamwatch_record(record)
    assert len(drawn_anew) == 1
    unfinished.clear()
    assert "inconclusive" in shown(flow).text


def test_what_was_looked_at_and_gets_no_record_is_forgotten_with_its_flow(unfinished: list[http.HTTPFlow]) -> None:
    view = contentviews.registry["stream"]
    assert isinstance(view, StreamContentview)
    unfinished.append(answer(SSE, "text/event-stream"))
    shown(unfinished[0])
    assert len(view.early) == 1
    unfinished.clear()
    gc.collect()
    assert len(view.early) == 0
