"""The worker's calls: an exchange reported by them gives the record that an observer gives directly."""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterator
from typing import get_args

import pytest
from streamwatchlib.compare.digests import digests
from streamwatchlib.model import ClockLag, Limits, ProxyConditions, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.report import jsonl
from streamwatchlib.stored import unpack
from streamwatchlib.worker.answers import Answer, Failed, Finished, InFlight, ReadFailed, values_of
from streamwatchlib.worker.handler import Call, CallHandler, Ending, Method

ZERO = 1000.0
JSON = (("content-type", "application/json"),)
OPENING = RequestHead(
    "id", 1e9, "POST", "http://h/v1/chat/completions", "HTTP/1.1", (("content-type", "application/json"),)
)
HEAD = ResponseHead(200, "HTTP/1.1", (("content-type", "text/event-stream"),))
ASK = b'{"model": "m", "stream": true}'
EVENTS = [
    f'data: {{"choices":[{{"index":0,"delta":{{"content":"{word} "}}}}]}}\n\n'.encode() for word in "abcdefghij"
] + [b"data: [DONE]\n\n"]
BEATS = [(ZERO + 0.1, 0.006)]


def opened(key: int = 1, *, keep_text: bool = True, limits: Limits = Limits()) -> list[Call]:
    opened = values_of(OPENING), values_of(limits), keep_text, ZERO
    return [("open", key, *opened), ("request_body", key, ASK), ("request_end", key, 0.001)]


def answered(key: int = 1) -> list[Call]:
    arrivals = [(event, ZERO + 0.02 * (i + 1), 1) for i, event in enumerate(EVENTS)]
    return [
        ("response_head", key, (HEAD.status, HEAD.http_version, HEAD.headers), 0.01),
        ("response_arrivals", key, arrivals),
    ]


def ended(key: int = 1, *, line: bool = False, digested: bool = False) -> list[Call]:
    return [("beats", 0, BEATS), ("close", key, *Ending(0.5, "complete", None, ((0.05, 0.03),), None, line, digested))]


def answers(desk: CallHandler, calls: list[Call]) -> Iterator[Answer]:
    """As they go through the pipe: nothing but plain values does."""
    for call in marshal.loads(marshal.dumps(calls, 2)):
        yield from desk.take(call)


def observed(*, keep_text: bool = True) -> Record:
    made = Observer(OPENING, Limits(), keep_text=keep_text)
    made.end_request(ASK, 0.001)
    made.response_head(HEAD, 0.01)
    for i, event in enumerate(EVENTS):
        made.feed(event, round(0.02 * (i + 1), 6))
    return made.close(0.5, "complete", None, ProxyConditions(ClockLag(0.006, 0.006), ((0.05, 0.03), (0.1, 0.006))))


@pytest.mark.parametrize("keep_text", [True, False])
def test_an_exchange_told_by_calls_gives_the_record_of_its_observer(keep_text: bool) -> None:
    (answer,) = answers(CallHandler(), opened(keep_text=keep_text) + answered() + ended(line=True, digested=True))
    record = observed(keep_text=keep_text)
    assert isinstance(answer, Finished)
    assert (answer.key, answer.record, answer.digests) == (1, record, digests(record))
    assert bytes(answer.line or b"").decode() == jsonl.to_line(record)
    stored = unpack(answer.packed)
    assert (stored.outcome, stored.end, stored.leftover is None) == ("complete", 0.5, keep_text)


def test_what_was_not_asked_for_is_not_made() -> None:
    (answer,) = answers(CallHandler(), opened() + answered() + ended())
    assert isinstance(answer, Finished)
    assert answer.line is None


