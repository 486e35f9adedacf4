"""Which response a request gets: its own if that was recorded, else the most similar; equals in turn."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamwatchlib.model import Body, Record
from streamwatchlib.replay.catalog import ReplayCatalog

from ..report.records import EVERY, HOSTILE, INJECTED, NO_TEXTS, STREAMING, WEBSOCKET

URL = "https://api.example.com/v1/chat"


def asked(name: str, body: object, url: str = URL, method: str = "POST") -> Record:
    """A recorded exchange; its answer is known by the model that it names."""
    content = body if isinstance(body, str) else json.dumps(body)
    request = replace(STREAMING.request, method=method, url=url, body=Body("json", content=content))
    assert STREAMING.llm
    return replace(STREAMING, id=name, request=request, llm=replace(STREAMING.llm, model=name))


def answers(
    catalog: ReplayCatalog, body: object, target: str = "/v1/chat", method: str = "POST", times: int = 1
) -> str:
    """Names of the exchanges played, in order."""
    data = (body if isinstance(body, str) else json.dumps(body)).encode()
    plays = [catalog.find(method, target, data) for _ in range(times)]
    return " ".join(play.name.split(" · ")[1] if play else "none" for play in plays)


@pytest.fixture
def catalog() -> ReplayCatalog:
    return ReplayCatalog(
        [
            asked("first", {"model": "a", "stream": True, "n": 1}),
            asked("second", {"model": "a", "stream": True, "n": 2}),
            asked("whole", {"model": "a", "stream": False}),
            asked("other", {"model": "b", "stream": True}),
            asked("query", {"model": "a", "stream": True, "n": 1}, url=URL + "?alt=sse"),
            asked("got", "", method="GET"),
            asked("spaced", "", url="https://api.example.com/a%20b/"),
            asked("root", "", url="https://api.example.com"),
        ]
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"stream": True, "n": 2, "model": "a"}, "second"),
        ({"model": "b", "messages": []}, "other"),
        ({"model": "a", "stream": False, "messages": []}, "whole"),
        ({"model": "c", "stream": False}, "whole"),
        ("not JSON", "first"),
        ("[" * 100_000, "first"),
        ("", "first"),
    ],
)
def test_the_likest_is_played(catalog: ReplayCatalog, body: object, expected: str) -> None:
    assert answers(catalog, body) == expected


def test_those_that_are_alike_take_turns_in_the_order_of_the_record(catalog: ReplayCatalog) -> None:
    assert answers(catalog, {"model": "a", "stream": True}, times=5) == "first second first second first"


def test_one_that_is_asked_for_exactly_is_played_each_time(catalog: ReplayCatalog) -> None:
    assert answers(catalog, {"model": "a", "stream": True, "n": 2}, times=3) == "second second second"


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("POST", "/v1/chat?alt=sse", "query"),
        ("GET", "/v1/chat", "got"),
        ("POST", "/a%20b/", "spaced"),
        ("POST", "/", "root"),
        ("DELETE", "/v1/chat", "none"),
        ("POST", "/v1/chat/", "none"),
    ],
)
def test_method_and_path_must_be_the_same(catalog: ReplayCatalog, method: str, target: str, expected: str) -> None:
    assert answers(catalog, {"model": "a", "stream": True, "n": 1}, target, method) == expected


def test_what_can_be_asked_for_is_known(catalog: ReplayCatalog) -> None:
    assert list(catalog.endpoints()) == ["POST /v1/chat", "GET /v1/chat", "POST /a b/", "POST /"]


def test_what_can_not_be_played_says_why() -> None:
    catalog = ReplayCatalog([NO_TEXTS])
    assert catalog.plays == []
    (sentence,) = catalog.unplayable
    assert sentence.startswith("POST ")
    assert sentence.endswith("not played, the record does not hold the text of the answer")


def test_all_events_are_told_with_the_time_of_all() -> None:
    """The times of a WebSocket are one response's, but for its end."""
    one = replace(WEBSOCKET, timing=replace(WEBSOCKET.timing, e2e=0.6, end=1.88))

    (told,) = ReplayCatalog([one]).unplayable

    assert "events in 1.88 s" in told


def test_every_record_is_played_or_told_of_and_none_steers_a_terminal() -> None:
    catalog = ReplayCatalog([*EVERY, replace(INJECTED, request=replace(INJECTED.request, url=f"http://h/{HOSTILE}"))])
    told = [*(play.name for play in catalog.plays), *catalog.unplayable]
    assert len(told) == len(EVERY) + 1
    assert all("\x1b" not in name and "\n" not in name for name in told)
