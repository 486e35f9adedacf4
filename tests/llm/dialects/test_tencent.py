"""Agents of Tencent Cloud's development platform."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

ADP, LKE = "/adp/v2/chat", "/v1/qbot/chat/sse"


def told(type_: str, **more: object) -> tuple[str, object]:
    return type_, {"Type": type_, **more}


def message(type_: str, id_: str, *texts: str, **more: object) -> dict[str, object]:
    contents = [{"Type": "text", "Text": words} for words in texts]
    return {"Type": type_, "MessageId": id_, "Name": type_, "Contents": contents, **more}


def part(type_: str, id_: str, words: str) -> tuple[str, object]:
    return told(type_, MessageId=id_, ContentIndex=0, Text=words)


ASKED = told("request_ack", RequestAck={"Role": "user", "Messages": [message("question", "q", "no word")]})
BEGUN = told("response.created", Response={"RecordId": "r", "Status": "processing"})
DRAWN = message("tool_call", "c", "no word", Name="draw")
ENDED = told(
    "response.completed",
    Response={
        "RecordId": "r",
        "Status": "success",
        "Messages": [message("thought", "t", "hm"), DRAWN, message("reply", "m", "Hello!")],
        "Procedures": [{"Agent": {"ModelName": ""}}, {"Agent": {"ModelName": "youtu"}}],
        "StatInfo": {"InputTokens": 5, "OutputTokens": 6, "TotalTokens": 11},
    },
)
INCREMENTS = [
    (ASKED, ()),
    (BEGUN, ()),
    (told("message.added", Message=message("thought", "t")), ()),
    (told("content.added", MessageId="t", ContentIndex=0, Content={"Type": "text", "Text": "h"}), ("reasoning",)),
    (part("text.delta", "t", "m"), ("reasoning",)),
    (told("message.added", Message=message("tool_call", "c", Name="draw")), ("tool_calls",)),
    (told("message.done", MessageId="c", Message=DRAWN), ()),
    (told("message.added", Message=message("reply", "m")), ()),
    (told("content.added", MessageId="m", ContentIndex=0, Content={"Type": "text"}), ()),
    (part("text.delta", "m", "Helo"), ("text",)),
    (part("text.replace", "m", "Hello"), ("text",)),
    (part("text.delta", "m", "!"), ("text",)),
    (told("message.done", MessageId="m", Message=message("reply", "m", "Hello!")), ()),
    (ENDED, ()),
]
WHOLE_PARTS = [
    (BEGUN, ()),
    (told("message.done", MessageId="t", Message=message("thought", "t", "hm")), ("reasoning",)),
    (told("message.added", Message=message("tool_call", "c", Name="draw")), ("tool_calls",)),
    (told("message.added", Message=message("reply", "m")), ()),
    (part("text.replace", "m", "Hel"), ("text",)),
    (part("text.replace", "m", "Hel"), ()),
    (part("text.replace", "m", "Hello!"), ("text",)),
    (ENDED, ()),
]
AT_ONCE = [(ASKED, ()), (BEGUN, ()), (ENDED, ("text", "reasoning", "tool_calls"))]


@pytest.mark.parametrize("path", [ADP, "/somewhere"])
@pytest.mark.parametrize("stream", [INCREMENTS, WHOLE_PARTS, AT_ONCE])
def test_what_an_agent_says(path: str, stream: list[tuple[tuple[str, object], tuple[str, ...]]]) -> None:
    listener = listened(path)
    readings = [listener.read_event(frame(value, name)) for (name, value), _ in stream]
    assert [reading.channels for reading in readings] == [channels for _, channels in stream]
    assert [reading.end for reading in readings] == [None] * (len(stream) - 1) + ["response.completed"]
    assert listener.read_event(frame("[DONE]", "done")).end == "[DONE]"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.response_id) == ("tencent-compatible", "chat", "youtu", "r")
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("Hello!", "hm", "success", Usage(5, 6))
    assert llm.server_tool_calls == (ToolCall("c", "draw", ""),)
    assert whole(ADP, ENDED[1]) == llm


def test_why_an_agent_does_not_answer() -> None:
    assert streamed(ADP, told("error", Error={"Code": 460501, "Message": "no"})).error == {
        "code": 460501,
        "message": "no",
    }


def reply(words: str, *, final: bool = False, mine: bool = False) -> dict[str, object]:
    said = {"content": words, "is_final": final, "is_from_self": mine, "record_id": "u" if mine else "r"}
    return {"type": "reply", "payload": said}


def thought(*steps: str) -> dict[str, object]:
    procedures = [{"index": n, "debugging": {"content": words}} for n, words in enumerate(steps)]
    return {"type": "thought", "payload": {"record_id": "r", "procedures": procedures}}


@pytest.mark.parametrize(
    ("increments", "thoughts", "replies"),
    [(False, [("h",), ("hm", ".")], ["Hel", "Hello", "Hello"]), (True, [("h",), ("m", ".")], ["Hel", "lo", ""])],
)
def test_what_an_agent_said_before(increments: bool, thoughts: list[tuple[str, ...]], replies: list[str]) -> None:
    where = context(LKE, body={"content": "no word", "incremental": increments})
    *most, last = replies
    stream = [reply("no word", final=True, mine=True), *(thought(*steps) for steps in thoughts), *map(reply, most)]
    listener = listened(where, *stream)
    reading = listener.read_event(frame(reply(last, final=True)))
    assert (reading.channels, reading.end) == ((), "is_final")
    llm = listener.result()
    assert llm
    assert (llm.response_id, llm.text, llm.reasoning) == ("r", "Hello", "hm.")


def test_why_an_agent_did_not_answer_before() -> None:
    where = Context("POST", "wss.lke.cloud.tencent.com", LKE, status=200)
    llm = streamed(where, ("error", {"type": "error", "error": {"code": 400, "message": "no"}}))
    assert (llm.provider, llm.error) == ("tencent", {"code": 400, "message": "no"})
