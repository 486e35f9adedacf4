"""HAR 1.2: valid by the specification, open to readers, and honest about what it can't say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mitmproxy.io.har import request_to_flow
from streamwatchlib.model import Body, Record, Timing
from streamwatchlib.report.har import render

from .records import (
    BINARY,
    BURSTY,
    CUT,
    EVERY,
    FAILED,
    FORM,
    INJECTED,
    INVALID,
    MALFORMED,
    MULTIPART,
    NO_TEXTS,
    QUERY,
    STREAMING,
    UNRECORDED,
    WEBSOCKET,
    plain,
)


def schema() -> dict[str, Any]:
    """The objects of http://www.softwareishard.com/blog/har-12-spec/ with their required fields and types."""
    text, number, whole = {"type": "string"}, {"type": "number", "minimum": -1}, {"type": "integer", "minimum": -1}

    def thing(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "required": list(required),
            "properties": {**required, **optional, "comment": text},
            "patternProperties": {"^_": True},
            "additionalProperties": False,
        }

    def many(items: dict[str, Any]) -> dict[str, Any]:
        return {"type": "array", "items": items}

    pair = thing({"name": text, "value": text})
    param = thing({"name": text}, value=text, fileName=text, contentType=text)
    positive = {"type": "number", "minimum": 0}
    date = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
    request = thing(
        {
            "method": text,
            "url": {"type": "string", "pattern": r"^[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+$"},
            "httpVersion": text,
            "cookies": many(pair),
            "headers": many(pair),
            "queryString": many(pair),
            "headersSize": whole,
            "bodySize": whole,
        },
        postData=thing({"mimeType": text, "text": text}, params=many(param)),
    )
    response = thing(
        {
            "status": {"type": "integer", "minimum": 0},
            "statusText": text,
            "httpVersion": text,
            "cookies": many(pair),
            "headers": many(pair),
            "content": thing(
                {"size": {"type": "integer", "minimum": 0}, "mimeType": text},
                text=text,
                compression={"type": "integer"},
            ),
            "redirectURL": text,
            "headersSize": whole,
            "bodySize": whole,
        }
    )
    timings = thing(
        {"send": positive, "wait": positive, "receive": positive},
        blocked=number,
        dns=number,
        connect=number,
        ssl=number,
    )
    entry = thing(
        {
            "startedDateTime": date,
            "time": positive,
            "request": request,
            "response": response,
            "cache": thing({}),
            "timings": timings,
        }
    )
    named = thing({"name": text, "version": text})
    return thing({"log": thing({"version": {"const": "1.2"}, "creator": named, "entries": many(entry)})})


def entries(*records: Record) -> list[dict[str, Any]]:
    return json.loads(render(records))["log"]["entries"]


def entry(record: Record) -> dict[str, Any]:
    (only,) = entries(record)
    return only


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id[:20])
def test_every_kind_of_record_makes_a_valid_archive(record: Record) -> None:
    Draft202012Validator(schema()).validate(json.loads(render([record])))


@pytest.mark.parametrize("record", [r for r in EVERY if r is not INJECTED], ids=lambda record: record.id)
def test_a_reader_of_archives_opens_it(record: Record) -> None:
    flow = request_to_flow(entry(record))

    assert flow.request.method == record.request.method
    assert flow.request.url.startswith(record.request.url[:20])


def test_times_are_spans_in_milliseconds_that_add_up() -> None:
    found = entry(STREAMING)

    assert found["timings"] == {
        "blocked": -1,
        "dns": -1,
        "connect": -1,
        "ssl": -1,
        "send": 1.2,
        "wait": 306.8,
        "receive": 2425.55,
    }
    assert found["time"] == pytest.approx(1.2 + 306.8 + 2425.55)
    assert found["startedDateTime"] == STREAMING.started_at


def test_spans_that_were_not_observed_are_said_to_be_unknown() -> None:
    found = entry(replace(FAILED, timing=Timing()))

    assert found["timings"]["comment"] == "not observed, 0 stands for unknown: send, wait, receive"
    assert found["time"] == 0


