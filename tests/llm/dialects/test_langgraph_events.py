"""LangGraph's event streaming."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import chain_message, context, frame, listened, streamed

WHERE = "/threads/k/stream/events"
PLACE = ["model:1"]


def event(method: str, data: object, place: list[str] | None = None) -> dict[str, object]:
    return {"type": "event", "seq": 1, "method": method, "params": {"namespace": place or [], "data": data}}


def part(called: str, place: list[str] | None = None, **data: object) -> dict[str, object]:
    return event("messages", {"event": called, **data}, PLACE if place is None else place)


def delta(type_: str, position: int = 0, **said: object) -> dict[str, object]:
    return part("content-block-delta", index=position, delta={"type": type_, **said})


def chunk(args: str) -> dict[str, object]:
    return delta("block-delta", 1, fields={"type": "tool_call_chunk", "id": "t", "name": "f", "args": args})


START = part("message-start", role="ai", id="m", metadata={"provider": "p", "model": "x-1"})
FINISH = part("message-finish", usage={"input_tokens": 3, "output_tokens": 5})
MESSAGE = [
    START,
    part("content-block-start", index=0, content={"type": "text", "text": ""}),
    delta("text-delta", text="Hel"),
    delta("text-delta", text="lo"),
    part("content-block-finish", index=0, content={"type": "text", "text": "Hello"}),
    chunk('{"a":'),
    chunk('{"a": 1}'),
    part("content-block-finish", index=1, content={"type": "tool_call", "id": "t", "name": "f", "args": {"a": 1}}),
    delta("reasoning-delta", 2, reasoning="Hm"),
    FINISH,
]
HEARD = [(), (), ("text",), ("text",), (), ("tool_calls",), ("tool_calls",), (), ("reasoning",), ()]


@pytest.mark.parametrize("where", [WHERE, "/elsewhere"])
def test_messages_come_block_by_block(where: str) -> None:
    listener = listened(where)
    assert [listener.read_event(frame(said, "messages")).channels for said in MESSAGE] == HEARD
    ended = listener.read_event(frame(event("lifecycle", {"event": "completed"}), "lifecycle"))
    llm = listener.result()
    assert llm
    assert (ended.end, listener.terminator_due) == ("completed", False)
    assert (llm.provider, llm.api, llm.model, llm.text) == ("langchain-compatible", "runs", "x-1", "Hello")
    assert (llm.tool_calls, llm.reasoning) == ((ToolCall("t", "f", '{"a":1}'),), "Hm")
    assert (llm.finish_reason, llm.usage) == ("completed", Usage(3, 5))


def test_messages_of_several_places_are_kept_apart() -> None:
    other = ["tools:2", "model:3"]
    llm = streamed(
        WHERE,
        *(START, part("message-start", other, role="human", id="h")),
        part("content-block-delta", other, index=0, delta={"type": "text-delta", "text": "asked"}),
        *(delta("text-delta", text="a"), FINISH, START, delta("text-delta", text="b"), FINISH),
        event("lifecycle", {"event": "completed"}, other),
    )
    assert (llm.text, llm.usage, llm.finish_reason) == ("ab", Usage(6, 10), None)


def test_a_block_that_comes_whole_is_said() -> None:
    block = part("content-block-finish", index=0, content={"type": "text", "text": "all"})
    assert streamed(WHERE, START, block, block).text == "all"


def test_states_tell_what_was_said_where_no_messages_come() -> None:
    state = event("values", {"messages": [chain_message("human", "q", id="0"), chain_message("ai", "a", id="1")]})
    assert streamed(WHERE, state, state).text == "a"
    assert streamed(WHERE, START, delta("text-delta", text="a"), state).text == "a"


@pytest.mark.parametrize(
    "failed",
    [event("lifecycle", {"event": "failed", "error": "No"}), part("error", message="No")],
)
def test_errors(failed: dict[str, object]) -> None:
    llm = streamed(WHERE, START, failed)
    assert llm.error
    assert llm.error["message"] == "No"


@pytest.mark.parametrize(
    "value",
    [
        {"type": "event", "method": "messages"},
        {"type": "event", "method": "GET", "params": {"namespace": []}},
        {"type": "event", "method": "messages", "params": {"namespace": "default"}},
    ],
)
def test_events_of_others_are_none(value: object) -> None:
    listener = listened("/elsewhere")
    listener.read_event(frame(value))
    assert listener.result() is None


def test_who_subscribes_asks_for_a_stream() -> None:
    assert intent(context(WHERE)) == (True, "url")
