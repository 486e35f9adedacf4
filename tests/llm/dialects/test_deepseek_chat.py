"""DeepSeek, the app."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import Reader
from streamwatchlib.model import Limits

from ..replies import context, frame, listened, whole

WHERE = context("/api/v0/chat/completion", host="chat.deepseek.com")


def patch(path: str, value: object, how: str = "APPEND") -> tuple[object, tuple[str, ...]]:
    bits = {"response/thinking_content": ("reasoning",), "response/content": ("text",)}.get(path, ())
    return {"p": path, "o": how, "v": value}, bits


READY = ({"request_message_id": 1, "response_message_id": 2}, ())
MEMBERS = [
    READY,
    ({"v": {"response": {"message_id": 2, "status": "WIP", "content": "", "thinking_content": ""}}}, ()),
    patch("response/thinking_content", "h"),
    ({"v": "m"}, ("reasoning",)),
    patch("response/thinking_elapsed_secs", 1.5, "SET"),
    patch("response/content", "Hel"),
    ({"v": "lo"}, ("text",)),
    patch("response/accumulated_token_usage", 52, "SET"),
]
FRAGMENTS = [
    READY,
    ({"v": {"response": {"status": "WIP", "fragments": [{"type": "THINK", "content": "h"}]}}}, ("reasoning",)),
    ({"v": "m"}, ("reasoning",)),
    patch("response/fragments", [{"type": "SEARCH", "content": "no word"}]),
    patch("response/fragments/-1/results", [{"url": "https://h"}], "SET"),
    (
        {"p": "response", "o": "BATCH", "v": [{"p": "fragments", "v": [{"type": "RESPONSE", "content": "H"}]}]},
        ("text",),
    ),
    ({"p": "response/fragments/-1/content", "v": "el"}, ("text",)),
    ({"v": "lo"}, ("text",)),
    ({"p": "response", "o": "BATCH", "v": [{"p": "accumulated_token_usage", "v": 9}]}, ()),
]


@pytest.mark.parametrize("where", [WHERE, context("/somewhere")])
@pytest.mark.parametrize("stream", [MEMBERS, FRAGMENTS])
def test_what_is_said(where: object, stream: list[tuple[object, tuple[str, ...]]]) -> None:
    known = where is WHERE
    listener = Reader(where, Limits())  # type: ignore[arg-type]
    readings = [listener.read_event(frame(value)) for value, _ in stream[not known :]]
    assert [reading.channels for reading in readings] == [channels for _, channels in stream[not known :]]
    assert not any(reading.end for reading in readings)
    assert listener.read_event(frame({"p": "response/status", "o": "SET", "v": "FINISHED"})).end == "status"
    llm = listener.result()
    assert llm
    assert (llm.text, llm.reasoning, llm.finish_reason) == ("Hello", "hm", "FINISHED")
    assert (llm.provider, llm.response_id) == (("deepseek", "2") if known else ("deepseek-compatible", None))


def test_why_nothing_is_said() -> None:
    hint = ("hint", {"type": "error", "content": "too fast", "finish_reason": "rate_limit_reached"})
    llm = listened(WHERE, hint).result()
    assert llm
    assert llm.error == {"message": "too fast"}
    assert whole(WHERE, {"code": 40003, "msg": "no", "data": None}).error == {"code": 40003, "message": "no"}