def test_without_an_answer_the_wait_lasts_to_the_end_and_the_status_is_zero() -> None:
    found = entry(FAILED)

    assert found["timings"]["wait"] == 3.0
    assert found["response"]["status"] == 0
    assert found["response"]["_error"] == FAILED.error
    assert found["response"]["bodySize"] == -1


@pytest.mark.parametrize(
    ("timing", "spans"),
    [
        (Timing(request_end=0.7, response_start=0.02, end=1.4), (20.0, 0, 1380.0)),
        (Timing(request_end=None, response_start=0.02, end=1.4), (20.0, 0, 1380.0)),
        (Timing(request_end=None, response_start=None, end=0.5), (500.0, 0, 0)),
    ],
    ids=["answered while it was sent", "and never sent to its end", "broken off while it was sent"],
)
def test_an_exchange_is_as_long_as_it_took(timing: Timing, spans: tuple[float, ...]) -> None:
    found = entry(replace(STREAMING if timing.response_start else FAILED, timing=timing))

    assert tuple(found["timings"][name] for name in ("send", "wait", "receive")) == spans
    assert found["time"] == pytest.approx((timing.end or 0) * 1e3)


def test_an_answer_that_broke_off_says_so_and_keeps_what_came() -> None:
    found = entry(CUT)["response"]

    assert found["_error"] == "server closed connection"
    assert found["comment"].startswith("server-disconnected")
    assert found["content"]["text"].startswith("data: ")


def test_an_outcome_without_a_message_is_its_own_error() -> None:
    assert entry(replace(CUT, error=None))["response"]["_error"] == "server-disconnected"


def test_each_read_and_each_event_keeps_its_time() -> None:
    found = entry(BURSTY)["_streamwatch"]

    assert found["schema"] == "streamwatch/1"
    assert [arrival[0] for arrival in found["stream"]["arrivals"]] == [0.62, 1.27, 1.9, 2.55]
    assert [event["t"] for event in found["events"]][:15] == [0.62] * 14 + [1.27]
    assert found["verdict"]["label"] == "bursty"
    assert "request" not in found


def test_events_of_a_stream_stand_where_chrome_looks_for_them() -> None:
    first, *_, last = entry(STREAMING)["_eventSourceMessages"]

    assert first["time"] == pytest.approx(1772619302.12 + 0.31)
    assert (last["eventName"], last["eventId"], last["data"]) == ("message", "", "[DONE]")


@pytest.mark.parametrize("record", [NO_TEXTS, MALFORMED, FORM], ids=lambda record: record.id)
def test_there_are_no_messages_without_texts_or_without_an_event_stream(record: Record) -> None:
    assert "_eventSourceMessages" not in entry(record)


def test_messages_without_a_time_are_left_out() -> None:
    assert entry(UNRECORDED)["_eventSourceMessages"] == []


def test_an_odd_date_does_not_break_the_archive() -> None:
    assert entry(replace(STREAMING, started_at="soon"))["_eventSourceMessages"][0]["time"] == 0.31


def test_a_form_is_fields_and_text() -> None:
    data = entry(FORM)["request"]["postData"]

    assert data["params"][:2] == [{"name": "a", "value": "abc"}, {"name": "a", "value": "def"}]
    assert data["text"] == "a=abc&a=def&a=bec&empty=&bare"
    assert data["comment"] == "the text is re-encoded from the fields"


def test_a_multipart_body_is_its_parts_without_their_content() -> None:
    data = entry(MULTIPART)["request"]["postData"]

    assert data["params"] == [
        {"name": "a"},
        {"name": "file", "fileName": "a.txt", "contentType": "text/plain"},
        {"name": ""},
    ]
    assert data["text"] == ""


def test_a_body_that_is_not_there_is_absent() -> None:
    assert "postData" not in entry(QUERY)["request"]


