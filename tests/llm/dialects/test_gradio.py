"""Apps built with Gradio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from streamwatchlib.model import Context

from ..replies import context, frame, listened, streamed, whole

QUEUE = "/gradio_api/queue/data"
CALL = "/gradio_api/call/chat/0123456789abcdef0123456789abcdef"
WAITS = [
    {"msg": "estimation", "event_id": "e", "rank": 0, "queue_size": 1, "rank_eta": None},
    {"msg": "process_starts", "event_id": "e", "eta": None},
]
CLOSED = {"msg": "close_stream", "event_id": None}


def shows(*components: object, msg: str = "process_generating") -> dict[str, Any]:
    output = {"data": list(components), "is_generating": True, "duration": 0.1}
    return {"msg": msg, "event_id": "e", "output": output, "success": True}


def asks(words: str) -> dict[str, str]:
    return {"role": "user", "content": words}


def says(content: object) -> dict[str, object]:
    return {"role": "assistant", "metadata": None, "content": content, "options": None}


APPS: dict[str, list[list[object]]] = {
    "a text, then what changes": [["Hel"], [[["append", [], "lo"]]], [[["append", [], "!"]]], ["Hello!"]],
    "a text, whole each time": [["Hel"], ["Hello"], ["Hello!"], ["Hello!"]],
    "a chat, then what changes": [
        ["", [asks("hi"), says("Hel")]],
        [[], [["append", [1, "content"], "lo"]]],
        [[], [["append", [1, "content"], "!"]]],
        ["", [asks("hi"), says("Hello!")]],
    ],
    "a chat whose answer is added": [
        ["", [asks("hi")]],
        [[], [["add", [1], says("Hel")]]],
        [[], [["replace", [1, "content"], "Hello!"]]],
        ["", [asks("hi"), says("Hello!")]],
    ],
    "a chat whose contents are lists": [
        [[asks("hi"), says([{"type": "text", "text": "Hel"}])]],
        [[["append", [1, "content", 0, "text"], "lo"]]],
        [[["append", [1, "content", 0, "text"], "!"]]],
        [[asks("hi"), says([{"type": "text", "text": "Hello!"}])]],
    ],
    "a chat of pairs": [
        [[["before", "then"], ["hi", "Hel"]]],
        [[["append", [1, 1], "lo"]]],
        [[["replace", [0, 0], "Before"], ["append", [1, 1], "!"]]],
        [[["before", "then"], ["hi", "Hello!"]]],
    ],
    "an update": [
        [{"__type__": "update", "value": "Hel"}],
        [[["append", ["value"], "lo"]]],
        [[["append", ["value"], "!"], ["delete", ["visible"], None]]],
        [{"__type__": "update", "value": "Hello!"}],
    ],
}


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
@pytest.mark.parametrize("where", [QUEUE, "/queue/join"])
def test_what_components_show_is_read_as_it_changes(where: str, app: list[list[Any]]) -> None:
    listener = listened(where, *WAITS)
    *pieces, entire = app
    stream = [*(shows(*each) for each in pieces), shows(*entire, msg="process_completed"), CLOSED]
    readings = [listener.read_event(frame(payload)) for payload in stream]
    news = [bool(reading.channels) for reading in readings]
    assert news == [app[0] != ["", [asks("hi")]], True, True, False, False]
    assert [reading.end for reading in readings[-2:]] == ["process_completed", "close_stream"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.text, llm.error) == ("gradio-compatible", "queue", "Hello!", None)


def test_who_waits_says_nothing() -> None:
    listener = listened(QUEUE)
    stream = [*WAITS, {"msg": "heartbeat"}, {"msg": "progress", "event_id": "e", "progress_data": []}]
    assert [listener.read_event(frame(payload)).channels for payload in stream] == [()] * 4
    assert listener.read_event(frame(shows("Hi", msg="process_completed"))).channels == ("text",)


@pytest.mark.parametrize("pieces", [["Hel", "Hello"], ["Hello"]])
def test_the_events_of_a_single_call(pieces: Sequence[str]) -> None:
    listener = listened(CALL)
    for piece in pieces[:-1]:
        assert listener.read_event(frame([piece], "generating")).channels == ("text",)
    assert listener.read_event(frame("null", "heartbeat")).channels == ()
    end = listener.read_event(frame([pieces[-1] if len(pieces) == 1 else pieces[0]], "complete"))
    assert (end.channels, end.end) == (("text",) if len(pieces) == 1 else (), "complete")


def test_a_whole_answer() -> None:
    answer = {"data": ["Hello"], "is_generating": False, "duration": 1.5, "average_duration": 1.5}
    assert whole("/run/predict", answer).text == "Hello"


@pytest.mark.parametrize(
    "failed",
    [
        {"msg": "process_completed", "event_id": "e", "output": {"error": "no"}, "success": False},
        {"msg": "unexpected_error", "event_id": "e", "message": "no", "success": False},
    ],
)
def test_errors(failed: dict[str, object]) -> None:
    assert streamed(QUEUE, *WAITS, failed).error == {"message": "no"}
    assert streamed(Context("GET", "h", CALL), ("generating", ["a"]), ("error", {"error": "no"})).error == {
        "message": "no"
    }


def test_what_others_call_alike_is_theirs() -> None:
    for payload in ({"msg": "process_starts"}, {"msg": ["x"], "event_id": "e"}, {"data": ["a"], "duration": 1}):
        listener = listened(context("/any"), payload)
        assert listener.result() is None


def test_whatever_a_change_is_like_it_does_not_raise() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    odd = [[], ["append", [], 3], ["append", [{}], "a"], ["add", [None], deep], ["add", "a", {}], [["x"], [], ""]]
    assert streamed(QUEUE, *WAITS, *(shows([each]) for each in odd), shows("a")).text == "a"