def test_a_request_in_pieces_and_an_answer_that_was_kept_whole() -> None:
    whole = json.dumps({"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}).encode()
    calls = [
        *opened()[:1],
        *(("request_body", 1, ASK[i : i + 7]) for i in range(0, len(ASK), 7)),
        ("request_end", 1, 0.001),
        ("response_head", 1, (200, "HTTP/1.1", JSON), 0.01),
        *(("response_body", 1, whole[i : i + 9]) for i in range(0, len(whole), 9)),
        *ended(),
    ]
    (answer,) = answers(CallHandler(), calls)
    assert isinstance(answer, Finished)
    record = answer.record
    assert record.request.stream_requested is True
    assert record.request.arrivals is None
    assert record.response
    assert (record.response.body.kind, record.response.body.size) == ("json", len(whole))
    assert record.llm
    assert record.llm.text == "hello"


def test_a_request_that_was_passed_on_as_it_came_has_its_arrivals() -> None:
    calls = [
        *opened()[:1],
        ("request_arrivals", 1, [(ASK[:9], ZERO + 0.1, 1), (ASK[9:], ZERO + 0.2, 2)]),
        ("request_end", 1, 0.3),
    ]
    (answer,) = answers(CallHandler(), calls + answered() + ended())
    assert isinstance(answer, Finished)
    assert [(round(a.t, 6), a.size) for a in answer.record.request.arrivals or ()] == [(0.1, 9), (0.2, len(ASK) - 9)]
    assert answer.record.request.stream_requested is True


def test_exchanges_do_not_mix_and_each_stands_where_it_stands() -> None:
    desk = CallHandler()
    list(answers(desk, opened(1) + opened(2) + answered(2)))
    (standing,) = answers(desk, [("snapshots", 0, ((1, 0.7), (2, 0.7), (3, 0.7)))])
    assert isinstance(standing, InFlight)
    assert [(each.age, each.events) for each in standing.snapshots] == [(0.7, 0), (0.7, len(EVENTS))]
    (first, second) = answers(desk, ended(1) + ended(2))
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert (first.record.response, second.record) == (None, observed())


def test_keeping_no_more_counts_on() -> None:
    calls = (
        opened() + answered() + [("keep_no_more", 1), ("response_arrivals", 1, [(EVENTS[0], ZERO + 0.4, 1)])] + ended()
    )
    (answer,) = answers(CallHandler(), calls)
    assert isinstance(answer, Finished)
    assert answer.record.stream
    assert (answer.record.stream.events, answer.record.stream.events_omitted) == (len(EVENTS) + 1, 1)


def test_what_passes_unread_is_counted_on() -> None:
    (answer,) = answers(CallHandler(), opened() + answered() + [("unread", 1, 1 << 20, False)] + ended())
    assert isinstance(answer, Finished)
    assert answer.record.response
    assert answer.record.response.body.size == (1 << 20) + sum(map(len, EVENTS))


def test_messages_of_a_websocket_are_read() -> None:
    opening = ("id", 1e9, "GET", "wss://h/v1/realtime", "HTTP/1.1", (("upgrade", "websocket"),))
    calls: list[Call] = [
        ("open", 1, opening, values_of(Limits()), True, ZERO),
        ("request_end", 1, 0.001),
        ("response_head", 1, (101, "HTTP/1.1", (("upgrade", "websocket"),)), 0.01),
        ("messages", 1, [(0.1, b'{"type": "response.create"}', True, True), (0.2, b'{"type": "x"}', False, True)]),
    ]
    (answer,) = answers(CallHandler(), calls + ended())
    assert isinstance(answer, Finished)
    assert [(sent.t, sent.type) for sent in answer.record.sent] == [(0.1, "response.create")]
    assert [event.t for event in answer.record.events or ()] == [0.2]


def test_what_goes_wrong_with_one_exchange_is_told_once_and_stays_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = CallHandler()
    list(answers(desk, opened(1) + opened(2)))
    with monkeypatch.context() as patch:
        patch.setattr(Observer, "feed_all", lambda *_: 1 / 0)
        lost = list(answers(desk, answered(1) + answered(1)))
    assert [(type(each), getattr(each, "key", 0)) for each in lost] == [(ReadFailed, 1)]
    assert "ZeroDivisionError" in getattr(lost[0], "why", "")
    first, second = answers(desk, answered(2) + ended(1) + ended(2))
    assert isinstance(first, Finished), "what had been seen of it is recorded"
    assert isinstance(second, Finished)
    assert second.record == observed()


def test_what_cannot_be_closed_or_was_never_opened_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = CallHandler()
    list(answers(desk, opened()))
    with monkeypatch.context() as patch:
        patch.setattr(Observer, "conclude", lambda *_: 1 / 0)
        (failed,) = answers(desk, ended(1))
    (unknown,) = answers(desk, answered(9) + ended(9))
    assert isinstance(failed, Failed)
    assert "ZeroDivisionError" in failed.why
    assert isinstance(unknown, Failed)


def test_the_proxy_can_name_every_method_that_carries_out_a_call_and_no_other() -> None:
    methods = {name for name, value in vars(CallHandler).items() if callable(value) and not name.startswith("_")}
    assert methods - {"take"} == set(get_args(Method.__value__))