@pytest.mark.parametrize(
    ("url", "query", "pairs"),
    [
        ("http://h/?a=1&b", (("a", "1"), ("b", None)), [("a", "1"), ("b", "")]),
        ("http://h/?a=1&b=", (), [("a", "1"), ("b", "")]),
        ("http://[/?a=1", (), [("a", "1")]),
    ],
)
def test_the_query_is_listed(url: str, query: Any, pairs: list[tuple[str, str]]) -> None:
    found = entry(plain("q", Body("empty"), url=url, query=query))["request"]["queryString"]

    assert [(pair["name"], pair["value"]) for pair in found] == pairs


def test_a_url_has_only_what_a_url_may_have() -> None:
    assert entry(plain("q", Body("empty"), url="http://h/流 <x>?a=%20"))["request"]["url"] == (
        "http://h/%E6%B5%81%20%3Cx%3E?a=%20"
    )


def test_a_percent_sign_that_spells_nothing_is_spelt_itself() -> None:
    assert entry(plain("q", Body("empty"), url="http://h/100%?a=%zz&b=%2"))["request"]["url"] == (
        "http://h/100%25?a=%25zz&b=%252"
    )


def test_half_a_character_in_a_url_or_a_form_field_is_replaced() -> None:
    form = Body("form", "urlencoded", fields=(("a\ud800", "\udcff"),))
    request = entry(plain("q", form, url="http://h/\udcff"))["request"]

    assert (request["url"], request["postData"]["text"]) == ("http://h/%EF%BF%BD", "a%EF%BF%BD=%EF%BF%BD")


def test_content_says_its_type_its_sizes_and_where_it_is_cut() -> None:
    response = BINARY.response
    assert response is not None
    packed = Body("text", "text", "text/plain", 10, 30, ("gzip",), content="abc", truncated=True)
    found = entry(replace(BINARY, response=replace(response, body=packed)))["response"]["content"]

    assert found == {
        "size": 30,
        "mimeType": "application/octet-stream",
        "compression": 20,
        "text": "abc",
        "comment": "the text is cut at streamwatch_body_limit",
    }
    assert entry(STREAMING)["response"]["content"]["mimeType"] == "text/event-stream; charset=utf-8"


def test_size_stands_in_where_nothing_was_decoded() -> None:
    response = BINARY.response
    assert response is not None

    found = entry(replace(BINARY, response=replace(response, body=Body("binary", size=7))))

    assert found["response"]["content"]["size"] == 7


def test_a_redirect_names_its_target() -> None:
    response = BINARY.response
    assert response is not None

    found = entry(replace(BINARY, response=replace(response, headers=(("location", "/next"),))))

    assert found["response"]["redirectURL"] == "/next"


def test_the_text_is_utf8_whatever_a_peer_sent() -> None:
    assert render([replace(INVALID, error="\ud800")]).encode()


def test_messages_of_a_websocket_stand_in_their_order_as_chrome_and_mitmproxy_write_them() -> None:
    found = entry(WEBSOCKET)
    messages = found["_webSocketMessages"]

    assert found["_resourceType"] == "websocket"
    assert len(messages) == len(WEBSOCKET.sent) + len(WEBSOCKET.events or ())
    assert [message["time"] for message in messages] == sorted(message["time"] for message in messages)
    assert messages[:4] == [
        {"type": "send", "time": 1772619302.17, "opcode": 1, "data": WEBSOCKET.sent[0].data},
        {"type": "send", "time": 1772619302.22, "opcode": 1, "data": WEBSOCKET.sent[1].data},
        {"type": "send", "time": 1772619302.32, "opcode": 1, "data": "", "comment": "its data was not kept"},
        {"type": "send", "time": 1772619302.33, "opcode": 2, "data": "", "comment": "its data was not kept"},
    ]
    assert {message["type"] for message in messages[4:]} == {"receive"}
    assert "session.update" not in [message["data"] for message in found["_streamwatch"]["sent"]]


def test_a_stream_that_is_no_websocket_has_no_messages() -> None:
    assert "_webSocketMessages" not in entry(STREAMING)
