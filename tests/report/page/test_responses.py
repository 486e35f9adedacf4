"""The responses on a WebSocket, each with its own verdict, and what the client sent."""

from __future__ import annotations

from dataclasses import replace

from streamwatchlib.model import Stream
from streamwatchlib.report.page.budget import budget
from streamwatchlib.report.page.exchange import exchange
from streamwatchlib.report.page.responses import MAX_RESPONSES, responses, sent

from ..records import STREAMING, WEBSOCKET
from .tree import Node, parse

ROOMY = budget(1)


def shown(record: object = WEBSOCKET) -> list[Node]:
    return parse(responses(record, ROOMY) or "").all("details", "reply")  # type: ignore[arg-type]


def test_each_response_says_its_verdict_its_times_and_its_text() -> None:
    first, second, third = shown()

    assert first.one("summary").text == (
        "1 streamingasked at 100 ms · TTFT 253 ms · complete after 2.30 s · 48 pieces · ended by response.done"
    )
    assert "If its pieces" in first.text or "pieces come when they are made" in first.text
    assert second.one("span", "badge").text == "pseudo-streamingsevere, coarse-events"
    assert "unsolicited" in second.text
    assert second.all("div", "call")
    assert "did not end" in third.text
    assert "No message could be read from it." in third.text


def test_the_only_response_is_open_and_of_several_none_is() -> None:
    one = replace(
        WEBSOCKET, responses=WEBSOCKET.responses[:1], stream=replace(WEBSOCKET.stream or Stream(""), responses=1)
    )

    assert ["open" in node.attributes for node in shown(one)] == [True]
    assert ["open" in node.attributes for node in shown()] == [False] * 3


def test_responses_beyond_those_shown_are_counted() -> None:
    stream = replace(WEBSOCKET.stream or Stream(""), responses=1500)
    root = parse(responses(replace(WEBSOCKET, responses=WEBSOCKET.responses * 300, stream=stream), ROOMY) or "")

    assert len(root.all("details", "reply")) == MAX_RESPONSES
    assert root.all("p", "note")[-1].text == "1\u202f400 more responses"


def test_what_the_client_sent_is_a_table_with_sizes_and_without_sound() -> None:
    root = parse(sent(WEBSOCKET, ROOMY) or "")

    assert root.one("summary").text == "4 messages from the client"
    assert [[cell.text for cell in row.all("td")] for row in root.all("tr")][1:] == [
        ["0", "50.0 ms", "31 B", "session.update", '{"type": "session.update", "session": {}}'],
        ["1", "100 ms", "26 B", "response.create", '{"type": "response.create"}'],
        ["2", "200 ms", "8.8 KiB", "input_audio_buffer.append", "not kept"],
        ["3", "210 ms", "3 B", "binary", "not kept"],
    ]


def test_messages_beyond_those_shown_are_counted() -> None:
    root = parse(sent(WEBSOCKET, ROOMY._replace(events=2)) or "")

    assert root.all("tr")[-1].text == "2 more messages"


def test_an_exchange_that_is_no_websocket_has_neither() -> None:
    assert responses(STREAMING, ROOMY) is sent(STREAMING, ROOMY) is None


def test_the_answers_stand_in_their_responses() -> None:
    titles = [node.text for node in parse(exchange(1, WEBSOCKET, ROOMY)).all("h4")]

    assert {"Responses", "Sent"} <= set(titles)
    assert "Answer" not in titles
